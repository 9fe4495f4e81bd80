//! What the chat on a shop's page says when the shop switches it off or takes it away.

use engine::account_change::{self, Wanted};
use engine::ids::ChannelAccountId;
use tests::browser::{Browser, Window};
use tests::demo::Demo;
use tests::need;

use super::watch_policy;

const STATUS: &str =
    "document.querySelector('sala-chat').shadowRoot.querySelector('.head [role=status]').textContent";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_reads_what_has_become_of_the_chat() {
    if !need("chromium") {
        return;
    }
    let demo = Demo::start().await.unwrap();
    let browser = Browser::start().await.unwrap();
    let thai = opened(&browser, &demo, "th", (390, 844)).await.unwrap();
    let english = opened(&browser, &demo, "en", (1440, 900)).await.unwrap();
    let id = ChannelAccountId::from_text("web-demo");
    let switch = async |enabled: bool| {
        let account = account_change::fresh(&demo.app, &id).await.unwrap().unwrap();
        let wanted = Wanted { enabled: Some(enabled), ..Wanted::default() };
        account_change::change(&demo.app, &account, wanted, "test").await.unwrap();
    };
    switch(false).await;
    says(&thai, "ร้านปิดแชตชั่วคราว").await;
    says(&english, "switched off for now").await;
    english.run("document.querySelector('sala-chat').send('Are you there?')").await.unwrap();
    english.picture("widget-off-en-1440").await.unwrap();
    thai.picture("widget-off-th-390").await.unwrap();
    assert_eq!(english.accessibility_faults().await.unwrap(), Vec::<String>::new());
    switch(true).await;
    says(&thai, "เชื่อมต่อแล้ว").await;
    let answered = "return !!document.querySelector('sala-chat').shadowRoot.querySelector('.m.bot')";
    english.until("the answer to what waited", answered).await.unwrap();

    let account = account_change::fresh(&demo.app, &id).await.unwrap().unwrap();
    account_change::remove(&demo.app, &account, "test").await.unwrap();
    says(&thai, "แชตนี้ปิดแล้ว").await;
    says(&english, "was closed").await;
    let shut = "return document.querySelector('sala-chat').shadowRoot.querySelector('textarea').disabled";
    assert_eq!(english.run(shut).await.unwrap(), true, "nothing can be written any more");
    english.picture("widget-closed-en-1440").await.unwrap();
    thai.picture("widget-closed-th-390").await.unwrap();
    assert_eq!(thai.accessibility_faults().await.unwrap(), Vec::<String>::new());
}

async fn opened(
    browser: &Browser,
    demo: &Demo,
    lang: &str,
    (width, height): (u32, u32),
) -> anyhow::Result<Window> {
    let window = browser.window(lang, width, height).await?;
    watch_policy(&window, &demo.url("/")).await?;
    window.until("the chat", "return !!document.querySelector('sala-chat')?.open").await?;
    let open = format!(
        "const chat = document.querySelector('sala-chat'); chat.lang = '{lang}'; chat.open(); return true"
    );
    window.run(&open).await?;
    let ready = format!("return /Connected|เชื่อมต่อแล้ว/.test({STATUS})");
    window.until("the connection", &ready).await?;
    Ok(window)
}

async fn says(window: &Window, words: &str) {
    window.until(words, &format!("return {STATUS}.includes('{words}')")).await.unwrap();
}
