//! The same conversation on every channel, and what the console shows of it.

use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use channels::ChannelName;
use channels::simulator::CustomerAct;
use channels::{Location, MediaKind, Referral};
use serde_json::Value;
use tests::browser::{Browser, Window};
use tests::demo::Demo;
use tests::need;
use tests::visitor::Visitor;

use super::sign_in;

const PATIENCE: Duration = Duration::from_secs(20);
const CUP: &[u8] = include_bytes!("cup.png");
const LANGUAGES: [&str; 3] = ["th", "en", "zh"];

/// A customer of a platform, and what people cannot do there: it is asked of the simulator all the same.
struct Stage {
    channel: ChannelName,
    /// What the console calls the channel.
    title: &'static str,
    customer: &'static str,
    cannot: &'static [&'static str],
    /// True where a colleague's answer in the platform's own inbox comes back to us.
    echoes: bool,
}

const STAGES: [Stage; 5] = [
    Stage {
        channel: ChannelName::Messenger,
        title: "Messenger",
        customer: "4000001",
        cannot: &[],
        echoes: true,
    },
    Stage {
        channel: ChannelName::Instagram,
        title: "Instagram",
        customer: "4000002",
        cannot: &["sticker", "location"],
        echoes: true,
    },
    Stage {
        channel: ChannelName::Whatsapp,
        title: "WhatsApp",
        customer: "66812345678",
        cannot: &[],
        echoes: true,
    },
    Stage {
        channel: ChannelName::Line,
        title: "LINE",
        customer: "U4000001aaaabbbbccccddddeeeeffff0",
        cannot: &["referral", "reaction", "edit"],
        echoes: false,
    },
    Stage {
        channel: ChannelName::Telegram,
        title: "Telegram",
        customer: "4000001",
        cannot: &["delete", "colleague"],
        echoes: false,
    },
];

const BEFORE: &str = "ส่งเชียงรายกี่วันคะ";
const AFTER: &str = "ส่งเชียงใหม่กี่วันคะ";
const REGRETTED: &str = "เบอร์บ้านหนู 02-111-2222";
const PRESSED: &str = "ดื่มที่บ้าน";
const COLLEAGUE: &str = "แอดมินตอบเองนะคะ";
const LINK: &str = "spring_sale";
const HEADLINE: &str = "ลดราคาเมล็ดกาแฟ";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_conversation_is_seen_on_every_channel() {
    if !need("chromium") {
        return;
    }
    everywhere().await.unwrap();
}

async fn everywhere() -> anyhow::Result<()> {
    let demo = Demo::start().await?;
    play_group(&demo).await?;
    for stage in &STAGES {
        stage.play(&demo).await.with_context(|| stage.title)?;
    }
    play_web(&demo).await?;
    let browser = Browser::start().await?;
    let window = browser.window("channels", 1440, 900).await?;
    sign_in(&window, &demo, "admin").await?;
    open(&window, STAGES[0].title).await?;
    window.until("the panel", "return !!document.querySelector('.panel')").await?;
    window.run("document.querySelector('.panel header .ghost').click()").await?;
    for stage in &STAGES {
        open(&window, stage.title).await?;
        stage.find(&window).await.with_context(|| stage.title)?;
        pictures(&window, &stage.title.to_lowercase(), "th").await?;
    }
    open(&window, "เว็บแชต").await?;
    pictures(&window, "web", "th").await?;
    open(&window, "WhatsApp").await?;
    clock(&window).await?;
    group(&window).await?;
    for language in LANGUAGES {
        speak(&window, language).await?;
        pictures(&window, "group", language).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn channels_are_looked_at_added_and_compared() {
    if !need("chromium") {
        return;
    }
    setting_up().await.unwrap();
}

async fn setting_up() -> anyhow::Result<()> {
    let demo = Demo::start().await?;
    let browser = Browser::start().await?;
    let window = browser.window("setup", 1440, 900).await?;
    sign_in(&window, &demo, "admin").await?;
    window.run("location.hash = '#/channels'").await?;
    for language in LANGUAGES {
        speak(&window, language).await?;
        window.until("every account", "return document.querySelectorAll('.account').length === 6").await?;
        window.run("document.querySelectorAll('.account > button').forEach((each) => each.click())").await?;
        let asked = "return [...document.querySelectorAll('.report')].every((each) => each.children.length > 0) \
                     && document.querySelectorAll('.report .good').length > 8 && !document.querySelector('.report .bad')";
        window.until("how every account is", asked).await?;
        pictures(&window, "page", language).await?;
        author(&window).await?;
        window.run("document.querySelector('.preview-form .show').click()").await?;
        let shown = "const all = document.querySelectorAll('.previews > li'); all[0]?.scrollIntoView(); return all.length >= 6";
        window.until("a reply on every channel", shown).await?;
        compared(&window).await?;
        pictures(&window, "preview", language).await?;
    }
    let choose = "const kind = document.querySelector('form.setup select'); kind.value = 'web'; \
                  kind.dispatchEvent(new Event('change', { bubbles: true }))";
    window.run(choose).await?;
    let fields = "return !document.querySelector('form.setup [name=external_id]')";
    window.until("what the web chat asks for", fields).await?;
    let add = "const form = document.querySelector('form.setup'); form.elements.name.value = 'Second shop'; form.requestSubmit()";
    window.run(add).await?;
    let added = "const box = document.querySelector('.added'); box?.scrollIntoView(); \
                 return !!box?.querySelector('code') && document.querySelectorAll('.account').length === 7";
    window.until("the new account", added).await?;
    pictures(&window, "added", "zh").await
}

/// Writes buttons and cards beside a text that stays empty, which is no bubble anywhere.
async fn author(window: &Window) -> anyhow::Result<()> {
    for (place, kind) in [(2, "buttons"), (3, "cards")] {
        let add = format!("document.querySelectorAll('.reply-add button')[{place}].click()");
        window.run(&add).await?;
        let focused = "return !!document.activeElement.closest('.reply-part:last-of-type')";
        window.until(&format!("the fields of {kind}"), focused).await?;
    }
    let fill = "const put = (field, words) => { field.value = words; field.dispatchEvent(new Event('input', { bubbles: true })); }; \
        const [text, buttons, cards] = document.querySelectorAll('.reply-part'); \
        put(text.querySelector('textarea'), ' '); \
        put(buttons.querySelector('textarea'), 'One of these?'); put(buttons.querySelector('input'), 'Menu'); \
        return new Promise((done) => setTimeout(() => { put(cards.querySelector('input'), 'Latte'); done(true); }, 0))";
    window.run(fill).await?;
    window
        .until(
            "what was written",
            "return document.querySelectorAll('.reply-part input')[0].value === 'Menu'",
        )
        .await?;
    Ok(())
}

/// No bubble without words, and what is lost in words.
async fn compared(window: &Window) -> anyhow::Result<()> {
    let faults = "return [...document.querySelectorAll('.previews > li')].filter((each) => { \
        const words = each.textContent; \
        return !words.includes('One of these?') || !words.includes('Latte') || !each.querySelector('.lost') \
            || [...each.querySelectorAll('.part')].some((part) => !part.textContent.trim()); }).map((each) => each.innerHTML).join()";
    ensure!(window.run(faults).await? == Value::String(String::new()), "{}", window.run(faults).await?);
    Ok(())
}

/// The clock on the conversation, and the composer when it has run out.
async fn clock(window: &Window) -> anyhow::Result<()> {
    window.until("until when we may answer", &contains(".answer-window", "ตอบได้ถึง")).await?;
    let run_out = "return import('/console/store.js').then(({ selected, takeConversation }) => { \
        const window = { open_until: 1, human_until: 1, then_templates: true }; \
        takeConversation({ ...selected.value, window }); return true; })";
    window.run(run_out).await?;
    window.until("why nothing can be sent", &contains(".composer .shut", "ทักมาอีกครั้ง")).await?;
    ensure!(window.run("return !!document.querySelector('#composer')").await? == Value::Bool(false));
    pictures(window, "shut", "th").await?;
    window.run("document.querySelector('.modes .note').click()").await?;
    window.until("a note is always possible", "return !!document.querySelector('#composer')").await?;
    window.run("document.querySelector('.modes .reply').click()").await?;
    Ok(())
}

impl Stage {
    /// The conversation, in the order in which it would happen.
    async fn play(&self, demo: &Demo) -> anyhow::Result<()> {
        let referral = Referral {
            source: "ADS".to_owned(),
            payload: Some(LINK.to_owned()),
            title: Some(HEADLINE.to_owned()),
            ..Referral::default()
        };
        self.does(demo, "referral", CustomerAct::Arrives { referral, text: Some("สวัสดีค่ะ".to_owned()) })
            .await?;
        self.asks(demo, BEFORE).await?;
        let own = self.line_of(demo, BEFORE).await?;
        self.does(demo, "edit", CustomerAct::Edits { line: own, text: AFTER.to_owned() }).await?;
        let answer = self.answers(demo).await?.pop().context("no answer")?;
        self.does(demo, "reaction", CustomerAct::Reacts { line: answer, emoji: Some("❤".to_owned()) })
            .await?;
        self.does(demo, "question", says("แนะนำกาแฟหน่อยค่ะ")).await?;
        self.sees(demo, |lines| lines.iter().any(offers)).await?;
        self.does(demo, "press", CustomerAct::Presses { title: PRESSED.to_owned() }).await?;
        let picture = CustomerAct::Sends {
            kind: MediaKind::Image,
            name: "cup.png".to_owned(),
            mime: "image/png".to_owned(),
            bytes: CUP.to_vec(),
            caption: None,
        };
        self.does(demo, "picture", picture).await?;
        self.does(demo, "sticker", CustomerAct::SendsSticker { id: "52002734".to_owned() }).await?;
        let location = Location {
            latitude: 18.7883,
            longitude: 98.9853,
            title: Some("ประตูท่าแพ".to_owned()),
            address: Some("เชียงใหม่".to_owned()),
        };
        self.does(demo, "location", CustomerAct::SendsLocation { location }).await?;
        self.does(demo, "regret", says(REGRETTED)).await?;
        let regretted = self.line_of(demo, REGRETTED).await?;
        self.does(demo, "delete", CustomerAct::Deletes { line: regretted }).await?;
        self.does(demo, "colleague", CustomerAct::ColleagueSays { text: COLLEAGUE.to_owned() }).await
    }

    /// Does it, or is refused where people cannot do that here.
    async fn does(&self, demo: &Demo, what: &str, act: CustomerAct) -> anyhow::Result<()> {
        let done = demo.act(self.channel, self.customer, &act).await?;
        ensure!(done != self.cannot.contains(&what), "{what}: {}", if done { "done" } else { "refused" });
        Ok(())
    }

    async fn asks(&self, demo: &Demo, text: &str) -> anyhow::Result<()> {
        let before = self.answers(demo).await?.len();
        self.does(demo, text, says(text)).await?;
        self.sees(demo, |lines| lines.iter().filter(|line| line["from"] == "us").count() > before).await
    }

    /// Waits until the customer's screen is so.
    async fn sees(&self, demo: &Demo, is_so: impl Fn(&[Value]) -> bool) -> anyhow::Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let lines = demo.lines(self.channel, self.customer).await?;
            if is_so(&lines) {
                return Ok(());
            }
            ensure!(Instant::now() < deadline, "no such answer; the customer sees {lines:#?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The ids of what we said.
    async fn answers(&self, demo: &Demo) -> anyhow::Result<Vec<String>> {
        let lines = demo.lines(self.channel, self.customer).await?;
        let ours = lines.iter().filter(|line| line["from"] == "us");
        Ok(ours.filter_map(|line| line["id"].as_str().map(str::to_owned)).collect())
    }

    async fn line_of(&self, demo: &Demo, text: &str) -> anyhow::Result<String> {
        let lines = demo.lines(self.channel, self.customer).await?;
        let found = lines.iter().rev().find(|line| line["text"] == text);
        found.and_then(|line| line["id"].as_str().map(str::to_owned)).context("the line is not there")
    }

    fn can(&self, what: &str) -> bool {
        !self.cannot.contains(&what)
    }

    /// As a picture, where the platform hands it over; LINE's are told in words.
    fn sticker(&self) -> String {
        if self.channel == ChannelName::Line {
            return contains(".log", "สติกเกอร์");
        }
        "const image = document.querySelector('.picture.sticker img'); image?.scrollIntoView(); \
         return !!image && image.complete && image.naturalWidth === 120 && image.alt.includes('สติกเกอร์')"
            .to_owned()
    }

    /// What the open conversation must show.
    async fn find(&self, window: &Window) -> anyhow::Result<()> {
        let loaded = "const image = document.querySelector('.picture img[src^=\"/api/v1/media/\"]'); \
                      image?.scrollIntoView(); return !!image && image.complete && image.naturalWidth === 240";
        window.until("the picture", loaded).await?;
        let head =
            format!("return document.querySelector('.head .who').textContent.includes('{}')", self.title);
        window.until("the channel in the head", &head).await?;
        if self.can("referral") {
            // WhatsApp knows an advertisement by its headline, the others by what we put into the link.
            let brought = if self.channel == ChannelName::Whatsapp { HEADLINE } else { LINK };
            window.until("what brought them", &contains(".came-by, .event", brought)).await?;
        }
        if self.can("reaction") {
            window.until("the reaction", &contains(".bot .reactions", "❤")).await?;
        }
        if self.can("edit") {
            window.until("the new words", &contains("article.customer", AFTER)).await?;
            window.until("the earlier words", &contains("article.customer .earlier li", BEFORE)).await?;
        }
        window.until("what was pressed", &contains("article.customer .part", PRESSED)).await?;
        if self.can("sticker") {
            window.until("the sticker", &self.sticker()).await?;
        }
        if self.can("location") {
            window.until("the place", &contains("article.customer", "ประตูท่าแพ")).await?;
        }
        let gone = format!("return document.querySelector('.log').textContent.includes('{REGRETTED}')");
        let remains = window.run(&gone).await? == Value::Bool(true);
        ensure!(remains != self.can("delete"), "what was taken back can be read, or too much was taken back");
        if self.can("delete") {
            window
                .until("what was taken back", "return !!document.querySelector('article.customer .gone')")
                .await?;
        }
        if self.echoes {
            window.until("the colleague's words", &contains("article.agent", COLLEAGUE)).await?;
            window.until("who owns the next word", &contains(".control.other", "กล่องข้อความ")).await?;
        }
        Ok(())
    }
}

/// A visitor of the web chat, who can say and press.
async fn play_web(demo: &Demo) -> anyhow::Result<()> {
    let mut visitor = Visitor::new(&format!("ws://{}/channels/web-demo/socket", demo.address));
    visitor.connect().await?;
    visitor.say("w1", AFTER).await?;
    visitor.say("w2", "แนะนำกาแฟหน่อยค่ะ").await?;
    visitor.say("w3", PRESSED).await?;
    Ok(())
}

const GROUP: &str = "-1002000000001";

/// Two people and the bot.
async fn play_group(demo: &Demo) -> anyhow::Result<()> {
    for (person, text) in [
        ("4000011", "กี่โมงปิดคะ"),
        ("4000012", "ไม่น่าเกินหกโมงนะ"),
        ("4000011", "@baan_kafe_demo_bot ร้านปิดกี่โมงคะ"),
    ] {
        let done = demo.act(ChannelName::Telegram, &format!("{GROUP}:{person}"), &says(text)).await?;
        ensure!(done, "{text}");
    }
    Ok(())
}

/// Opens the group by its own name and finds both speakers by theirs.
async fn group(window: &Window) -> anyhow::Result<()> {
    let open = "const row = [...document.querySelectorAll('a.row')].find((each) => each.querySelector('.name').textContent.includes('Group 1002000000001')); \
                if (row) row.click(); return !!row";
    window.until("the group in the list", open).await?;
    for name in ["4000011", "4000012"] {
        window.until("a speaker", &contains("article.customer .byline", name)).await?;
    }
    Ok(())
}

/// The line has the button that will be pressed.
fn offers(line: &Value) -> bool {
    line["buttons"].as_array().is_some_and(|all| all.iter().any(|button| button["title"] == PRESSED))
}

pub(super) fn says(text: &str) -> CustomerAct {
    CustomerAct::Says { text: text.to_owned(), quotes: None }
}

/// Some element holds the words.
pub(super) fn contains(selector: &str, words: &str) -> String {
    format!(
        "return [...document.querySelectorAll('{selector}')].some((each) => each.textContent.includes('{words}'))"
    )
}

/// Opens the newest conversation of a channel.
pub(super) async fn open(window: &Window, title: &str) -> anyhow::Result<()> {
    let click = format!(
        "const row = [...document.querySelectorAll('a.row')].find((each) => each.querySelector('.traits span').textContent === '{title}'); \
         if (row) row.click(); return !!row"
    );
    window.until(&format!("a conversation on {title}"), &click).await?;
    let shown = format!(
        "return document.querySelector('.head .who p')?.textContent.startsWith('{title}') && document.querySelectorAll('article').length > 2"
    );
    window.until(&format!("the conversation on {title}"), &shown).await?;
    Ok(())
}

pub(super) async fn speak(window: &Window, language: &str) -> anyhow::Result<()> {
    let choose =
        format!("localStorage.setItem('sala:language', '\"{language}\"'); location.reload(); return true");
    window.run(&choose).await?;
    let spoken = format!(
        "return document.documentElement.lang === '{language}' && !!document.querySelector('.composer, .operations h3')"
    );
    window.until(&format!("the console in {language}"), &spoken).await?;
    Ok(())
}

/// What is shown, wide and narrow, without a fault that axe finds.
pub(super) async fn pictures(window: &Window, name: &str, language: &str) -> anyhow::Result<()> {
    for (width, height) in [(1440, 900), (390, 844)] {
        window.client.set_window_size(width, height).await?;
        window.run("document.querySelector('.added, .previews')?.scrollIntoView()").await?;
        window.picture(&format!("channel-{name}-{language}-{width}")).await?;
        let faults = window.accessibility_faults().await?;
        ensure!(faults.is_empty(), "{name} {language} {width}: {faults:#?}");
        let scrolls = "const { scrollWidth, scrollHeight } = document.documentElement; return scrollWidth > innerWidth || scrollHeight > innerHeight";
        ensure!(
            window.run(scrolls).await? == Value::Bool(false),
            "{name} {language} {width} the page itself scrolls"
        );
    }
    window.client.set_window_size(1440, 900).await?;
    Ok(())
}
