//! One person under several of a platform's ids.

use channels::{Content, InboundMessage, Sender};
use engine::ids::AgentId;
use engine::store::{ConversationFilter, Ingest, Store, Tab};
use tests::{Scene, check_on_every_store, said};

async fn hear(store: &Store, scene: &Scene, event: &str, id: &str, also: &[&str]) {
    let sender = Sender { also: also.iter().map(|other| (*other).to_owned()).collect(), ..Sender::new(id) };
    let content = Content::Text { text: event.to_owned() };
    let mut message = InboundMessage::new(event, sender, tests::START.0, content);
    message.thread = store.settle_identity(&scene.tenant, &scene.account, &message).await.unwrap();
    message.sender.external_id.clone_from(&message.thread);
    let (tenant, account) = (scene.tenant.clone(), scene.account.clone());
    store.ingest(Ingest { tenant, account, channel: "whatsapp", message }).await.unwrap();
}

#[tokio::test]
async fn a_conversation_goes_on_whatever_id_the_platform_uses() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        hear(store, &scene, "by number", "66811", &[]).await;
        hear(store, &scene, "by both", "TH.1", &["66811"]).await;
        hear(store, &scene, "by number again", "66811", &[]).await;
        hear(store, &scene, "by id alone", "TH.1", &[]).await;
        hear(store, &scene, "with a new number", "TH.1", &["66822"]).await;
        hear(store, &scene, "by the new number", "66822", &[]).await;
        hear(store, &scene, "by a new id", "TH.2", &["66822"]).await;
        hear(store, &scene, "by the first number", "66811", &[]).await;
        hear(store, &scene, "somebody else", "66899", &[]).await;
        let conversation = scene.conversation(store, "TH.2").await;
        let words: Vec<String> = scene.messages(store, &conversation.id).await.iter().map(said).collect();
        assert_eq!(words.len(), 8, "{words:?}");
        let person = store.person(&scene.tenant, &conversation.person).await.unwrap().unwrap();
        let addresses: Vec<(&str, &str)> =
            person.addresses.iter().map(|one| (one.account.as_str(), one.external_id.as_str())).collect();
        assert_eq!(addresses, [(scene.account.as_str(), "TH.2")]);
        assert_ne!(scene.conversation(store, "66899").await.id, conversation.id);
    })
    .await;
}

#[tokio::test]
async fn a_number_is_kept_beside_the_platforms_own_id_and_found() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let hear = async |event: &str, phone: Option<&str>, username: Option<&str>| {
            let sender = Sender {
                phone: phone.map(str::to_owned),
                username: username.map(str::to_owned),
                ..Sender::new("TH.1")
            };
            let content = Content::Text { text: event.to_owned() };
            let message = InboundMessage::new(event, sender, tests::START.0, content);
            store.settle_identity(&scene.tenant, &scene.account, &message).await.unwrap();
            let (tenant, account) = (scene.tenant.clone(), scene.account.clone());
            store.ingest(Ingest { tenant, account, channel: "whatsapp", message }).await.unwrap();
            let person = scene.conversation(store, "TH.1").await.person;
            let person = store.person(&scene.tenant, &person).await.unwrap().unwrap();
            let address = &person.addresses[0];
            (address.phone.clone().unwrap_or_default(), address.username.clone().unwrap_or_default())
        };
        let known = |phone: &str, username: &str| (phone.to_owned(), username.to_owned());
        assert_eq!(hear("e1", Some("+66812345678"), None).await, known("+66812345678", ""));
        assert_eq!(hear("e2", None, Some("somchai")).await, known("+66812345678", "somchai"));
        assert_eq!(hear("e3", Some("+66899999999"), None).await, known("+66899999999", "somchai"));
        for (words, found) in
            [("0899999999", 1), ("089-999 9999", 1), ("+66899999999", 1), ("Somchai", 1), ("0812345678", 0)]
        {
            let people = store.find_people(&scene.tenant, words, 10).await.unwrap();
            assert_eq!(people.len(), found, "{words}");
            let filter = ConversationFilter {
                tab: Tab::All,
                status: "open".to_owned(),
                words: Some(words.to_owned()),
                before: None,
                limit: 10,
            };
            let nobody = AgentId::from_text("nobody");
            let page = store.conversations(&scene.tenant, &nobody, &filter).await.unwrap();
            assert_eq!(page.conversations.len(), found, "the list: {words}");
        }
    })
    .await;
}
