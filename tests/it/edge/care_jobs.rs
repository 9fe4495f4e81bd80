//! What is asked of the platforms by itself: by the clock, and after many pushes.

use std::time::{Duration, Instant};

use channels::{Content, InboundMessage, Notice, NoticeKind, Sender};
use engine::account_care::{self, LOOK};
use engine::ids::{ChannelAccountId, TenantId};
use engine::quota::{self, ASK_QUOTA};
use engine::store::{AccountChange, Job};
use engine::templates::FETCH_TEMPLATES;
use tests::demo::Demo;

const LINE: &str = "line-demo";

/// The jobs of the company that look after an account.
async fn jobs_of(demo: &Demo, account: &str) -> Vec<Job> {
    let jobs = demo.app.store.jobs(&TenantId::from_text("baan_kafe"), 100).await.unwrap();
    let about = format!("\"{account}\"");
    jobs.into_iter().filter(|job| account_care::is_care(&job.kind) && job.payload.contains(&about)).collect()
}

async fn kinds_of(demo: &Demo, account: &str) -> Vec<String> {
    let mut kinds: Vec<String> = jobs_of(demo, account).await.into_iter().map(|job| job.kind).collect();
    kinds.sort();
    kinds
}

async fn until_done(demo: &Demo, account: &str) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while jobs_of(demo, account).await.iter().any(|job| job.state != "done") {
        assert!(Instant::now() < deadline, "the jobs of {account} are never done");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_are_looked_at_when_it_is_due_and_not_again() {
    let demo = Demo::start().await.unwrap();
    let off = AccountChange { enabled: Some(false), ..AccountChange::default() };
    let (company, telegram) =
        (TenantId::from_text("baan_kafe"), ChannelAccountId::from_text("telegram-demo"));
    demo.app.store.change_account((&company, &telegram), 1, off, ("nok", "channel.changed")).await.unwrap();
    let expected = [
        (LINE, vec![ASK_QUOTA, LOOK]),
        ("whatsapp-demo", vec![FETCH_TEMPLATES, LOOK]),
        ("instagram-demo", vec![LOOK]),
        ("telegram-demo", vec![]),
        ("web-demo", vec![]),
    ];
    assert!(account_care::add_due(&demo.app).await.unwrap() > 0);
    for (account, mut kinds) in expected.clone() {
        kinds.sort_unstable();
        assert_eq!(kinds_of(&demo, account).await, kinds, "{account}");
        until_done(&demo, account).await;
    }
    account_care::add_due(&demo.app).await.unwrap();
    for (account, kinds) in expected {
        assert_eq!(kinds_of(&demo, account).await.len(), kinds.len(), "{account} was just looked at");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_pushes_are_worth_a_question() {
    let demo = Demo::start().await.unwrap();
    let (company, line) = (TenantId::from_text("baan_kafe"), ChannelAccountId::from_text(LINE));
    for (pushes, asked) in [(49, 0), (1, 1), (49, 1), (1, 2)] {
        for _ in 0..pushes {
            quota::pushed(&demo.app, &company, &line).await;
        }
        let kinds = kinds_of(&demo, LINE).await;
        assert_eq!(kinds.iter().filter(|kind| *kind == ASK_QUOTA).count(), asked);
        until_done(&demo, LINE).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn news_of_an_account_is_acted_on_at_once() {
    let demo = Demo::start().await.unwrap();
    let account = demo.app.accounts.find(&ChannelAccountId::from_text("whatsapp-demo")).await.unwrap();
    let news = |name: &str, kind| {
        let notice = Notice { kind, name: name.to_owned(), text: None, details: serde_json::Value::Null };
        InboundMessage::new(name, Sender::default(), 0, Content::Notice { notice })
    };
    for (name, kind, expected) in [
        ("user_preferences", NoticeKind::OptOut, vec![]),
        ("message_template_status_update", NoticeKind::Account, vec![FETCH_TEMPLATES]),
        ("account_update", NoticeKind::Account, vec![FETCH_TEMPLATES, LOOK]),
    ] {
        engine::account_news::heard(&demo.app, &account, &news(name, kind)).await.unwrap();
        assert_eq!(kinds_of(&demo, "whatsapp-demo").await, expected, "{name}");
    }
    until_done(&demo, "whatsapp-demo").await;
}
