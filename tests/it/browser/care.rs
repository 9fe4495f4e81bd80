//! Looking after accounts: changing one, what it used, what waits while it is refused, and templates.

use anyhow::{Context, ensure};
use channels::ChannelName;
use channels::simulator::CustomerAct;
use engine::ids::{ChannelAccountId, TenantId};
use engine::store::{AccountHealth, HealthState};
use serde_json::Value;
use tests::browser::{Browser, Window};
use tests::demo::Demo;
use tests::need;

use super::channels::{open, pictures, speak};
use super::sign_in;

const LANGUAGES: [&str; 3] = ["th", "en", "zh"];
const CUSTOMER: &str = "66812345678";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_are_managed_and_templates_sent() {
    if !need("chromium") {
        return;
    }
    caring().await.unwrap();
}

async fn caring() -> anyhow::Result<()> {
    let demo = Demo::start().await?;
    for text in ["สวัสดีค่ะ", "ส่งเชียงใหม่กี่วันคะ"]
    {
        let says = CustomerAct::Says { text: text.to_owned(), quotes: None };
        ensure!(demo.act(ChannelName::Whatsapp, CUSTOMER, &says).await?);
    }
    let company = TenantId::from_text("baan_kafe");
    // The platform has told a quota, and refuses another account.
    let line = demo.app.accounts.find(&ChannelAccountId::from_text("line-demo")).await.context("LINE")?;
    engine::account_care::look(&demo.app, &line).await?;
    let whatsapp =
        demo.app.accounts.find(&ChannelAccountId::from_text("whatsapp-demo")).await.context("WhatsApp")?;
    engine::templates::fetch(&demo.app, &whatsapp).await?;
    let browser = Browser::start().await?;
    let window = browser.window("care", 1440, 900).await?;
    sign_in(&window, &demo, "admin").await?;
    send_template(&window).await?;
    let refused = AccountHealth {
        state: HealthState::Failing,
        findings: "[]".to_owned(),
        token_expires_at: None,
        checked_at: demo.app.store.clock().now(),
    };
    let instagram = ChannelAccountId::from_text("instagram-demo");
    demo.app.store.keep_health(&company, &instagram, refused, false).await?;
    window.run("location.hash = '#/channels'").await?;
    for language in LANGUAGES {
        speak(&window, language).await?;
        window.until("the banner", "return !!document.querySelector('.account-banner p')").await?;
        manage(&window).await?;
        pictures(&window, "care", language).await?;
    }
    Ok(())
}

/// Opens what is managed of LINE, down to its meter and rates.
async fn manage(window: &Window) -> anyhow::Result<()> {
    let open = "const row = [...document.querySelectorAll('.account')].find((each) => each.querySelector('code')?.textContent.includes('/line-demo/')); \
                if (row) row.querySelector('.managing > button').click(); return !!row";
    window.until("the account of LINE", open).await?;
    let shown = "const found = document.querySelector('.managing .meter, .managing .counts, .managing textarea'); \
                 if (found) found.scrollIntoView({ block: 'center' }); return !!found";
    window.until("its meter and rates", shown).await?;
    Ok(())
}

async fn send_template(window: &Window) -> anyhow::Result<()> {
    open(window, "WhatsApp").await?;
    // On a narrow screen the panel would lie above everything.
    window.until("the panel", "return !!document.querySelector('.panel')").await?;
    window.run("document.querySelector('.panel header .ghost').click()").await?;
    for language in LANGUAGES {
        speak(window, language).await?;
        let pick = "const found = document.querySelector('button.template'); if (found) found.click(); return !!found";
        window.until("the way to the templates", pick).await?;
        window
            .until("the templates", "return document.querySelectorAll('.templates li').length === 5")
            .await?;
        pictures(window, "templates", language).await?;
        type_into(window, "#template-search", "shipped").await?;
        window.until("two of them", "return document.querySelectorAll('.templates li').length === 2").await?;
        let choose = "const row = [...document.querySelectorAll('.templates li button')].find((each) => each.textContent.includes('th')); \
                      row.click(); return true";
        window.run(choose).await?;
        window
            .until("its blanks", "return document.querySelectorAll('.templates label input').length === 3")
            .await?;
        pictures(window, "template-blanks", language).await?;
    }
    let bad = "const field = document.querySelector('.templates label input'); field.value = 'ก     ข'; \
               field.dispatchEvent(new Event('input', { bubbles: true })); field.dispatchEvent(new Event('blur')); return true";
    window.run(bad).await?;
    let told = "return document.querySelector('.templates .blank .bad')?.textContent.length > 0 \
                && document.querySelector('.templates label input').getAttribute('aria-invalid') === 'true'";
    window.until("what is wrong with it", told).await?;
    let is_off = "return document.querySelector('.templates button.primary').disabled";
    ensure!(window.run(is_off).await? == Value::Bool(true), "nothing goes out with blanks");
    for (place, text) in ["มะลิ", "BK240117", "BK240117"].into_iter().enumerate() {
        type_into(window, &format!(".templates label:nth-of-type({}) input", place + 1), text).await?;
    }
    let preview = "return document.querySelector('.templates .preview').textContent.includes('คุณมะลิ')";
    window.until("the preview", preview).await?;
    window.run("document.querySelector('.templates button.primary').click()").await?;
    let sent = "return !document.querySelector('.templates') && [...document.querySelectorAll('article')].some((each) => each.textContent.includes('คุณมะลิ'))";
    window.until("the template in the conversation", sent).await?;
    Ok(())
}

async fn type_into(window: &Window, at: &str, text: &str) -> anyhow::Result<()> {
    let script = format!(
        "const field = document.querySelector('{at}'); field.value = '{text}'; \
         field.dispatchEvent(new Event('input', {{ bubbles: true }})); return true"
    );
    window.run(&script).await?;
    Ok(())
}
