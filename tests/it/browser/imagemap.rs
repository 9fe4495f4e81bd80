//! A picture with areas, written and compared in the console.

use anyhow::ensure;
use tests::browser::{Browser, Window};
use tests::demo::Demo;
use tests::need;

use super::channels::{pictures, speak};
use super::sign_in;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_with_areas_is_written_and_compared() {
    if !need("chromium") {
        return;
    }
    comparing().await.unwrap();
}

async fn comparing() -> anyhow::Result<()> {
    let demo = Demo::start().await?;
    let browser = Browser::start().await?;
    let window = browser.window("imagemap", 1440, 900).await?;
    sign_in(&window, &demo, "admin").await?;
    window.run("location.hash = '#/channels'").await?;
    for language in ["th", "en"] {
        speak(&window, language).await?;
        window.until("the form", "return !!document.querySelector('.reply-add')").await?;
        window.run("[...document.querySelectorAll('.reply-add button')].at(-1).click()").await?;
        let fields = "return !!document.activeElement.closest('.reply-part:last-of-type') \
                      && document.querySelectorAll('.imagemap-sides').length === 3";
        window.until("the fields of a picture", fields).await?;
        write(&window).await?;
        let outlined = "document.querySelector('.preview-form .show').click(); \
                        return document.querySelectorAll('.previews .imagemap rect').length >= 2";
        window.until("a picture with its areas", outlined).await?;
        let named = "return [...document.querySelectorAll('.previews > li')].filter((each) => \
                     !each.textContent.includes('กาแฟ') || !each.textContent.includes('Shop')).length";
        ensure!(window.run(named).await? == 0, "an area is lost");
        pictures(&window, "imagemap", language).await?;
        window.run("document.querySelector('.imagemap-sides').scrollIntoView({ block: 'center' })").await?;
        window.picture(&format!("channel-imagemap-form-{language}")).await?;
    }
    Ok(())
}

/// Fills in the fields one after another: each waits until what was written before is there.
async fn write(window: &Window) -> anyhow::Result<()> {
    let part = "const part = document.querySelector('.reply-part:last-of-type'); \
                const put = (field, words) => { field.value = words; field.dispatchEvent(new Event('input', { bubbles: true })); }; ";
    let area = |place: usize| format!("[...part.querySelectorAll('.one-card')][{place}]");
    let steps = [
        "put(part.querySelector('input[type=url]'), 'https://shop.example/menu.png')".to_owned(),
        "put(part.querySelector('input[maxlength=\"400\"]'), 'เลือกได้เลยค่ะ')".to_owned(),
        format!("put({}.querySelector('input[maxlength=\"50\"]'), 'กาแฟ')", area(0)),
        format!("put({}.querySelector('input[maxlength=\"400\"]'), 'ขอกาแฟ')", area(0)),
        format!("put({}.querySelector('input[maxlength=\"50\"]'), 'Shop')", area(1)),
        format!("put({}.querySelector('input[maxlength=\"400\"]'), 'ไปที่ร้าน')", area(1)),
    ];
    for step in steps {
        window
            .run(&format!("{part}{step}; return new Promise((done) => setTimeout(() => done(true), 0))"))
            .await?;
    }
    Ok(())
}
