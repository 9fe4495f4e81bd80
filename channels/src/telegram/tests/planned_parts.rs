use serde_json::json;

use super::planning::{check, of, plan, statuses};
use super::{account, called, to};
use crate::telegram::Telegram;
use crate::{Channel, Contact, Destination, ListRow, ListSection, Loss, Lost, Part, Reply};

fn list(rows: Vec<ListRow>) -> Reply {
    let sections = vec![ListSection { title: "กาแฟ".into(), rows }, ListSection::default()];
    of(Part::List {
        text: "เลือกได้เลยค่ะ".into(), button: "ดูรายการ".into(), sections
    })
}

fn row(title: &str, text: Option<&str>, payload: &str) -> ListRow {
    ListRow { title: title.into(), text: text.map(str::to_owned), payload: payload.into() }
}

#[test]
fn a_list_is_a_text_with_a_button_for_each_row() {
    let rows = vec![row("耶加雪菲", Some("果香 ฿350"), "sku:1"), row("House", None, "sku:2")];
    let keys = json!([
        [{"text": "耶加雪菲", "callback_data": "sku:1"}],
        [{"text": "House", "callback_data": "sku:2"}],
    ]);
    let text = "เลือกได้เลยค่ะ\n\nกาแฟ:\n• 耶加雪菲: 果香 ฿350";
    let body = json!({"text": text, "reply_markup": {"inline_keyboard": keys}});
    check(&list(rows.clone()), &[("sendMessage", body)]);
    let plan = Telegram.plan(&account(), &to("7"), &list(rows));
    assert_eq!((plan.lost, plan.numbered), (vec![], vec![]));
}

#[test]
fn the_fullest_list_is_within_one_text() {
    let rows = |count: usize| -> Vec<ListSection> {
        let row = |number: usize| row(&"r".repeat(64), Some(&"d".repeat(72)), &number.to_string());
        (0..count).map(|number| ListSection { title: "s".repeat(64), rows: vec![row(number)] }).collect()
    };
    let fullest = |count| of(Part::List { text: "t".repeat(600), button: "b".into(), sections: rows(count) });
    assert_eq!(statuses(&fullest(16)), [200]);
    let longest = plan(&to("7"), &fullest(16));
    assert_eq!(called(&longest[0]).1["reply_markup"]["inline_keyboard"].as_array().unwrap().len(), 16);
    assert!(statuses(&fullest(17)).iter().all(|status| *status == 200));
}

#[test]
fn contacts_are_cards_or_else_words() {
    let contact = |name: &str, phones: &[&str], emails: &[&str]| Contact {
        name: name.into(),
        phones: phones.iter().map(|phone| (*phone).to_owned()).collect(),
        emails: emails.iter().map(|email| (*email).to_owned()).collect(),
    };
    let reply = |contacts: Vec<Contact>| of(Part::Contacts { contacts });
    let simple = contact("ร้านบ้านกาแฟ", &["+6621234567"], &[]);
    let body = json!({"phone_number": "+6621234567", "first_name": "ร้านบ้านกาแฟ"});
    check(&reply(vec![simple.clone()]), &[("sendContact", body.clone())]);
    let vcard = "BEGIN:VCARD\nVERSION:3.0\nFN:A\\, B\nTEL:1\nTEL:2\nEMAIL:a@x.example\nEND:VCARD";
    let full = contact("A, B", &["1", "2"], &["a@x.example"]);
    let card = json!({"phone_number": "1", "first_name": "A, B", "vcard": vcard});
    check(&reply(vec![simple, full]), &[("sendContact", body), ("sendContact", card)]);
    let long = contact(&"ก".repeat(65), &["1"], &["a@x.example"]);
    let text = format!("{}\n1\na@x.example", "ก".repeat(65));
    check(&reply(vec![long.clone()]), &[("sendMessage", json!({"text": text}))]);
    let lost = Telegram.plan(&account(), &to("7"), &reply(vec![long])).lost;
    assert_eq!(lost, [Lost { part: Some(0), what: Loss::ContactsWritten }]);
    check(&reply(vec![contact("A", &[], &[])]), &[("sendMessage", json!({"text": "A"}))]);
}

#[test]
fn stickers_of_telegram_are_sent_and_others_said() {
    let id = "CAACAgUAAxkBAAIBYmVxyz_-12345";
    let sticker = |id: &str| of(Part::Sticker { id: id.into(), alt: "ขอบคุณค่ะ".into() });
    check(&sticker(id), &[("sendSticker", json!({"sticker": id}))]);
    for foreign in ["446/1988", "12345678901234567890123", "369239263222822", "", "https://x.example/a.webp"]
    {
        check(&sticker(foreign), &[("sendMessage", json!({"text": "ขอบคุณค่ะ"}))]);
    }
    let lost = Telegram.plan(&account(), &to("7"), &sticker("446/1988")).lost;
    assert_eq!(lost, [Lost { part: Some(0), what: Loss::StickerWritten }]);
}

#[test]
fn answers_go_through_the_account_or_topic_that_was_written_to() {
    let sent = |to: &Destination| called(&plan(to, &Reply::text("hi"))[0]).1.clone();
    let business = json!({"chat_id": 7, "text": "hi", "business_connection_id": "b1"});
    assert_eq!(sent(&to("b1/7")), business);
    let hint = vec![("business_connection_id".to_owned(), "b1".to_owned())];
    assert_eq!(sent(&Destination { hints: hint, ..to("7") }), business);
    let direct = json!({"chat_id": -100_777, "text": "hi", "direct_messages_topic_id": 33});
    assert_eq!(sent(&to("-100777#33")), direct);
    assert_eq!(sent(&to("@kafe_news")), json!({"chat_id": "@kafe_news", "text": "hi"}));
}
