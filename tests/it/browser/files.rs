//! Files both ways, as people see them: chosen, pasted, looked at, sent and there after a reload.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tests::browser::{Browser, Window};
use tests::demo::Demo;
use tests::need;

use super::{sign_in, watch_policy};

const PNG: &[u8] = include_bytes!("cup.png");
const ROOT: &str = "document.querySelector('sala-chat').shadowRoot";

/// A script that makes `files` of a name and what is in it.
fn chosen(files: &[(&str, &str, &[u8])]) -> String {
    let each = files.iter().map(|(name, kind, bytes)| {
        let bytes = BASE64_STANDARD.encode(bytes);
        format!("data.items.add(new File([Uint8Array.from(atob('{bytes}'), (c) => c.charCodeAt(0))], '{name}', {{ type: '{kind}' }}));")
    });
    format!("const data = new DataTransfer(); {}", each.collect::<String>())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slip_goes_to_the_shop_and_a_menu_comes_back() {
    if !need("chromium") {
        return;
    }
    both_ways().await.unwrap();
}

async fn both_ways() -> anyhow::Result<()> {
    let demo = Demo::start().await?;
    let browser = Browser::start().await?;
    let customer = browser.window("customer", 390, 844).await?;
    visit(&customer, &demo, "th").await?;
    chosen_by_customer(&customer).await?;
    let arrived = format!(
        "const image = {ROOT}.querySelector('.m.customer img'); return image?.naturalWidth > 0 && \
         {ROOT}.querySelector('.m.customer .part').textContent.includes('โอนแล้วค่ะ')"
    );
    customer.until("the picture in the chat", &arrived).await?;
    let refused = format!("return {ROOT}.querySelector('.tray em')?.textContent ?? ''");
    assert_eq!(customer.until("what cannot be sent", &refused).await?, "ส่งไฟล์ชนิดนี้ไม่ได้");
    customer.run("location.reload()").await?;
    visit(&customer, &demo, "th").await?;
    customer.until("the picture after a reload", &arrived).await?;
    customer.picture("widget-files-sent-th-390").await?;

    let window = browser.window("agent", 1440, 900).await?;
    sign_in(&window, &demo, "agent").await?;
    window.run("document.querySelector('a.row[data-place=\"0\"]').click()").await?;
    window
        .until("the slip", "return document.querySelector('.message.customer img')?.naturalWidth > 0")
        .await?;
    let paste = format!(
        "{} document.querySelector('#composer').dispatchEvent(new ClipboardEvent('paste', {{ clipboardData: data, bubbles: true, cancelable: true }})); return true",
        chosen(&[("เมนู.png", "image/png", PNG), ("ราคา.csv", "text/csv", b"a,b")])
    );
    window.until("the composer", "return !!document.querySelector('#composer')").await?;
    window.run(&paste).await?;
    window
        .until("both are ready", "return document.querySelectorAll('.attached li.ready').length === 2")
        .await?;
    window.picture("console-files-th-1440").await?;
    assert_eq!(window.accessibility_faults().await?, Vec::<String>::new());
    window.run("document.querySelectorAll('.attached .ghost')[1].click()").await?;
    window.until("one is left", "return document.querySelectorAll('.attached li').length === 1").await?;
    window.run("document.querySelector('.composer .foot .primary').click()").await?;
    window
        .until(
            "the menu in the thread",
            "return document.querySelector('.message.agent img')?.naturalWidth > 0",
        )
        .await?;
    let menu = format!("return {ROOT}.querySelector('.m.agent img')?.naturalWidth > 0");
    customer.until("the menu at the customer's", &menu).await?;
    customer.picture("widget-files-menu-th-390").await?;
    assert_eq!(customer.run("return window.policyFaults").await?, 0);
    assert_eq!(window.run("return window.policyFaults").await?, 0);
    in_every_language(&window, &paste).await
}

async fn chosen_by_customer(customer: &Window) -> anyhow::Result<()> {
    let attach = format!(
        "{} const input = {ROOT}.querySelector('input[type=file]'); input.files = data.files; \
         input.dispatchEvent(new Event('change')); const field = {ROOT}.querySelector('textarea'); \
         field.value = 'โอนแล้วค่ะ'; return true",
        chosen(&[("สลิป.png", "image/png", PNG), ("note.exe", "", b"MZ")])
    );
    customer.run(&attach).await?;
    let waiting = format!("return {ROOT}.querySelectorAll('.tray li').length === 2");
    customer.until("both files before sending", &waiting).await?;
    customer.picture("widget-files-th-390").await?;
    assert_eq!(customer.accessibility_faults().await?, Vec::<String>::new());
    customer.run(&format!("{ROOT}.querySelector('form button:last-of-type').click()")).await?;
    Ok(())
}

async fn in_every_language(window: &Window, paste: &str) -> anyhow::Result<()> {
    for (language, width) in [("en", 1440), ("zh", 390)] {
        let choose = format!(
            "localStorage.setItem('sala:language', '\"{language}\"'); location.reload(); return true"
        );
        window.run(&choose).await?;
        window.client.set_window_size(width, 844).await?;
        window.until("the composer again", "return !!document.querySelector('#composer')").await?;
        window.run(paste).await?;
        window
            .until("both again", "return document.querySelectorAll('.attached li.ready').length === 2")
            .await?;
        window.picture(&format!("console-files-{language}-{width}")).await?;
    }
    Ok(())
}

async fn visit(window: &Window, demo: &Demo, lang: &str) -> anyhow::Result<()> {
    watch_policy(window, &demo.url("/")).await?;
    window.until("the chat", "return !!document.querySelector('sala-chat')?.open").await?;
    let open = format!(
        "const chat = document.querySelector('sala-chat'); chat.lang = '{lang}'; chat.open(); return true"
    );
    window.run(&open).await?;
    let offered = format!(
        "const clip = {ROOT}.querySelector('.clip'); return clip && !clip.hidden && clip.title.includes('20 MB')"
    );
    window.until("the attach button", &offered).await?;
    Ok(())
}
