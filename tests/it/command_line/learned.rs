//! Entities that a bot learns from marks in its examples, from the files to the answer.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tests::demo::Demo;
use tests::workspace::{copy_folder, root};

use super::Program;

const PLACES: [&str; 16] = [
    "the blue gate",
    "tower B lobby",
    "my mum's shop",
    "the back door",
    "the guard house",
    "room 12 reception",
    "the bakery next door",
    "the old market stall",
    "our warehouse",
    "the school canteen",
    "unit five",
    "the night desk",
    "uncle Lek's garage",
    "the temple car park",
    "the corner pharmacy",
    "the pier ticket booth",
];

/// The demo's bot with a flow that wants to know where parcels go.
fn write_bot(folder: &Path) {
    copy_folder(&root().join("dialogues/bots/baan_kafe"), folder).unwrap();
    let append = |file: &str, more: &str| {
        let path = folder.join(file);
        let before = fs::read_to_string(&path).unwrap_or_default();
        fs::write(path, before + more).unwrap();
    };
    let settings = fs::read_to_string(folder.join("bot.yaml")).unwrap();
    fs::write(folder.join("bot.yaml"), settings.replace("  - goodbye\n", "  - goodbye\n  - send_parcel\n"))
        .unwrap();
    append("entities.yaml", "drop_off: { learned: true }\n");
    append(
        "flows/send_parcel.yaml",
        "flow: send_parcel\ndescription: { en: Send, th: ส่ง, zh: 寄 }\nstarts_when: { intent: send_parcel }\n\
         steps:\n  - collect: drop_off\n  - say: sent_to\n",
    );
    let mut examples = "examples:\n".to_owned();
    for place in PLACES {
        for (before, after) in [("bring the parcel to ", " please"), ("send my box to ", "")] {
            writeln!(examples, "  - \"{before}[{place}](drop_off){after}\"").unwrap();
        }
    }
    for language in ["en", "th", "zh"] {
        append(&format!("intents/{language}/send_parcel.yaml"), &examples);
        let wording = "ask_drop_off: Where to?\nsent_to: 'It goes to {drop_off}.'\nflow_send_parcel: Send\n";
        append(&format!("wording/{language}.yaml"), wording);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_marked_is_found_in_new_messages_and_taken_as_an_answer() {
    let demo = Demo::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    write_bot(folder.path());
    let bot = folder.path().display().to_string();
    let mut program = Program::beside(&demo);
    let words = ["bring the parcel to the flower kiosk please", "send my box", "flower kiosk"];
    let lines: Vec<String> = words.iter().map(|words| json!({ "user": words }).to_string()).collect();
    let said = program.run(&["converse", "--bot", &bot, "--jsonl"], &lines.join("\n")).await;
    let turns: Vec<Value> = said
        .text
        .lines()
        .filter(|line| line.starts_with('{'))
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let replies: Vec<&Value> = turns.iter().map(|turn| &turn["replies"][0]).collect();
    assert_eq!(
        replies,
        ["It goes to the flower kiosk.", "Where to?", "It goes to flower kiosk."],
        "{}",
        said.text
    );
}
