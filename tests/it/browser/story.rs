//! A customer asks in Thai and English, asks for a person, is answered by one, and is handed back to the bot.

use tests::browser::{Browser, Window};
use tests::demo::Demo;
use tests::need;

use super::{sign_in, watch_policy};

const SHADOW: &str = "document.querySelector('sala-chat').shadowRoot";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_customer_and_an_agent_meet() {
    if !need("chromium") {
        return;
    }
    story().await.unwrap();
}

async fn story() -> anyhow::Result<()> {
    let demo = Demo::start().await?;
    let browser = Browser::start().await?;
    let customer = browser.window("customer", 1440, 900).await?;
    let agent = browser.window("agent", 1440, 900).await?;
    watch_policy(&customer, &demo.url("/")).await?;
    customer.until("the chat", "return !!document.querySelector('sala-chat')?.open").await?;
    customer.run("document.querySelector('sala-chat').open()").await?;
    ask(&customer, "ส่งของไปต่างจังหวัดใช้เวลากี่วันคะ", "ส่งของใช้เวลากี่วัน").await?;
    customer.picture("widget-answer-1440").await?;
    ask(&customer, "How do I descale the espresso machine?", "Descaling").await?;
    ask(&customer, "ขอคุยกับพนักงาน", "เจ้าหน้าที่").await?;
    assert_eq!(faults(&customer).await?, Vec::<String>::new(), "the shop page with the open chat");

    sign_in(&agent, &demo, "agent").await?;
    open_waiting(&agent).await?;
    agent.picture("console-waiting-1440").await?;
    agent.run("document.querySelector('.control button').click()").await?;
    agent
        .until("the conversation is the agent's", "return !!document.querySelector('.control.mine')")
        .await?;
    reply(&agent, "สวัสดีค่ะ นกเองค่ะ มีอะไรให้ช่วยคะ").await?;
    customer.until("the agent's reply", &format!("return {SHADOW}.textContent.includes('นกเองค่ะ')")).await?;

    let before = bot_messages(&customer).await?;
    say(&customer, "สวัสดีค่ะ").await?;
    let understood =
        "return [...document.querySelectorAll('article.customer')].at(-1)?.textContent.includes('สวัสดีค่ะ')";
    agent.until("the customer's word in the console", understood).await?;
    let silent =
        "return [...document.querySelectorAll('article.customer')].at(-1)?.querySelector('button') !== null";
    agent.until("the silent turn", silent).await?;
    assert_eq!(
        bot_messages(&customer).await?,
        before,
        "the bot speaks although an agent owns the conversation"
    );
    assert_eq!(faults(&agent).await?, Vec::<String>::new(), "the console");
    agent.picture("console-conversation-1440").await?;

    agent.run("document.querySelector('.control button').click()").await?;
    agent.until("the bot owns it again", "return !!document.querySelector('.control.bot')").await?;
    ask(&customer, "ขอบคุณค่ะ", "").await?;
    let after = format!("return {SHADOW}.querySelectorAll('.m.bot').length > {before}");
    customer.until("the bot's answer after the hand-back", &after).await?;

    for (window, name) in [(&customer, "widget-story-390"), (&agent, "console-story-390")] {
        window.client.set_window_size(390, 844).await?;
        window.picture(name).await?;
        assert_eq!(violations(window).await?, 0, "{name}: content security policy");
    }
    Ok(())
}

async fn violations(window: &Window) -> anyhow::Result<i64> {
    Ok(window.run("return window.policyFaults").await?.as_i64().unwrap_or(-1))
}

async fn faults(window: &Window) -> anyhow::Result<Vec<String>> {
    window.accessibility_faults().await
}

async fn say(window: &Window, text: &str) -> anyhow::Result<()> {
    window
        .run(&format!("document.querySelector('sala-chat').send({})", serde_json::to_string(text)?))
        .await?;
    Ok(())
}

/// Says something and waits until the newest answer of the bot holds the words.
async fn ask(window: &Window, text: &str, expected: &str) -> anyhow::Result<()> {
    let before = bot_messages(window).await?;
    say(window, text).await?;
    let answered = format!(
        "const answers = [...{SHADOW}.querySelectorAll('.m.bot')]; \
         return answers.length > {before} && answers.slice({before}).some((each) => each.textContent.includes({}))",
        serde_json::to_string(expected)?
    );
    window.until(&format!("an answer to «{text}»"), &answered).await?;
    Ok(())
}

async fn bot_messages(window: &Window) -> anyhow::Result<i64> {
    let count = window.run(&format!("return {SHADOW}.querySelectorAll('.m.bot').length")).await?;
    Ok(count.as_i64().unwrap_or_default())
}

/// Opens the conversation whose last words asked for a person.
async fn open_waiting(window: &Window) -> anyhow::Result<()> {
    let row = "const row = [...document.querySelectorAll('a.row')].find((each) => each.querySelector('.owner.waiting') \
               && each.querySelector('time') && each.dataset.place === '0'); if (row) row.click(); return !!row";
    window.until("the waiting customer on top of the list", row).await?;
    let open = "return [...document.querySelectorAll('article.customer')].some((each) => each.textContent.includes('ขอคุยกับพนักงาน'))";
    window.until("the thread", open).await?;
    Ok(())
}

async fn reply(window: &Window, text: &str) -> anyhow::Result<()> {
    let write = format!(
        "const field = document.querySelector('#composer'); field.focus(); field.value = {}; \
         field.dispatchEvent(new Event('input', {{ bubbles: true }})); return true",
        serde_json::to_string(text)?
    );
    window.run(&write).await?;
    let send = "const send = document.querySelector('#composer').closest('form').querySelector('button.primary'); \
                if (send.disabled) return false; send.click(); return true";
    window.until("the send button", send).await?;
    Ok(())
}
