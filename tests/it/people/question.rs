//! The question before somebody is joined with whoever made a code: no yes, nothing is given away.

use channels::ChannelName;
use tests::demo::Demo;

use super::{answers, asking, code_for, newest, offered, says, sees, sees_one, tenant, visitor};

fn captioned(caption: &str) -> channels::simulator::CustomerAct {
    channels::simulator::CustomerAct::Sends {
        kind: channels::MediaKind::Image,
        name: "code.png".to_owned(),
        mime: "image/png".to_owned(),
        bytes: b"\x89PNG\r\n\x1a\n".to_vec(),
        caption: Some(caption.to_owned()),
    }
}

/// On every channel, by a typed code or a deep link: the question comes first, and a no voids the code.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_says_no_stays_who_they_are() {
    async fn story() -> anyhow::Result<()> {
        let demo = Demo::start().await?;
        let (_visitor, web) = asking(&demo).await?;
        let ways = [
            (ChannelName::Line, "U4000021aaaabbbbccccddddeeeeffff0", true),
            (ChannelName::Whatsapp, "66810000021", true),
            (ChannelName::Telegram, "4000021", false),
            (ChannelName::Messenger, "4000000000000021", false),
            (ChannelName::Instagram, "4000000000000022", false),
        ];
        for (channel, customer, typed) in ways {
            let who = (channel, customer);
            let offer = code_for(&demo, &web).await?;
            let payload = format!("link_{}", offer.code.replace('-', ""));
            let act = if channel == ChannelName::Whatsapp {
                // Below a picture a code is as readable as anywhere.
                captioned(&format!("รหัสค่ะ {}", offer.code))
            } else if typed {
                says(&offer.code)
            } else {
                let (source, payload) = ("deep_link".to_owned(), Some(payload));
                let referral = channels::Referral { source, payload, ..channels::Referral::default() };
                channels::simulator::CustomerAct::Arrives { referral, text: None }
            };
            anyhow::ensure!(demo.act(who.0, who.1, &act).await?, "{channel:?} has no such way in");
            let asked = sees_one(&demo, who, 0, &["เว็บแชต", "Web chat"]).await?;
            let there = newest(&demo, channel.as_str()).await?;
            assert_ne!(there.person, web.person, "{channel:?}: nobody has said yes");
            let stored = demo.app.store.messages(&tenant(), &there.id, None, 100).await?;
            assert!(!format!("{stored:?}").contains(&offer.code), "{channel:?}: the code is dots");
            demo.act(who.0, who.1, &says("no")).await?;
            sees_one(&demo, who, asked, &["ใช้ไม่ได้แล้ว", "not good any more"]).await?;
            // The code is void, for them and for everybody.
            let seen = demo.lines(who.0, who.1).await?.len();
            demo.act(who.0, who.1, &says(&offer.code)).await?;
            sees_one(&demo, who, seen, &["ถูกใช้ไปแล้ว", "used already"]).await?;
            assert_ne!(newest(&demo, channel.as_str()).await?.person, web.person, "{channel:?}");
        }
        assert_eq!(demo.app.store.merges_of(&tenant(), &web.person).await?, []);
        Ok(())
    }
    story().await.unwrap();
}

/// The question is of one address: nobody else's press or word counts, and a yes long after is only a word.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_question_belongs_to_who_was_asked() {
    async fn story() -> anyhow::Result<()> {
        let demo = Demo::start().await?;
        let line = (ChannelName::Line, "U4000023aaaabbbbccccddddeeeeffff0");
        let mut owner = visitor(&demo);
        owner.connect().await?;
        owner.say("c1", "ของถึงไหนแล้วคะ").await?;
        let web = newest(&demo, "web").await?;
        let offer = code_for(&demo, &web).await?;
        demo.act(line.0, line.1, &says(&offer.code)).await?;
        sees_one(&demo, line, 0, super::QUESTION).await?;
        let there = newest(&demo, "line").await?;
        let yes = offered(&demo, &there, "sala/confirm/").await?;
        let mut stranger = visitor(&demo);
        stranger.connect().await?;
        stranger.choose("c1", &yes, "ใช่").await?;
        assert_ne!(newest(&demo, "web").await?.person, web.person);
        assert_eq!(demo.app.store.merges_of(&tenant(), &web.person).await?, []);
        // A yes to another question is no yes to this one.
        let seen = demo.lines(line.0, line.1).await?.len();
        demo.act(line.0, line.1, &says("ขอบคุณค่ะ")).await?;
        let seen = sees(&demo, line, seen, "").await?;
        demo.act(line.0, line.1, &says("ใช่ค่ะ")).await?;
        sees(&demo, line, seen, "").await?;
        assert_eq!(demo.app.store.merges_of(&tenant(), &web.person).await?, []);
        // Brought again, asked again.
        let seen = demo.lines(line.0, line.1).await?.len();
        demo.act(line.0, line.1, &says(&offer.code)).await?;
        let seen = answers(&demo, line, seen, "ใช่").await?;
        sees(&demo, line, seen, "จำคุณได้แล้ว").await?;
        assert_eq!(newest(&demo, "line").await?.person, web.person);
        Ok(())
    }
    story().await.unwrap();
}

/// Where the question has buttons, a number and a longer plain answer count as well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_question_is_answered_in_words_and_by_number() {
    async fn story() -> anyhow::Result<()> {
        let demo = Demo::start().await?;
        for (person, answer, is_joined) in [
            ("U4000041aaaabbbbccccddddeeeeffff0", "1", true),
            ("U4000042aaaabbbbccccddddeeeeffff0", "ใช่ ผมเองครับ", true),
            ("U4000043aaaabbbbccccddddeeeeffff0", "2", false),
        ] {
            let line = (ChannelName::Line, person);
            let mut owner = visitor(&demo);
            owner.connect().await?;
            owner.say("c1", "ของถึงไหนแล้วคะ").await?;
            let web = newest(&demo, "web").await?;
            let offer = code_for(&demo, &web).await?;
            demo.act(line.0, line.1, &says(&offer.code)).await?;
            let seen = answers(&demo, line, 0, answer).await?;
            sees(&demo, line, seen, "").await?;
            let merges = demo.app.store.merges_of(&tenant(), &web.person).await?;
            assert_eq!(!merges.is_empty(), is_joined, "{answer}");
        }
        Ok(())
    }
    story().await.unwrap();
}
