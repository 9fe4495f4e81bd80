//! A code with a slip in it is known as a code; what a flow asked for still gets through.

use channels::{ChannelName, Content, InboundMessage, Sender};
use engine::accounts::OpenAccount;
use engine::links::{HINT, proof};
use tests::demo::Demo;

use super::{code_for, newest, says, sees, visitor};

/// The code with one letter wrong.
fn slip(code: &str, place: usize, letter: char) -> String {
    let mut letters: Vec<char> = code.replace('-', "").chars().collect();
    letters[place] = if letters[place] == letter { '9' } else { letter };
    letters.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mistyped_code_is_no_question_to_the_bot() {
    async fn story() -> anyhow::Result<()> {
        let demo = Demo::start().await?;
        let mut owner = visitor(&demo);
        owner.connect().await?;
        owner.say("c1", "สวัสดีค่ะ").await?;
        let web = newest(&demo, "web").await?;
        let code = code_for(&demo, &web).await?.code;
        let account = demo.app.accounts.find(&engine::demo::seed::web_account()).await.unwrap();
        let text = |text: String| Content::Text { text };
        let named = |text: String| {
            let source = channels::MediaSource::Url { url: "https://a.example/x".to_owned() };
            let media = channels::Media {
                name: Some(text),
                ..channels::Media::new(channels::MediaKind::File, source)
            };
            Content::Media { media }
        };
        let place = |text: String| {
            let location =
                channels::Location { latitude: 13.7, longitude: 100.5, title: Some(text), address: None };
            Content::Location { location }
        };
        let contact = |text: String| {
            let contact = channels::Contact { name: text, phones: Vec::new(), emails: Vec::new() };
            Content::Contact { contacts: vec![contact] }
        };
        let wrong = slip(&code, 2, '7');
        let ways: Vec<(&str, Content, bool)> = vec![
            ("a letter wrong", text(wrong.clone()), true),
            ("small letters", text(wrong.to_lowercase()), true),
            ("a letter missing", text(code.replace('-', "")[1..].to_owned()), true),
            ("an O", text(slip(&code, 0, 'O')), true),
            ("in a sentence", text(format!("my code is {wrong}, ok?")), true),
            ("the right one on a Thai keyboard", text(code.chars().map(thai).collect()), true),
            ("any word of that shape", text("QQ46-KTNX".to_owned()), true),
            ("a document", named(code.clone()), true),
            ("a place", place(format!("at {code}")), true),
            ("a contact", contact(code.clone()), true),
            ("an order", text("BK240117".to_owned()), false),
            ("a telephone number", text("081-222-3333".to_owned()), false),
            ("words", text("where is my parcel".to_owned()), false),
        ];
        for (place, (way, content, is_code)) in ways.into_iter().enumerate() {
            let sender = Sender::new(format!("somebody {place}"));
            let mut message = InboundMessage::new(format!("e{place}"), sender, 0, content.clone());
            engine::links::veil(&demo.app, &account, &mut message).await?;
            assert_eq!(message.hints.iter().any(|(name, _)| name == HINT), is_code, "{way}: {message:?}");
            assert_eq!(message.content != content, is_code, "{way}: it is shown as dots");
        }
        an_order_is_asked_for(&demo, &account).await?;
        Ok(())
    }
    story().await.unwrap();
}

/// An order number that a flow has asked for is one, whatever it looks like.
async fn an_order_is_asked_for(demo: &Demo, account: &OpenAccount) -> anyhow::Result<()> {
    let mut asked = visitor(demo);
    asked.connect().await?;
    asked.say("c1", "ของถึงไหนแล้วคะ").await?;
    let thread = newest(demo, "web").await?.thread;
    let order = Content::Text { text: "QQ46-KTNX".to_owned() };
    let mut message = InboundMessage::new("order", Sender::new(thread.as_str()), 0, order.clone());
    message.thread = thread;
    engine::links::veil(&demo.app, account, &mut message).await?;
    assert_eq!((message.content, message.hints), (order, Vec::new()));
    Ok(())
}

fn thai(c: char) -> char {
    c.to_digit(10).and_then(|digit| char::from_u32('๐' as u32 + digit)).unwrap_or(c)
}

/// Five slips, and even the right code must wait; each is answered as what it is.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn slips_count() {
    async fn story() -> anyhow::Result<()> {
        let demo = Demo::start().await?;
        let mut owner = visitor(&demo);
        owner.connect().await?;
        owner.say("c1", "สวัสดีค่ะ").await?;
        let code = code_for(&demo, &newest(&demo, "web").await?).await?.code;
        let line = (ChannelName::Line, "U4000041aaaabbbbccccddddeeeeffff0");
        for place in 0..5 {
            demo.act(line.0, line.1, &says(&slip(&code, place, '8'))).await?;
        }
        sees(&demo, line, 0, "ไม่พบรหัสนี้ กรุณาดูรหัสอีกครั้ง").await?;
        demo.act(line.0, line.1, &says(&code)).await?;
        sees(&demo, line, 0, "ใส่รหัสผิดหลายครั้ง").await?;
        assert_eq!(newest(&demo, "line").await?.control.as_str(), "bot", "nobody was called");
        assert!(proof::read_code(&code).is_some());
        Ok(())
    }
    story().await.unwrap();
}
