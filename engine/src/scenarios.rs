//! Playing a scenario: what was expected beside what happened.

use std::collections::BTreeMap;
use std::sync::Arc;

use channels::{Choice, Content, Part};
use dialogues::{
    Effect, Event, Expectation, ExpectedControl, ExpectedDecision, Scenario, ScenarioTurn, StandIn,
    StandInAnswer, StepPath, TurnInput, Value,
};

use crate::actions::{Actions, Service};
use crate::bots::LiveBot;
use crate::clock::{Clock, Micros};
use crate::rehearsal::Rehearsal;
use crate::safe_http::{OutgoingPolicy, SafeHttp};
use crate::store::Control;
use crate::turn::Thought;

/// What came of one scenario.
#[derive(Debug, Default)]
pub struct Outcome {
    /// One line each; empty when everything was as expected.
    pub failures: Vec<String>,
    pub visited: Vec<StepPath>,
}

/// Plays the turns of a scenario in order. The shop is the one inside the program, fresh for each scenario.
pub async fn play(bot: &Arc<LiveBot>, scenario: &Scenario, clock: Clock) -> anyhow::Result<Outcome> {
    let clock = scenario.today.map_or(clock, nine_in_bangkok);
    let actions = Arc::new(actions(&scenario.stand_ins, clock.clone())?);
    let mut conversation = Rehearsal::new(Arc::clone(bot), actions, &scenario.channel, clock, 0)
        .knowing(&scenario.language, scenario.person.clone());
    let mut outcome = Outcome::default();
    let mut offered: Vec<Choice> = Vec::new();
    for turn in &scenario.turns {
        let place = format!("{}:{}", scenario.file, turn.mark.line);
        let happened = match take(bot, &mut conversation, turn, &offered).await {
            Ok(happened) => happened,
            Err(impossible) => {
                // The rest hangs in the air.
                outcome.failures.push(format!("{place}: {impossible:#}"));
                return Ok(outcome);
            }
        };
        if let Some(choices) = happened.choices {
            offered = choices;
        }
        outcome.visited.extend(happened.visited);
        let differences = compare(&turn.expect, &happened.facts);
        outcome.failures.extend(differences.into_iter().map(|difference| format!("{place}: {difference}")));
    }
    Ok(outcome)
}

/// Nine in the morning of that day, where the scenarios' people are.
fn nine_in_bangkok(day: dialogues::Date) -> Clock {
    Clock::fixed(Micros(day.days() * Micros::DAY + 2 * 3600 * Micros::SECOND))
}

fn actions(stand_ins: &[StandIn], clock: Clock) -> anyhow::Result<Actions> {
    let http = SafeHttp::new(OutgoingPolicy {
        allow_loopback_ports: Vec::new(),
        allow_networks: Vec::new(),
        timeout: std::time::Duration::from_secs(5),
        max_body: 1 << 20,
    })?;
    let services = BTreeMap::from([("shop".to_owned(), Service::Embedded(crate::demo::shop::router(clock)))]);
    let stand_ins = stand_ins.to_vec();
    Ok(Actions::new(services, http).with_stand_in(move |action, args| {
        let found = stand_ins.iter().find(|stand_in| {
            stand_in.action.id == action.name
                && stand_in.with.iter().all(|(name, value)| args.get(name) == Some(value))
        })?;
        Some(match &found.answer {
            StandInAnswer::Fails(reason) => Event::CallFailed { reason: *reason },
            StandInAnswer::Gives(json) => match action.result.read(json) {
                Ok(result) => Event::Called { result },
                Err(_) => Event::CallFailed { reason: dialogues::CallFailure::BadResult },
            },
        })
    }))
}

/// What can be compared after a turn.
#[derive(Debug, Default)]
struct Facts {
    decision: Option<ExpectedDecision>,
    intent: Option<String>,
    flow: Option<String>,
    said: Vec<String>,
    text: String,
    templates: Vec<String>,
    control: Option<ExpectedControl>,
    citations: Vec<String>,
    slots: BTreeMap<String, Value>,
}

struct Happened {
    facts: Facts,
    visited: Vec<StepPath>,
    /// What was offered, when something was said.
    choices: Option<Vec<Choice>>,
}

async fn take(
    bot: &LiveBot,
    conversation: &mut Rehearsal,
    turn: &ScenarioTurn,
    offered: &[Choice],
) -> anyhow::Result<Happened> {
    let content = match &turn.input {
        TurnInput::User(text) => Content::Text { text: text.clone() },
        TurnInput::Press(wording) => press(bot, conversation, wording, offered)?,
        TurnInput::Send(kind) => crate::cli::attachment_of(kind),
        TurnInput::HandBack => {
            let effects = conversation.hand_back()?;
            return Ok(handed_back(conversation, &effects));
        }
    };
    let thought = conversation.hear(content).await?;
    let replies = &thought.performance.replies;
    let choices =
        (!replies.is_empty()).then(|| replies.iter().flat_map(|body| body.choices.clone()).collect());
    Ok(Happened {
        facts: facts(conversation, &thought),
        visited: thought.performance.visited.clone(),
        choices,
    })
}

/// The choice whose title is the wording's text in the conversation's language.
fn press(
    bot: &LiveBot,
    conversation: &Rehearsal,
    wording: &str,
    offered: &[Choice],
) -> anyhow::Result<Content> {
    let language = &conversation.dialogue().language;
    let title = bot.dialogue.title(wording, language).unwrap_or_else(|| wording.to_owned());
    let Some(choice) = offered.iter().find(|choice| choice.title == title) else {
        let titles: Vec<&str> = offered.iter().map(|choice| choice.title.as_str()).collect();
        anyhow::bail!("nothing called «{title}» was offered, only: {}", titles.join(", "))
    };
    Ok(Content::Choice {
        payload: choice.payload.clone(),
        title: Some(choice.title.clone()),
        values: BTreeMap::new(),
    })
}

fn handed_back(conversation: &Rehearsal, effects: &[Effect]) -> Happened {
    let said = effects.iter().filter_map(|effect| match effect {
        Effect::Say(say) => Some(say.wording.clone()),
        _ => None,
    });
    let facts = Facts {
        said: said.collect(),
        flow: conversation.dialogue().flow().map(str::to_owned),
        control: Some(control(conversation.control())),
        ..Facts::default()
    };
    Happened { facts, visited: Vec::new(), choices: None }
}

fn facts(conversation: &Rehearsal, thought: &Thought) -> Facts {
    let replies = &thought.performance.replies;
    let texts = replies.iter().flat_map(|body| &body.parts).filter_map(|part| match part {
        Part::Text { text } => Some(text.as_str()),
        _ => None,
    });
    Facts {
        decision: decision(thought.decision.name()),
        intent: thought.understanding.intent().map(str::to_owned),
        flow: conversation.dialogue().flow().map(str::to_owned),
        said: thought.performance.said.clone(),
        text: texts.collect::<Vec<_>>().join("\n"),
        templates: replies
            .iter()
            .filter_map(|body| body.template.as_ref())
            .map(|one| one.name.clone())
            .collect(),
        control: Some(control(conversation.control())),
        citations: replies.iter().flat_map(|body| &body.citations).map(|link| link.article.clone()).collect(),
        slots: conversation.dialogue().slots().cloned().unwrap_or_default(),
    }
}

fn decision(name: &str) -> Option<ExpectedDecision> {
    Some(match name {
        "continue_flow" => ExpectedDecision::ContinueFlow,
        "start_flow" => ExpectedDecision::StartFlow,
        "repair" => ExpectedDecision::Repair,
        "answer" => ExpectedDecision::Answer,
        "ask_again" => ExpectedDecision::AskAgain,
        "hand_off" => ExpectedDecision::HandOff,
        _ => return None,
    })
}

fn control(control: &Control) -> ExpectedControl {
    match control {
        Control::Bot => ExpectedControl::Bot,
        Control::Waiting => ExpectedControl::Waiting,
        Control::Agent { .. } => ExpectedControl::Agent,
    }
}

fn compare(expected: &Expectation, facts: &Facts) -> Vec<String> {
    let mut differences = Vec::new();
    let mut differ = |what: &str, expected: String, found: String| {
        differences.push(format!("{what}: expected {expected}, found {found}"));
    };
    if expected.decision.is_some() && expected.decision != facts.decision {
        differ("decision", format!("{:?}", expected.decision), format!("{:?}", facts.decision));
    }
    if let Some(intent) = &expected.intent
        && Some(&intent.id) != facts.intent.as_ref()
    {
        differ("intent", intent.id.clone(), format!("{:?}", facts.intent));
    }
    if let Some(flow) = &expected.flow {
        let found = facts.flow.as_deref().unwrap_or("none");
        if flow.id != found {
            differ("flow", flow.id.clone(), found.to_owned());
        }
    }
    if let Some(says) = &expected.says {
        let says: Vec<&str> = says.iter().map(|named| named.id.as_str()).collect();
        if says != facts.said {
            differ("says", says.join(", "), facts.said.join(", "));
        }
    }
    for text in expected.contains.iter().filter(|text| !facts.text.contains(text.as_str())) {
        differ("text", format!("«{text}»"), format!("«{}»", facts.text));
    }
    for text in expected.lacks.iter().filter(|text| facts.text.contains(text.as_str())) {
        differ("text", format!("no «{text}»"), format!("«{}»", facts.text));
    }
    for template in expected.templates.iter().filter(|template| !facts.templates.contains(template)) {
        differ("template", template.clone(), facts.templates.join(", "));
    }
    if expected.control.is_some() && expected.control != facts.control {
        differ("control", format!("{:?}", expected.control), format!("{:?}", facts.control));
    }
    for citation in expected.citations.iter().filter(|citation| !facts.citations.contains(citation)) {
        differ("citation", citation.clone(), facts.citations.join(", "));
    }
    for (slot, value) in &expected.slots {
        let found = facts.slots.get(slot);
        if found != Some(value) {
            differ(&format!("slot {slot}"), format!("{value:?}"), format!("{found:?}"));
        }
    }
    differences
}
