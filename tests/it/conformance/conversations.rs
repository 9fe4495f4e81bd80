//! The list of conversations: its tabs, counts, search and pages.

use channels::Content;
use engine::ids::AgentId;
use engine::store::{
    Author, ControlChange, ConversationCounts, ConversationFilter, HandoffRequest, LinkOwner, MessageBody,
    SeedConversation, SeedMessage, Store, Tab, TurnCommit,
};
use tests::{Scene, check_on_every_store, nothing_said, reply};

fn filter(tab: Tab, status: &str) -> ConversationFilter {
    ConversationFilter { tab, status: status.to_owned(), words: None, before: None, limit: 50 }
}

async fn threads(store: &Store, scene: &Scene, agent: &AgentId, filter: ConversationFilter) -> Vec<String> {
    let page = store.conversations(&scene.tenant, agent, &filter).await.unwrap();
    page.conversations.into_iter().map(|one| one.thread).collect()
}

#[tokio::test]
async fn every_tab_shows_and_counts_its_own() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let (nok, lek) = (scene.agent(store, "nok").await, scene.agent(store, "lek").await);
        for (thread, event) in [
            ("bot", "e1"),
            ("nok", "e2"),
            ("lek", "e3"),
            ("done", "e4"),
            ("waits", "e5"),
            ("comment:1", "e6"),
            ("comment:2", "e7"),
        ] {
            let id = scene.hear(store, thread, event, "hello").await.conversation;
            test.clock.advance_millis(1);
            let change = match thread {
                "nok" | "comment:2" => ControlChange::Take(nok.clone()),
                "lek" => ControlChange::Take(lek.clone()),
                "done" => ControlChange::Resolve,
                _ => continue,
            };
            store.change_control(&scene.tenant, &id, change).await.unwrap();
        }
        let claimed = store.claim("a", 10, 1000).await.unwrap();
        let claimed = claimed.into_iter().find(|one| one.thread == "waits").unwrap();
        let handoff = Some(HandoffRequest { reason: "asked".to_owned() });
        let commit = TurnCommit { handoff, ..nothing_said(&claimed.lease, &claimed.pending[0]) };
        store.commit_turn(commit).await.unwrap();

        let expected = [
            (Tab::All, "open", vec!["comment:2", "comment:1", "waits", "lek", "nok", "bot"]),
            (Tab::Mine, "open", vec!["comment:2", "nok"]),
            (Tab::Waiting, "open", vec!["waits"]),
            (Tab::Comments, "open", vec!["comment:1"]),
            (Tab::All, "resolved", vec!["done"]),
            (Tab::Mine, "resolved", vec![]),
        ];
        for (tab, status, expected) in expected {
            assert_eq!(threads(store, &scene, &nok, filter(tab, status)).await, expected, "{tab:?} {status}");
        }
        let page = store.conversations(&scene.tenant, &nok, &filter(Tab::Mine, "open")).await.unwrap();
        assert_eq!(page.counts, ConversationCounts { mine: 2, waiting: 1, comments: 1, all: 6 });
        let page = store.conversations(&scene.tenant, &nok, &filter(Tab::Mine, "none")).await.unwrap();
        assert_eq!(page.counts, ConversationCounts::default());
    })
    .await;
}

#[tokio::test]
async fn a_colleague_who_tries_the_bot_does_not_wait_as_a_customer() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let nok = scene.agent(store, "nok").await;
        scene.hear(store, "own", "e1", "hello").await;
        let claimed = scene.claim(store).await;
        let handoff = Some(HandoffRequest { reason: "asked".to_owned() });
        let commit = TurnCommit { handoff, ..nothing_said(&claimed.lease, &claimed.pending[0]) };
        store.commit_turn(commit).await.unwrap();
        let look = async || {
            let page = store.conversations(&scene.tenant, &nok, &filter(Tab::Waiting, "open")).await.unwrap();
            let colleague = scene.conversation(store, "own").await.colleague;
            assert_eq!(store.waiting(&scene.tenant).await.unwrap().len(), page.conversations.len());
            (page.conversations.len(), page.counts.waiting, colleague)
        };
        assert_eq!(look().await, (1, 1, None));
        super::links::add(store, &scene, "h", LinkOwner::Agent(nok.clone())).await;
        super::links::redeem(store, &scene, "h", "own", "m").await;
        assert_eq!(look().await, (0, 0, Some("nok".to_owned())));
        let own = store.agent_addresses(&scene.tenant, &nok).await.unwrap();
        store.unlink_agent_address(&scene.tenant, &nok, &own[0].id).await.unwrap();
        assert_eq!(look().await, (1, 1, None));
    })
    .await;
}

#[tokio::test]
async fn who_waits_longest_comes_first_page_by_page() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let nok = scene.agent(store, "nok").await;
        for thread in ["u0", "u1", "u2", "u3", "u4"] {
            scene.hear(store, thread, thread, "a person please").await;
            let claimed = scene.claim(store).await;
            let handoff = Some(HandoffRequest { reason: "asked".to_owned() });
            let commit =
                TurnCommit { handoff, last: true, ..nothing_said(&claimed.lease, &claimed.pending[0]) };
            store.commit_turn(commit).await.unwrap();
            test.clock.advance_millis(1);
        }
        // Who speaks again keeps the place.
        scene.hear(store, "u0", "again", "hello?").await;
        let (mut before, mut seen) = (None, Vec::new());
        for _ in 0..3 {
            let filter = ConversationFilter { before, limit: 2, ..filter(Tab::Waiting, "open") };
            let page = store.conversations(&scene.tenant, &nok, &filter).await.unwrap();
            before = page.conversations.last().map(|one| one.place(Tab::Waiting));
            seen.extend(page.conversations.into_iter().map(|one| one.thread));
        }
        assert_eq!(seen, ["u0", "u1", "u2", "u3", "u4"]);
    })
    .await;
}

#[tokio::test]
async fn words_are_looked_for_as_they_stand() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let agent = scene.agent(store, "nok").await;
        for (thread, text) in
            [("u1", "Where is 100% of it?"), ("u2", "พัสดุอยู่ไหน"), ("u3", "a_b!c"), ("u4", "我的订单")]
        {
            scene.hear(store, thread, thread, text).await;
            test.clock.advance_millis(1);
        }
        let expected = [
            ("WHERE IS", vec!["u1"]),
            ("100%", vec!["u1"]),
            ("%", vec!["u1"]),
            ("_", vec!["u3"]),
            ("B!C", vec!["u3"]),
            ("อยู่", vec!["u2"]),
            ("订单", vec!["u4"]),
            ("ลูกค้า u", vec!["u4", "u3", "u2", "u1"]),
            ("' OR 1=1 --", vec![]),
        ];
        for (words, expected) in expected {
            let filter = ConversationFilter { words: Some(words.to_owned()), ..filter(Tab::All, "open") };
            assert_eq!(threads(store, &scene, &agent, filter).await, expected, "{words}");
        }
    })
    .await;
}

#[tokio::test]
async fn pages_follow_each_other() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let agent = scene.agent(store, "nok").await;
        for number in 0..5 {
            scene.hear(store, &format!("u{number}"), &format!("e{number}"), "hello").await;
            test.clock.advance_millis(1);
        }
        let mut before = None;
        let mut seen = Vec::new();
        for _ in 0..3 {
            let filter = ConversationFilter { before, limit: 2, ..filter(Tab::All, "open") };
            let page = store.conversations(&scene.tenant, &agent, &filter).await.unwrap();
            before = page.conversations.last().map(|one| (one.last_at, one.id.clone()));
            seen.extend(page.conversations.into_iter().map(|one| one.thread));
        }
        assert_eq!(seen, ["u4", "u3", "u2", "u1", "u0"]);
    })
    .await;
}

/// A conversation that has already happened, in which a customer said these texts.
fn past(scene: &Scene, thread: &str, texts: impl IntoIterator<Item = String>) -> SeedConversation {
    let said = texts.into_iter().map(|text| SeedMessage {
        author: Author::Customer,
        author_name: None,
        body: MessageBody::heard(Content::Text { text }),
        at: tests::START,
    });
    SeedConversation {
        tenant: scene.tenant.clone(),
        account: scene.account.clone(),
        channel: "telegram".to_owned(),
        thread: thread.to_owned(),
        person_name: "x".to_owned(),
        language: "th".to_owned(),
        status: "open".to_owned(),
        agent: None,
        waiting: None,
        intent: None,
        sentiment: None,
        messages: said.collect(),
    }
}

#[tokio::test]
async fn what_was_said_earlier_is_found_as_it_stands() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let other = Scene::set(store, "other").await;
        let agent = scene.agent(store, "nok").await;
        let said = [
            ("u1", "Where is 100% of my Order?"),
            ("u2", "พัสดุ BK240117 อยู่ไหน"),
            ("u3", "a_b!c ПРИВЕТ"),
            ("u4", "我的订单 order"),
        ];
        for (thread, text) in said {
            scene.hear(store, thread, &format!("{thread}-1"), text).await;
            scene.hear(store, thread, &format!("{thread}-2"), "...").await;
            test.clock.advance_millis(1);
        }
        other.hear(store, "foreign", "foreign", "order พัสดุ").await;
        for claimed in store.claim("node", 10, 60_000).await.unwrap() {
            if claimed.lease.tenant != scene.tenant {
                continue;
            }
            for (index, pending) in claimed.pending.iter().enumerate() {
                let last = index + 1 == claimed.pending.len();
                let replies = if last { vec![reply("We are at Silom"), reply("?")] } else { Vec::new() };
                let commit = TurnCommit { replies, last, ..nothing_said(&claimed.lease, pending) };
                store.commit_turn(commit).await.unwrap();
            }
            test.clock.advance_millis(1);
        }

        let expected = [
            ("ORDER", vec!["u4", "u1"]),
            ("พัสดุ", vec!["u2"]),
            ("bk240117", vec!["u2"]),
            ("订单", vec!["u4"]),
            ("привет", vec!["u3"]),
            ("Привет", vec!["u3"]),
            ("100%", vec!["u1"]),
            ("10%", vec![]),
            ("a_b!C", vec!["u3"]),
            ("a.b", vec![]),
            ("at silom", vec!["u4", "u3", "u2", "u1"]),
            ("heard", vec![]),
            ("parts", vec![]),
            ("\"", vec![]),
            ("' OR 1=1 --", vec![]),
        ];
        for (words, expected) in expected {
            let filter = ConversationFilter { words: Some(words.to_owned()), ..filter(Tab::All, "open") };
            assert_eq!(threads(store, &scene, &agent, filter).await, expected, "{words}");
        }
        let one =
            ConversationFilter { words: Some("order".to_owned()), limit: 1, ..filter(Tab::All, "open") };
        assert_eq!(threads(store, &scene, &agent, one).await, ["u4"], "newest first");
    })
    .await;
}

#[tokio::test]
async fn a_search_reads_a_bounded_number_of_messages() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let agent = scene.agent(store, "nok").await;
        for (thread, place) in [("near", 100), ("far", 99)] {
            let texts = (0..600).map(|number| if number == place { "needle".into() } else { "hay".into() });
            store.seed_conversation(past(&scene, thread, texts)).await.unwrap();
        }
        let needle = ConversationFilter { words: Some("needle".into()), ..filter(Tab::All, "open") };
        assert_eq!(threads(store, &scene, &agent, needle).await, ["near"]);
    })
    .await;
}

#[tokio::test]
async fn a_group_is_called_by_its_own_name() {
    check_on_every_store(async |test| {
        let store = &test.store;
        let scene = Scene::set(store, "shop").await;
        let hear = async |thread: &str, event: &str, title: Option<&str>| {
            let mut ingest = scene.text(thread, event, "hello");
            ingest.message.group = thread != "u1";
            ingest
                .message
                .hints
                .extend(title.map(|title| (channels::GROUP_TITLE.to_owned(), title.to_owned())));
            store.ingest(ingest).await.unwrap();
            scene.conversation(store, thread).await.group
        };
        assert_eq!(hear("u1", "e1", None).await, None);
        assert_eq!(hear("C1", "e2", None).await.as_deref(), Some(""));
        assert_eq!(hear("-100", "e3", Some("ทีมบาร์")).await.as_deref(), Some("ทีมบาร์"));
        let group = engine::store::GroupMember::itself("C1");
        let name = Some("ลูกค้าประจำ".to_owned());
        store.put_group_member(&scene.tenant, &scene.account, &group, name).await.unwrap();
        assert_eq!(scene.conversation(store, "C1").await.group.as_deref(), Some("ลูกค้าประจำ"));
        let mut among_themselves = scene.text("C1", "e4", "see you at noon");
        (among_themselves.message.group, among_themselves.message.addressed) = (true, false);
        store.ingest(among_themselves).await.unwrap();
        assert_eq!(scene.conversation(store, "C1").await.unanswered, 1, "only what is said to us waits");
    })
    .await;
}
