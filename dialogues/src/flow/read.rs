//! From a flow's YAML to its steps.

use super::Flow;
use super::step::{
    Arm, Block, Call, CheckWith, Choose, Collect, FlowCall, Outcome, Say, SayOption, Search, Step, Verb,
};
use crate::entities::read_pattern;
use crate::expression::Expression;
use crate::problem::{Mark, Named, advise};
use crate::reading::{Fields, Node, Reading, Yaml};

const VERBS: [&str; 13] = [
    "say", "collect", "choose", "branch", "call", "search", "hand_off", "feedback", "run", "go_to", "set",
    "remember", "end",
];

/// Beside a verb, the keys that it may have.
fn companions(verb: &str) -> &'static [&'static str] {
    match verb {
        "collect" => &[
            "entity",
            "pattern",
            "valid_when",
            "check_with",
            "known",
            "attempts",
            "otherwise",
            "options",
            "ask",
            "ask_again",
            "optional",
            "about",
        ],
        "call" => &["with", "into", "on_error"],
        "search" => &["on_nothing"],
        "run" => &["with", "into"],
        "say" | "go_to" => &["with"],
        _ => &[],
    }
}

const DEFAULT_ATTEMPTS: u32 = 3;

/// The flow of one file; steps that are wrong are reported and left out.
pub(crate) fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Flow> {
    let fields = reading.fields(node, "flow", &["flow", "description", "starts_when", "steps"])?;
    let id = fields.need("flow", reading).and_then(|node| reading.named(node, "flow"));
    let description = fields
        .need("description", reading)
        .map(|node| reading.by_language(node, "description"))
        .unwrap_or_default();
    let intent = fields.get("starts_when").and_then(|node| {
        let fields = reading.fields(node, "starts_when", &["intent"])?;
        let intent = fields.need("intent", reading)?;
        reading.named(intent, "intent")
    });
    let steps = fields.need("steps", reading).map(|node| read_block(node, "steps", reading));
    let id = id?;
    let stem = reading.file.rsplit('/').next().and_then(|name| name.strip_suffix(".yaml"));
    if stem.is_some_and(|stem| stem != id.id) {
        let advice = "a flow's file is named for it";
        reading.error(id.mark, "flow", format!("`{}` is not the file's name", id.id), advice);
    }
    let file = reading.file.to_owned();
    Some(Flow { id: id.id, file, mark: id.mark, description, intent, steps: steps.unwrap_or_default() })
}

/// A list of steps, or one step alone; a step alone may go on with `then`.
fn read_block(node: &Node, key: &str, reading: &mut Reading<'_>) -> Block {
    match &node.value {
        Yaml::List(items) => items.iter().flat_map(|item| read_steps(item, &[], reading)).collect(),
        Yaml::Map(_) => read_steps(node, &[], reading),
        Yaml::Text(word) if word == "end" => read_steps(node, &[], reading),
        _ => {
            reading.wrong(node, key, "a step or a list of steps");
            Vec::new()
        }
    }
}

/// The step of a mapping and those of its `then`; `around` are keys that the caller has read already.
fn read_steps(node: &Node, around: &[&str], reading: &mut Reading<'_>) -> Block {
    if matches!(&node.value, Yaml::Text(word) if word == "end") {
        return vec![Step { mark: node.mark, verb: Verb::End }];
    }
    let Some(fields) = reading.any_fields(node, "step") else { return Vec::new() };
    let verbs: Vec<(&str, Mark)> = fields
        .iter()
        .filter(|(name, ..)| VERBS.contains(name))
        .map(|(name, mark, _)| (VERBS.into_iter().find(|verb| *verb == name).unwrap_or(""), mark))
        .collect();
    let Some((verb, mark)) = verbs.first().copied() else {
        report_no_verb(&fields, around, reading);
        return Vec::new();
    };
    for (other, mark) in verbs.iter().skip(1) {
        let advice = "make it a step of its own";
        reading.error(*mark, other, format!("a step has one verb, and this one has `{verb}`"), advice);
    }
    for (name, mark, _) in fields.iter() {
        let known = VERBS.contains(&name)
            || name == "then"
            || around.contains(&name)
            || companions(verb).contains(&name);
        if !known {
            let advice = advise(name, companions(verb).iter().copied());
            reading.error(mark, name, format!("`{verb}` has no `{name}`"), advice);
        }
    }
    let step = read_verb(verb, &fields, reading).map(|verb| Step { mark, verb });
    let then = fields.get("then").map(|node| read_block(node, "then", reading)).unwrap_or_default();
    step.into_iter().chain(then).collect()
}

fn report_no_verb(fields: &Fields<'_>, around: &[&str], reading: &mut Reading<'_>) {
    let written = fields.iter().find(|(name, ..)| !around.contains(name));
    let (name, mark) = written.map_or(("step", fields.mark), |(name, mark, _)| (name, mark));
    reading.error(mark, name, "this step has no verb", advise(name, VERBS));
}

fn read_verb(verb: &str, fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Verb> {
    let node = fields.get(verb)?;
    let with = |reading: &mut Reading<'_>| read_with(fields, reading);
    Some(match verb {
        "say" => Verb::Say(Say { wording: reading.named(node, verb)?, with: with(reading) }),
        "collect" => Verb::Collect(Box::new(read_collect(node, fields, reading)?)),
        "choose" => Verb::Choose(Box::new(read_choose(node, reading)?)),
        "branch" => Verb::Branch(read_arms(node, reading)),
        "call" => Verb::Call(Box::new(read_call(node, fields, reading)?)),
        "search" => Verb::Search(Search {
            query: reading.expression(node, verb)?,
            mark: node.mark,
            on_nothing: fields.get("on_nothing").map(|node| read_block(node, "on_nothing", reading)),
        }),
        "hand_off" => Verb::HandOff { reason: reading.named(node, verb)? },
        "feedback" => Verb::Feedback {
            ask: match node.value {
                Yaml::Null | Yaml::Boolean(true) => Named { id: "ask_feedback".into(), mark: node.mark },
                _ => reading.named(node, verb)?,
            },
        },
        "run" => Verb::Run(FlowCall {
            flow: reading.named(node, verb)?,
            with: with(reading),
            into: read_into(fields, reading),
        }),
        "go_to" => Verb::GoTo(FlowCall { flow: reading.named(node, verb)?, with: with(reading), into: None }),
        "set" => Verb::Set(reading.expressions(node, verb)),
        "remember" => Verb::Remember { slot: reading.named(node, verb)? },
        _ => Verb::End,
    })
}

fn read_with(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Vec<(Named, Expression)> {
    fields.get("with").map(|node| reading.expressions(node, "with")).unwrap_or_default()
}

fn read_into(fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Named> {
    fields.get("into").and_then(|node| reading.named(node, "into"))
}

fn read_outcome(fields: &Fields<'_>, key: &str, reading: &mut Reading<'_>) -> Outcome {
    fields.get(key).map_or(Outcome::HandOff, |node| Outcome::Steps(read_block(node, key, reading)))
}

fn read_condition(fields: &Fields<'_>, key: &str, reading: &mut Reading<'_>) -> Option<(Expression, Mark)> {
    let node = fields.get(key)?;
    Some((reading.expression(node, key)?, node.mark))
}

fn read_attempts(fields: &Fields<'_>, reading: &mut Reading<'_>) -> u32 {
    let attempts = fields.get("attempts").and_then(|node| {
        reading.number(node, "attempts", 1.0, 10.0)?;
        reading.count(node, "attempts", 10)
    });
    attempts.unwrap_or(DEFAULT_ATTEMPTS)
}

fn read_boolean(fields: &Fields<'_>, key: &str, reading: &mut Reading<'_>) -> bool {
    fields.get(key).and_then(|node| reading.boolean(node, key)).unwrap_or(false)
}

fn read_collect(node: &Node, fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Collect> {
    let slot = reading.named(node, "collect")?;
    let ask = fields.get("ask").and_then(|node| reading.named(node, "ask"));
    let ask = ask.unwrap_or_else(|| Named { id: format!("ask_{}", slot.id), mark: slot.mark });
    Some(Collect {
        entity: fields.get("entity").and_then(|node| reading.named(node, "entity")),
        pattern: fields.get("pattern").and_then(|node| read_pattern(node, false, reading)),
        valid_when: read_condition(fields, "valid_when", reading),
        check_with: fields.get("check_with").and_then(|node| read_check(node, reading)),
        known: read_condition(fields, "known", reading),
        attempts: read_attempts(fields, reading),
        otherwise: read_outcome(fields, "otherwise", reading),
        options: fields.get("options").map(|node| reading.names(node, "options")).unwrap_or_default(),
        ask,
        ask_again: fields.get("ask_again").and_then(|node| reading.named(node, "ask_again")),
        optional: read_boolean(fields, "optional", reading),
        about: fields.get("about").map(|node| reading.names(node, "about")).unwrap_or_default(),
        slot: slot.id,
    })
}

fn read_check(node: &Node, reading: &mut Reading<'_>) -> Option<CheckWith> {
    let fields = reading.fields(node, "check_with", &["call", "with", "into", "passes_when"])?;
    let action = fields.need("call", reading)?;
    let action = reading.named(action, "call")?;
    let with = read_with(&fields, reading);
    let call = Call { action, with, into: read_into(&fields, reading), on_error: Outcome::HandOff };
    Some(CheckWith { call, passes_when: read_condition(&fields, "passes_when", reading) })
}

fn read_call(node: &Node, fields: &Fields<'_>, reading: &mut Reading<'_>) -> Option<Call> {
    Some(Call {
        action: reading.named(node, "call")?,
        with: read_with(fields, reading),
        into: read_into(fields, reading),
        on_error: read_outcome(fields, "on_error", reading),
    })
}

const CHOOSE_KEYS: [&str; 7] = ["say", "with", "options", "into", "attempts", "otherwise", "optional"];

fn read_choose(node: &Node, reading: &mut Reading<'_>) -> Option<Choose> {
    let fields = reading.fields(node, "choose", &CHOOSE_KEYS)?;
    let wording = fields.need("say", reading).and_then(|node| reading.named(node, "say"));
    let options = fields.need("options", reading).map(|node| read_options(node, reading)).unwrap_or_default();
    Some(Choose {
        say: Say { wording: wording?, with: read_with(&fields, reading) },
        options,
        into: read_into(&fields, reading),
        attempts: read_attempts(&fields, reading),
        otherwise: read_outcome(&fields, "otherwise", reading),
        optional: read_boolean(&fields, "optional", reading),
    })
}

/// An option is an id, or a mapping of `option: id` with steps beside it.
fn read_options(node: &Node, reading: &mut Reading<'_>) -> Vec<SayOption> {
    let Yaml::List(items) = &node.value else {
        reading.wrong(node, "options", "a list");
        return Vec::new();
    };
    let mut options = Vec::new();
    for item in items {
        if !matches!(item.value, Yaml::Map(_)) {
            let id = reading.named(item, "options");
            options.extend(id.map(|id| SayOption { id, steps: Vec::new() }));
            continue;
        }
        let Some(fields) = reading.any_fields(item, "option") else { continue };
        let Some(id) = fields.need("option", reading).and_then(|node| reading.named(node, "option")) else {
            continue;
        };
        options.push(SayOption { id, steps: read_beside(item, &fields, &["option"], reading) });
    }
    options
}

/// The steps that stand beside other keys of a mapping: under `steps`, or as one step's own keys.
fn read_beside(node: &Node, fields: &Fields<'_>, around: &[&str], reading: &mut Reading<'_>) -> Block {
    if let Some(steps) = fields.get("steps") {
        for (name, mark, _) in fields.iter() {
            if name != "steps" && !around.contains(&name) {
                reading.error(mark, name, "stands beside `steps`", "move it into the steps");
            }
        }
        return read_block(steps, "steps", reading);
    }
    if fields.iter().all(|(name, ..)| around.contains(&name)) {
        return Vec::new();
    }
    read_steps(node, around, reading)
}

fn read_arms(node: &Node, reading: &mut Reading<'_>) -> Vec<Arm> {
    let Yaml::List(items) = &node.value else {
        reading.wrong(node, "branch", "a list of conditions");
        return Vec::new();
    };
    let mut arms = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let Some(fields) = reading.any_fields(item, "branch") else { continue };
        let steps = match fields.get("otherwise") {
            Some(otherwise) if !matches!(otherwise.value, Yaml::Null) => {
                read_block(otherwise, "otherwise", reading)
            }
            _ => read_beside(item, &fields, &["when", "otherwise"], reading),
        };
        let mark = fields.mark;
        match (fields.get("when"), fields.key_mark("otherwise")) {
            (Some(when), None) => {
                let mark = when.mark;
                if let Some(when) = reading.expression(when, "when") {
                    arms.push(Arm { when: Some(when), mark, steps });
                }
            }
            (None, Some(mark)) => {
                if index + 1 < items.len() {
                    reading.error(mark, "otherwise", "is not the last of the branch", "move it to the end");
                }
                arms.push(Arm { when: None, mark, steps });
            }
            _ => reading.error(mark, "branch", "expected either `when` or `otherwise`", ""),
        }
    }
    arms
}
