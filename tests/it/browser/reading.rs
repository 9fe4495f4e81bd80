//! The console of somebody who may read and not reply.

use tests::browser::Browser;
use tests::demo::Demo;
use tests::need;

use super::sign_in;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_may_only_read_is_told_so_and_offered_nothing_else() {
    if !need("chromium") {
        return;
    }
    reading().await.unwrap();
}

async fn reading() -> anyhow::Result<()> {
    let demo = Demo::start().await?;
    let browser = Browser::start().await?;
    let window = browser.window("reader", 1440, 900).await?;
    sign_in(&window, &demo, "sales_rep").await?;
    let open = "const row = [...document.querySelectorAll('a.row')].find((each) => each.querySelector('.owner:not(.waiting):not(.agent)')); \
                if (row) row.click(); return !!row";
    window.until("a conversation of the bot's", open).await?;
    let control = "return document.querySelector('.control.bot')?.textContent ?? ''";
    let control = window.until("who owns it", control).await?.to_string();
    assert!(control.contains("อ่านได้อย่างเดียว") && !control.contains("รับเรื่อง"), "{control}");
    let buttons = "return document.querySelectorAll('.control button, textarea').length";
    assert_eq!(window.run(buttons).await?, 0);
    window.run("document.dispatchEvent(new KeyboardEvent('keydown', { code: 'Slash', key: '?', shiftKey: true, bubbles: true }))").await?;
    let help = window
        .until("the help", "return document.querySelector('dialog, [role=dialog]')?.textContent ?? ''")
        .await?;
    assert!(!help.to_string().contains("รับเรื่อง"), "{help}");
    window.picture("console-reader-1440").await?;
    Ok(())
}
