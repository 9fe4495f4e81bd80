//! An agent's desk by keyboard: the list, the tabs, the person's panel, and what asks before it is done.

use tests::browser::{Browser, Window};
use tests::demo::Demo;
use tests::need;
use tests::visitor::Visitor;

use super::sign_in;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_focus_stays_where_somebody_works_and_the_panel_tells_of_the_person() {
    if !need("chromium") {
        return;
    }
    desk().await.unwrap();
}

async fn desk() -> anyhow::Result<()> {
    let demo = Demo::start().await?;
    let mut visitor = Visitor::new(&format!("ws://{}/channels/web-demo/socket", demo.address));
    visitor.connect().await?;
    visitor.say("c1", "สวัสดีค่ะ").await?;
    let browser = Browser::start().await?;
    let window = browser.window("desk", 1440, 900).await?;
    sign_in(&window, &demo, "admin").await?;
    by_keys(&window).await?;
    person(&window).await?;
    pages(&window).await?;
    assert_eq!(window.run("return window.policyFaults").await?, 0);
    Ok(())
}

async fn by_keys(window: &Window) -> anyhow::Result<()> {
    let first = "const row = document.querySelector('a.row[data-place=\"0\"]'); row?.click(); row?.focus(); return document.activeElement === row";
    window.until("the first row", first).await?;
    window.until("its thread", "return !!document.querySelector('#composer')").await?;
    window.run("document.querySelector('a.row[data-place=\"0\"]').focus()").await?;
    window.run("document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { code: 'KeyJ', key: 'j', altKey: true, bubbles: true }))").await?;
    let stays = "return document.querySelector('a.row.selected')?.dataset.place === '1' && document.activeElement?.dataset?.place === '1' && !!document.querySelector('#composer')";
    window.until("the focus on the next row", stays).await?;
    let tab = "return document.querySelector('[role=tab][aria-selected=true]')?.id";
    assert_eq!(window.run(tab).await?, "mode-reply");
    window.run("document.querySelector('#mode-reply').focus(); document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }))").await?;
    window.until("the other tab", "return document.activeElement?.id === 'mode-note' && document.activeElement.ariaSelected === 'true'").await?;
    assert_eq!(window.accessibility_faults().await?, Vec::<String>::new());
    Ok(())
}

async fn person(window: &Window) -> anyhow::Result<()> {
    window.run("document.querySelector('a.row[data-place=\"0\"]').click()").await?;
    let panel = "if (!document.querySelector('.panel')) document.querySelector('header.head button[aria-pressed]')?.click(); \
                 document.querySelectorAll('.panel .tabs button')[1]?.click(); return !!document.querySelector('.others-of')";
    window.until("the person", panel).await?;
    window
        .until("no other talk", "return document.querySelector('.others-of')?.textContent.includes('ไม่มี')")
        .await?;
    let name = "return document.querySelector('a.row.selected .name').textContent === document.querySelector('.person h3').textContent && document.querySelector('.person h3').textContent";
    let name = window.until("one name", name).await?.to_string();
    assert!(regex_sign(&name), "{name}");
    window.run("const language = document.querySelector('.facts select'); language.value = 'zh'; language.dispatchEvent(new Event('change', { bubbles: true }))").await?;
    window
        .until(
            "the language in the list",
            "return document.querySelector('a.row.selected .traits')?.textContent.includes('จีน')",
        )
        .await?;
    window.picture("console-person-th-1440").await?;
    assert_eq!(window.accessibility_faults().await?, Vec::<String>::new());
    Ok(())
}

/// `Guest 4F2A`, in Thai.
fn regex_sign(name: &str) -> bool {
    let sign = name.trim_matches('"').rsplit(' ').next().unwrap_or_default();
    name.contains("ผู้เยี่ยมชม") && sign.len() == 4 && sign == sign.to_uppercase()
}

async fn pages(window: &Window) -> anyhow::Result<()> {
    window.run("location.hash = '#/channels'").await?;
    window.until("the accounts", "return document.querySelectorAll('.account').length === 6").await?;
    window.run("document.querySelector('.skip').click()").await?;
    window.until("the page's heading", "return document.activeElement?.matches('main h2')").await?;
    window.run("location.hash = '#/channels/line-demo/line'").await?;
    let lived = "return [...document.querySelectorAll('.figures table')].filter((each) => /[1-9]/.test(each.querySelector('td')?.textContent ?? '')).length >= 4";
    window.until("figures of a shop that lives", lived).await?;
    window.run("document.querySelector('.figures').scrollIntoView()").await?;
    window.picture("console-line-figures-th-1440").await?;
    Ok(())
}
