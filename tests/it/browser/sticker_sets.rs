//! A sticker in a written reply, while the sets of stickers are still on their way.

use anyhow::ensure;
use tests::browser::{Browser, Window};
use tests::demo::Demo;
use tests::need;

use super::channels::{pictures, speak};
use super::sign_in;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sticker_is_not_dropped_while_its_sets_load() {
    if !need("chromium") {
        return;
    }
    loading().await.unwrap();
}

/// Holds back the sets until `window.release()` is called; `false` lets the request fail instead.
const HOLD: &str = "const fetched = window.fetch; \
    window.fetch = (path, ...rest) => String(path).endsWith('/stickers') \
        ? new Promise((done, fail) => { window.release = (well) => { \
            window.fetch = fetched; well ? done(fetched(path, ...rest)) : fail(new TypeError('held')); }; }) \
        : fetched(path, ...rest); return true";

async fn write(window: &Window) -> anyhow::Result<()> {
    window.run("[...document.querySelectorAll('.reply-add button')].at(-2).click()").await?;
    let loads = "return !!document.querySelector('.reply-part:last-of-type [role=status]')";
    window.until("that the sets load", loads).await?;
    window.run("document.querySelector('.preview-form .show').click()").await?;
    Ok(())
}

async fn loading() -> anyhow::Result<()> {
    let demo = Demo::start().await?;
    let browser = Browser::start().await?;
    let window = browser.window("sticker-sets", 1440, 900).await?;
    sign_in(&window, &demo, "admin").await?;
    window.run("location.hash = '#/channels'").await?;
    for language in ["en", "th"] {
        speak(&window, language).await?;
        window.until("the form", "return !!document.querySelector('.reply-add')").await?;
        shown_once_loaded(&window, language).await?;
    }
    Ok(())
}

async fn shown_once_loaded(window: &Window, language: &str) -> anyhow::Result<()> {
    let nothing = async |window: &Window| {
        let shown = window.run("return document.querySelectorAll('.previews > li').length").await?;
        ensure!(shown == 0, "a reply was shown without its sticker");
        anyhow::Ok(())
    };
    window.run(HOLD).await?;
    write(window).await?;
    window.run("window.release(false)").await?;
    let told = "return !!document.querySelector('.reply-part:last-of-type [role=alert]')";
    window.until("why there are no sets", told).await?;
    nothing(window).await?;
    pictures(window, "sticker-failed", language).await?;
    window.run(HOLD).await?;
    window.run("document.querySelector('.reply-part:last-of-type > button.plain').click()").await?;
    let loads = "return !!document.querySelector('.reply-part:last-of-type [role=status]')";
    window.until("that the sets load again", loads).await?;
    window.run("document.querySelector('.preview-form .show').click()").await?;
    nothing(window).await?;
    window.run("window.release(true)").await?;
    let everywhere = "const all = [...document.querySelectorAll('.previews > li')]; \
        return all.length >= 6 && all.every((each) => each.textContent.includes('Brown & Cony'))";
    window.until("the sticker or its words on every channel", everywhere).await?;
    pictures(window, "sticker", language).await
}
