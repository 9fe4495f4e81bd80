//! Conversations written as history.

use engine::ids::AgentId;
use engine::store::{
    Author, Control, ConversationFilter, MessageBody, MessageState, SeedConversation, SeedMessage, Tab,
};
use tests::{START, Scene, check_on_every_store, said};

fn past(scene: &Scene, thread: &str, agent: Option<AgentId>, waiting: Option<&str>) -> SeedConversation {
    let message = |author, text: &str, minute: i64| SeedMessage {
        author,
        author_name: None,
        body: MessageBody::text(text),
        at: START.minus_micros((10 - minute) * 60_000_000),
    };
    SeedConversation {
        tenant: scene.tenant.clone(),
        account: scene.account.clone(),
        channel: "telegram".to_owned(),
        thread: thread.to_owned(),
        person_name: "สมหญิง".to_owned(),
        language: "th".to_owned(),
        status: "open".to_owned(),
        agent,
        waiting: waiting.map(str::to_owned),
        intent: Some("track_order".to_owned()),
        sentiment: Some("negative".to_owned()),
        messages: vec![message(Author::Customer, "พัสดุอยู่ไหน", 1), message(Author::Bot, "กำลังส่งค่ะ", 2)],
    }
}

#[tokio::test]
async fn history_looks_as_if_it_had_happened() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let agent = scene.agent(store, "nok").await;
        store.seed_conversation(past(&scene, "u1", None, None)).await.unwrap();
        store.seed_conversation(past(&scene, "u2", Some(agent.clone()), None)).await.unwrap();
        store.seed_conversation(past(&scene, "u3", None, Some("asked for a person"))).await.unwrap();
        for (thread, control) in [("u1", "bot"), ("u2", "agent"), ("u3", "waiting")] {
            let conversation = scene.conversation(store, thread).await;
            assert_eq!(conversation.control.as_str(), control);
            assert_eq!(conversation.last_text.as_deref(), Some("กำลังส่งค่ะ"));
            assert_eq!((conversation.last_seq, conversation.unanswered), (2, 0));
            let messages = scene.messages(store, &conversation.id).await;
            assert_eq!(messages.iter().map(said).collect::<Vec<_>>(), ["พัสดุอยู่ไหน", "กำลังส่งค่ะ"]);
            assert!(messages.iter().all(|message| message.state == MessageState::Read));
            let person = store.person(&scene.tenant, &conversation.person).await.unwrap().unwrap();
            let addresses: Vec<(&str, &str)> =
                person.addresses.iter().map(|one| (one.account.as_str(), one.external_id.as_str())).collect();
            assert_eq!(addresses, [(scene.account.as_str(), thread)]);
        }
        assert_eq!(store.waiting(&scene.tenant).await.unwrap().len(), 1);
        assert!(store.claim("a", 10, 1000).await.unwrap().is_empty(), "history is not heard again");
        assert!(store.claim_outbox(10, 1000).await.unwrap().is_empty(), "history is not sent again");

        // Life goes on where history ends.
        let heard = scene.hear(store, "u1", "e1", "ขอบคุณค่ะ").await;
        assert_eq!(heard.seq, 3);
        let claimed = scene.claim(store).await;
        assert_eq!(claimed.pending.iter().map(|one| one.turn).collect::<Vec<_>>(), [claimed.done_turn + 1]);
    })
    .await;
}

#[tokio::test]
async fn what_is_already_there_is_left_alone() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let agent = scene.agent(store, "nok").await;
        scene.hear(store, "u1", "e1", "hello").await;
        let before = scene.conversation(store, "u1").await;
        for thread in ["u1", "u2", "u1", "u2"] {
            store.seed_conversation(past(&scene, thread, None, Some("again"))).await.unwrap();
        }
        assert_eq!(scene.conversation(store, "u1").await, before);
        assert_eq!(before.control, Control::Bot);
        let filter = ConversationFilter {
            tab: Tab::All,
            status: "open".to_owned(),
            words: None,
            before: None,
            limit: 10,
        };
        assert_eq!(store.conversations(&scene.tenant, &agent, &filter).await.unwrap().counts.all, 2);
        assert_eq!(store.waiting(&scene.tenant).await.unwrap().len(), 1);
        let Some(mut owner) = test.owner().await else { return };
        if test.database().is_some() {
            let name = "SELECT set_config('sala.tenants', $1, false)";
            sqlx::query(name).bind(scene.tenant.as_str().to_owned()).execute(&mut owner).await.unwrap();
        }
        let people: i64 =
            sqlx::query_scalar("SELECT COUNT(*) FROM people").fetch_one(&mut owner).await.unwrap();
        assert_eq!(people, 2, "nobody is made twice");
    })
    .await;
}
