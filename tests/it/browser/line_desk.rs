//! A conversation of LINE at an agent's desk: its tags, its stickers, and whose hands it is in.

use anyhow::{Context, ensure};
use channels::ChannelName;
use channels::simulator::CustomerAct;
use fantoccini::Locator;
use serde_json::Value;
use tests::browser::{Browser, Window};
use tests::demo::Demo;
use tests::http::call;
use tests::need;

use super::sign_in;

const MALI: &str = "U4000051aaaabbbbccccddddeeeeffff0";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_tags_sends_stickers_and_sees_whose_the_chat_is() {
    if !need("chromium") {
        return;
    }
    play().await.unwrap();
}

async fn play() -> anyhow::Result<()> {
    let demo = Demo::start().await?;
    demo.act(ChannelName::Line, MALI, &CustomerAct::SendsSticker { id: "446/1988".to_owned() }).await?;
    let browser = Browser::start().await?;
    let window = browser.window("desk", 1440, 900).await?;
    sign_in(&window, &demo, "agent").await?;
    let open = "const row = [...document.querySelectorAll('a.row')].find((each) => each.textContent.includes('LINE')); row?.click(); \
                return !!document.querySelector('.composer')";
    window.until("the conversation", open).await?;
    tags(&window).await?;
    let close = "document.querySelector('.panel > header > .ghost')?.click(); return !document.querySelector('.panel')";
    window.until("no panel", close).await?;
    stickers(&window, &demo).await?;
    release(&demo).await?;
    window.until("whose the chat is", &says(".control", "LINE Official Account Manager")).await?;
    pictures(&window, "manager", "th").await?;
    let spoken = "localStorage.setItem('sala:language', '\"en\"'); location.reload(); return true";
    window.run(spoken).await?;
    window
        .until(
            "English",
            "return document.documentElement.lang === 'en' && !!document.querySelector('.composer')",
        )
        .await?;
    window.until("whose the chat is", &says(".control", "Somebody answers")).await?;
    pictures(&window, "manager", "en").await?;
    person(&window).await?;
    pictures(&window, "tags", "en").await
}

async fn person(window: &Window) -> anyhow::Result<()> {
    let tab = "if (!document.querySelector('.panel')) document.querySelector('header.head button[aria-pressed]')?.click(); \
               document.querySelectorAll('.panel .tabs button')[1]?.click(); return !!document.querySelector('.tags')";
    window.until("the person's panel", tab).await.map(drop)
}

/// With the keyboard alone: a word and Enter adds, Enter on the cross takes away.
async fn tags(window: &Window) -> anyhow::Result<()> {
    person(window).await?;
    for (count, tag) in [(1, "ลูกค้าประจำ"), (2, "wholesale")] {
        let field = window.client.find(Locator::Css("#new-tag")).await?;
        field.send_keys(tag).await?;
        field.send_keys("\u{e007}").await?;
        let there = format!(
            "return document.querySelectorAll('.tags li').length === {count} && document.activeElement.id === 'new-tag' && !document.activeElement.value"
        );
        window.until(tag, &there).await?;
    }
    pictures(window, "tags", "th").await?;
    let cross = window.client.find(Locator::Css(".tags li:nth-child(2) button")).await?;
    cross.send_keys("\u{e007}").await?;
    window.until("one tag", "return document.querySelectorAll('.tags li').length === 1").await?;
    window.until("told", &says(".tags [role=status]", "ลบแท็ก")).await?;
    Ok(())
}

async fn stickers(window: &Window, demo: &Demo) -> anyhow::Result<()> {
    window
        .until(
            "the button",
            "const open = document.querySelector('.modes .template'); open?.click(); return !!open",
        )
        .await?;
    window
        .until("the numbers", "return document.querySelectorAll('.stickers .numbers button').length > 20")
        .await?;
    window
        .until(
            "what was heard",
            "return document.querySelectorAll('[aria-labelledby=stickers-heard] button').length === 1",
        )
        .await?;
    pictures(window, "stickers", "th").await?;
    window.run("[...document.querySelectorAll('.stickers .numbers')].at(-1).querySelectorAll('button')[4].click()").await?;
    window.until("it is in the thread", &says("article.agent", "Brown & Cony & Sally")).await?;
    let lines = demo.lines(ChannelName::Line, MALI).await?;
    let began = std::time::Instant::now();
    while !demo.lines(ChannelName::Line, MALI).await?.iter().any(|line| line.to_string().contains("52002738"))
    {
        ensure!(began.elapsed().as_secs() < 20, "LINE has no sticker: {lines:#?}");
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    // The agent gives the conversation back, so that whose it is can be seen to change.
    let back = "document.querySelector('.control.mine button')?.click(); return !!document.querySelector('.control.bot')";
    window.until("the bot's again", back).await.map(drop)
}

/// The account's other program takes the chat.
async fn release(demo: &Demo) -> anyhow::Result<()> {
    let accounts = call(demo.platforms, ("GET", "/demo/accounts"), &[], b"").await?.json();
    let all = accounts["accounts"].as_array().context("no accounts")?;
    let line = all.iter().find(|one| one["channel"] == "line").context("no LINE")?;
    let token = format!("Bearer {}", line["secrets"]["access_token"].as_str().unwrap_or_default());
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    let path = format!("/line/v2/bot/chat/{MALI}/control/release");
    let answer = call(demo.platforms, ("POST", &path), &headers, b"{}").await?;
    ensure!(answer.status == 200, "{}", answer.text());
    Ok(())
}

fn says(selector: &str, words: &str) -> String {
    format!(
        "return [...document.querySelectorAll('{selector}')].some((each) => each.textContent.includes('{words}'))"
    )
}

/// What is shown, wide and narrow, without a fault that axe finds.
async fn pictures(window: &Window, name: &str, language: &str) -> anyhow::Result<()> {
    for (width, height) in [(390, 844), (1440, 900)] {
        window.client.set_window_size(width, height).await?;
        window.picture(&format!("line-desk-{name}-{language}-{width}")).await?;
        let faults = window.accessibility_faults().await?;
        ensure!(faults.is_empty(), "{name} {language} {width}: {faults:#?}");
        let scrolls = "return document.documentElement.scrollWidth > innerWidth";
        ensure!(
            window.run(scrolls).await? == Value::Bool(false),
            "{name} {language} {width} scrolls sideways"
        );
    }
    Ok(())
}
