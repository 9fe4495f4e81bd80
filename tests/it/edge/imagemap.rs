//! A bot's picture with areas on LINE: sent, fetched in each width, and pressed.

use std::path::Path;
use std::time::Duration;

use channels::ChannelName;
use channels::line::imagemap::WIDTHS;
use channels::line::menu::picture_size;
use channels::simulator::CustomerAct;
use engine::demo::seed::TENANT;
use engine::ids::{RowId, TenantId};
use engine::store::BlobRow;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tests::demo::Demo;
use tests::http::call;
use tests::workspace;
use tokio::time::Instant;

const PATIENCE: Duration = Duration::from_secs(20);
const MALI: &str = "U4000041aaaabbbbccccddddeeeeffff0";
const PUBLIC: &str = "https://sala.example";
const BLOB: &str = "ab12ab12ab12ab12ab12ab12ab12ab12";
const PICTURE: &[u8] = include_bytes!("../browser/cup.png");

/// The demo's bot, which shows whoever thanks it a picture with two areas.
fn bots(folder: &Path) {
    workspace::copy_folder(&workspace::root().join("dialogues/bots"), folder).unwrap();
    let (_, width, height) = picture_size(PICTURE).unwrap();
    let half = width / 2;
    for language in ["th", "en", "zh"] {
        let file = folder.join(format!("baan_kafe/wording/{language}.yaml"));
        let written = std::fs::read_to_string(&file).unwrap();
        let begin = written.find("\nyou_are_welcome:").unwrap() + 1;
        let length = written[begin..].find("\nsee_you:").unwrap() + 1;
        let entry = format!(
            "you_are_welcome:\n  text: ยินดีค่ะ\n  imagemap:\n    picture: 'blob:{BLOB}'\n    alt: แก้วกาแฟ\n    \
             width: {width}\n    height: {height}\n    areas:\n      - {{ x: 0, y: 0, width: {half}, height: {height}, \
             label: ลา, say: ลาก่อนค่ะ }}\n      - {{ x: {half}, y: 0, width: {half}, height: {height}, label: Shop, \
             open: 'https://shop.example/' }}\n"
        );
        let changed = format!("{}{entry}{}", &written[..begin], &written[begin + length..]);
        std::fs::write(&file, changed).unwrap();
    }
}

/// A stored picture with an id that a bot can name.
async fn store_picture(demo: &Demo) {
    let folder = demo.app.config.data.folder.join("blobs/ab/12");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join(BLOB), PICTURE).unwrap();
    let sha256 = engine::secrets::hex(&Sha256::digest(PICTURE));
    let (tenant, id) = (TenantId::from_text(TENANT), RowId::from_text(BLOB));
    let row = BlobRow {
        tenant,
        id,
        sha256,
        size: PICTURE.len().try_into().unwrap(),
        mime: "image/png".into(),
        awaited_until: None,
    };
    demo.app.store.add_blob(row).await.unwrap();
}

async fn does(demo: &Demo, act: CustomerAct) {
    assert!(demo.act(ChannelName::Line, MALI, &act).await.unwrap());
}

/// The transcript, once it holds what is looked for.
async fn sees(demo: &Demo, what: &str, is_there: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let lines = demo.lines(ChannelName::Line, MALI).await.unwrap();
        if is_there(&lines) {
            return lines;
        }
        assert!(Instant::now() < deadline, "{what}: {lines:#?}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn get(demo: &Demo, path: &str) -> tests::http::Answer {
    call(demo.address, ("GET", path), &[], b"").await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_picture_with_areas_is_shown_fetched_and_pressed() {
    let folder = tempfile::tempdir().unwrap();
    bots(folder.path());
    let change = |config: &mut engine::config::Config| {
        config.bots.folder = folder.path().to_owned();
        config.server.public_url = PUBLIC.to_owned();
    };
    let demo = Demo::start_with(change).await.unwrap();
    store_picture(&demo).await;
    does(&demo, CustomerAct::Says { text: "ขอบคุณค่ะ".into(), quotes: None }).await;
    let is_picture = |line: &Value| line["text"] == "แก้วกาแฟ" && line["media"] == "image";
    let lines = sees(&demo, "the picture", |lines| lines.iter().any(is_picture)).await;
    let line = lines.iter().find(|line| is_picture(line)).unwrap();
    let titles: Vec<&str> =
        line["buttons"].as_array().unwrap().iter().filter_map(|each| each["title"].as_str()).collect();
    assert_eq!(titles, ["ลา", "Shop"]);
    let largest = line["media_url"].as_str().unwrap();
    let path = largest.strip_prefix(PUBLIC).unwrap().strip_suffix("/1040").unwrap();
    fetched(&demo, path).await;
    does(&demo, CustomerAct::Presses { title: "ลา".into() }).await;
    let answered = |lines: &[Value]| {
        let said = lines.iter().rposition(|line| line["from"] == "customer" && line["text"] == "ลาก่อนค่ะ");
        said.is_some_and(|said| lines.len() > said + 1)
    };
    sees(&demo, "an answer to the press", answered).await;
}

/// Each width that LINE asks for, and nothing else.
async fn fetched(demo: &Demo, path: &str) {
    let (_, wide, high) = picture_size(PICTURE).unwrap();
    for width in WIDTHS {
        for _ in 0..2 {
            let answer = get(demo, &format!("{path}/{width}")).await;
            assert_eq!((answer.status, answer.header("content-type")), (200, Some("image/png")), "{width}");
            let height = (high * width + wide / 2) / wide;
            assert_eq!(picture_size(&answer.body), Some(("image/png", width, height)));
        }
    }
    let (before, name) = path.rsplit_once('/').unwrap();
    let (source, signature) = name.split_once('.').unwrap();
    let mut flipped = signature.to_owned();
    flipped.replace_range(..1, if signature.starts_with('0') { "1" } else { "0" });
    let other = "cd".repeat(16);
    for wrong in [
        format!("{path}/800"),
        format!("{path}/x"),
        format!("{before}/{source}.{flipped}/1040"),
        format!("{before}/{source}/1040"),
        format!("{before}/b{other}.{signature}/1040"),
        format!("{before}/..%2f..%2fsecret.{signature}/1040"),
        format!("/channels/telegram-demo/pictures/{name}/1040"),
        format!("/channels/nothing/pictures/{name}/1040"),
    ] {
        let status = get(demo, &wrong).await.status;
        assert!(matches!(status, 400 | 404), "{wrong}: {status}");
    }
}
