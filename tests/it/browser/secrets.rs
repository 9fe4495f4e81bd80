//! Secrets on the account's page: a token that is refused, two that are good at once, and what came for others.

use anyhow::Context;
use engine::ids::ChannelAccountId;
use tests::browser::{Browser, Window};
use tests::demo::Demo;
use tests::need;

use super::channels::{pictures, speak};
use super::sign_in;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_are_changed_with_care() {
    if !need("chromium") {
        return;
    }
    changing().await.unwrap();
}

async fn changing() -> anyhow::Result<()> {
    let demo = Demo::start().await?;
    let id = ChannelAccountId::from_text("whatsapp-demo");
    let account = demo.app.accounts.find(&id).await.context("WhatsApp")?;
    // The platform signs with the present secret, and sends what is another number's.
    engine::rotation::note_by(&demo.app, &account, |config| {
        config.secrets_of("app_secret").any(|secret| *secret == account.config.secrets["app_secret"])
    })
    .await;
    demo.app.store.count_stray(&account.tenant, &id, "106540352249999").await?;
    let browser = Browser::start().await?;
    let window = browser.window("secrets", 1440, 900).await?;
    sign_in(&window, &demo, "admin").await?;
    for (place, language) in ["th", "en", "zh"].into_iter().enumerate() {
        window.run("location.hash = '#/inbox'").await?;
        window.run("location.hash = '#/channels'").await?;
        speak(&window, language).await?;
        let open = "const row = [...document.querySelectorAll('.account')].find((each) => each.querySelector('code')?.textContent.includes('/whatsapp-demo/')); \
                    const button = row?.querySelector('.managing > button'); if (button?.getAttribute('aria-expanded') === 'false') button.click(); \
                    return !!row?.querySelector('.managing form.care')";
        window.until("the account of WhatsApp", open).await?;
        window
            .until("what came for another number", "return document.querySelector('.managing').textContent.includes('106540352249999') || [...document.querySelectorAll('.managing')].some((each) => each.textContent.includes('106540352249999'))")
            .await?;
        enter(&window, 0, "not-a-good-token").await?;
        window
            .until("the refusal", "return !!document.querySelector('.manage > .bad[role=alert]') && !!document.querySelector('.manage button[value=insist]')")
            .await?;
        look_at(&window, "button[value=insist]").await?;
        pictures(&window, "secrets-refused", language).await?;
        enter(&window, 1, &format!("another-app-secret-{place}")).await?;
        window
            .until(
                "two that are good",
                "const button = document.querySelector('.manage form.care p button'); return !!button",
            )
            .await?;
        window.run("document.querySelector('.manage form.care p button').click()").await?;
        window
            .until("the question", "return !!document.querySelector('.manage form.care b[role=alert]')")
            .await?;
        look_at(&window, "form.care b[role=alert]").await?;
        pictures(&window, "secrets-rotating", language).await?;
    }
    window.run("document.querySelector('.manage form.care p button.danger').click()").await?;
    window.until("the end", "return !document.querySelector('.manage form.care p button')").await?;
    Ok(())
}

/// Enters a new secret in the form of this place and sends it.
async fn enter(window: &Window, place: usize, secret: &str) -> anyhow::Result<()> {
    let script = format!(
        "const form = [...document.querySelectorAll('.manage form.care')].filter((each) => each.elements.secret)[{place}]; \
         form.elements.secret.value = '{secret}'; form.querySelector('button.plain').click(); return true"
    );
    window.run(&script).await?;
    Ok(())
}

async fn look_at(window: &Window, at: &str) -> anyhow::Result<()> {
    window
        .run(&format!("document.querySelector('.manage {at}').scrollIntoView({{ block: 'center' }})"))
        .await?;
    Ok(())
}
