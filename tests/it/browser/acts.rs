//! What an agent does to messages and comments, with the customer's screen beside it.

use std::time::{Duration, Instant};

use anyhow::ensure;
use channels::ChannelName;
use channels::simulator::CustomerAct;
use serde_json::Value;
use tests::browser::{Browser, Window};
use tests::demo::Demo;
use tests::need;

use super::channels::{contains, pictures, says, speak};
use super::sign_in;

const PATIENCE: Duration = Duration::from_secs(20);
const PERSON: &str = "4300001";
const AUTHOR: &str = "4300002";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn messages_and_comments_are_acted_upon() {
    if !need("chromium") {
        return;
    }
    acting().await.unwrap();
}

async fn acting() -> anyhow::Result<()> {
    let demo = Demo::start().await?;
    let browser = Browser::start().await?;
    let window = browser.window("acts", 1440, 900).await?;
    sign_in(&window, &demo, "agent").await?;
    on_telegram(&demo, &window).await?;
    below_a_post(&demo, &window).await
}

/// React, change our mind, reply with a quote, correct it, and take it back.
async fn on_telegram(demo: &Demo, window: &Window) -> anyhow::Result<()> {
    demo.act(ChannelName::Telegram, PERSON, &says("สวัสดีค่ะ")).await?;
    open(window, PERSON).await?;
    window.until("the panel", "return !!document.querySelector('.panel')").await?;
    window.run("document.querySelector('.panel header .ghost').click()").await?;
    press(window, "article.customer", "positive").await?;
    window.until("the reactions", "return document.querySelectorAll('.picker button').length > 60").await?;
    pictures(window, "acts-react", "th").await?;
    choose(window, "🎉").await?;
    customer_sees(demo, "the reaction", |line| line["reaction"] == "🎉").await?;
    window.until("our reaction", &contains("article.customer .reactions .own", "🎉")).await?;
    window.run("document.querySelector('.reactions .own').click()").await?;
    customer_sees(demo, "no reaction", |line| line["from"] == "customer" && line["reaction"].is_null())
        .await?;
    press(window, "article.customer", "quote").await?;
    window.until("what is quoted", &contains(".quoting .quoted", "สวัสดีค่ะ")).await?;
    write(window, "พรุ่งนี้ค่ะ").await?;
    window.until("the reply with its quote", &contains("article.agent .quoted", "สวัสดีค่ะ")).await?;
    customer_sees(demo, "the reply", |line| line["text"] == "พรุ่งนี้ค่ะ").await?;
    press(window, "article.agent", "pen").await?;
    let change = "const field = document.querySelector('.editor textarea'); if (!field) return false; \
                  field.value = 'มะรืนนี้ค่ะ'; field.closest('form').requestSubmit(); return true";
    window.until("the editor", change).await?;
    customer_sees(demo, "the correction", |line| line["text"] == "มะรืนนี้ค่ะ").await?;
    window.until("the earlier words", &contains("article.agent .earlier li", "พรุ่งนี้ค่ะ")).await?;
    press(window, "article.agent", "bin").await?;
    let sure = "document.querySelector('.certainly .danger')?.click(); return !!document.querySelector('article.agent .gone')";
    window.until("it is taken back", sure).await?;
    let gone = "return [...document.querySelectorAll('article.agent')].every((each) => !each.textContent.includes('มะรืนนี้ค่ะ'))";
    window.until("its words are gone", gone).await?;
    let listed = "return !document.querySelector('a.row .last').textContent.match(/(พรุ่ง|มะรืน)นี้ค่ะ/)";
    window.until("the list does not show them", listed).await?;
    Ok(())
}

/// A comment is hidden, answered for everybody, and once in private.
async fn below_a_post(demo: &Demo, window: &Window) -> anyhow::Result<()> {
    let comment = CustomerAct::Comments { text: "ราคาเท่าไหร่คะ".to_owned() };
    demo.act(ChannelName::Messenger, AUTHOR, &comment).await?;
    open(window, AUTHOR).await?;
    window
        .until(
            "the post",
            "return !!document.querySelector('.comment .post a[href^=\"https://www.facebook.com/\"]')",
        )
        .await?;
    for language in ["en", "zh", "th"] {
        speak(window, language).await?;
        window
            .until("to whom one speaks", "return document.querySelectorAll('.audience input').length === 2")
            .await?;
        pictures(window, "acts-comment", language).await?;
    }
    press(window, "article.customer", "eyeoff").await?;
    window.until("it is hidden", "return !!document.querySelector('.comment .post em')").await?;
    write(window, "250 บาทค่ะ").await?;
    sees_line(demo, "250 บาทค่ะ").await?;
    let refused = "return document.querySelector('.audience input[value=private]')?.disabled === true";
    window.until("no second private answer", refused).await?;
    write(window, "ทักแชทแล้วนะคะ").await?;
    sees_line(demo, "ทักแชทแล้วนะคะ").await?;
    window
        .until("both answers told apart", "return document.querySelectorAll('.answered').length === 2")
        .await?;
    pictures(window, "acts-answered", "th").await
}

async fn sees_line(demo: &Demo, text: &str) -> anyhow::Result<()> {
    sees(demo, (ChannelName::Messenger, AUTHOR), text, |line| line["text"] == text).await
}

async fn customer_sees(demo: &Demo, what: &str, is_so: impl Fn(&Value) -> bool) -> anyhow::Result<()> {
    sees(demo, (ChannelName::Telegram, PERSON), what, is_so).await
}

async fn sees(
    demo: &Demo,
    (channel, customer): (ChannelName, &str),
    what: &str,
    is_so: impl Fn(&Value) -> bool,
) -> anyhow::Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let lines = demo.lines(channel, customer).await?;
        if lines.iter().any(&is_so) {
            return Ok(());
        }
        ensure!(Instant::now() < deadline, "{what}: {lines:#?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Opens the newest conversation, which is that customer's.
pub(super) async fn open(window: &Window, name: &str) -> anyhow::Result<()> {
    let click = format!(
        "const row = [...document.querySelectorAll('a.row')].find((each) => each.querySelector('.name').textContent.includes('{name}')); \
         if (row) row.click(); return !!row && document.querySelectorAll('article.customer').length > 0 \
         && document.querySelector('.head h2').textContent.includes('{name}')"
    );
    window.until(&format!("the conversation of {name}"), &click).await?;
    Ok(())
}

/// Presses the button with that sign at the newest message of its kind.
async fn press(window: &Window, message: &str, sign: &str) -> anyhow::Result<()> {
    let script = format!(
        "return import('/console/icons.js').then(({{ Icon }}) => {{ \
         const path = Icon({{ name: '{sign}' }}).props.children.props.d; \
         const all = [...document.querySelectorAll('{message}')].at(-1)?.querySelectorAll('.act-buttons button') ?? []; \
         const button = [...all].find((each) => each.querySelector('path').getAttribute('d') === path); \
         button?.click(); return !!button; }})"
    );
    window.until(&format!("{sign} at {message}"), &script).await?;
    Ok(())
}

async fn choose(window: &Window, emoji: &str) -> anyhow::Result<()> {
    let script = format!(
        "const button = [...document.querySelectorAll('.picker button')].find((each) => each.textContent === '{emoji}'); \
         button?.click(); return !!button"
    );
    window.until(emoji, &script).await?;
    Ok(())
}

pub(super) async fn write(window: &Window, text: &str) -> anyhow::Result<()> {
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
