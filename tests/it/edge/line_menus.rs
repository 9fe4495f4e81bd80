//! A flow that shows a person of LINE another menu: done by a job once the turn stands.

use std::path::Path;
use std::time::Duration;

use channels::line::rich_menu;
use channels::simulator::CustomerAct;
use channels::{ChannelName, PlatformRequest};
use engine::ids::ChannelAccountId;
use engine::platform::{CallLimits, call};
use serde_json::{Value, json};
use tests::demo::Demo;
use tests::workspace;
use tokio::time::Instant;

const PATIENCE: Duration = Duration::from_secs(20);
const MALI: &str = "U4000031aaaabbbbccccddddeeeeffff0";
const SOMCHAI: &str = "U4000032aaaabbbbccccddddeeeeffff0";

/// The demo's bot, which shows whoever thanks it the menu of regulars, and whoever says good-bye the common one again.
fn bots(folder: &Path) {
    workspace::copy_folder(&workspace::root().join("dialogues/bots"), folder).unwrap();
    let bot = folder.join("baan_kafe");
    let mut actions = std::fs::read_to_string(bot.join("actions.yaml")).unwrap();
    actions += "\nshow_menu:\n  method: POST\n  url: sala:/line-menu\n  args: { alias?: text }\n";
    std::fs::write(bot.join("actions.yaml"), actions).unwrap();
    for (flow, call) in [
        (
            "thanks",
            "  - call: show_menu\n    with: { alias: '\"regulars\"' }\n    on_error: { say: error_try_again }\n",
        ),
        ("goodbye", "  - call: show_menu\n    on_error: { say: error_try_again }\n"),
    ] {
        let file = bot.join(format!("flows/{flow}.yaml"));
        let written = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, format!("{}\n{call}", written.trim_end())).unwrap();
    }
}

/// Asks the pretended LINE.
async fn ask(demo: &Demo, request: impl FnOnce(&channels::AccountConfig) -> PlatformRequest) -> (u16, Value) {
    let account = demo.app.accounts.find(&ChannelAccountId::from_text("line-demo")).await.unwrap();
    let answer = call(&demo.app, &account, &request(&account.config), CallLimits::default()).await.unwrap();
    (answer.status, serde_json::from_slice(&answer.body).unwrap_or_default())
}

/// A menu that LINE has, by its alias.
async fn menu(demo: &Demo, alias: &str) -> String {
    let area = json!({"bounds": {"x": 0, "y": 0, "width": 2500, "height": 843}, "action": {"type": "message", "text": "hi"}});
    let menu = json!({"size": {"width": 2500, "height": 843}, "selected": true, "name": alias, "chatBarText": "Menu", "areas": [area]});
    let (_, made) = ask(demo, |account| rich_menu::create(account, &menu)).await;
    let id = made["richMenuId"].as_str().unwrap().to_owned();
    let (status, _) = ask(demo, |account| rich_menu::upload_image(account, &id, "image/png", b"png")).await;
    assert_eq!(status, 200);
    assert_eq!(ask(demo, |account| rich_menu::create_alias(account, alias, &id)).await.0, 200);
    id
}

/// Somebody says it, and then has this menu of their own.
async fn check(demo: &Demo, (who, text): (&str, &str), expected: Option<&str>) {
    let says = CustomerAct::Says { text: text.to_owned(), quotes: None };
    assert!(demo.act(ChannelName::Line, who, &says).await.unwrap());
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (_, shown) = ask(demo, |account| rich_menu::of_person(account, who)).await;
        if shown["richMenuId"].as_str() == expected {
            return;
        }
        assert!(Instant::now() < deadline, "{text}: {shown}, not {expected:?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flow_shows_a_person_another_menu_and_takes_it_away() {
    let folder = tempfile::tempdir().unwrap();
    bots(folder.path());
    let demo = Demo::start_with(|config| config.bots.folder = folder.path().to_owned()).await.unwrap();
    let regulars = menu(&demo, "regulars").await;
    check(&demo, (MALI, "ขอบคุณค่ะ"), Some(&regulars)).await;
    check(&demo, (MALI, "ลาก่อนค่ะ"), None).await;
    check(&demo, (SOMCHAI, "ขอบคุณครับ"), Some(&regulars)).await;
    // An alias that LINE does not know any more is no reason to try for ever, nor to say less.
    assert_eq!(ask(&demo, |account| rich_menu::remove_alias(account, "regulars")).await.0, 200);
    check(&demo, (MALI, "ขอบคุณค่ะ"), None).await;
    settled(&demo, 3).await;
}

/// Waits until Mali has so many answers and nothing is left to do.
async fn settled(demo: &Demo, answers: usize) {
    let deadline = Instant::now() + PATIENCE;
    let tenant = engine::ids::TenantId::from_text(engine::demo::seed::TENANT);
    loop {
        let jobs = demo.app.store.jobs(&tenant, 50).await.unwrap();
        let shows: Vec<_> = jobs.iter().filter(|job| job.kind == "line_menu_show").collect();
        let lines = demo.lines(ChannelName::Line, MALI).await.unwrap();
        let said = lines.iter().filter(|line| line["from"] != "customer").count();
        if said == answers && shows.iter().all(|job| job.state == "done") {
            return;
        }
        assert!(Instant::now() < deadline, "{said} answers: {shows:#?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
