//! Plays the demo bot's scenarios against the dialogue alone: the expected intent stands in for nlu, and
//! the stand-ins for the shop.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use regex::Regex;

use super::*;
use crate::effect::{Effect, Say, Title};
use crate::testing::demo_bot;
use crate::{
    Advanced, Bot, CallFailure, DialogueState, Event, Fit, Heard, Mention, Shape, StepPath, Verb, advance,
    coverage, fit, recognise_repair, word,
};

struct Play<'b> {
    bot: &'b Bot,
    scenario: &'b Scenario,
    state: DialogueState,
    visited: Vec<StepPath>,
    /// Every quick reply offered so far, by wording id.
    offered: BTreeMap<String, String>,
}

/// What came of one turn.
#[derive(Default)]
struct Outcome {
    decision: Option<ExpectedDecision>,
    said: Vec<Say>,
    control: Option<ExpectedControl>,
}

impl Play<'_> {
    fn turn(&mut self, turn: &ScenarioTurn) -> Outcome {
        let mut outcome = Outcome::default();
        let heard = match &turn.input {
            TurnInput::User(text) => Heard { entities: mentions(self.bot, text), ..Heard::text(text) },
            TurnInput::Press(id) => {
                let payload = self.offered.get(id).unwrap_or_else(|| panic!("{id} was never offered"));
                Heard { payload: Some(payload.clone()), ..Heard::default() }
            }
            TurnInput::Send(_) => return outcome,
            TurnInput::HandBack => {
                self.advance(Event::HandedBack, &mut outcome, &turn.expect);
                return outcome;
            }
        };
        let event = self.decide(&heard, &turn.expect, &mut outcome);
        if let Some(event) = event {
            self.advance(event, &mut outcome, &turn.expect);
        }
        outcome
    }

    /// A small stand-in for the engine's decision.
    fn decide(&self, heard: &Heard, expect: &Expectation, outcome: &mut Outcome) -> Option<Event> {
        if let Some(repair) = recognise_repair(self.bot, &self.state, heard) {
            outcome.decision = Some(ExpectedDecision::Repair);
            return Some(Event::Repair(repair));
        }
        let fit = fit(self.bot, &self.state, heard);
        let intent = expect.intent.as_ref().map(|intent| intent.id.as_str());
        if fit == Fit::Sure || (fit == Fit::Perhaps && intent.is_none()) {
            outcome.decision = Some(ExpectedDecision::ContinueFlow);
            return Some(Event::Heard(heard.clone()));
        }
        let Some(intent) = intent else {
            outcome.decision = Some(ExpectedDecision::ContinueFlow);
            return Some(Event::Heard(heard.clone()));
        };
        if self.bot.answers_from_knowledge(intent) {
            outcome.decision = Some(ExpectedDecision::Answer);
            return None;
        }
        outcome.decision = Some(ExpectedDecision::StartFlow);
        let flow = self.bot.flow_for_intent(intent).unwrap().id.clone();
        Some(Event::Begin { flow, heard: heard.clone() })
    }

    fn advance(&mut self, event: Event, outcome: &mut Outcome, expect: &Expectation) {
        let mut next = Some(event);
        for _ in 0..16 {
            let Some(event) = next.take() else { return };
            let Advanced { state, effects, visited } = advance(self.bot, self.state.clone(), event).unwrap();
            self.state = DialogueState::read(&serde_json::to_string(&state).unwrap()).unwrap();
            assert_eq!(self.state, state, "state does not survive being stored");
            self.visited.extend(visited);
            for effect in effects {
                next = next.or(self.perform(effect, outcome, expect));
            }
        }
        panic!("more than 16 rounds");
    }

    fn perform(&mut self, effect: Effect, outcome: &mut Outcome, expect: &Expectation) -> Option<Event> {
        match effect {
            Effect::Say(say) | Effect::AskFeedback(say) => {
                for choice in &say.choices {
                    if let Title::Wording(id) = &choice.title {
                        self.offered.insert(id.clone(), choice.payload.clone());
                    }
                }
                outcome.said.push(say);
                None
            }
            Effect::HandOff { .. } => {
                outcome.control = Some(ExpectedControl::Waiting);
                let args = [("minutes", Value::from(3)), ("position", Value::from(2))];
                let args = args.map(|(name, value)| (name.to_owned(), value)).into();
                outcome.said.push(Say { args, ..Say::plain("handoff_started") });
                None
            }
            Effect::Call { action, args } => Some(self.call(&action, &args)),
            Effect::Search { .. } if expect.citations.is_empty() => Some(Event::NothingFound),
            Effect::Search { .. } => Some(Event::Found { answer: expect.citations[0].clone() }),
            Effect::Remember { .. } | Effect::Ended { .. } => None,
        }
    }

    fn call(&self, action: &str, args: &Record) -> Event {
        let fits = |stand_in: &&StandIn| {
            stand_in.action.id == action
                && stand_in.with.iter().all(|(name, value)| args.get(name) == Some(value))
        };
        let stand_in = self.scenario.stand_ins.iter().find(fits);
        match stand_in.map(|stand_in| &stand_in.answer) {
            Some(StandInAnswer::Gives(json)) => {
                let result = self.bot.actions[action].result.read(json);
                Event::Called { result: result.unwrap_or_else(|mismatch| panic!("{action}: {mismatch}")) }
            }
            Some(StandInAnswer::Fails(reason)) => Event::CallFailed { reason: *reason },
            // What the engine performs by itself.
            None if self.bot.actions[action].service == "sala" => Event::Called { result: Value::None },
            None => Event::CallFailed { reason: CallFailure::Unavailable },
        }
    }

    fn check(&self, turn: &ScenarioTurn, outcome: &Outcome) {
        let at = format!("{}:{} {}", self.scenario.file, turn.mark.line, self.scenario.name);
        let expect = &turn.expect;
        if let Some(decision) = expect.decision {
            assert_eq!(outcome.decision, Some(decision), "{at}");
        }
        if let Some(says) = &expect.says {
            let wanted: Vec<&str> = says.iter().map(|named| named.id.as_str()).collect();
            let said: Vec<&str> = outcome.said.iter().map(|say| say.wording.as_str()).collect();
            assert_eq!(said, wanted, "{at}");
        }
        if let Some(flow) = &expect.flow {
            assert_eq!(self.state.flow().unwrap_or("none"), flow.id, "{at}");
        }
        if expect.control.is_some() {
            assert_eq!(outcome.control.or(Some(ExpectedControl::Bot)), expect.control, "{at}");
        }
        let text = self.text(outcome);
        assert!(!text.contains('{') && !text.contains('}'), "{at}: {text}");
        for part in &expect.contains {
            assert!(text.contains(part), "{at}: `{part}` is not in\n{text}");
        }
        for part in &expect.lacks {
            assert!(!text.contains(part), "{at}: `{part}` is in\n{text}");
        }
        for (slot, value) in &expect.slots {
            let got = self.state.slots().and_then(|slots| slots.get(slot)).cloned().unwrap_or_default();
            assert_eq!(&got, value, "{at}: {slot}");
        }
    }

    fn text(&self, outcome: &Outcome) -> String {
        let mut text = String::new();
        for say in &outcome.said {
            let worded = word(self.bot, &self.scenario.language, &self.scenario.channel, say, 7);
            assert!(!worded.parts.is_empty(), "{} says nothing", say.wording);
            text.push_str(&worded.parts.join("\n"));
            for choice in worded.choices {
                assert!(choice.payload.len() <= 64);
                write!(text, "\n[{}]", choice.title).unwrap();
            }
            text.push('\n');
        }
        text
    }
}

/// How the scenarios name days.
const DAYS: [(&str, u8); 7] = [
    ("วันอาทิตย์ที่ 22", 22),
    ("วันอังคารที่ 24", 24),
    ("วันที่ 24", 24),
    ("11月24日", 24),
    ("25", 25),
    ("11月25日", 25),
    ("28 November", 28),
];

/// A small stand-in for nlu's entities.
fn mentions(bot: &Bot, text: &str) -> Vec<Mention> {
    let mut mentions = Vec::new();
    let mut add = |kind: &str, value: Value| {
        mentions.push(Mention { kind: kind.to_owned(), text: text.to_owned(), value });
    };
    for entity in bot.entities.values() {
        match &entity.shape {
            Shape::Pattern { .. } => {
                if let Some(found) = entity.find_pattern(text) {
                    add(&entity.name, Value::Text(found));
                }
            }
            Shape::List(values) => {
                let lower = text.to_lowercase();
                let named = |id: &&String| {
                    let names = values[*id].name.values().chain(values[*id].synonyms.values().flatten());
                    names.map(|name| name.to_lowercase()).any(|name| lower.contains(&name))
                };
                if let Some(id) = values.keys().find(named) {
                    add(&entity.name, Value::text(id));
                }
            }
            Shape::Learned => {}
        }
    }
    for (kind, pattern) in
        [("phone", r"0\d{2}-?\d{3}-?\d{4}"), ("email", r"\S+@\S+"), ("tax_id", r"\b\d{13}\b")]
    {
        if let Some(found) = Regex::new(pattern).unwrap().find(text) {
            add(kind, Value::Text(found.as_str().replace('-', "")));
        }
    }
    if let Some((_, day)) = DAYS.iter().find(|(name, _)| text.contains(name) && text.len() > 3) {
        add("date", Value::Date(Date::new(2026, 11, *day).unwrap()));
    }
    if let Some(found) = Regex::new(r"^\D*?(\d{1,4})\b|^(\d+)位").unwrap().captures(text) {
        let number = found.get(1).or(found.get(2)).unwrap().as_str();
        add("number", Value::number(number.parse().unwrap()));
    }
    mentions
}

#[test]
fn the_demo_bots_scenarios_hold_and_reach_its_steps() {
    let bot = demo_bot();
    let mut visited = Vec::new();
    for scenario in &bot.scenarios {
        let mut state = DialogueState::new(&scenario.language, &scenario.channel);
        state.person.clone_from(&scenario.person);
        state.today = scenario.today;
        let mut play = Play { bot, scenario, state, visited: Vec::new(), offered: BTreeMap::new() };
        for turn in &scenario.turns {
            let outcome = play.turn(turn);
            play.check(turn, &outcome);
        }
        visited.extend(play.visited);
    }
    let coverage = coverage(bot, &visited);
    let missed: Vec<String> = coverage
        .flows
        .iter()
        .flat_map(|flow| &flow.missed)
        .map(|missed| format!("{} line {} {}", missed.path, missed.line, missed.verb))
        .collect();
    assert!(coverage.percent() > 97.0, "{:.1} %:\n{}", coverage.percent(), missed.join("\n"));
    assert!(
        bot.flows
            .values()
            .flat_map(|flow| flow.all_steps())
            .any(|(_, step)| matches!(step.verb, Verb::Run(_)))
    );
}
