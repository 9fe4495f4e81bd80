//! Whether and how a message answers what the dialogue is waiting for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::bot::Bot;
use crate::effect::{Choice, Title};
use crate::entities::Shape;
use crate::event::Heard;
use crate::expression::Value;
use crate::flow::{Choose, Collect, Flow, Position, Step, Verb};
use crate::payload::{self, Payload};
use crate::recognise::{begins_with, is_one_of, plain};
use crate::state::{DialogueState, Expecting, ExpectingKind, Waiting};

/// How well a message answers the open question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fit {
    /// It does not, or nothing is open.
    No,
    /// Any text would do, so the intent decides whether it is meant as the answer.
    Perhaps,
    /// A pressed reply of this question, an expected entity, a pattern or a named option.
    Sure,
}

/// How well the message answers what the dialogue is waiting for.
pub fn fit(bot: &Bot, state: &DialogueState, heard: &Heard) -> Fit {
    if let Some(payload) = heard.payload.as_deref() {
        return if Payload::parse(payload).is_some() { Fit::Sure } else { Fit::No };
    }
    let found = match &state.waiting {
        Waiting::Slot => match collect_at(bot, state) {
            Some(collect) => return slot_fit(bot, collect, heard),
            None => false,
        },
        Waiting::Choice => choose_at(bot, state)
            .is_some_and(|choose| chosen(bot, choose, heard).is_some() || declines(bot, choose, heard)),
        Waiting::Resume => yes_or_no(bot, &heard.text).is_some(),
        Waiting::Clarify { flows } => clarified(bot, flows, &heard.text).is_some(),
        Waiting::Nothing | Waiting::Call | Waiting::Check { .. } | Waiting::Search => false,
    };
    if found { Fit::Sure } else { Fit::No }
}

fn slot_fit(bot: &Bot, collect: &Collect, heard: &Heard) -> Fit {
    match slot_answer(bot, collect, heard) {
        None => Fit::No,
        Some(SlotAnswer { certain: true, .. }) => Fit::Sure,
        Some(_) => Fit::Perhaps,
    }
}

/// What the dialogue wants to hear next; none while idle.
pub fn expecting(bot: &Bot, state: &DialogueState) -> Option<Expecting> {
    let flow = state.flow().unwrap_or_default().to_owned();
    let plain = |kind, options| Expecting {
        kind,
        flow: flow.clone(),
        slot: None,
        entity: None,
        pattern: None,
        options,
        free_text: false,
        optional: false,
        about: Vec::new(),
    };
    match &state.waiting {
        Waiting::Slot => {
            let collect = collect_at(bot, state)?;
            let entity = bot.entity_of(collect).map(str::to_owned);
            let pattern = collect.pattern.as_ref().map(|pattern| pattern.as_str().to_owned());
            Some(Expecting {
                slot: Some(collect.slot.clone()),
                free_text: takes_any_text(bot, collect),
                entity,
                pattern,
                optional: collect.optional,
                about: collect.about.iter().map(|intent| intent.id.clone()).collect(),
                ..plain(ExpectingKind::Slot, open_options(bot, state))
            })
        }
        Waiting::Choice => Some(Expecting {
            optional: choose_at(bot, state)?.optional,
            ..plain(ExpectingKind::Choice, open_options(bot, state))
        }),
        Waiting::Resume => Some(plain(ExpectingKind::Resume, payload::resume().to_vec())),
        Waiting::Clarify { flows } => Some(plain(ExpectingKind::Clarify, clarify_choices(flows))),
        Waiting::Nothing | Waiting::Call | Waiting::Check { .. } | Waiting::Search => None,
    }
}

pub(crate) fn clarify_choices(flows: &[String]) -> Vec<Choice> {
    flows.iter().map(|flow| payload::begin(flow)).chain([payload::none_of_these()]).collect()
}

/// The step that the innermost flow stands at.
pub(crate) fn step_at<'b>(bot: &'b Bot, state: &DialogueState) -> Option<&'b Step> {
    let frame = state.stack.last()?;
    bot.flows.get(&frame.flow)?.step(&frame.at)
}

pub(crate) fn collect_at<'b>(bot: &'b Bot, state: &DialogueState) -> Option<&'b Collect> {
    step_at(bot, state)?.verb.as_collect()
}

pub(crate) fn choose_at<'b>(bot: &'b Bot, state: &DialogueState) -> Option<&'b Choose> {
    match &step_at(bot, state)?.verb {
        Verb::Choose(choose) => Some(choose),
        _ => None,
    }
}

/// The quick replies of the open question.
pub(crate) fn open_options(bot: &Bot, state: &DialogueState) -> Vec<Choice> {
    let (Some(frame), Some(step)) = (state.stack.last(), step_at(bot, state)) else { return Vec::new() };
    options_of(&frame.flow, &frame.at, &step.verb)
}

/// The quick replies of a step.
pub(crate) fn options_of(flow: &str, position: &Position, verb: &Verb) -> Vec<Choice> {
    let choice = |id: &str| Choice {
        payload: payload::option(flow, position, id),
        title: Title::Wording(id.to_owned()),
    };
    option_ids(verb).into_iter().map(choice).collect()
}

fn option_ids(verb: &Verb) -> Vec<&str> {
    match verb {
        Verb::Collect(collect) => collect.options.iter().map(|option| option.id.as_str()).collect(),
        Verb::Choose(choose) => choose.options.iter().map(|option| option.id.id.as_str()).collect(),
        _ => Vec::new(),
    }
}

/// A value that a message offers for a slot.
pub(crate) struct SlotAnswer {
    pub(crate) value: Value,
    /// Which of the message's entities it is.
    pub(crate) mention: Option<usize>,
    /// Whether it is more than any text at all.
    pub(crate) certain: bool,
}

/// What the message offers for the slot: an option, the expected entity, what the pattern fits, or, where any text may be
/// an answer, the whole of it.
pub(crate) fn slot_answer(bot: &Bot, collect: &Collect, heard: &Heard) -> Option<SlotAnswer> {
    let certain = |value: Value| Some(SlotAnswer { value, mention: None, certain: true });
    let text = heard.text.trim();
    let ids: Vec<&str> = collect.options.iter().map(|option| option.id.as_str()).collect();
    if let Some(index) = option_named(bot, &ids, text) {
        return certain(Value::text(ids[index]));
    }
    let entity = bot.entity_of(collect);
    if let Some(entity) = entity {
        let mention = heard.entities.iter().position(|mention| mention.kind == entity);
        if let Some(index) = mention {
            let value = heard.entities[index].value.clone();
            return Some(SlotAnswer { value, mention, certain: true });
        }
        if let Some(found) = bot.entities.get(entity).and_then(|entity| entity.find_pattern(text)) {
            return certain(Value::Text(found));
        }
        if entity == "number"
            && let Ok(number) = text.parse::<f64>()
        {
            return certain(Value::number(number));
        }
    }
    if let Some(pattern) = &collect.pattern
        && pattern.is_match(text)
    {
        return certain(Value::text(text));
    }
    let free = takes_any_text(bot, collect) && !text.is_empty();
    free.then(|| SlotAnswer { value: Value::text(text), mention: None, certain: false })
}

/// Neither entity nor pattern is asked for, or an entity that is learned: alone it has none of the surroundings that it was
/// learned with.
fn takes_any_text(bot: &Bot, collect: &Collect) -> bool {
    let learned =
        |entity| matches!(bot.entities.get(entity).map(|entity| &entity.shape), Some(Shape::Learned));
    collect.pattern.is_none() && bot.entity_of(collect).is_none_or(learned)
}

/// The option of a choice that the message names.
pub(crate) fn chosen(bot: &Bot, choose: &Choose, heard: &Heard) -> Option<usize> {
    let ids: Vec<&str> = choose.options.iter().map(|option| option.id.id.as_str()).collect();
    option_named(bot, &ids, &heard.text)
}

/// Whether the message says no to a choice that need not be made.
pub(crate) fn declines(bot: &Bot, choose: &Choose, heard: &Heard) -> bool {
    choose.optional && yes_or_no(bot, &heard.text) == Some(false)
}

/// The option that a text names: by its title in any language, by its number from 1, by yes or no for ids
/// that are or begin with `yes` and `no`, or as the only title that holds the text or is held by it.
fn option_named(bot: &Bot, ids: &[&str], text: &str) -> Option<usize> {
    let said = plain(text, &bot.settings.words.polite);
    if said.is_empty() || ids.is_empty() {
        return None;
    }
    let titles: Vec<&[String]> =
        ids.iter().map(|id| bot.plain_titles.get(*id).map_or(&[][..], Vec::as_slice)).collect();
    if let Some(index) = titles.iter().position(|titles| titles.contains(&said)) {
        return Some(index);
    }
    if let Some(number) = ordinal(&said) {
        return number.checked_sub(1).filter(|index| *index < ids.len());
    }
    if let Some(yes) = yes_or_no(bot, text) {
        let word = if yes { "yes" } else { "no" };
        let named = |id: &&str| id.split('_').next() == Some(word);
        if let Some(index) = ids.iter().position(named) {
            return Some(index);
        }
    }
    let mut held = titles.iter().enumerate().filter(|(_, titles)| {
        titles.iter().any(|title| {
            (long_enough(title) && said.contains(title.as_str()))
                || (long_enough(&said) && title.contains(&said))
        })
    });
    match (held.next(), held.next()) {
        (Some((index, _)), None) => Some(index),
        _ => None,
    }
}

/// The titles of every option by its id, as [`plain`] leaves them, in all languages of the bot.
pub(crate) fn plain_titles(bot: &Bot) -> BTreeMap<String, Vec<String>> {
    let steps = bot.flows.values().flat_map(Flow::all_steps);
    let ids = steps.flat_map(|(_, step)| option_ids(&step.verb));
    ids.map(|id| (id.to_owned(), titles_of(bot, id))).collect()
}

fn titles_of(bot: &Bot, id: &str) -> Vec<String> {
    let languages = bot.settings.languages.iter();
    let titles = languages.filter_map(|language| bot.title(id, language));
    titles.map(|title| plain(&title, &bot.settings.words.polite)).filter(|title| !title.is_empty()).collect()
}

/// Whether the text is a number and nothing else.
pub(crate) fn is_number_alone(text: &str) -> bool {
    ordinal(text.trim()).is_some()
}

/// Whether a part of a title says enough to stand for it: one Chinese character says what letters do not.
fn long_enough(text: &str) -> bool {
    let is_ideograph = |character| ('\u{3400}'..='\u{9FFF}').contains(&character);
    text.chars().count() >= if text.chars().any(is_ideograph) { 2 } else { 4 }
}

/// A number alone, in Arabic or Thai digits.
fn ordinal(text: &str) -> Option<usize> {
    let digits: Option<String> = text
        .chars()
        .map(|character| match character {
            '0'..='9' => Some(character),
            '๐'..='๙' => char::from_digit(character as u32 - '๐' as u32, 10),
            _ => None,
        })
        .collect();
    digits?.parse().ok()
}

/// Whether the text says yes or no; a no is looked for first, because many a no holds a yes.
pub(crate) fn yes_or_no(bot: &Bot, text: &str) -> Option<bool> {
    let words = &bot.settings.words;
    let said = plain(text, &words.polite);
    // The particles may themselves be the answer, as in "ค่ะ".
    let raw = plain(text, &crate::settings::ByLanguage::new());
    let says = |answer| begins_with(&said, answer, &words.polite) || is_one_of(&raw, answer);
    if says(&words.no) {
        return Some(false);
    }
    says(&words.yes).then_some(true)
}

/// The flow that an answer to "which of these?" means.
pub(crate) fn clarified<'f>(bot: &Bot, flows: &'f [String], text: &str) -> Option<&'f str> {
    let ids: Vec<String> = flows.iter().map(|flow| payload::flow_title(flow)).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    option_named(bot, &ids, text).map(|index| flows[index].as_str())
}
