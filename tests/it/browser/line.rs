//! LINE's page: a menu drawn and brought to LINE, a message to many, an audience, figures.

use anyhow::{Context, ensure};
use channels::ChannelName;
use channels::simulator::CustomerAct;
use serde_json::Value;
use tests::browser::{Browser, Window};
use tests::demo::Demo;
use tests::need;

use super::sign_in;

const PEOPLE: [&str; 3] = [
    "U4000001aaaabbbbccccddddeeeeffff0",
    "U4000002aaaabbbbccccddddeeeeffff0",
    "U4000003aaaabbbbccccddddeeeeffff0",
];
const NEWS: &str = "เมล็ดใหม่จากแม่ฮ่องสอนมาแล้วค่ะ";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lines_page_draws_menus_and_writes_to_many() {
    if !need("chromium") {
        return;
    }
    play().await.unwrap();
}

async fn play() -> anyhow::Result<()> {
    let demo = Demo::start().await?;
    for person in PEOPLE {
        let says = CustomerAct::Says { text: "สวัสดีค่ะ".to_owned(), quotes: None };
        demo.act(ChannelName::Line, person, &says).await?;
    }
    // Who blocks us is not written to.
    demo.act(ChannelName::Line, PEOPLE[2], &CustomerAct::Leaves).await?;
    let browser = Browser::start().await?;
    let window = browser.window("line", 1440, 1000).await?;
    sign_in(&window, &demo, "admin").await?;
    window.run("location.hash = '#/channels/line-demo/line'").await?;
    window.until("the page", "return document.querySelectorAll('.figures table').length >= 4").await?;
    window.until("no menu yet", "return !!document.querySelector('.line-page .nothing')").await?;
    pictures(&window, "empty", "th").await?;
    menu(&window).await?;
    many(&window, &demo).await?;
    audience(&window).await?;
    pictures(&window, "full", "th").await?;
    for language in ["en", "zh"] {
        let choose = format!(
            "localStorage.setItem('sala:language', '\"{language}\"'); location.reload(); return true"
        );
        window.run(&choose).await?;
        let spoken = format!(
            "return document.documentElement.lang === '{language}' && document.querySelectorAll('.figures table').length >= 4 \
             && !!document.querySelector('.broadcasts li')"
        );
        window.until("the page in another language", &spoken).await?;
        pictures(&window, "full", language).await?;
    }
    Ok(())
}

/// The first area is moved by its middle and resized by its corner, and then put back by its numbers.
async fn by_pointer(window: &Window) -> anyhow::Result<()> {
    let drag = |part: &str, dx: i32| {
        format!(
            "const rect = document.querySelector('.canvas {part}'); rect.scrollIntoView({{ block: 'center' }}); \
             const box = rect.getBoundingClientRect(); const [x, y] = [box.x + box.width / 2, box.y + box.height / 2]; \
             const fire = (kind, dx) => rect.dispatchEvent(new PointerEvent(kind, {{ bubbles: true, pointerId: 1, clientX: x + dx, clientY: y }})); \
             const canvas = document.querySelector('.canvas'); canvas.setPointerCapture = () => {{}}; \
             const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))); \
             fire('pointerdown', 0); return drawn().then(() => {{ fire('pointermove', {dx}); return drawn(); }}) \
             .then(() => {{ fire('pointerup', {dx}); return true; }})"
        )
    };
    let number = |at: usize| {
        format!(
            "Number(document.querySelectorAll('.area')[0].querySelectorAll('input[type=number]')[{at}].value)"
        )
    };
    window.run(&drag(".corner", -60)).await?;
    let narrower = format!("return {0} < 1250 && {0} > 40", number(2));
    window.until("a narrower area", &narrower).await?;
    window.run(&drag(".body", 40)).await?;
    let moved = format!("return {} > 0 && {} < 1250", number(0), number(2));
    window.until("a moved area", &moved).await?;
    for (at, value) in [(0, "0"), (2, "1250")] {
        let put = format!(
            "const field = document.querySelectorAll('.area')[0].querySelectorAll('input[type=number]')[{at}]; \
             field.value = '{value}'; field.dispatchEvent(new Event('input', {{ bubbles: true }})); return true"
        );
        window.run(&put).await?;
    }
    Ok(())
}

/// Draws a menu of two areas, lets LINE have it, and shows it to everybody.
async fn menu(window: &Window) -> anyhow::Result<()> {
    window.run("document.querySelector('.line-page .draw').click()").await?;
    window.until("the editor", "return !!document.querySelector('.menu-editor')").await?;
    let picture = "const canvas = document.createElement('canvas'); canvas.width = 2500; canvas.height = 843; \
        const ink = canvas.getContext('2d'); ink.fillStyle = '#e0f0ed'; ink.fillRect(0, 0, 2500, 843); \
        ink.fillStyle = '#7a4b2a'; ink.fillRect(300, 200, 600, 443); ink.fillRect(1600, 200, 600, 443); \
        return new Promise((done) => canvas.toBlob((blob) => { const files = new DataTransfer(); \
        files.items.add(new File([blob], 'menu.png', { type: 'image/png' })); \
        const input = document.querySelector('.menu-editor input[type=file]'); input.files = files.files; \
        input.dispatchEvent(new Event('change', { bubbles: true })); done(true); }, 'image/png'))";
    window.run(picture).await?;
    let measured = "return document.querySelector('.canvas').getAttribute('viewBox') === '0 0 2500 843'";
    window.until("the picture's size", measured).await?;
    fill(window, ".menu-editor label:nth-of-type(1) input", "หลัก").await?;
    fill(window, ".menu-editor label:nth-of-type(2) input", "เมนูร้าน").await?;
    window.run("[...document.querySelectorAll('.menu-editor .deeds button')].find((each) => each.textContent === '2 × 1').click()").await?;
    window.until("two areas", "return document.querySelectorAll('.area').length === 2").await?;
    by_pointer(window).await?;
    let begin = "const kind = document.querySelector('.area select'); kind.value = 'begin'; \
                 kind.dispatchEvent(new Event('change', { bubbles: true }))";
    window.run(begin).await?;
    let flow = "const flow = document.querySelectorAll('.area select')[1]; flow.value = 'track_order'; \
                flow.dispatchEvent(new Event('change', { bubbles: true })); return flow.value === 'track_order'";
    window.until("the flow", flow).await?;
    // Without words the second area would be refused, and the draft says so.
    fill(window, ".area:nth-of-type(2) label:last-of-type input", "ขอคุยกับพนักงาน").await?;
    pictures(window, "editor", "th").await?;
    window.run("document.querySelector('.menu-editor .primary').click()").await?;
    window.until("the draft", "return !!document.querySelector('.line-menu img')").await?;
    press(window, ".line-menu", "ส่งขึ้น LINE").await?;
    window.until("LINE has it", &says(".line-menu [role=status]", "อยู่บน LINE แล้ว")).await?;
    press(window, ".line-menu", "แสดงให้ทุกคน").await?;
    window.until("everybody sees it", &says(".line-menu [role=status]", "ทุกคนเห็น")).await?;
    Ok(())
}

/// Writes to those who can be written to: two of the three.
async fn many(window: &Window, demo: &Demo) -> anyhow::Result<()> {
    fill(window, ".compose textarea", NEWS).await?;
    window.run("document.querySelector('.compose button.count').click()").await?;
    window.until("the number", "return !!document.querySelector('.sure')").await?;
    window.until("the number again", &says(".sure .primary", "2 คน")).await?;
    pictures(window, "sure", "th").await?;
    window.run("document.querySelector('.sure .primary').click()").await?;
    window.until("it was sent", &says(".broadcasts li", "ส่งแล้ว 2 จาก 2")).await?;
    marked(window).await?;
    for (person, received) in PEOPLE.iter().zip([1, 1, 0]) {
        let lines = demo.lines(ChannelName::Line, person).await?;
        let found = lines.iter().filter(|line| line["text"] == NEWS).count();
        ensure!(found == received, "{person} got it {found} times");
    }
    Ok(())
}

/// In the conversation it says that it went to many; a sticker and a button may go along.
async fn marked(window: &Window) -> anyhow::Result<()> {
    let open = "location.hash = '#/'; const row = [...document.querySelectorAll('a.row')].find((each) => each.textContent.includes('U4000001')); if (row) row.click(); return !!row && !!document.querySelector('.log')";
    window.until("a conversation of LINE", open).await?;
    let mark = "return [...document.querySelectorAll('article.agent')].some((each) => each.querySelector('.to-many') && each.textContent.includes('แม่ฮ่องสอน'))";
    window.until("the mark of a message to many", mark).await?;
    window.picture("line-marked-th-1440").await?;
    window.run("location.hash = '#/channels/line-demo/line'").await?;
    window.until("the page again", "return !!document.querySelector('.compose')").await?;
    for kind in [2, 4] {
        window
            .run(&format!("document.querySelectorAll('.compose .reply-add button')[{kind}].click()"))
            .await?;
        let there = "return !!document.activeElement.closest('.reply-part:last-of-type')";
        window.until("its fields", there).await?;
    }
    let fill = "const put = (field, words) => { field.value = words; field.dispatchEvent(new Event('input', { bubbles: true })); }; \
        const buttons = document.querySelectorAll('.reply-part')[1]; put(buttons.querySelector('textarea'), 'สนใจไหมคะ'); \
        put(buttons.querySelector('input'), 'สนใจ'); return !!document.querySelectorAll('.reply-part')[2]?.querySelector('input[type=number]')";
    window.until("a button and a sticker", fill).await?;
    window.run("document.querySelector('.compose button.count').click()").await?;
    let shown = "const sure = document.querySelector('.sure'); return !!sure && sure.textContent.includes('สนใจไหมคะ') && sure.querySelectorAll('.message').length === 2";
    window.until("two bubbles, none for the empty text", shown).await?;
    pictures(window, "rich", "th").await?;
    window.run("[...document.querySelectorAll('.compose .drop')].at(-1).click()").await?;
    let gone = "return !document.querySelector('.sure') && !!document.activeElement.closest('.reply-add')";
    window.until("what was counted is outdated, and the focus is where parts are added", gone).await?;
    Ok(())
}

async fn audience(window: &Window) -> anyhow::Result<()> {
    fill(window, ".line-page input[name=name]", "ลูกค้าประจำ").await?;
    window.run("document.querySelector('.line-page input[name=name]').form.requestSubmit()").await?;
    window.until("the audience", &says(".audiences li", "พร้อมใช้")).await?;
    Ok(())
}

async fn fill(window: &Window, selector: &str, text: &str) -> anyhow::Result<()> {
    let script = format!(
        "const field = document.querySelector('{selector}'); if (!field) return false; field.value = '{text}'; \
         field.dispatchEvent(new Event('input', {{ bubbles: true }})); return true"
    );
    window.until(selector, &script).await?;
    Ok(())
}

async fn press(window: &Window, within: &str, words: &str) -> anyhow::Result<()> {
    let script = format!(
        "const button = [...document.querySelectorAll('{within} button')].find((each) => each.textContent.includes('{words}') && !each.disabled); \
         button?.click(); return !!button"
    );
    window.until(words, &script).await?;
    Ok(())
}

fn says(selector: &str, words: &str) -> String {
    format!(
        "return [...document.querySelectorAll('{selector}')].some((each) => each.textContent.includes('{words}'))"
    )
}

/// What is shown, wide and narrow, without a fault that axe finds.
async fn pictures(window: &Window, name: &str, language: &str) -> anyhow::Result<()> {
    for (width, height) in [(1440, 1000), (390, 844)] {
        window.client.set_window_size(width, height).await?;
        let target = "document.querySelector('.sure, .menu-editor')?.scrollIntoView()";
        window.run(target).await?;
        window.picture(&format!("line-{name}-{language}-{width}")).await?;
        let faults = window.accessibility_faults().await.context("axe")?;
        ensure!(faults.is_empty(), "{name} {language} {width}: {faults:#?}");
        let scrolls = "return document.documentElement.scrollWidth > innerWidth || \
                       document.querySelector('.operations').scrollWidth > document.querySelector('.operations').clientWidth";
        ensure!(
            window.run(scrolls).await? == Value::Bool(false),
            "{name} {language} {width} scrolls sideways"
        );
    }
    window.client.set_window_size(1440, 1000).await?;
    Ok(())
}
