//! Keeping an account: its settings, a message for a trial, prices, a secret that is shown once; an account that does not
//! work; and what may be given to a customer in the person's panel.

use anyhow::{Context, ensure};
use channels::ChannelName;
use channels::simulator::CustomerAct;
use engine::ids::ChannelAccountId;
use serde_json::Value;
use tests::browser::{Browser, Window};
use tests::demo::Demo;
use tests::need;

use super::channels::{open, pictures, speak};
use super::sign_in;

const LANGUAGES: [&str; 3] = ["th", "en", "zh"];
const CUSTOMER: &str = "U4000001aaaabbbbccccddddeeeeffff0";
const OTHER: &str = "U4000002aaaabbbbccccddddeeeeffff0";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accounts_are_kept_by_people() {
    if !need("chromium") {
        return;
    }
    keeping().await.unwrap();
}

async fn keeping() -> anyhow::Result<()> {
    let demo = Demo::start().await?;
    let says = CustomerAct::Says { text: "สวัสดีค่ะ".to_owned(), quotes: None };
    for customer in [OTHER, CUSTOMER, CUSTOMER] {
        demo.act(ChannelName::Line, customer, &says).await?;
    }
    let browser = Browser::start().await?;
    let window = browser.window("keeping", 1440, 900).await?;
    sign_in(&window, &demo, "admin").await?;
    window.run("location.hash = '#/channels'").await?;
    window.until("the accounts", "return document.querySelectorAll('.account').length === 6").await?;
    let sorted = "return [...document.querySelectorAll('.account')].map((each) => each.querySelector('p').textContent.split(' · ')[0]).join()";
    let order = window.run(sorted).await?;
    ensure!(
        order.as_str().is_some_and(|order| order.contains("Instagram,LINE,Messenger,Telegram,WhatsApp")),
        "{order}"
    );
    manage(&window, "line-demo").await?;
    settings(&window, &demo).await?;
    trial(&window).await?;
    rates(&window, &demo).await?;
    manage(&window, "telegram-demo").await?;
    fresh_secret(&window).await?;
    failing(&window).await?;
    unfinished(&window).await?;
    window.run("location.hash = '#/system'").await?;
    for language in LANGUAGES {
        speak(&window, language).await?;
        window.until("the parts", "return document.querySelectorAll('.checks li').length > 1").await?;
        let raw = "return [...document.querySelectorAll('.checks b')].some((each) => ['database', 'bots', 'onnx'].includes(each.textContent))";
        ensure!(
            window.run(raw).await? == Value::Bool(false),
            "{language}: parts by their names in the program"
        );
        pictures(&window, "system", language).await?;
    }
    person(&window).await
}

/// Opens what is managed of an account.
async fn manage(window: &Window, id: &str) -> anyhow::Result<()> {
    let open = format!(
        "const row = [...document.querySelectorAll('.account')].find((each) => each.querySelector('code')?.textContent.includes('/{id}/')); \
         const button = row?.querySelector('.managing > button'); if (button?.ariaExpanded === 'false') button.click(); \
         return !!row?.querySelector('.about')"
    );
    window.until("what is managed", &open).await?;
    Ok(())
}

async fn set(window: &Window, at: &str, value: &str) -> anyhow::Result<()> {
    let script = format!(
        "const field = document.querySelector('{at}'); field.value = '{value}'; \
         for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, {{ bubbles: true }})); return true"
    );
    window.run(&script).await.with_context(|| at.to_owned())?;
    Ok(())
}

async fn settings(window: &Window, demo: &Demo) -> anyhow::Result<()> {
    for language in LANGUAGES {
        speak(window, language).await?;
        manage(window, "line-demo").await?;
        let three = "const seen = document.querySelector('.about select[name=field-seen]'); seen?.scrollIntoView({ block: 'center' }); \
                     return seen?.options.length === 3 && !!document.querySelector('.about input[name=field-video_preview][type=url]')";
        window.until("a choice and an address", three).await?;
        pictures(window, "settings", language).await?;
        window.until("the prices", "const found = document.querySelector('form.rates'); found?.scrollIntoView({ block: 'center' }); return !!found").await?;
        pictures(window, "prices", language).await?;
    }
    set(window, ".about select[name=field-seen]", "no").await?;
    set(window, ".about input[name=field-video_preview]", "ftp://shop.example/x.png").await?;
    let refused = "document.querySelector('.about').requestSubmit(); return document.querySelector('.about input[name=field-video_preview]').validity.patternMismatch";
    ensure!(window.run(refused).await? == Value::Bool(true), "the browser says what is wrong");
    set(window, ".about input[name=field-video_preview]", "https://shop.example/x.png").await?;
    window.run("document.querySelector('.about').requestSubmit()").await?;
    window.until("that it is kept", "return !!document.querySelector('.manage .said')").await?;
    let account = demo.app.accounts.find(&ChannelAccountId::from_text("line-demo")).await.context("LINE")?;
    let setting = |name: &str| account.config.settings.get(name).map(String::as_str);
    ensure!(setting("seen") == Some("no") && setting("video_preview") == Some("https://shop.example/x.png"));
    ensure!(setting("basic_id") == Some("@000sala"), "what was not changed stays");
    Ok(())
}

async fn trial(window: &Window) -> anyhow::Result<()> {
    for (to, class) in [("nobody", "bad"), (CUSTOMER, "said")] {
        set(window, ".test input[name=to]", to).await?;
        window.run("document.querySelector('form.test').requestSubmit()").await?;
        let told = format!("return !!document.querySelector('form.test [role=status] .{class}')");
        window.until("what became of it", &told).await?;
        window.run("document.querySelector('form.test').scrollIntoView({ block: 'center' })").await?;
        pictures(window, &format!("trial-{class}"), "zh").await?;
    }
    Ok(())
}

async fn rates(window: &Window, demo: &Demo) -> anyhow::Result<()> {
    let add = "document.querySelector('form.rates .deeds button').click()";
    window.run(add).await?;
    window.until("a row", "return document.querySelectorAll('form.rates tbody tr').length === 1").await?;
    set(window, "form.rates td:nth-child(4) input", "0.06").await?;
    set(window, "form.rates td:nth-child(5) input", "300").await?;
    window.run("document.querySelector('form.rates').requestSubmit(); document.querySelector('form.rates').scrollIntoView({ block: 'center' })").await?;
    window
        .until("that it is kept", "return !!document.querySelector('form.rates [role=status]').textContent")
        .await?;
    pictures(window, "price-kept", "zh").await?;
    let line = demo.app.accounts.find(&ChannelAccountId::from_text("line-demo")).await.context("LINE")?;
    let kept = demo.app.store.rates(&line.tenant, &line.id).await?;
    ensure!(kept.len() == 1 && (kept[0].price, kept[0].included) == (60_000, 300), "{kept:?}");
    Ok(())
}

/// One of ours is made up and shown in a box of its own, to be copied.
async fn fresh_secret(window: &Window) -> anyhow::Result<()> {
    let replace = "const row = [...document.querySelectorAll('.account')].find((each) => each.querySelector('code')?.textContent.includes('/telegram-demo/')); \
                   const forms = [...row.querySelectorAll('form.care')].filter((each) => each.querySelector('input[name=secret]:not([required])')); \
                   forms[0].requestSubmit(); return forms.length";
    ensure!(window.run(replace).await? == 1, "the webhook's secret is ours");
    let shown = "const box = document.querySelector('.manage .copy-box'); box?.scrollIntoView({ block: 'center' }); \
                 return box?.querySelector('code').textContent.length === 32 && !!box.querySelector('button')";
    window.until("the new secret", shown).await?;
    pictures(window, "fresh-secret", "zh").await
}

/// A pretended platform is asked to fail, in words of the reader.
async fn failing(window: &Window) -> anyhow::Result<()> {
    for language in ["th", "en"] {
        speak(window, language).await?;
        window.until("the accounts", "return document.querySelectorAll('.account').length === 6").await?;
        manage(window, "telegram-demo").await?;
        set(window, "form.faults [name=count]", "2").await?;
        window.run("document.querySelector('form.faults').requestSubmit(); document.querySelector('form.faults').scrollIntoView({ block: 'center' })").await?;
        let asked = "return !!document.querySelector('form.faults [role=status] .said')";
        window.until("that it will fail", asked).await?;
        pictures(window, "faults", language).await?;
    }
    Ok(())
}

/// An account that the platform refuses is stored, and nobody calls it set up.
async fn unfinished(window: &Window) -> anyhow::Result<()> {
    let add = "form.setup:not(.about)";
    for (language, count) in [("th", 7), ("en", 8)] {
        speak(window, language).await?;
        window.until("the form", "return !!document.querySelector('form.setup select')").await?;
        set(window, &format!("{add} select"), "telegram").await?;
        window
            .until("its fields", "return !!document.querySelector('form.setup [name=field-bot_token]')")
            .await?;
        set(window, &format!("{add} [name=name]"), "Second shop").await?;
        set(window, &format!("{add} [name=field-bot_token]"), &format!("{count}:made-up")).await?;
        window.run(&format!("document.querySelector('{add}').requestSubmit()")).await?;
        let told = format!(
            "return !!document.querySelector('.added.unfinished .checks') && document.querySelectorAll('.account').length === {count}"
        );
        window.until("that it does not work", &told).await?;
        pictures(window, "unfinished", language).await?;
    }
    Ok(())
}

/// The code and LINE's page in the person's panel; why no code can be given.
async fn person(window: &Window) -> anyhow::Result<()> {
    window.run("location.hash = '#/'").await?;
    open(window, "LINE").await?;
    let tab = "document.querySelectorAll('.panel .tabs button')[1]?.click(); return document.querySelectorAll('.linking button').length === 3";
    let now = |change: &str| {
        format!(
            "return import('/console/store.js').then(({{ selected, takeConversation }}) => {{ \
             takeConversation({{ ...selected.value, {change} }}); return true; }})"
        )
    };
    let why = |words: &str| {
        format!(
            "return document.querySelector('.linking button').disabled && document.querySelector('#link-why').textContent.includes('{words}')"
        )
    };
    for language in LANGUAGES {
        speak(window, language).await?;
        window.until("three ways", tab).await?;
        let is_off = "return document.querySelector('.linking button').disabled";
        ensure!(window.run(is_off).await? == Value::Bool(false), "the bot owns it: a code can be given");
        window.run(&now("control: 'agent', agent: { id: 'x', name: 'Somchai' }")).await?;
        window.until("whose it is to give", &why("Somchai")).await?;
        window.run("document.querySelector('.linking').scrollIntoView({ block: 'center' })").await?;
        pictures(window, "link-not-yours", language).await?;
        let shut =
            "control: 'bot', agent: null, window: { open_until: 1, human_until: 1, then_templates: false }";
        window.run(&now(shut)).await?;
        window.until("that nothing can be sent", &why("LINE")).await?;
    }
    window.run("document.querySelectorAll('.linking button')[2].click()").await?;
    window.until("the dialog", "return !!document.querySelector('#merge-words')").await?;
    set(window, "#merge-words", OTHER).await?;
    let found = "const found = document.querySelector('.found button'); found?.click(); return !!found";
    window.until("somebody", found).await?;
    let page = "return document.querySelector('dialog .copy-box code')?.textContent.includes('nonce=')";
    window.until("LINE's page", page).await?;
    pictures(window, "account-link", "zh").await
}
