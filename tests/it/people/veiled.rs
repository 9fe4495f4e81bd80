//! A code is for its reader alone: whoever only reads in the console never sees one that is good.

use channels::ChannelName;
use serde_json::{Value, json};
use tests::demo::Demo;
use tests::http::call;

use super::{answers, newest, says, sees, sees_one, tenant, visitor};

/// What somebody with this role reads in the console about a conversation, after `act` where one is given.
async fn console(
    demo: &Demo,
    role: &str,
    id: &str,
    act: Option<(&str, Value)>,
) -> anyhow::Result<(u16, String)> {
    let json = ("content-type", "application/json");
    let somebody = engine::demo::seed::PEOPLE.iter().find(|person| person.role == role).unwrap();
    let sign_in = json!({ "email": somebody.email, "password": somebody.password }).to_string();
    let session = call(demo.address, ("POST", "/api/v1/session"), &[json], sign_in.as_bytes()).await?;
    let cookie = session.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let csrf = session.json()["csrf"].as_str().unwrap().to_owned();
    let headers = [("cookie", cookie.as_str()), ("x-sala-csrf", &csrf), json];
    let of = |rest: &str| format!("/api/v1/conversations/{id}{rest}");
    let mut status = 200;
    if let Some((path, body)) = act {
        let done = call(demo.address, ("POST", &of(path)), &headers, body.to_string().as_bytes()).await?;
        status = done.status;
    }
    let mut read = String::new();
    for path in [of("/messages"), of(""), "/api/v1/conversations?tab=all".to_owned()] {
        read += &call(demo.address, ("GET", &path), &headers, b"").await?.text();
    }
    Ok((status, read))
}

/// Everything that stands in a text in the place of a code.
fn codes(text: &str) -> Vec<String> {
    let secrets = engine::links::proof::secrets_in(text);
    secrets.into_iter().filter(|secret| engine::links::proof::read_code(secret).is_some()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_its_reader_sees_a_code() {
    async fn story() -> anyhow::Result<()> {
        // So many sign-ins at once are more than people make.
        let demo = Demo::start_with(|config| config.limits.sign_in_per_20_seconds = 100).await?;
        let line = (ChannelName::Line, "U4000025aaaabbbbccccddddeeeeffff0");
        demo.act(line.0, line.1, &says("ของถึงไหนแล้วคะ")).await?;
        sees(&demo, line, 0, "").await?;
        let there = newest(&demo, "line").await?;
        // An agent gives a code on LINE, the bot one in the web chat.
        let newest_seq = demo.app.store.messages(&tenant(), &there.id, None, 1).await?[0].seq;
        let give = json!({ "client_id": "g1", "seen_seq": newest_seq });
        let (status, _) = console(&demo, "agent", there.id.as_str(), Some(("/link", give))).await?;
        assert_eq!(status, 201);
        sees(&demo, line, 0, "สิบนาที").await?;
        let lines = demo.lines(line.0, line.1).await?;
        let on_line = codes(&json!(lines).to_string());
        assert!(!on_line.is_empty(), "whom it is for reads it: {lines:#?}");

        let mut web = visitor(&demo);
        web.connect().await?;
        web.choose("c1", "sala/continue", "Go on elsewhere").await?;
        while !web.messages.iter().any(|message| message["author"] == "bot") {
            web.next_message().await?;
        }
        let on_web = codes(&json!(web.messages).to_string());
        assert!(!on_web.is_empty(), "{:#?}", web.messages);
        web.drop_connection();
        web.connect().await?;
        assert_eq!(codes(&json!(web.messages).to_string()), on_web, "again after a reload");
        let at_web = newest(&demo, "web").await?;

        for role in ["agent", "sales_rep", "trainer", "admin"] {
            for conversation in [&there, &at_web] {
                let (_, read) = console(&demo, role, conversation.id.as_str(), None).await?;
                assert!(read.contains("••••-••••"), "{role} sees that there was one: {read}");
                assert_eq!(codes(&read), Vec::<String>::new(), "{role}");
            }
        }
        let events = demo.app.store.events_after(&tenant(), 0, 10_000).await?;
        let events: String = events.iter().map(|event| event.data.get()).collect();
        assert!(on_line.iter().chain(&on_web).all(|code| !events.contains(code.as_str())));
        // And it is good.
        let friend = (ChannelName::Telegram, "4000025");
        demo.act(friend.0, friend.1, &says(&on_web[0])).await?;
        answers(&demo, friend, 0, "ใช่").await?;
        sees_one(&demo, friend, 0, &["จำคุณได้แล้ว", "recognised here"]).await?;
        assert_eq!(newest(&demo, "telegram").await?.person, at_web.person);
        // Once it is used nobody needs it: dots stand in its place, at once and after a reload.
        loop {
            web.next_message().await?;
            let last = json!(web.messages.last()).to_string();
            if last.contains("••••-••••") && codes(&last).is_empty() {
                break;
            }
        }
        web.drop_connection();
        web.connect().await?;
        assert_eq!(codes(&json!(web.messages).to_string()), Vec::<String>::new());
        Ok(())
    }
    story().await.unwrap();
}
