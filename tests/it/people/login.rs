//! Signing in with LINE, and the signed link of the web chat.

use channels::ChannelName;
use serde_json::json;
use tests::demo::Demo;
use tests::http::{Answer, call};

use super::{Conversation, asking, code_for, newest, offered, says, sees, tenant, visitor};

const CUSTOMER: &str = "U4000013aaaabbbbccccddddeeeeffff0";

async fn get(address: std::net::SocketAddr, url: &str, cookie: &str) -> anyhow::Result<Answer> {
    let path = url.split_once("://").map_or(url, |(_, rest)| &rest[rest.find('/').unwrap_or(rest.len())..]);
    call(address, ("GET", path), &[("cookie", cookie), ("accept-language", "en")], b"").await
}

async fn post(address: std::net::SocketAddr, url: &str, cookie: &str, body: &str) -> anyhow::Result<Answer> {
    let path = url.split_once("://").map_or(url, |(_, rest)| &rest[rest.find('/').unwrap_or(rest.len())..]);
    let form = ("content-type", "application/x-www-form-urlencoded");
    call(address, ("POST", path), &[("cookie", cookie), ("accept-language", "en"), form], body.as_bytes())
        .await
}

/// What a hidden field of our page says.
fn hidden(page: &str, name: &str) -> String {
    let field = page.split_once(&format!("name=\"{name}\" value=\"")).expect("the field is there").1;
    field[..field.find('"').unwrap()].to_owned()
}

/// Opens the link and gives this answer on its page.
async fn answer_page(demo: &Demo, link: &str, answer: &str) -> anyhow::Result<Answer> {
    let shown = get(demo.address, link, "").await?;
    let Some(cookie) = shown.header("set-cookie") else { return Ok(shown) };
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let page = shown.text();
    let body = format!("link={}&proof={}&answer={answer}", hidden(&page, "link"), hidden(&page, "proof"));
    post(demo.address, link, &cookie, &body).await
}

/// From the link over our question to LINE's page, there as this customer, and back; `alter` changes what the browser
/// brings back.
async fn sign_in(
    demo: &Demo,
    link: &str,
    customer: &str,
    alter: impl Fn(String) -> String,
) -> anyhow::Result<Answer> {
    let begun = answer_page(demo, link, "yes").await?;
    let (Some(page), Some(cookie)) = (begun.header("location"), begun.header("set-cookie")) else {
        return Ok(begun);
    };
    let cookie = cookie.split(';').next().unwrap().to_owned();
    let shown = get(demo.platforms, page, "").await?;
    assert_eq!(shown.status, 200, "{}", shown.text());
    let chosen = get(demo.platforms, &format!("{page}&as={customer}"), "").await?;
    let back = alter(chosen.header("location").unwrap().to_owned());
    get(demo.address, &back, &cookie).await
}

/// The address of LINE's sign-in that a new code comes with.
async fn line_link(demo: &Demo, web: &Conversation) -> anyhow::Result<String> {
    let offer = code_for(demo, web).await?;
    Ok(offer.links.into_iter().find(|one| one.channel == ChannelName::Line).unwrap().url.unwrap())
}

/// Programs that preview links open them, too: only a press on the page uses a link, and only of the browser that saw it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn looking_at_a_link_does_not_use_it() {
    async fn story() -> anyhow::Result<()> {
        let demo = Demo::start().await?;
        let (_visitor, web) = asking(&demo).await?;
        let link = async || line_link(&demo, &web).await;
        let first = link().await?;
        let path = &first[first.find("/channels").unwrap()..];
        for method in ["HEAD", "GET", "GET"] {
            let seen = call(demo.address, (method, path), &[("accept-language", "en")], b"").await?;
            assert_eq!((seen.status, seen.header("location")), (200, None), "{method}");
            assert_eq!(seen.header("cache-control"), Some("no-store"));
        }
        let page = get(demo.address, &first, "").await?;
        assert!(page.text().contains("Web chat") && page.text().contains("<form"), "{}", page.text());
        let policy = page.header("content-security-policy").unwrap().to_owned();
        let platforms = format!("form-action 'self' http://{}", demo.platforms);
        assert!(policy.contains(&platforms), "the form's answer leads to LINE's page: {policy}");
        // A form of another site has no cookie of ours.
        let body = format!(
            "link={}&proof={}&answer=yes",
            hidden(&page.text(), "link"),
            hidden(&page.text(), "proof")
        );
        for cookie in ["", "sala-line-login=x"] {
            assert_eq!(post(demo.address, &first, cookie, &body).await?.status, 400);
        }
        assert_eq!(sign_in(&demo, &first, CUSTOMER, |back| back).await?.status, 200, "still good");

        let second = link().await?;
        let declined = answer_page(&demo, &second, "no").await?;
        assert!(
            declined.status == 200 && declined.text().contains("Nothing was joined"),
            "{}",
            declined.text()
        );
        assert_eq!(get(demo.address, &second, "").await?.status, 400, "a no voids the link");
        assert_eq!(demo.app.store.merges_of(&tenant(), &web.person).await?.len(), 1);
        Ok(())
    }
    story().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn somebody_signs_in_with_line() {
    async fn story() -> anyhow::Result<()> {
        let demo = Demo::start().await?;
        let (_visitor, web) = asking(&demo).await?;
        let link = async || line_link(&demo, &web).await;
        let first = link().await?;
        for (what, alter) in [
            ("another state", (|back: String| back.replace("state=", "state=x")) as fn(String) -> String),
            ("another code", |back| back.replace("code=", "code=x")),
            ("no code", |back| back.replace("code=", "error=")),
        ] {
            let refused = sign_in(&demo, &link().await?, CUSTOMER, alter).await?;
            assert_eq!(refused.status, 400, "{what}: {}", refused.text());
        }
        assert_eq!(demo.app.store.merges_of(&tenant(), &web.person).await?, []);
        let done = sign_in(&demo, &first, CUSTOMER, |back| back).await?;
        assert!(done.status == 200 && done.text().contains("Signed in with LINE"), "{}", done.text());
        assert_eq!(sign_in(&demo, &first, CUSTOMER, |back| back).await?.status, 400, "a link is used once");
        let person = demo.app.store.person(&tenant(), &web.person).await?.unwrap();
        assert!(person.addresses.iter().any(|one| one.external_id == CUSTOMER), "{person:?}");
        let merges = demo.app.store.merges_of(&tenant(), &web.person).await?;
        assert_eq!(json!(merges[0].evidence), "line_login");
        // And goes on there at once.
        let customer = (ChannelName::Line, CUSTOMER);
        demo.act(customer.0, customer.1, &says("BK240117")).await?;
        sees(&demo, customer, 0, "BK240117").await?;
        Ok(())
    }
    story().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_signed_link_makes_the_web_visitor_the_same_person() {
    async fn story() -> anyhow::Result<()> {
        let demo = Demo::start().await?;
        let line = (ChannelName::Line, CUSTOMER);
        demo.act(line.0, line.1, &says("ของถึงไหนแล้วคะ")).await?;
        sees(&demo, line, 0, "เลขออเดอร์").await?;
        let there = newest(&demo, "line").await?;
        let offer = code_for(&demo, &there).await?;
        let url = offer.links.into_iter().find(|one| one.channel == ChannelName::Web).unwrap().url.unwrap();
        let page = get(demo.address, &url, "").await?;
        assert!(page.status == 200 && page.text().contains("web-demo"), "{}", page.text());
        assert_eq!(page.header("cache-control"), Some("no-store"));
        let token = url.split_once("link=").unwrap().1;
        let mut visitor = visitor(&demo);
        visitor.connect().await?;
        visitor.choose("c1", &format!("link/{token}x"), "Opened").await?;
        assert_ne!(newest(&demo, "web").await?.person, there.person, "a forged token");
        visitor.choose("c2", &format!("link/{token}"), "Opened").await?;
        assert_ne!(newest(&demo, "web").await?.person, there.person, "nobody has said yes");
        let yes = offered(&demo, &newest(&demo, "web").await?, "sala/confirm/").await?;
        visitor.choose("c4", &yes, "ใช่").await?;
        let web = newest(&demo, "web").await?;
        assert_eq!(web.person, there.person);
        let messages = demo.app.store.messages(&tenant(), &web.id, None, 100).await?;
        assert!(messages.iter().all(|one| !format!("{:?}", one.body).contains(token)), "{messages:#?}");
        visitor.say("c3", "BK240117").await?;
        let answered = newest(&demo, "web").await?.last_text.unwrap_or_default();
        let messages = demo.app.store.messages(&tenant(), &web.id, None, 100).await?;
        assert!(messages.iter().any(|one| one.body.summary().contains("BK240117 ออกเดินทาง")), "{answered}");
        Ok(())
    }
    story().await.unwrap();
}

/// A shop's customer who is signed in has one conversation, in whatever browser; a forged sign-in has none.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shops_own_sign_in_names_its_visitor() {
    async fn story() -> anyhow::Result<()> {
        let demo = Demo::start().await?;
        let account = demo.app.accounts.find(&engine::demo::seed::web_account()).await.unwrap();
        let exp = demo.app.store.clock().now().0 / 1_000_000 + 600;
        let token = |name| channels::web::issue_identity(&account.config, "customer 7", Some(name), exp);
        let mut first = visitor(&demo);
        first.identity = token("มะลิ");
        first.connect().await?;
        first.say("c1", "ของถึงไหนแล้วคะ").await?;
        let begun = newest(&demo, "web").await?;
        assert_eq!(begun.person_name.as_deref(), Some("มะลิ"));
        let mut second = visitor(&demo);
        second.identity = token("มะลิ");
        second.connect().await?;
        second.say("c2", "BK240117").await?;
        let gone_on = newest(&demo, "web").await?;
        assert_eq!((gone_on.id, gone_on.person), (begun.id, begun.person));
        let mut forged = visitor(&demo);
        forged.identity = token("มะลิ").map(|token| format!("{token}A"));
        assert!(forged.connect().await.is_err());
        Ok(())
    }
    story().await.unwrap();
}
