//! What the console shows to read, in every language, and to somebody who may only read.

use tests::browser::Browser;
use tests::demo::Demo;
use tests::need;
use tests::visitor::Visitor;

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
    let written =
        "return document.querySelector('.panel .content')?.textContent.includes('ตัวอย่างที่บอตไม่ได้อ่าน')";
    window.until("why nothing is recorded of the demo's past", written).await?;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn intents_and_entities_read_in_the_readers_language() {
    if !need("chromium") {
        return;
    }
    titles().await.unwrap();
}

async fn titles() -> anyhow::Result<()> {
    let demo = Demo::start().await?;
    let mut visitor = Visitor::new(&format!("ws://{}/channels/web-demo/socket", demo.address));
    visitor.connect().await?;
    visitor.say("c1", "ขอเช็คออเดอร์ BK240117 ค่ะ").await?;
    let browser = Browser::start().await?;
    let window = browser.window("titles", 1440, 900).await?;
    sign_in(&window, &demo, "agent").await?;
    let first =
        "const row = document.querySelector('a.row[data-place=\"0\"]'); if (row) row.click(); return !!row";
    window.until("the newest conversation", first).await?;
    for (language, intent, entity) in
        [("th", "ร้องเรียน", "เลขออเดอร์"), ("en", "Complaint", "Order number"), ("zh", "投诉", "订单号")]
    {
        let choose = format!(
            "localStorage.setItem('sala:language', '\"{language}\"'); location.reload(); return true"
        );
        window.run(&choose).await?;
        let seen = format!(
            "const text = (all) => [...document.querySelectorAll(all)].map((each) => each.textContent).join(' '); \
             return text('a.row .traits').includes('{intent}') && text('.panel dt').includes('{entity}')"
        );
        window.until(&format!("titles in {language}"), &seen).await?;
        let raw = "return document.querySelector('main, body').innerText.match(/order.number|track.order|barista.training.book|request.service.visit/)?.[0] ?? ''";
        assert_eq!(window.run(raw).await?, "", "{language}");
        window.picture(&format!("console-{language}-1440")).await?;
    }
    Ok(())
}
