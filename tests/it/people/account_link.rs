//! LINE's account link: made for a person, agreed to on LINE's page, and brought back by LINE's event.

use channels::ChannelName;
use serde_json::{Value, json};
use tests::demo::Demo;
use tests::http::{Answer, call};

use super::{newest, says, sees, tenant, visitor};

const CUSTOMER: &str = "U4000016aaaabbbbccccddddeeeeffff0";

/// Calls the API as an agent.
async fn api(demo: &Demo, path: &str, body: &Value) -> anyhow::Result<Answer> {
    let json = ("content-type", "application/json");
    let nok = engine::demo::seed::PEOPLE.iter().find(|person| person.role == "agent").unwrap();
    let sign_in = json!({ "email": nok.email, "password": nok.password }).to_string();
    let session = call(demo.address, ("POST", "/api/v1/session"), &[json], sign_in.as_bytes()).await?;
    let cookie = session.header("set-cookie").unwrap().split(';').next().unwrap().to_owned();
    let csrf = session.json()["csrf"].as_str().unwrap().to_owned();
    let headers = [("cookie", cookie.as_str()), ("x-sala-csrf", &csrf), json];
    call(demo.address, ("POST", path), &headers, body.to_string().as_bytes()).await
}

/// Opens LINE's page as the person whose token is in it.
async fn open(demo: &Demo, url: &str) -> anyhow::Result<Answer> {
    let path = url.split_once("://").map_or(url, |(_, rest)| &rest[rest.find('/').unwrap_or(rest.len())..]);
    call(demo.platforms, ("GET", path), &[], b"").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_links_their_line_account_on_lines_page() {
    async fn story() -> anyhow::Result<()> {
        let demo = Demo::start().await?;
        let mut visitor = visitor(&demo);
        visitor.connect().await?;
        visitor.say("c1", "ของถึงไหนแล้วคะ").await?;
        let line = (ChannelName::Line, CUSTOMER);
        demo.act(line.0, line.1, &says("สวัสดีค่ะ")).await?;
        let seen = sees(&demo, line, 0, "").await?;
        let (web, there) = (newest(&demo, "web").await?, newest(&demo, "line").await?);
        let path = format!("/api/v1/conversations/{}/account-link", there.id);
        let make = async |person: &str| api(&demo, &path, &json!({ "person": person })).await;
        assert_eq!(make("nobody").await?.status, 404);
        assert_eq!(make(there.person.as_str()).await?.status, 409, "they are that person already");
        let elsewhere = format!("/api/v1/conversations/{}/account-link", web.id);
        let answer = api(&demo, &elsewhere, &json!({ "person": there.person })).await?;
        assert_eq!(answer.status, 422, "the web chat has no such thing: {}", answer.text());

        let created = make(web.person.as_str()).await?;
        assert_eq!(created.status, 201, "{}", created.text());
        let url = created.json()["url"].as_str().unwrap().to_owned();
        // LINE says that somebody agreed, but not to what we made: it proves nothing.
        let other =
            url.split_once("nonce=").unwrap().0.to_owned() + "nonce=aaaaaaaaaaaaaaaaaaaaaaaa&agree=yes";
        assert_eq!(open(&demo, &other).await?.status, 200);
        demo.act(line.0, line.1, &says("ขอบคุณค่ะ")).await?;
        let seen = sees(&demo, line, seen, "").await?;
        assert_eq!(newest(&demo, "line").await?.person, there.person, "a nonce that is not ours");

        let url = make(web.person.as_str()).await?.json()["url"].as_str().unwrap().to_owned();
        let nonce = url.split_once("nonce=").unwrap().1.to_owned();
        let asked = open(&demo, &url).await?;
        assert!(asked.status == 200 && asked.text().contains("agree=yes"), "{}", asked.text());
        assert_eq!(newest(&demo, "line").await?.person, there.person, "nobody has agreed yet");
        assert_eq!(open(&demo, &format!("{url}&agree=yes")).await?.status, 200);
        sees(&demo, line, seen, "จำคุณได้").await?;
        assert_eq!(newest(&demo, "line").await?.person, web.person);
        let merges = demo.app.store.merges_of(&tenant(), &web.person).await?;
        assert_eq!(json!(merges[0].evidence), "account_link");
        let messages = demo.app.store.messages(&tenant(), &there.id, None, 100).await?;
        assert!(messages.iter().all(|one| !format!("{:?}", one.body).contains(&nonce)), "{messages:#?}");
        assert_eq!(open(&demo, &format!("{url}&agree=yes")).await?.status, 400, "a token is good once");
        Ok(())
    }
    story().await.unwrap();
}
