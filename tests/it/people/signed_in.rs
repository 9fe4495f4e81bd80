//! A shop's sign-in in the web chat: what ends with it, in a browser.

use tests::browser::Browser;
use tests::demo::Demo;
use tests::need;

use super::newest;
use crate::browser::watch_policy;

const CHAT: &str = "const chat = document.querySelector('sala-chat');";
/// Whose token the chat keeps.
const OWNER: &str = "JSON.parse(localStorage.getItem('sala:web-demo') || '{}').token?.split('.')[1]";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sign_in_that_ended_leaves_nothing_in_the_browser() {
    if !need("chromium") {
        return;
    }
    story().await.unwrap();
}

async fn story() -> anyhow::Result<()> {
    let demo = Demo::start().await?;
    let account = demo.app.accounts.find(&engine::demo::seed::web_account()).await.unwrap();
    let now = demo.app.store.clock().now().0 / 1_000_000;
    let token = |seconds: i64| {
        channels::web::issue_identity(&account.config, "customer 7", Some("มะลิ"), now + seconds).unwrap()
    };
    let browser = Browser::start().await?;
    let page = browser.window("signed-in", 1440, 900).await?;
    watch_policy(&page, &demo.url("/")).await?;
    page.until("the chat", "return !!document.querySelector('sala-chat')?.open").await?;
    // A token that has ended: the page is asked once, and the chat goes on as a stranger's.
    let ended = token(-10);
    page.run(&format!(
        "{CHAT} window.asked = window.ready = 0; chat.addEventListener('sala:identity', () => window.asked++); \
         chat.addEventListener('sala:ready', () => window.ready++); chat.identity = '{ended}'; chat.open(); return true"
    ))
    .await?;
    page.until("a stranger", &format!("return window.ready > 0 && !({OWNER})?.startsWith('s-')")).await?;
    assert_eq!(page.run("return window.asked").await?, 1);
    page.run(&format!("{CHAT} chat.send('hello as a stranger'); return true")).await?;
    let says = "return document.querySelector('sala-chat').shadowRoot.querySelectorAll('.m.bot').length > 0";
    page.until("an answer", says).await?;
    // A page that answers with one that has ended, again and again, makes no endless loop.
    let answer = format!(
        "{CHAT} window.ready = 0; window.given = 0; \
         chat.addEventListener('sala:identity', () => {{ chat.identity = '{ended}' + window.given++; }}); \
         chat.identity = '{ended}x'; return true"
    );
    page.run(&answer).await?;
    page.until("a stranger again", "return window.ready > 0").await?;
    assert!(page.run("return window.given").await?.as_i64().unwrap() <= 2);
    // Signed in: another conversation, and the token is the customer's.
    let good = token(600);
    page.run(&format!("{CHAT} chat.identity = '{good}'; return true")).await?;
    page.until("the customer", &format!("return !!({OWNER})?.startsWith('s-')")).await?;
    page.run(&format!("{CHAT} chat.send('hello as มะลิ'); return true")).await?;
    page.until("an answer", says).await?;
    assert_eq!(newest(&demo, "web").await?.person_name.as_deref(), Some("มะลิ"));
    // Signed out: nothing of theirs is left.
    page.run(&format!("{CHAT} chat.identity = null; return true")).await?;
    let gone = format!(
        "return !({OWNER})?.startsWith('s-') && \
         !document.querySelector('sala-chat').shadowRoot.querySelector('.log').textContent.includes('มะลิ')"
    );
    page.until("a stranger after signing out", &gone).await?;
    assert_eq!(page.run("return window.policyFaults || 0").await?, 0);
    Ok(())
}
