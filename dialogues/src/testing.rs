//! What the tests of this crate share: the demo bot and small bots made of texts.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use crate::{
    AdvanceError, Bot, DialogueState, Effect, Event, Heard, Mention, NEEDED, Record, Value, advance,
};

/// The texts of a bot's folder, by path relative to it.
pub(crate) fn files_of(bot: &str) -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("bots").join(bot);
    let mut files = BTreeMap::new();
    for part in ["", "flows", "wording", "scenarios", "intents/th", "intents/en", "intents/zh"] {
        for entry in std::fs::read_dir(folder.join(part)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "yaml") {
                let name = path.file_name().unwrap().to_str().unwrap();
                let file = if part.is_empty() { name.to_owned() } else { format!("{part}/{name}") };
                files.insert(file, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    files
}

/// The demo bot, read once.
pub(crate) fn demo_bot() -> &'static Bot {
    static BOT: LazyLock<Bot> = LazyLock::new(|| {
        Bot::read(&files_of("baan_kafe")).unwrap_or_else(|problems| panic!("{}", lines(&problems)))
    });
    &BOT
}

pub(crate) fn lines(problems: &[crate::Problem]) -> String {
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// The files of a small bot in Thai and English: every flow given as (id, steps), and wording whose text
/// in each language is the id itself, except where `wording` says more.
pub(crate) fn small_files(flows: &[(&str, &str)], wording: &[(&str, &str)]) -> BTreeMap<String, String> {
    let mut files = BTreeMap::from([
        ("bot.yaml".to_owned(), SETTINGS.to_owned()),
        ("actions.yaml".to_owned(), ACTIONS.to_owned()),
        ("entities.yaml".to_owned(), ENTITIES.to_owned()),
    ]);
    let mut texts: BTreeMap<String, String> =
        NEEDED.iter().map(|needed| (needed.id.to_owned(), format!("'{}'", needed.id))).collect();
    texts.insert("format_baht".to_owned(), "'{amount} baht'".to_owned());
    for (id, steps) in flows {
        let text = format!(
            "flow: {id}\ndescription: {{ en: {id} }}\nstarts_when: {{ intent: {id} }}\nsteps:\n{steps}"
        );
        files.insert(format!("flows/{id}.yaml"), text);
        texts.insert(format!("flow_{id}"), format!("'Flow {id}'"));
    }
    texts.extend(wording.iter().map(|(id, text)| ((*id).to_owned(), (*text).to_owned())));
    for intent in ["a", "b", "c"] {
        files.insert(format!("intents/en/{intent}.yaml"), format!("examples: [i want {intent}]\n"));
    }
    let wording: String = texts.iter().fold(String::new(), |all, (id, text)| all + id + ": " + text + "\n");
    files.insert("wording/th.yaml".to_owned(), wording.clone());
    files.insert("wording/en.yaml".to_owned(), wording);
    files
}

pub(crate) fn small_bot(flows: &[(&str, &str)], wording: &[(&str, &str)]) -> Bot {
    Bot::read(&small_files(flows, wording)).unwrap_or_else(|problems| panic!("{}", lines(&problems)))
}

const SETTINGS: &str = "
bot: small
name: { th: เล็ก, en: Small }
default_language: th
languages: [th, en]
intents: [a, b, c]
services: [shop]
words:
  yes: { th: [ใช่, ค่ะ], en: ['yes', ok] }
  no: { th: [ไม่, ไม่ใช่], en: ['no'] }
  cancel: { th: [ยกเลิก], en: [cancel, never mind] }
  skip: { th: [ข้าม], en: [skip] }
  repeat: { th: [อะไรนะ], en: [pardon] }
  resume: { th: [ทำต่อ], en: [go on] }
  correct: { th: [ไม่ใช่, แก้เป็น], en: ['no', i meant] }
  polite: { th: [ค่ะ, ครับ, นะ], en: [please] }
";

const ACTIONS: &str = "
order_status:
  method: GET
  url: shop:/orders/{number}
  retries: 2
  args: { number: text }
  result: { number: text, status: { one_of: [packed, shipped] }, total: money, eta?: date }
note:
  method: POST
  url: shop:/notes
  args: { text: text, count?: number }
  result: { ok: boolean }
";

const ENTITIES: &str = "
order_number: { pattern: '\\b[A-Z]{2}\\d{6}\\b', ignore_case: true, letters: upper }
colour:
  values:
    RED: { name: { th: สีแดง, en: red }, synonyms: { th: [แดง] } }
    BLUE: { name: { th: สีน้ำเงิน, en: blue } }
";

/// A conversation with a bot, its effects written as short lines.
pub(crate) struct Talk {
    pub(crate) bot: Bot,
    pub(crate) state: DialogueState,
}

impl Talk {
    pub(crate) fn new(flows: &[(&str, &str)], wording: &[&str]) -> Self {
        let wording: Vec<(&str, &str)> = wording
            .iter()
            .map(|entry| entry.split_once(':').map_or((*entry, "text"), |(id, text)| (id, text.trim())))
            .collect();
        Talk { bot: small_bot(flows, &wording), state: DialogueState::new("en", "web") }
    }

    #[track_caller]
    pub(crate) fn check(&mut self, event: Event, expected: &[&str]) {
        let shown = format!("{event:?}");
        let advanced =
            advance(&self.bot, self.state.clone(), event).unwrap_or_else(|e| panic!("{shown}: {e}"));
        let lines: Vec<String> = advanced.effects.iter().map(line).collect();
        assert_eq!(lines, expected, "{shown}");
        let stored = serde_json::to_string(&advanced.state).unwrap();
        self.state = DialogueState::read(&stored).unwrap();
        assert_eq!(self.state, advanced.state, "{stored}");
    }

    #[track_caller]
    pub(crate) fn begin(&mut self, flow: &str, text: &str, expected: &[&str]) {
        self.check(Event::Begin { flow: flow.to_owned(), heard: heard(text) }, expected);
    }

    #[track_caller]
    pub(crate) fn say(&mut self, text: &str, expected: &[&str]) {
        self.check(Event::Heard(heard(text)), expected);
    }

    #[track_caller]
    pub(crate) fn press(&mut self, payload: &str, expected: &[&str]) {
        let heard = Heard { payload: Some(payload.to_owned()), ..Heard::default() };
        self.check(Event::Heard(heard), expected);
    }

    pub(crate) fn error(&self, event: &Event) -> AdvanceError {
        advance(&self.bot, self.state.clone(), event.clone()).unwrap_err()
    }
}

/// Order numbers and colours are found as nlu would; `#5` is the number 5.
pub(crate) fn heard(text: &str) -> Heard {
    let mut entities = Vec::new();
    for word in text.split_whitespace() {
        let upper = word.trim_matches(',').to_uppercase();
        if upper.len() == 8 && upper.starts_with("BK") {
            entities.push(("order_number", Value::text(upper)));
        } else if ["RED", "BLUE"].contains(&upper.as_str()) {
            entities.push(("colour", Value::text(upper)));
        } else if let Some(number) = word.strip_prefix('#') {
            entities.push(("number", Value::number(number.parse().unwrap())));
        }
    }
    let mention = |(kind, value): (&str, Value)| Mention { kind: kind.into(), text: text.into(), value };
    Heard { entities: entities.into_iter().map(mention).collect(), ..Heard::text(text) }
}

fn line(effect: &Effect) -> String {
    let args =
        |args: &Record| args.values().map(|v| v.to_plain_json().to_string()).collect::<Vec<_>>().join(",");
    match effect {
        Effect::Say(say) => match args(&say.args).as_str() {
            "" => say.wording.clone(),
            args => format!("{} {args}", say.wording),
        },
        Effect::Search { query } => format!("search {query}"),
        Effect::Call { action, args: given } => format!("call {action} {}", args(given)),
        Effect::HandOff { reason } => format!("hand off {reason}"),
        Effect::AskFeedback(say) => format!("feedback {}", say.wording),
        Effect::Remember { slot, value } => format!("remember {slot} {}", value.to_plain_json()),
        Effect::Ended { flow, outcome } => format!("{flow} {outcome:?}"),
    }
}

/// Steps that collect a number and an optional note and then ask for a choice.
pub(crate) const COLLECTS: &str = "
  - { collect: order_number }
  - { collect: note, entity: text, optional: true }
  - choose:
      say: sure
      options:
        - { option: yes_do, call: note, with: { text: order_number } }
        - { option: no_dont, say: not_done }
  - say: done
";
pub(crate) const COLLECT_WORDING: [&str; 8] = [
    "ask_order_number",
    "ask_note",
    "sure: '{order_number} {note}'",
    "yes_do: Do it",
    "no_dont: Leave it",
    "not_done",
    "done: '{order_number}'",
    "hello",
];
