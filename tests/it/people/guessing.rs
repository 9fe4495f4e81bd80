//! Guessing codes gets nobody anywhere.

use channels::{ChannelName, Content, InboundMessage, Sender};
use tests::demo::Demo;

use super::says as says_of;
use super::{answers, code_for, newest, says, sees, visitor};

/// Five wrong codes by deep link, and the right one is not looked up any more for that address; another one may use it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_guesses_must_wait() {
    async fn story() -> anyhow::Result<()> {
        let demo = Demo::start().await?;
        let mut visitor = visitor(&demo);
        visitor.connect().await?;
        visitor.say("c1", "สวัสดีค่ะ").await?;
        let web = newest(&demo, "web").await?;
        let guesser = (ChannelName::Line, "U4000011aaaabbbbccccddddeeeeffff0");
        for _ in 0..5 {
            let code = engine::links::proof::new_code();
            demo.act(guesser.0, guesser.1, &says(&code)).await?;
        }
        let offer = code_for(&demo, &web).await?;
        demo.act(guesser.0, guesser.1, &says(&offer.code)).await?;
        sees(&demo, guesser, 0, "ใส่รหัสผิดหลายครั้ง").await?;
        assert_ne!(newest(&demo, "line").await?.person, web.person);
        let friend = (ChannelName::Line, "U4000012aaaabbbbccccddddeeeeffff0");
        demo.act(friend.0, friend.1, &says(&offer.code)).await?;
        let asked = answers(&demo, friend, 0, "ตกลง").await?;
        sees(&demo, friend, asked, "จำคุณได้แล้ว").await?;
        Ok(())
    }
    story().await.unwrap();
}

/// A way in which others read a code: what it is called, whether it is in a group, and what is heard.
type Way<'w> = (&'w str, bool, &'w dyn Fn(String) -> Content);

/// Where others read, too, a code is good for nobody any more, and nobody reads it in the console.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_others_read_is_void_and_shown_as_dots() {
    async fn story() -> anyhow::Result<()> {
        let demo = Demo::start().await?;
        let mut visitor = visitor(&demo);
        visitor.connect().await?;
        visitor.say("c1", "สวัสดีค่ะ").await?;
        let web = newest(&demo, "web").await?;
        let account = demo.app.accounts.find(&engine::demo::seed::web_account()).await.unwrap();
        let comment = |text: String| {
            let comment = channels::Comment { text: Some(text), ..channels::Comment::default() };
            Content::Comment { comment }
        };
        let edited = |text: String| Content::Edited { external_id: "m1".to_owned(), text: Some(text) };
        let started = |text: String| Content::Started { payload: Some(format!("link_{text}")) };
        let says = |text: String| Content::Text { text };
        let ways: [Way<'_>; 4] = [
            ("in a group", true, &says),
            ("below a post", false, &comment),
            ("an edit", false, &edited),
            ("a deep link into a group", true, &started),
        ];
        for (way, group, content) in ways {
            let offer = code_for(&demo, &web).await?;
            let bare = offer.code.replace('-', "");
            let text = if way.contains("link") { bare.clone() } else { format!("it is {bare} ค่ะ") };
            let mut message = InboundMessage::new("g1", Sender::new("somebody"), 0, content(text));
            (message.thread, message.group) = ("somewhere".to_owned(), group);
            engine::links::veil(&demo.app, &account, &mut message).await?;
            assert_eq!(message.hints, Vec::new(), "{way}: it links nobody");
            assert!(!format!("{message:?}").contains(&bare), "{way}: {message:?}");
            let friend = (ChannelName::Line, "U4000024aaaabbbbccccddddeeeeffff0");
            let seen = demo.lines(friend.0, friend.1).await.unwrap_or_default().len();
            demo.act(friend.0, friend.1, &says_of(&offer.code)).await?;
            sees(&demo, friend, seen, "ถูกใช้ไปแล้ว").await?;
        }
        // What only looks like one stays as it was written.
        let content = says(engine::links::proof::new_code());
        let mut message = InboundMessage::new("g2", Sender::new("somebody"), 0, content.clone());
        (message.thread, message.group) = ("group".to_owned(), true);
        engine::links::veil(&demo.app, &account, &mut message).await?;
        assert_eq!((message.content, message.hints), (content, Vec::new()));
        // The web chat's own link, too.
        let offer = code_for(&demo, &newest(&demo, "line").await?).await?;
        let url = offer.links.into_iter().find(|one| one.channel == ChannelName::Web).unwrap().url.unwrap();
        let mut message = InboundMessage::new("g3", Sender::new("somebody"), 0, says(format!("look {url}")));
        (message.thread, message.group) = ("group".to_owned(), true);
        engine::links::veil(&demo.app, &account, &mut message).await?;
        assert!(!format!("{message:?}").contains(url.split_once("link=").unwrap().1), "{message:?}");
        let token = url.split_once("link=").unwrap().1;
        visitor.choose("c2", &format!("link/{token}"), "Opened").await?;
        assert_eq!(demo.app.store.merges_of(&super::tenant(), &web.person).await?, []);
        Ok(())
    }
    story().await.unwrap();
}
