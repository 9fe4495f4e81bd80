//! The console: merging, undoing, giving a code, and a colleague's own address.

use channels::ChannelName;
use tests::browser::{Browser, Window};
use tests::demo::Demo;
use tests::need;
use tests::visitor::Visitor;

use super::{newest, says, sees, visitor};
use crate::browser::{sign_in, watch_policy};

const CUSTOMER: &str = "U4000014aaaabbbbccccddddeeeeffff0";
const LANGUAGES: [&str; 2] = ["th", "en"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_merges_gives_a_code_and_links_an_own_address() {
    if !need("chromium") {
        return;
    }
    story().await.unwrap();
}

async fn story() -> anyhow::Result<()> {
    let demo = Demo::start().await?;
    let line = (ChannelName::Line, CUSTOMER);
    demo.act(line.0, line.1, &says("สวัสดีค่ะ")).await?;
    sees(&demo, line, 0, "").await?;
    let mut visitor: Visitor = visitor(&demo);
    visitor.connect().await?;
    visitor.say("c1", "สวัสดีค่ะ").await?;
    let (web, there) = (newest(&demo, "web").await?, newest(&demo, "line").await?);
    let browser = Browser::start().await?;
    let agent = browser.window("people", 1440, 900).await?;
    sign_in(&agent, &demo, "agent").await?;
    agent.run(&format!("location.hash = '#/c/{}'; return true", web.id)).await?;
    open_person(&agent, web.id.as_str()).await?;
    merge(&agent).await?;
    assert_eq!(newest(&demo, "line").await?.person, web.person);
    for language in LANGUAGES {
        speak(&agent, language).await?;
        open_person(&agent, web.id.as_str()).await?;
        pictures(&agent, "people-merged", language).await?;
    }
    agent
        .until(
            "the undo button",
            "const undo = document.querySelector('.merges button'); undo?.click(); return !!undo",
        )
        .await?;
    let two = "return document.querySelectorAll('.addresses li').length === 1 && !document.querySelector('.merges button')";
    agent.until("two people again", two).await?;
    assert_eq!(newest(&demo, "line").await?.person, there.person);
    agent.run("document.querySelector('.linking button').click(); return true").await?;
    let given = "return [...document.querySelectorAll('article.agent')].some((each) => each.textContent.includes('t.me/baan_kafe_demo_bot'))";
    agent.until("the code in the thread", given).await?;
    own_address(&demo, &agent).await?;
    assert_eq!(agent.run("return window.policyFaults || 0").await?, 0);
    widget(&demo, &browser).await
}

async fn merge(agent: &Window) -> anyhow::Result<()> {
    agent.run("document.querySelectorAll('.linking button')[1].click(); return true").await?;
    agent.until("the dialog", "return !!document.querySelector('#merge-words')").await?;
    let search = format!(
        "const field = document.querySelector('#merge-words'); field.value = '{CUSTOMER}'; \
         field.dispatchEvent(new Event('input', {{ bubbles: true }})); return true"
    );
    agent.run(&search).await?;
    agent
        .until(
            "somebody found",
            "const found = document.querySelector('.found button'); found?.click(); return !!found",
        )
        .await?;
    agent
        .until("both side by side", "return document.querySelectorAll('.merge .both > div').length === 2")
        .await?;
    pictures(agent, "people-merge", "th").await?;
    agent.run("document.querySelector('.merge button.primary').click(); return true").await?;
    agent
        .until("one person", "return document.querySelectorAll('.panel .addresses li').length === 2")
        .await?;
    Ok(())
}

/// The agent's own LINE: a code, sent, seen, and unlinked.
async fn own_address(demo: &Demo, agent: &Window) -> anyhow::Result<()> {
    let own = (ChannelName::Line, "U4000015aaaabbbbccccddddeeeeffff0");
    agent.run("document.querySelector('.rail button.avatar').click(); return true").await?;
    agent
        .until("my channels", "return document.querySelectorAll('.my-channels > button').length === 1")
        .await?;
    agent.run("document.querySelector('.my-channels > button').click(); return true").await?;
    let code =
        agent.until("a code", "return document.querySelector('.my-channels .code')?.textContent").await?;
    pictures(agent, "people-code", "en").await?;
    demo.act(own.0, own.1, &says(code.as_str().unwrap_or_default())).await?;
    agent
        .until("the linked address", "return document.querySelectorAll('.my-channels li').length === 1")
        .await?;
    pictures(agent, "people-linked", "en").await?;
    agent.run("document.querySelector('.my-channels li button').click(); return true").await?;
    agent.until("nothing linked", "return document.querySelectorAll('.my-channels li').length === 0").await?;
    Ok(())
}

/// The entry in the web chat's menu.
async fn widget(demo: &Demo, browser: &Browser) -> anyhow::Result<()> {
    let customer = browser.window("visitor", 1440, 900).await?;
    watch_policy(&customer, &demo.url("/")).await?;
    customer.until("the chat", "return !!document.querySelector('sala-chat')?.open").await?;
    customer.run("document.querySelector('sala-chat').open()").await?;
    let root = "document.querySelector('sala-chat').shadowRoot";
    customer
        .until(
            "the entry",
            &format!("const more = {root}.querySelector('.more'); more?.click(); return !!more"),
        )
        .await?;
    let links =
        format!("return [...{root}.querySelectorAll('.m.bot a')].some((each) => each.href.includes('t.me'))");
    customer.until("the addresses", &links).await?;
    let label = format!(
        "return {root}.querySelector('.more').textContent.trim().length > 5 && !!{root}.querySelector('.more').lang"
    );
    assert_eq!(customer.run(&label).await?, true, "the entry says what it does");
    customer
        .until("a way to copy the code", &format!("return !!{root}.querySelector('.m.bot .copy')"))
        .await?;
    for (width, height) in [(1440, 900), (390, 844)] {
        customer.client.set_window_size(width, height).await?;
        customer.picture(&format!("people-widget-{width}")).await?;
    }
    assert_eq!(customer.accessibility_faults().await?, Vec::<String>::new());
    assert_eq!(customer.run("return window.policyFaults").await?, 0);
    Ok(())
}

async fn open_person(agent: &Window, id: &str) -> anyhow::Result<()> {
    agent.run(&format!("document.querySelector('a.row[href*=\"{id}\"]')?.click(); return true")).await?;
    let tab = "document.querySelectorAll('.panel .tabs button')[1]?.click(); \
               return !!document.querySelector('.panel .linking')";
    agent.until("the person's panel", tab).await?;
    Ok(())
}

async fn speak(agent: &Window, language: &str) -> anyhow::Result<()> {
    let choose =
        format!("localStorage.setItem('sala:language', '\"{language}\"'); location.reload(); return true");
    agent.run(&choose).await?;
    let spoken = format!(
        "return document.documentElement.lang === '{language}' && document.querySelectorAll('a.row').length > 5"
    );
    agent.until(&format!("the console in {language}"), &spoken).await?;
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
