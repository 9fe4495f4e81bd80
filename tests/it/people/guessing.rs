//! Guessing codes gets nobody anywhere.

use channels::ChannelName;
use tests::demo::Demo;

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

/// In a group everybody reads the code: it links nobody.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn groups_never_link() {
    async fn story() -> anyhow::Result<()> {
        let demo = Demo::start().await?;
        let mut visitor = visitor(&demo);
        visitor.connect().await?;
        visitor.say("c1", "สวัสดีค่ะ").await?;
        let web = newest(&demo, "web").await?;
        let offer = code_for(&demo, &web).await?;
        let account = demo.app.accounts.find(&engine::demo::seed::web_account()).await.unwrap();
        let sender = channels::Sender::new("somebody");
        let content = channels::Content::Text { text: offer.code.clone() };
        let mut message = channels::InboundMessage::new("g1", sender, 0, content.clone());
        (message.thread, message.group) = ("group".to_owned(), true);
        engine::links::veil(&demo.app, &account, &mut message).await?;
        assert_eq!((message.content, message.hints), (content, Vec::new()));
        Ok(())
    }
    story().await.unwrap();
}
