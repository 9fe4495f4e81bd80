//! Half of a flow on the web chat, the rest on another channel.

use channels::ChannelName;
use tests::demo::Demo;

use super::{LINE_CUSTOMER, answers, asking, code_for, newest, says, sees, sees_one, tenant};

const LINE: (ChannelName, &str) = (ChannelName::Line, LINE_CUSTOMER);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn half_an_order_on_the_web_is_finished_on_line() {
    story().await.unwrap();
}

async fn story() -> anyhow::Result<()> {
    let demo = Demo::start().await?;
    let (_visitor, web) = asking(&demo).await?;
    assert_eq!(web.last_text.as_deref(), Some("รบกวนขอเลขออเดอร์หน่อยค่ะ เช่น BK240117"));
    let offer = code_for(&demo, &web).await?;
    demo.act(LINE.0, LINE.1, &says(&offer.code.to_lowercase())).await?;
    let seen = answers(&demo, LINE, 0, "ใช่ค่ะ").await?;
    let seen = sees(&demo, LINE, seen, "จำคุณได้แล้ว").await?;
    sees(&demo, LINE, 0, "ขอเลขออเดอร์").await?;
    demo.act(LINE.0, LINE.1, &says("BK240117")).await?;
    sees(&demo, LINE, seen, "BK240117").await?;

    let line = newest(&demo, "line").await?;
    assert_eq!(line.person, web.person, "the same person");
    // The code can be read nowhere.
    let bare = offer.code.replace('-', "").to_lowercase();
    let read = |text: String| text.to_lowercase().replace('-', "").contains(&bare);
    let messages = demo.app.store.messages(&tenant(), &line.id, None, 100).await?;
    assert!(messages.iter().all(|message| !read(format!("{:?}", message.body))), "{messages:#?}");
    let events = demo.app.store.events_after(&tenant(), 0, 10_000).await?;
    assert!(events.iter().all(|event| !read(event.data.get().to_owned())));
    let merges = demo.app.store.merges_of(&tenant(), &web.person).await?;
    assert_eq!(merges.len(), 1);
    assert_eq!(merges[0].detail["address"], LINE.1);

    // Somebody else with the same code is told, and stays who they are.
    let stranger = (ChannelName::Telegram, "4000077");
    demo.act(stranger.0, stranger.1, &says(&offer.code)).await?;
    sees_one(&demo, stranger, 0, &["ถูกใช้ไปแล้ว", "used already"]).await?;
    assert_ne!(newest(&demo, "telegram").await?.person, web.person);
    Ok(())
}

/// The flow is in one place: who returns to the other one is asked, and can take it back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_returns_is_asked_whether_to_go_on_there() {
    returning().await.unwrap();
}

async fn returning() -> anyhow::Result<()> {
    let demo = Demo::start().await?;
    let (mut visitor, web) = asking(&demo).await?;
    let offer = code_for(&demo, &web).await?;
    demo.act(LINE.0, LINE.1, &says(&offer.code)).await?;
    answers(&demo, LINE, 0, "ใช่ค่ะ").await?;
    let mut seen = sees(&demo, LINE, 0, "ขอเลขออเดอร์").await?;
    let said = async |count: usize| -> anyhow::Result<Vec<String>> {
        let messages = demo.app.store.messages(&tenant(), &web.id, None, 100).await?;
        let seen = messages.iter().rev().filter(|message| message.author != engine::store::Author::Note);
        let newest = seen.take(count).collect::<Vec<_>>().into_iter().rev();
        Ok(newest.map(|message| format!("{}: {}", message.author.as_str(), message.body.summary())).collect())
    };
    assert_eq!(said(1).await?, ["system: คุยเรื่องนี้ต่อใน LINE แล้ว"]);

    // What answers the question that has moved is no order to look up here.
    visitor.say("c2", "ฮัลโหลๆๆ").await?;
    assert!(said(1).await?[0].contains("คุยค้างอยู่ใน LINE"), "{:?}", said(3).await?);
    visitor.say("c3", "ไม่ค่ะ").await?;
    assert_eq!(said(1).await?, ["bot: ได้ค่ะ คุยต่อใน LINE ได้ทุกเมื่อ"]);
    // Asked once only; the button stays good.
    visitor.say("c4", "ฮัลโหลๆๆ").await?;
    assert!(!said(1).await?[0].contains("คุยค้างอยู่"));
    visitor.choose("c5", "sala/go-on-here", "คุยต่อที่นี่").await?;
    assert_eq!(said(2).await?[0], "bot: ได้ค่ะ คุยต่อที่นี่ได้เลย");
    assert!(said(1).await?[0].contains("เลขออเดอร์"));
    visitor.say("c6", "BK240117").await?;
    assert!(said(2).await?[0].contains("BK240117"), "{:?}", said(3).await?);

    // There is nothing left on LINE, and it says so when the old question is answered there by its button.
    demo.act(LINE.0, LINE.1, &says("ฮัลโหลๆๆ")).await?;
    seen = sees(&demo, LINE, seen, "").await?;
    let lines = demo.lines(LINE.0, LINE.1).await?;
    let text = lines[seen - 1]["text"].as_str().unwrap_or_default();
    assert!(!text.contains("เลขออเดอร์") && !text.contains("คุยค้างอยู่"), "{lines:#?}");
    Ok(())
}

/// A conversation that begins later takes the flow over; one of somebody who is not linked never does.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_who_is_linked_goes_on() {
    async fn story() -> anyhow::Result<()> {
        let demo = Demo::start().await?;
        let (_visitor, web) = asking(&demo).await?;
        let stranger = (ChannelName::Line, "U4000010aaaabbbbccccddddeeeeffff0");
        demo.act(stranger.0, stranger.1, &says("BK240117")).await?;
        let unlinked = newest_turned(&demo, "line").await?;
        assert_ne!(unlinked.person, web.person);
        assert!(!unlinked.last_text.unwrap_or_default().contains("ออกเดินทาง"));
        // A deep link brings the code as its payload.
        let offer = code_for(&demo, &web).await?;
        let payload = format!("link_{}", offer.code.replace('-', ""));
        let telegram = (ChannelName::Telegram, "4000088");
        let referral = channels::Referral {
            source: "deep_link".to_owned(),
            payload: Some(payload),
            ..channels::Referral::default()
        };
        let came = channels::simulator::CustomerAct::Arrives { referral, text: None };
        assert!(demo.act(telegram.0, telegram.1, &came).await?);
        answers(&demo, telegram, 0, "yes").await?;
        sees(&demo, telegram, 0, "BK240117").await?;
        assert_eq!(newest(&demo, "telegram").await?.person, web.person);
        Ok(())
    }
    story().await.unwrap();
}

/// The newest conversation of a channel, once its bot has answered.
async fn newest_turned(demo: &Demo, channel: &str) -> anyhow::Result<engine::store::Conversation> {
    let began = std::time::Instant::now();
    loop {
        let found = newest(demo, channel).await;
        match found {
            Ok(found) if found.last_author.as_deref() == Some("bot") => return Ok(found),
            _ if began.elapsed() > super::PATIENCE => anyhow::bail!("nobody answered on {channel}"),
            _ => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
        }
    }
}
