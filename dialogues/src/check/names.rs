//! The names that the expressions of a flow may use, with the kinds of their values.

use std::collections::BTreeMap;

use crate::bot::Bot;
use crate::entities::BUILT_IN;
use crate::event::CallFailure;
use crate::expression::{Expression, Kind, Kinds};
use crate::flow::{Call, Collect, Flow, FlowCall, Verb};
use crate::problem::Named;

/// Names that every flow has, which a slot may not take.
pub(super) const RESERVED: [&str; 6] = ["person", "said", "language", "channel", "today", "item"];

/// The kinds of all names in each flow, by flow.
pub(super) fn kinds(bot: &Bot) -> BTreeMap<String, Kinds> {
    let mut all: BTreeMap<String, Kinds> = BTreeMap::new();
    for flow in bot.flows.values() {
        all.insert(flow.id.clone(), flow_kinds(bot, flow));
    }
    // What one flow hands another is known once the kinds inside the first are.
    for flow in bot.flows.values() {
        let own = all.get(&flow.id).cloned().unwrap_or_default();
        for (_, step) in flow.all_steps() {
            if let Verb::Run(call) | Verb::GoTo(call) = &step.verb
                && let Some(kinds) = all.get_mut(&call.flow.id)
            {
                add_handed(call, &own, kinds);
            }
        }
    }
    all
}

fn add_handed(call: &FlowCall, own: &Kinds, kinds: &mut Kinds) {
    for (name, expression) in &call.with {
        add(kinds, &name.id, expression.check(own).0);
    }
}

/// One of the bot's languages; any text where bot.yaml does not tell them.
fn language_kind(bot: &Bot) -> Kind {
    let languages = &bot.settings.languages;
    if languages.is_empty() { Kind::Text } else { Kind::OneOf(languages.clone()) }
}

fn flow_kinds(bot: &Bot, flow: &Flow) -> Kinds {
    let mut kinds = Kinds::from([
        ("person".to_owned(), Kind::Unknown),
        ("said".to_owned(), Kind::Text),
        ("language".to_owned(), language_kind(bot)),
        ("channel".to_owned(), Kind::Text),
        ("today".to_owned(), Kind::Date),
    ]);
    let steps = flow.all_steps();
    for (_, step) in &steps {
        match &step.verb {
            Verb::Collect(collect) => add_collect(bot, collect, &mut kinds),
            Verb::Call(call) => add_call(bot, call, &mut kinds),
            Verb::Choose(choose) => {
                let ids = choose.options.iter().map(|option| option.id.id.clone()).collect();
                add_named(&mut kinds, choose.into.as_ref(), Kind::OneOf(ids));
            }
            Verb::Run(call) => add_named(&mut kinds, call.into.as_ref(), Kind::Unknown),
            _ => {}
        }
    }
    for (_, step) in &steps {
        if let Verb::Set(values) = &step.verb {
            for (slot, expression) in values {
                let kind = set_kind(expression, &kinds);
                add(&mut kinds, &slot.id, kind);
            }
        }
    }
    kinds
}

/// A slot set to a text may be set to another elsewhere, or never have been set.
fn set_kind(expression: &Expression, kinds: &Kinds) -> Kind {
    match expression.check(kinds) {
        (Kind::OneOf(_), _) => Kind::Text,
        (kind, _) => kind,
    }
}

fn add_collect(bot: &Bot, collect: &Collect, kinds: &mut Kinds) {
    let kind = match bot.entity_of(collect) {
        Some(entity) => {
            let built_in = BUILT_IN.iter().find(|(name, _)| *name == entity);
            built_in.map_or(Kind::Text, |(_, kind)| kind.clone())
        }
        None => Kind::Text,
    };
    add(kinds, &collect.slot, kind);
    if let Some(check) = &collect.check_with {
        add_call(bot, &check.call, kinds);
    }
}

fn add_call(bot: &Bot, call: &Call, kinds: &mut Kinds) {
    let names = CallFailure::NAMES.iter().map(|name| (*name).to_owned()).collect();
    kinds.insert("error".to_owned(), Kind::OneOf(names));
    let result = bot.actions.get(&call.action.id).map_or(Kind::Unknown, |action| action.result.clone());
    add_named(kinds, call.into.as_ref(), result);
}

fn add_named(kinds: &mut Kinds, slot: Option<&Named>, kind: Kind) {
    if let Some(slot) = slot {
        add(kinds, &slot.id, kind);
    }
}

/// A slot that is given values of two kinds is of no certain kind.
fn add(kinds: &mut Kinds, slot: &str, kind: Kind) {
    let kind = match kinds.get(slot) {
        Some(known) if *known != kind => Kind::Unknown,
        _ => kind,
    };
    kinds.insert(slot.to_owned(), kind);
}
