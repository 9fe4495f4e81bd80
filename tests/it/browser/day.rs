//! A day at the thread: where it stands, what is told once, whose a conversation is, and what the keyboard reaches.

use anyhow::{Context, ensure};
use channels::simulator::CustomerAct;
use channels::{ChannelName, Location, MediaKind};
use serde_json::{Value, json};
use tests::browser::{Browser, Window};
use tests::demo::Demo;
use tests::need;

use super::channels::{contains, pictures, says, speak};
use super::sign_in;

const CUP: &[u8] = include_bytes!("cup.png");
const READER: &str = "4400001";
const COMMENTER: &str = "4400002";
const FAN: &str = "4400003";
const COLLEAGUE: &str = "U4400004aaaabbbbccccddddeeeeffff0";
const LANGUAGES: [&str; 3] = ["en", "zh", "th"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_thread_stays_where_it_is_read() {
    if !need("chromium") {
        return;
    }
    reading().await.unwrap();
}

async fn reading() -> anyhow::Result<()> {
    let demo = Demo::start().await?;
    for number in 0..12 {
        act(&demo, ChannelName::Telegram, READER, &says(&format!("ข้อความที่ {number} ค่ะ"))).await?;
    }
    for _ in 0..2 {
        act(&demo, ChannelName::Telegram, READER, &picture()).await?;
    }
    act(&demo, ChannelName::Telegram, READER, &place()).await?;
    let browser = Browser::start().await?;
    let window = browser.window("day", 1440, 900).await?;
    sign_in(&window, &demo, "agent").await?;
    open(&window, READER).await?;
    let loaded = "return [...document.querySelectorAll('.picture img')].filter((each) => each.complete && each.naturalWidth > 0).length === 2";
    window.until("both pictures", loaded).await?;
    window.until("the end of the thread", &below("< 3")).await?;
    map(&window).await?;
    holds(&demo, &window).await?;
    toolbar(&window).await?;
    taken_back(&demo, &window).await?;
    panel(&window).await
}

/// The map is a link, and nothing is loaded from outside for it.
async fn map(window: &Window) -> anyhow::Result<()> {
    let link = "const link = document.querySelector('.spot .maps a'); return link.rel.includes('noopener') && link.href.startsWith('https://www.openstreetmap.org/?mlat=18.7883') \
                && document.querySelector('.spot .on-phone').getAttribute('href').startsWith('geo:18.7883,98.9853')";
    ensure!(window.run(link).await? == Value::Bool(true), "no map");
    Ok(())
}

/// Who reads above stays there, whatever grows or comes; one's own words bring the end back.
async fn holds(demo: &Demo, window: &Window) -> anyhow::Result<()> {
    window.run("const log = document.querySelector('.log'); log.scrollTop = log.scrollHeight / 2").await?;
    window.until("the way to the latest", "return !!document.querySelector('.to-latest')").await?;
    let where_it_is = "const log = document.querySelector('.log'), top = log.getBoundingClientRect().top; \
        const seen = [...log.querySelectorAll('[data-message]')].find((each) => each.getBoundingClientRect().bottom > top); \
        window.seen = window.seen ?? seen.dataset.message; \
        return log.querySelector(`[data-message=\"${window.seen}\"]`).getBoundingClientRect().top - top";
    let before = window.run(where_it_is).await?.as_f64().context("no place")?;
    let grow = "const first = document.querySelector('.messages [data-message]'); first.style.minHeight = `${first.offsetHeight + 300}px`; return true";
    window.run(grow).await?;
    act(demo, ChannelName::Telegram, READER, &says("มาใหม่ค่ะ")).await?;
    window.until("the new message", &contains("article.customer", "มาใหม่ค่ะ")).await?;
    let after = window.run(where_it_is).await?.as_f64().context("no place")?;
    ensure!((before - after).abs() < 2.0, "what was read moved from {before} to {after}");
    write(window, "เห็นแล้วค่ะ").await?;
    window.until("one's own words", &contains("article.agent", "เห็นแล้วค่ะ")).await?;
    window.until("the end again", &below("< 3")).await?;
    Ok(())
}

fn below(limit: &str) -> String {
    format!(
        "const log = document.querySelector('.log'); return log.scrollHeight - log.scrollTop - log.clientHeight {limit}"
    )
}

/// One stop of the Tab key, arrows within, and the focus back where it was.
async fn toolbar(window: &Window) -> anyhow::Result<()> {
    let press = |key: &str| {
        format!(
            "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {{ key: '{key}', bubbles: true }})); return true"
        )
    };
    let focus = "const bar = [...document.querySelectorAll('article.customer .act-buttons')].at(-1); bar.querySelector('button').focus(); \
        return [...bar.querySelectorAll('button')].filter((each) => each.tabIndex === 0).length === 1";
    window.until("one stop", focus).await?;
    let seen = "const bar = document.activeElement.closest('.act-buttons'); return getComputedStyle(bar).opacity === '1' && getComputedStyle(bar).flexDirection === 'row'";
    window.until("the tools are seen", seen).await?;
    window.run(&press("ArrowRight")).await?;
    window.until("the next tool", "return document.activeElement.dataset.act === 'quote'").await?;
    window.run(&press("ArrowLeft")).await?;
    window.run("document.activeElement.click()").await?;
    window.until("the emoji", "return !!document.activeElement.closest('.picker')").await?;
    window.client.set_window_size(390, 844).await?;
    let free = "const bar = document.querySelector('.picker').getBoundingClientRect(); const way = document.querySelector('.to-latest'); \
        return !way || getComputedStyle(way).display === 'none' || way.getBoundingClientRect().top > bar.bottom";
    window.until("nothing lies over the emoji", free).await?;
    window.picture("day-picker-390").await?;
    window.client.set_window_size(1440, 900).await?;
    window.run(&press("Escape")).await?;
    let back = "return !document.querySelector('.picker') && document.activeElement.dataset.act === 'react'";
    window.until("the focus where it was", back).await?;
    Ok(())
}

/// What was taken back says so once, and not that it was sent.
async fn taken_back(demo: &Demo, window: &Window) -> anyhow::Result<()> {
    const REGRETTED: &str = "เบอร์บ้านหนู 02-111-2222";
    let open_delete = "const all = [...document.querySelectorAll('article.agent')]; \
        if (document.querySelector('.certainly')) return true; all.at(-1)?.querySelector('[data-act=delete]')?.click(); return false";
    window.until("whether it is meant", open_delete).await?;
    window.run("document.querySelector('.certainly .danger').click()").await?;
    let gone = "const last = [...document.querySelectorAll('article.agent')].at(-1); \
                return !!last.querySelector('.gone') && !last.querySelector('.state') && last.contains(document.activeElement)";
    window.until("taken back, no longer sent, and the focus stays", gone).await?;
    act(demo, ChannelName::Messenger, READER, &says(REGRETTED)).await?;
    let lines = demo.lines(ChannelName::Messenger, READER).await?;
    let line = lines.iter().find(|line| line["text"] == REGRETTED).and_then(|line| line["id"].as_str());
    let line = line.context("the line is not there")?.to_owned();
    act(demo, ChannelName::Messenger, READER, &CustomerAct::Deletes { line }).await?;
    let open = format!(
        "const row = [...document.querySelectorAll('a.row')].find((each) => each.textContent.includes('{READER}') && each.querySelector('.traits span').textContent === 'Messenger'); \
         if (row) row.click(); return !!row && !!document.querySelector('article.customer .gone')"
    );
    window.until("what the customer took back", &open).await?;
    let told = "return document.querySelectorAll('article.customer .gone').length + [...document.querySelectorAll('p.event')].filter((each) => each.textContent.includes('ลบ')).length";
    ensure!(window.run(told).await? == json!(1), "it is told twice");
    Ok(())
}

/// On a narrow window the panel has a way back, by button and by key, and a window that narrows shows the thread.
async fn panel(window: &Window) -> anyhow::Result<()> {
    window.until("the panel beside the thread", "return !!document.querySelector('.panel')").await?;
    window.client.set_window_size(390, 844).await?;
    window.until("the thread alone", "return !document.querySelector('.panel')").await?;
    for leave in [
        "document.querySelector('.panel header .ghost').click()",
        "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))",
    ] {
        window.run("document.querySelector('#panel-toggle').click()").await?;
        window.until("the focus in the panel", "return !!document.activeElement.closest('.panel')").await?;
        window.run(leave).await?;
        let back = "return !document.querySelector('.panel') && document.activeElement.id === 'panel-toggle'";
        window.until("the thread and its button", back).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn comments_stories_and_colleagues_have_their_place() {
    if !need("chromium") {
        return;
    }
    places().await.unwrap();
}

async fn places() -> anyhow::Result<()> {
    let demo = Demo::start().await?;
    let comment = CustomerAct::Comments { text: "ราคาเท่าไหร่คะ".to_owned() };
    act(&demo, ChannelName::Messenger, COMMENTER, &comment).await?;
    let story = CustomerAct::RepliesToStory { text: "น่ากินมาก".to_owned() };
    act(&demo, ChannelName::Instagram, FAN, &story).await?;
    act(&demo, ChannelName::Line, COLLEAGUE, &says("ขอคุยกับพนักงาน")).await?;
    let browser = Browser::start().await?;
    let window = browser.window("places", 1440, 900).await?;
    sign_in(&window, &demo, "agent").await?;
    unanswered(&window).await?;
    seen_story(&window).await?;
    own_address(&demo, &window).await?;
    for language in LANGUAGES {
        speak(&window, language).await?;
        pictures(&window, "day-colleague", language).await?;
    }
    unlinked(&window).await
}

/// A comment waits under its own tab until somebody answers it.
async fn unanswered(window: &Window) -> anyhow::Result<()> {
    window.until("the count", &contains(".list .tabs button:nth-child(3)", "1")).await?;
    window.run("document.querySelector('.list .tabs button:nth-child(3)').click()").await?;
    let row = "const all = document.querySelectorAll('a.row'); if (all.length !== 1) return false; all[0].click(); return !!all[0].querySelector('.owner.comment')";
    window.until("the comment alone", row).await?;
    for language in LANGUAGES {
        speak(window, language).await?;
        window.until("who must act", "return !!document.querySelector('.control.waiting')").await?;
        pictures(window, "day-comment", language).await?;
    }
    write(window, "250 บาทค่ะ").await?;
    let answered = "return document.querySelectorAll('a.row').length === 0 && document.querySelector('.list .tabs button:nth-child(3) b').textContent === '0'";
    window.until("no comment waits", answered).await?;
    window.run("document.querySelector('.list .tabs button:nth-child(4)').click()").await?;
    Ok(())
}

/// A story is seen while it lasts.
async fn seen_story(window: &Window) -> anyhow::Result<()> {
    open(window, FAN).await?;
    let picture = "const image = document.querySelector('.story img'); return !!image && image.complete && image.naturalWidth === 90";
    window.until("the story", picture).await?;
    let kept = "return fetch(document.querySelector('.story img').src).then((answer) => answer.headers.get('cache-control'))";
    ensure!(window.run(kept).await? == json!("no-store"), "a story must not be kept");
    let other = "const id = document.querySelector('article.bot').dataset.message; return fetch(`/api/v1/messages/${id}/story`).then((answer) => answer.status)";
    ensure!(window.run(other).await? == json!(404), "there is no story in our answer");
    pictures(window, "day-story", "th").await?;
    let age = "return import('/console/store.js').then(({ thread, selectedId, takeMessage }) => { \
        const message = thread.value.messages.find(({ parts }) => parts[0].type === 'story_reply'); \
        takeMessage(selectedId.value, { ...message, at: message.at - 25 * 3600000 }); return true; })";
    window.run(age).await?;
    window
        .until(
            "its end",
            "return !!document.querySelector('.story .gone') && !document.querySelector('.story img')",
        )
        .await?;
    Ok(())
}

/// A colleague's own address is marked, and does not count among those who wait.
async fn own_address(demo: &Demo, window: &Window) -> anyhow::Result<()> {
    let waiting = "return Number(document.querySelector('.list .tabs button:nth-child(2) b').textContent)";
    open(window, COLLEAGUE).await?;
    window.until("somebody waits", "return !!document.querySelector('.control.waiting')").await?;
    let before = window.run(waiting).await?.as_i64().context("no count")?;
    let code = "return import('/console/api.js').then(({ post }) => post('me/addresses')).then(({ offer }) => offer.code)";
    let code = window.run(code).await?;
    act(demo, ChannelName::Line, COLLEAGUE, &says(code.as_str().context("no code")?)).await?;
    let marked = "return !!document.querySelector('.head .colleague') && !!document.querySelector('a.row.selected .colleague')";
    window.until("the mark of a colleague", marked).await?;
    let now = window.run(waiting).await?.as_i64().context("no count")?;
    ensure!(now == before - 1, "{before} waited, {now} wait");
    Ok(())
}

/// What is removed leaves the focus beside it, and a closed dialog gives it back.
async fn unlinked(window: &Window) -> anyhow::Result<()> {
    window
        .run("const open = document.querySelector('.rail button.avatar'); open.focus(); open.click()")
        .await?;
    let unlink = "const button = document.querySelector('.my-channels li button'); button?.focus(); button?.click(); return !!button";
    window.until("the address in the settings", unlink).await?;
    let near = "return !document.querySelector('.my-channels li') && !!document.activeElement.closest('.my-channels')";
    window.until("the focus beside what was removed", near).await?;
    window.run("document.querySelector('dialog').close()").await?;
    window
        .until("the focus where it was", "return document.activeElement.matches('.rail button.avatar')")
        .await?;
    window.until("a customer again", "return !document.querySelector('.head .colleague')").await?;
    Ok(())
}

async fn act(demo: &Demo, channel: ChannelName, customer: &str, act: &CustomerAct) -> anyhow::Result<()> {
    ensure!(demo.act(channel, customer, act).await?, "{act:?}");
    Ok(())
}

fn picture() -> CustomerAct {
    CustomerAct::Sends {
        kind: MediaKind::Image,
        name: "cup.png".to_owned(),
        mime: "image/png".to_owned(),
        bytes: CUP.to_vec(),
        caption: None,
    }
}

fn place() -> CustomerAct {
    let location = Location {
        latitude: 18.7883,
        longitude: 98.9853,
        title: Some("ประตูท่าแพ".to_owned()),
        address: Some("เชียงใหม่".to_owned()),
    };
    CustomerAct::SendsLocation { location }
}

/// Opens the conversation of whoever is called so.
async fn open(window: &Window, name: &str) -> anyhow::Result<()> {
    let click = format!(
        "const row = [...document.querySelectorAll('a.row')].find((each) => each.querySelector('.name').textContent.includes('{name}')); \
         if (row) row.click(); return !!row && document.querySelector('.head h2')?.textContent.includes('{name}') && document.querySelectorAll('article.customer').length > 0"
    );
    window.until(&format!("the conversation of {name}"), &click).await?;
    Ok(())
}

async fn write(window: &Window, text: &str) -> anyhow::Result<()> {
    let script = format!(
        "const field = document.querySelector('#composer'); if (!field) return false; field.value = '{text}'; \
         field.dispatchEvent(new Event('input', {{ bubbles: true }})); return true"
    );
    window.until("the composer", &script).await?;
    let send = "const button = document.querySelector('.composer .foot button'); const ready = !button.disabled; \
                if (ready) button.click(); return ready";
    window.until("sending", send).await?;
    Ok(())
}
