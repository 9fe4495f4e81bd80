//! The page that asks before somebody is sent to LINE, in a browser.

use channels::ChannelName;
use tests::browser::Browser;
use tests::demo::Demo;
use tests::need;

use super::{code_for, newest, visitor};
use crate::browser::watch_policy;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_asks_before_somebody_is_sent_to_line() {
    if !need("chromium") {
        return;
    }
    story().await.unwrap();
}

async fn story() -> anyhow::Result<()> {
    let demo = Demo::start().await?;
    let mut visitor = visitor(&demo);
    visitor.connect().await?;
    visitor.say("c1", "สวัสดีค่ะ").await?;
    let web = newest(&demo, "web").await?;
    let browser = Browser::start().await?;
    for (language, question, declined) in [
        ("th", "เริ่มใน เว็บแชต เมื่อ", "ไม่ได้รวมอะไร"),
        ("en", "begun on Web chat on", "Nothing was joined"),
        ("zh", "在 网页聊天 开始的对话", "没有合并任何内容"),
    ] {
        let page = browser.window_in(language, &format!("login-{language}"), (1440, 900)).await?;
        for answer in ["yes", "no"] {
            let offer = code_for(&demo, &web).await?;
            let link = offer.links.into_iter().find(|one| one.channel == ChannelName::Line);
            let path = link.unwrap().url.unwrap();
            let path = path[path.find("/channels").unwrap()..].to_owned();
            watch_policy(&page, &demo.url(&path)).await?;
            let asks = format!("return document.body.innerText.includes('{question}')");
            page.until("the question", &asks).await?;
            assert_eq!(page.run("return document.documentElement.lang").await?, language);
            for (width, height) in [(390, 844), (1440, 900)] {
                page.client.set_window_size(width, height).await?;
                page.picture(&format!("login-question-{language}-{width}")).await?;
                let faults = page.accessibility_faults().await?;
                anyhow::ensure!(faults.is_empty(), "{language} {width}: {faults:#?}");
            }
            assert_eq!(page.run("return window.policyFaults || 0").await?, 0);
            page.run(&format!("document.querySelector('button[value={answer}]').click(); return true"))
                .await?;
            if answer == "yes" {
                let there = format!("return location.host === '{}'", demo.platforms);
                page.until("LINE's page", &there).await?;
            } else {
                let told = format!("return document.body.innerText.includes('{declined}')");
                page.until("that nothing was done", &told).await?;
            }
        }
    }
    Ok(())
}
