//! The template that a wording names: said in the shut window, and compared with what the platform has approved.

use std::collections::BTreeMap;

use channels::{Destination, Part, Reply, TemplateUse};
use engine::approved::{Resolved, problems, resolve};
use engine::clock::Micros;
use engine::ids::{ChannelAccountId, ConversationId, MessageId, RowId, TenantId};
use engine::store::{OutboxRow, TemplateNews};
use tests::demo::Demo;

const HOUR: i64 = 3_600 * Micros::SECOND;

fn row(demo: &Demo, account: &str, hours: i64, template: TemplateUse) -> OutboxRow {
    let now = demo.app.store.clock().now();
    OutboxRow {
        tenant: TenantId::from_text("baan_kafe"),
        id: RowId::from_text("019aa000-0000-7000-8000-000000000000"),
        conversation: ConversationId::from_text("c"),
        account: ChannelAccountId::from_text(account),
        message: MessageId::from_text("m"),
        destination: Destination::thread("66812345678"),
        reply: Reply { template: Some(template), ..Reply::text("Order BK1 is on its way.") },
        progress: 0,
        attempts: 1,
        created_at: now,
        ambiguous: 0,
        planned_at: now,
        heard_at: Micros(now.0 - hours * HOUR),
        deferred: 0,
    }
}

fn named(name: &str, always: bool) -> TemplateUse {
    let values = [("body.1", "มะลิ"), ("body.2", "BK1"), ("button.0", "BK1")];
    let values: BTreeMap<String, String> =
        values.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    TemplateUse { name: name.to_owned(), language: "th".to_owned(), values, always }
}

/// What a reply becomes on an account, so many hours after the person wrote.
async fn becomes(demo: &Demo, account: &str, hours: i64, template: TemplateUse) -> String {
    let open = demo.app.accounts.find(&ChannelAccountId::from_text(account)).await.unwrap();
    match resolve(&demo.app, &open, &row(demo, account, hours, template)).await.unwrap() {
        Resolved::Words => "words".to_owned(),
        Resolved::Refused(reason) => reason,
        Resolved::Template(reply) => match &reply.parts[0] {
            Part::Template { template } => template.text.clone(),
            other => panic!("{other:?}"),
        },
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_template_goes_out_where_words_may_not() {
    let demo = Demo::start().await.unwrap();
    let (company, id) = (TenantId::from_text("baan_kafe"), ChannelAccountId::from_text("whatsapp-demo"));
    let open = demo.app.accounts.find(&id).await.unwrap();
    engine::templates::fetch(&demo.app, &open).await.unwrap();
    let template = "คุณมะลิ คำสั่งซื้อ BK1 ส่งแล้วค่ะ\nบ้านกาแฟซัพพลาย";
    for (account, hours, name, always, expected) in [
        ("whatsapp-demo", 1, "order_shipped", false, "words"),
        ("whatsapp-demo", 25, "order_shipped", false, template),
        ("whatsapp-demo", 1, "order_shipped", true, template),
        ("whatsapp-demo", 1, "gone", true, "words"),
        ("whatsapp-demo", 25, "gone", false, "the platform has no template gone (th)"),
        (
            "whatsapp-demo",
            25,
            "payment_reminder",
            false,
            "the platform has the template payment_reminder (th) as PAUSED",
        ),
        ("line-demo", 25, "order_shipped", true, "words"),
        ("web-demo", 25, "order_shipped", true, "words"),
    ] {
        let found = becomes(&demo, account, hours, named(name, always)).await;
        assert_eq!(found, expected, "{account} {hours} {name} {always}");
    }

    let bot = demo.app.bots.get("baan_kafe").unwrap();
    assert_eq!(problems(&demo.app, &bot).await.unwrap(), [], "the demo names what it has");
    let news = TemplateNews {
        status: Some("PAUSED".to_owned()),
        reason: Some("LOW_QUALITY".to_owned()),
        ..TemplateNews::default()
    };
    demo.app.store.template_changed(&company, &id, ("order_shipped", "th"), news).await.unwrap();
    let found = problems(&demo.app, &bot).await.unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    let words = found[0].to_string();
    assert!(words.starts_with("wording/th.yaml:") && words.ends_with("as PAUSED: LOW_QUALITY"), "{words}");
}
