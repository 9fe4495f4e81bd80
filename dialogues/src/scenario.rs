//! Conversations written down as tests: what a person says and what must come of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::CallFailure;
use crate::expression::{Date, Record, Value};
use crate::problem::{Mark, Named, Problem, Problems, advise};
use crate::reading::{Fields, Node, Reading, Yaml, parse};
use crate::settings::known_channel;

/// One conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scenario {
    pub name: String,
    pub file: String,
    pub mark: Mark,
    pub language: String,
    pub channel: String,
    /// The day on which it happens; the runner's own where it does not matter.
    pub today: Option<Date>,
    /// Facts that are remembered about the person beforehand.
    pub person: Record,
    /// Answers of actions in place of the real services, tried in order; other calls go to the built-in
    /// shop.
    pub stand_ins: Vec<StandIn>,
    pub turns: Vec<ScenarioTurn>,
}

/// An answer in place of a service's own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StandIn {
    pub action: Named,
    /// Only for calls with these arguments.
    pub with: Record,
    pub answer: StandInAnswer,
}

/// What a call comes to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StandInAnswer {
    Gives(serde_json::Value),
    Fails(CallFailure),
}

/// One thing that happens and what must come of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScenarioTurn {
    pub mark: Mark,
    pub input: TurnInput,
    pub expect: Expectation,
}

/// What happens in a turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TurnInput {
    /// The person writes.
    User(String),
    /// The person presses the quick reply with this wording id as its title.
    Press(String),
    /// The person sends content without words, such as `sticker` or `image`.
    Send(String),
    /// An agent gives the conversation back.
    HandBack,
}

/// What must hold after a turn; what is left out may be anything.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Expectation {
    pub decision: Option<ExpectedDecision>,
    pub intent: Option<Named>,
    /// The innermost flow under way after the turn; `none` for none.
    pub flow: Option<Named>,
    /// The ids of exactly the wordings said, in order.
    pub says: Option<Vec<Named>>,
    /// Texts that the replies hold.
    pub contains: Vec<String>,
    /// Texts that the replies do not hold.
    pub lacks: Vec<String>,
    /// The platform's templates that the replies name.
    pub templates: Vec<String>,
    pub control: Option<ExpectedControl>,
    /// Slugs of the articles cited.
    pub citations: Vec<String>,
    /// Slots of the flow under way, or of the one that ended in this turn.
    pub slots: BTreeMap<String, Value>,
}

/// The decisions that a scenario can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpectedDecision {
    ContinueFlow,
    StartFlow,
    Repair,
    Answer,
    Figure,
    AskAgain,
    HandOff,
}

/// Who owns the next word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpectedControl {
    Bot,
    Waiting,
    Agent,
}

impl ExpectedDecision {
    const ALL: [(&'static str, ExpectedDecision); 7] = [
        ("continue_flow", ExpectedDecision::ContinueFlow),
        ("start_flow", ExpectedDecision::StartFlow),
        ("repair", ExpectedDecision::Repair),
        ("answer", ExpectedDecision::Answer),
        ("figure", ExpectedDecision::Figure),
        ("ask_again", ExpectedDecision::AskAgain),
        ("hand_off", ExpectedDecision::HandOff),
    ];
}

const CONTROLS: [(&str, ExpectedControl); 3] =
    [("bot", ExpectedControl::Bot), ("waiting", ExpectedControl::Waiting), ("agent", ExpectedControl::Agent)];

const FAILURES: [(&str, CallFailure); 3] = [
    ("refused", CallFailure::Refused),
    ("unavailable", CallFailure::Unavailable),
    ("bad_result", CallFailure::BadResult),
];

/// The scenarios of one file; what they refer to is checked only with their bot.
pub fn read_file(file: &str, text: &str) -> Result<Vec<Scenario>, Vec<Problem>> {
    let mut problems = Problems::default();
    let node = parse(file, text, &mut problems);
    let scenarios = node.map(|node| read(&node, &mut Reading { file, problems: &mut problems }));
    if problems.has_errors() { Err(problems.into_sorted()) } else { Ok(scenarios.unwrap_or_default()) }
}

pub(crate) fn read(node: &Node, reading: &mut Reading<'_>) -> Vec<Scenario> {
    let Yaml::List(items) = &node.value else {
        reading.wrong(node, "scenarios", "a list of scenarios");
        return Vec::new();
    };
    items.iter().filter_map(|item| read_scenario(item, reading)).collect()
}

/// The web chat, unless the scenario names another channel.
fn channel(fields: &Fields<'_>, reading: &mut Reading<'_>) -> String {
    let Some(node) = fields.get("channel") else { return "web".to_owned() };
    let channel = reading.text(node, "channel").unwrap_or_default();
    known_channel(&channel, node.mark, reading);
    channel
}

const KEYS: [&str; 7] = ["scenario", "language", "channel", "today", "person", "stand_ins", "turns"];

fn read_scenario(node: &Node, reading: &mut Reading<'_>) -> Option<Scenario> {
    let fields = reading.fields(node, "scenario", &KEYS)?;
    let text =
        |key: &str, reading: &mut Reading<'_>| fields.get(key).and_then(|node| reading.text(node, key));
    let name = fields.need("scenario", reading).and_then(|node| reading.text(node, "scenario"));
    let turns = fields.need("turns", reading).map(|node| read_list(node, "turns", reading, read_turn));
    let stand_ins = fields.get("stand_ins").map(|node| read_list(node, "stand_ins", reading, read_stand_in));
    Some(Scenario {
        file: reading.file.to_owned(),
        mark: fields.mark,
        language: text("language", reading).unwrap_or_default(),
        channel: channel(&fields, reading),
        today: fields.get("today").and_then(|node| read_date(node, reading)),
        person: fields.get("person").map(read_record).unwrap_or_default(),
        stand_ins: stand_ins.unwrap_or_default(),
        turns: turns.unwrap_or_default(),
        name: name?,
    })
}

fn read_date(node: &Node, reading: &mut Reading<'_>) -> Option<Date> {
    let date = reading.text(node, "today")?.parse();
    if date.is_err() {
        reading.wrong(node, "today", "a day written as 2026-11-21");
    }
    date.ok()
}

fn read_list<T>(
    node: &Node,
    key: &str,
    reading: &mut Reading<'_>,
    read: fn(&Node, &mut Reading<'_>) -> Option<T>,
) -> Vec<T> {
    let Yaml::List(items) = &node.value else {
        reading.wrong(node, key, "a list");
        return Vec::new();
    };
    items.iter().filter_map(|item| read(item, reading)).collect()
}

fn read_stand_in(node: &Node, reading: &mut Reading<'_>) -> Option<StandIn> {
    let fields = reading.fields(node, "stand_ins", &["action", "with", "gives", "fails"])?;
    let action = fields.need("action", reading).and_then(|node| reading.named(node, "action"));
    let answer = match (fields.get("gives"), fields.get("fails")) {
        (Some(gives), None) => StandInAnswer::Gives(to_json(gives)),
        (None, Some(fails)) => StandInAnswer::Fails(one_of(fails, "fails", &FAILURES, reading)?),
        _ => {
            reading.error(fields.mark, "stand_ins", "expected either `gives` or `fails`", "");
            return None;
        }
    };
    Some(StandIn { action: action?, with: fields.get("with").map(read_record).unwrap_or_default(), answer })
}

fn read_turn(node: &Node, reading: &mut Reading<'_>) -> Option<ScenarioTurn> {
    let fields = reading.fields(node, "turns", &["user", "press", "send", "hand_back", "expect"])?;
    let expect = fields.get("expect").and_then(|node| read_expectation(node, reading)).unwrap_or_default();
    let inputs = ["user", "press", "send", "hand_back"];
    let mut given = inputs.iter().filter_map(|key| Some((*key, fields.get(key)?)));
    let (Some((key, node)), None) = (given.next(), given.next()) else {
        reading.error(fields.mark, "turns", format!("expected one of {}", inputs.join(", ")), "");
        return None;
    };
    let input = match key {
        "user" => TurnInput::User(reading.text(node, key)?),
        "press" => TurnInput::Press(reading.text(node, key)?),
        "send" => TurnInput::Send(reading.text(node, key)?),
        _ => TurnInput::HandBack,
    };
    Some(ScenarioTurn { mark: fields.mark, input, expect })
}

const EXPECT_KEYS: [&str; 10] =
    ["decision", "intent", "flow", "says", "contains", "lacks", "templates", "control", "citations", "slots"];

fn read_expectation(node: &Node, reading: &mut Reading<'_>) -> Option<Expectation> {
    let fields = reading.fields(node, "expect", &EXPECT_KEYS)?;
    let decision =
        fields.get("decision").and_then(|node| one_of(node, "decision", &ExpectedDecision::ALL, reading));
    let control = fields.get("control").and_then(|node| one_of(node, "control", &CONTROLS, reading));
    Some(Expectation {
        decision,
        control,
        intent: fields.get("intent").and_then(|node| reading.named(node, "intent")),
        flow: fields.get("flow").and_then(|node| reading.named(node, "flow")),
        says: fields.get("says").map(|node| reading.names(node, "says")),
        contains: texts(&fields, "contains", reading),
        lacks: texts(&fields, "lacks", reading),
        templates: texts(&fields, "templates", reading),
        citations: texts(&fields, "citations", reading),
        slots: fields.get("slots").map(read_record).unwrap_or_default(),
    })
}

fn texts(fields: &Fields<'_>, key: &str, reading: &mut Reading<'_>) -> Vec<String> {
    let names = fields.get(key).map(|node| reading.names(node, key)).unwrap_or_default();
    names.into_iter().map(|named| named.id).collect()
}

fn one_of<T: Copy>(node: &Node, key: &str, all: &[(&str, T)], reading: &mut Reading<'_>) -> Option<T> {
    let word = reading.text(node, key)?;
    let found = all.iter().find(|(name, _)| *name == word).map(|(_, value)| *value);
    if found.is_none() {
        let advice = advise(&word, all.iter().map(|(name, _)| *name));
        reading.error(node.mark, key, format!("there is no `{word}`"), advice);
    }
    found
}

/// The values of a mapping; a text that is a day, such as 2026-11-21, is a date.
fn read_record(node: &Node) -> Record {
    let Value::Record(record) = Value::from_json(&to_json(node)) else { return Record::new() };
    let with_dates = record.into_iter().map(|(name, value)| {
        let date = value.as_text().and_then(|text| text.parse().ok()).map(Value::Date);
        (name, date.unwrap_or(value))
    });
    with_dates.collect()
}

fn to_json(node: &Node) -> serde_json::Value {
    match &node.value {
        Yaml::Null => serde_json::Value::Null,
        Yaml::Boolean(boolean) => serde_json::Value::Bool(*boolean),
        Yaml::Number(number) => Value::number(*number).to_plain_json(),
        Yaml::Text(text) => serde_json::Value::String(text.clone()),
        Yaml::List(items) => serde_json::Value::Array(items.iter().map(to_json).collect()),
        Yaml::Map(entries) => {
            let entries = entries.iter().filter_map(|(name, node)| Some((name.as_word()?, to_json(node))));
            serde_json::Value::Object(entries.collect())
        }
    }
}

#[cfg(test)]
mod tests;
