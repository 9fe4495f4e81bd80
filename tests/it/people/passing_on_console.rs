//! The console: both threads say where the customer went on, in the reader's language, with the way there.

use channels::ChannelName;
use tests::browser::{Browser, Window};
use tests::demo::Demo;
use tests::need;

use super::{answers, code_for, newest, says, sees, sees_one};
use crate::browser::sign_in;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_read_where_a_customer_went_on() {
    if !need("chromium") {
        return;
    }
    story().await.unwrap();
}

async fn story() -> anyhow::Result<()> {
    let demo = Demo::start().await?;
    let telegram = (ChannelName::Telegram, "4000051");
    demo.act(telegram.0, telegram.1, &says("ขอคุยกับพนักงาน")).await?;
    sees(&demo, telegram, 0, "").await?;
    let there = newest(&demo, "telegram").await?;
    let whatsapp = (ChannelName::Whatsapp, "66810000051");
    let offer = code_for(&demo, &there).await?;
    demo.act(whatsapp.0, whatsapp.1, &says(&offer.code)).await?;
    let seen = answers(&demo, whatsapp, 0, "ใช่").await?;
    sees_one(&demo, whatsapp, seen, &["คิวของคุณยังอยู่"]).await?;
    let here = newest(&demo, "whatsapp").await?;
    let browser = Browser::start().await?;
    let agent = browser.window("passing-on", 1440, 900).await?;
    sign_in(&agent, &demo, "agent").await?;
    for (language, went, came) in
        [("th", "ไปคุยต่อใน WhatsApp", "มาจาก Telegram"), ("en", "Went on in WhatsApp", "Came from Telegram")]
    {
        let choose = format!(
            "localStorage.setItem('sala:language', '\"{language}\"'); location.hash = '#/c/{}'; location.reload(); return true",
            there.id
        );
        agent.run(&choose).await?;
        line(&agent, went).await?;
        pictures(&agent, "passage-there", language).await?;
        agent.run("document.querySelector('.passage a').click(); return true").await?;
        line(&agent, came).await?;
        let address = agent.run("return location.hash").await?;
        assert_eq!(address, serde_json::json!(format!("#/c/{}", here.id)), "the way leads there");
        pictures(&agent, "passage-here", language).await?;
    }
    Ok(())
}

async fn line(agent: &Window, words: &str) -> anyhow::Result<()> {
    let shown = format!(
        "return [...document.querySelectorAll('.messages .passage')].some((each) => each.textContent.includes('{words}'))"
    );
    agent.until(words, &shown).await?;
    Ok(())
}

async fn pictures(agent: &Window, name: &str, language: &str) -> anyhow::Result<()> {
    for (width, height) in [(390, 844), (1440, 900)] {
        agent.client.set_window_size(width, height).await?;
        agent.picture(&format!("{name}-{language}-{width}")).await?;
        let faults = agent.accessibility_faults().await?;
        anyhow::ensure!(faults.is_empty(), "{name} {language} {width}: {faults:#?}");
    }
    Ok(())
}
