//! A customer who waits for a person, or has one, goes on elsewhere: so do their place in the queue and the agent.

use channels::ChannelName;
use channels::simulator::CustomerAct;
use engine::ids::ChannelAccountId;
use engine::store::{AccountHealth, Along, Author, ControlChange, HealthState, PassageKind};
use tests::demo::Demo;
use tests::http::call;

use super::{answers, asking, code_for, newest, offered, says, sees, sees_one, tenant, visitor};

/// The passages noted in the newest conversation of a channel.
async fn noted(demo: &Demo, channel: &str) -> anyhow::Result<Vec<(PassageKind, Option<Along>)>> {
    let conversation = newest(demo, channel).await?.id;
    let messages = demo.app.store.messages(&tenant(), &conversation, None, 100).await?;
    let notes = messages.into_iter().filter(|message| message.author == Author::Note);
    Ok(notes.filter_map(|note| note.body.passage).map(|passage| (passage.what, passage.with)).collect())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_waits_or_has_an_agent_keeps_them_elsewhere() {
    async fn story() -> anyhow::Result<()> {
        let demo = Demo::start().await?;
        let telegram = (ChannelName::Telegram, "4000031");
        demo.act(telegram.0, telegram.1, &says("ขอคุยกับพนักงาน")).await?;
        sees(&demo, telegram, 0, "").await?;
        let there = newest(&demo, "telegram").await?;
        assert_eq!(there.control.as_str(), "waiting");
        let whatsapp = (ChannelName::Whatsapp, "66810000031");
        let offer = code_for(&demo, &there).await?;
        demo.act(whatsapp.0, whatsapp.1, &says(&offer.code)).await?;
        let seen = answers(&demo, whatsapp, 0, "ใช่").await?;
        sees_one(&demo, whatsapp, seen, &["คิวของคุณยังอยู่"]).await?;
        let here = newest(&demo, "whatsapp").await?;
        assert_eq!((here.control.as_str(), here.waiting_since), ("waiting", there.waiting_since));
        assert_eq!(newest(&demo, "telegram").await?.control.as_str(), "bot");
        assert_eq!(noted(&demo, "telegram").await?, [(PassageKind::WentOn, Some(Along::Waiting))]);
        assert_eq!(noted(&demo, "whatsapp").await?, [(PassageKind::CameFrom, Some(Along::Waiting))]);
        assert!(
            demo.lines(telegram.0, telegram.1).await?.iter().all(|line| {
                let text = line["text"].as_str().unwrap_or_default();
                !text.contains("WhatsApp")
            }),
            "the customer sees no note"
        );

        // An agent takes it there, and has it on LINE, too: the bot says nothing to the next word.
        let agents = demo.app.store.agents(&tenant()).await?;
        let agent =
            agents.iter().find(|agent| agent.permissions.iter().any(|one| one == "conversations.reply"));
        let agent = agent.unwrap();
        let take = ControlChange::Take(agent.id.clone());
        demo.app.store.change_control(&tenant(), &here.id, take).await?;
        let line = (ChannelName::Line, "U4000031aaaabbbbccccddddeeeeffff0");
        let offer = code_for(&demo, &newest(&demo, "whatsapp").await?).await?;
        demo.act(line.0, line.1, &says(&offer.code)).await?;
        let seen = answers(&demo, line, 0, "ใช่").await?;
        sees(&demo, line, seen, agent.name.as_str()).await?;
        let on_line = newest(&demo, "line").await?;
        assert_eq!(on_line.control.as_str(), "agent");
        assert_eq!(noted(&demo, "line").await?, [(PassageKind::CameFrom, Some(Along::Agent))]);
        Ok(())
    }
    story().await.unwrap();
}

/// The same answer twice is one answer: silence, no complaint about the code, and no order number.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_answer_again_says_nothing() {
    async fn story() -> anyhow::Result<()> {
        let demo = Demo::start().await?;
        let (_owner, web) = asking(&demo).await?;
        let line = newest(&demo, "web").await?;
        assert_eq!(line.id, web.id);
        let offer = code_for(&demo, &web).await?;
        let mut other = visitor(&demo);
        other.connect().await?;
        other.say("c1", &offer.code).await?;
        let here = newest(&demo, "web").await?;
        let yes = offered(&demo, &here, "sala/confirm/").await?;
        other.choose("c2", &yes, "ใช่").await?;
        let said = async || -> anyhow::Result<usize> {
            let messages = demo.app.store.messages(&tenant(), &here.id, None, 100).await?;
            Ok(messages.iter().filter(|message| message.author == Author::Bot).count())
        };
        let before = said().await?;
        other.choose("c3", &yes, "ใช่").await?;
        other.say("c4", "ใช่ค่ะ").await?;
        other.say("c5", "yes").await?;
        other.say("c6", "BK240117").await?;
        let messages = demo.app.store.messages(&tenant(), &here.id, None, 100).await?;
        let words: Vec<String> = messages.iter().map(|message| message.body.summary()).collect();
        assert!(words.iter().any(|words| words.contains("BK240117 ออกเดินทาง")), "{words:#?}");
        assert!(!words.iter().any(|words| words.contains("ถูกใช้ไปแล้ว")), "{words:#?}");
        assert_eq!(newest(&demo, "web").await?.control.as_str(), "bot", "{words:#?}");
        assert!(said().await? - before <= 2, "{words:#?}");
        Ok(())
    }
    story().await.unwrap();
}

/// A code has no words: whoever brings it is asked in the language of the person whom they would join.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_english_customer_is_asked_in_english() {
    async fn story() -> anyhow::Result<()> {
        let demo = Demo::start().await?;
        let mut owner = visitor(&demo);
        owner.connect().await?;
        owner.say("c1", "where is my order please?").await?;
        let web = newest(&demo, "web").await?;
        assert_eq!(web.language.as_deref(), Some("en"));
        let whatsapp = (ChannelName::Whatsapp, "66810000033");
        let offer = code_for(&demo, &web).await?;
        demo.act(whatsapp.0, whatsapp.1, &says(&offer.code)).await?;
        let seen = sees(&demo, whatsapp, 0, "Say yes only if").await?;
        demo.act(whatsapp.0, whatsapp.1, &says("yes")).await?;
        sees(&demo, whatsapp, seen, "You are recognised").await?;
        Ok(())
    }
    story().await.unwrap();
}

/// A web chat's link opens no sign-in with LINE.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_web_chats_link_is_no_sign_in() {
    async fn story() -> anyhow::Result<()> {
        let demo = Demo::start().await?;
        let telegram = (ChannelName::Telegram, "4000035");
        demo.act(telegram.0, telegram.1, &CustomerAct::Says { text: "สวัสดี".to_owned(), quotes: None })
            .await?;
        sees(&demo, telegram, 0, "").await?;
        let offer = code_for(&demo, &newest(&demo, "telegram").await?).await?;
        let url =
            |channel| offer.links.iter().find(|one| one.channel == channel).and_then(|one| one.url.clone());
        let (web, line) = (url(ChannelName::Web).unwrap(), url(ChannelName::Line).unwrap());
        let token = web.split_once("link=").unwrap().1;
        let page = line.split_once("link=").unwrap().0;
        let page = &page[page.find("/channels").unwrap()..];
        let seen = call(demo.address, ("GET", &format!("{page}link={token}")), &[], b"").await?;
        assert_eq!(seen.status, 400);
        Ok(())
    }
    story().await.unwrap();
}

/// Nobody is sent to where nobody would be answered.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_offer_names_no_account_that_does_not_work() {
    async fn story() -> anyhow::Result<()> {
        let demo = Demo::start().await?;
        let telegram = (ChannelName::Telegram, "4000036");
        demo.act(telegram.0, telegram.1, &CustomerAct::Says { text: "สวัสดี".to_owned(), quotes: None })
            .await?;
        sees(&demo, telegram, 0, "").await?;
        let here = newest(&demo, "telegram").await?;
        let named = async || -> anyhow::Result<Vec<ChannelName>> {
            let offer = code_for(&demo, &here).await?;
            Ok(offer.links.iter().map(|one| one.channel).collect())
        };
        let before = named().await?;
        assert!(
            before.contains(&ChannelName::Line) && before.contains(&ChannelName::Messenger),
            "{before:?}"
        );
        let health = |state| AccountHealth {
            state,
            findings: "[]".to_owned(),
            token_expires_at: None,
            checked_at: demo.app.store.clock().now(),
        };
        for (account, state) in
            [("line-demo", HealthState::Failing), ("messenger-demo", HealthState::Warning)]
        {
            let account = ChannelAccountId::from_text(account);
            demo.app.store.keep_health(&tenant(), &account, health(state), false).await?;
        }
        let expected: Vec<ChannelName> = before.into_iter().filter(|one| *one != ChannelName::Line).collect();
        assert_eq!(named().await?, expected);
        Ok(())
    }
    story().await.unwrap();
}
