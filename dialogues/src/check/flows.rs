//! Checks of the flows: what their steps refer to, their expressions, and steps that are never reached.

use std::collections::BTreeSet;

use super::Check;
use super::names::{RESERVED, kinds};
use crate::expression::{Expression, Kind, Kinds};
use crate::flow::{Arm, Block, Call, Choose, Collect, Flow, FlowCall, Position, Say, Step, Verb};
use crate::payload::{self, MAX_PAYLOAD, flow_title};
use crate::problem::{Mark, Named, Place, advise};

/// The flow being checked.
struct InFlow<'f> {
    flow: &'f Flow,
    kinds: &'f Kinds,
}

impl<'f> InFlow<'f> {
    fn place(&self, mark: Mark, key: &'f str) -> Place<'f> {
        Place { file: &self.flow.file, mark, key }
    }
}

impl Check<'_> {
    pub(super) fn flows(&mut self) {
        let all_kinds = kinds(self.bot);
        let none = Kinds::new();
        for flow in self.bot.flows.values() {
            let within = InFlow { flow, kinds: all_kinds.get(&flow.id).unwrap_or(&none) };
            self.head(&within);
            self.unreachable(&within, &flow.steps);
            for (position, step) in flow.all_steps() {
                self.step(&within, &position, step);
            }
        }
        self.flows_that_nothing_starts();
    }

    fn head(&mut self, within: &InFlow<'_>) {
        let flow = within.flow;
        for language in flow.description.keys() {
            self.known_language(language, within.place(flow.mark, "description"));
        }
        if payload::RESERVED.contains(&flow.id.as_str()) {
            let message = format!("a flow cannot be called `{}`", flow.id);
            self.problems.error(within.place(flow.mark, "flow"), message, "choose another name");
        }
        if flow.steps.is_empty() {
            self.problems.error(within.place(flow.mark, "steps"), "the flow has no steps", "");
        }
        let Some(intent) = &flow.intent else { return };
        let title = Named { id: flow_title(&flow.id), mark: flow.mark };
        self.wording_exists(
            &title,
            within.place(flow.mark, "flow"),
            "it is the flow's short name for people",
        );
        let place = within.place(intent.mark, "intent");
        self.intent_exists(intent, within.place(intent.mark, "intent"));
        let first = self.bot.flow_for_intent(&intent.id).filter(|first| first.id != flow.id);
        if let Some(first) = first {
            let message = format!("`{}` already starts the flow `{}`", intent.id, first.id);
            self.problems.error(place, message, "an intent starts one flow");
        }
    }

    fn intent_exists(&mut self, intent: &Named, place: Place<'_>) {
        let intents = &self.bot.settings.intents;
        if !intents.iter().any(|known| known.id == intent.id) && !self.unread.has("bot.yaml") {
            let advice = advise(&intent.id, intents.iter().map(|intent| intent.id.as_str()));
            self.problems.error(place, format!("there is no intent `{}`", intent.id), advice);
        }
    }

    /// Only the first of the steps that cannot be reached is reported in each block.
    fn unreachable(&mut self, within: &InFlow<'_>, block: &Block) {
        let leaving = block.iter().position(|step| step.verb.leaves());
        if let Some((leaves, after)) = leaving.and_then(|index| Some((&block[index], block.get(index + 1)?)))
        {
            let message = format!("this step is never reached: `{}` before it leaves", leaves.verb.name());
            let advice = "remove it, or move it up";
            self.problems.error(within.place(after.mark, after.verb.name()), message, advice);
        }
        for step in block {
            for inner in step.verb.blocks() {
                self.unreachable(within, inner);
            }
        }
    }

    fn step(&mut self, within: &InFlow<'_>, position: &Position, step: &Step) {
        match &step.verb {
            Verb::Say(say) => self.say(within, say),
            Verb::Collect(collect) => self.collect(within, step.mark, position, collect),
            Verb::Choose(choose) => self.choose(within, step.mark, position, choose),
            Verb::Branch(arms) => self.branch(within, step.mark, arms),
            Verb::Call(call) => self.call(within, call),
            Verb::Search(search) => self.expression(within, &search.query, (search.mark, "search")),
            Verb::HandOff { .. } | Verb::End => {}
            Verb::Feedback { ask } => {
                self.said_in(within, &ask.id, &[]);
                self.wording_exists(ask, within.place(ask.mark, "feedback"), "");
            }
            Verb::Run(call) | Verb::GoTo(call) => self.flow_call(within, step.verb.name(), call),
            Verb::Set(values) => {
                for (slot, expression) in values {
                    self.slot_name(within, slot, "set");
                    self.expression(within, expression, (slot.mark, "set"));
                }
            }
            Verb::Remember { slot } => {
                if !within.kinds.contains_key(&slot.id) {
                    let advice = advise(&slot.id, within.kinds.keys().map(String::as_str));
                    let message = format!("nothing in this flow fills `{}`", slot.id);
                    self.problems.error(within.place(slot.mark, "remember"), message, advice);
                }
            }
        }
    }

    fn say(&mut self, within: &InFlow<'_>, say: &Say) {
        self.wording_exists(&say.wording, within.place(say.wording.mark, "say"), "");
        self.with(within, &say.with);
        self.said_in(within, &say.wording.id, &say.with);
    }

    fn with(&mut self, within: &InFlow<'_>, with: &[(Named, Expression)]) {
        for (name, expression) in with {
            self.expression(within, expression, (name.mark, &name.id));
        }
    }

    /// Checks the places of a wording against the names of the flow that says it.
    fn said_in(&mut self, within: &InFlow<'_>, wording: &str, with: &[(Named, Expression)]) {
        let mut kinds = within.kinds.clone();
        for (name, expression) in with {
            kinds.insert(name.id.clone(), expression.check(within.kinds).0);
        }
        self.templates(wording, &kinds, &format!(" (said in flow `{}`)", within.flow.id));
    }

    fn collect(&mut self, within: &InFlow<'_>, mark: Mark, position: &Position, collect: &Collect) {
        self.slot_name(within, &Named { id: collect.slot.clone(), mark }, "collect");
        if let Some(entity) = &collect.entity
            && entity.id != "text"
            && !self.bot.has_entity(&entity.id)
            && !self.unread.has("entities.yaml")
        {
            let built_in = crate::entities::BUILT_IN.iter().map(|(name, _)| *name);
            let known = self.bot.entities.keys().map(String::as_str).chain(built_in).chain(["text"]);
            let advice = advise(&entity.id, known);
            let message = format!("there is no entity `{}`", entity.id);
            self.problems.error(within.place(entity.mark, "entity"), message, advice);
        }
        for asked in [Some(&collect.ask), collect.ask_again.as_ref()].into_iter().flatten() {
            self.wording_exists(asked, within.place(asked.mark, "ask"), "it is what the step asks");
            self.said_in(within, &asked.id, &[]);
        }
        self.options(within, position, &collect.options);
        for intent in &collect.about {
            self.intent_exists(intent, within.place(intent.mark, "about"));
        }
        if let Some((condition, mark)) = &collect.valid_when {
            self.condition(within, condition, (*mark, "valid_when"));
        }
        if let Some((known, mark)) = &collect.known {
            self.expression(within, known, (*mark, "known"));
        }
        if let Some(check) = &collect.check_with {
            self.call(within, &check.call);
            if let Some((condition, mark)) = &check.passes_when {
                self.condition(within, condition, (*mark, "passes_when"));
            }
        }
    }

    fn choose(&mut self, within: &InFlow<'_>, mark: Mark, position: &Position, choose: &Choose) {
        self.say(within, &choose.say);
        if choose.options.is_empty() {
            self.problems.error(within.place(mark, "options"), "there is nothing to choose", "");
        }
        let ids: Vec<Named> = choose.options.iter().map(|option| option.id.clone()).collect();
        self.options(within, position, &ids);
        let Some(into) = &choose.into else {
            let idle = choose.options.iter().filter(|option| option.steps.is_empty()).nth(1);
            if let Some(option) = idle {
                let place = within.place(option.id.mark, "options");
                let advice = "give it steps, or keep the choice with `into`";
                self.problems.warning(place, format!("`{}` does the same as another", option.id.id), advice);
            }
            return;
        };
        self.slot_name(within, into, "into");
    }

    fn options(&mut self, within: &InFlow<'_>, position: &Position, options: &[Named]) {
        let mut seen = BTreeSet::new();
        for option in options {
            let place = within.place(option.mark, "options");
            if self.unread.has("entities.yaml") {
                self.said.insert(option.id.clone());
            } else if !self.bot.is_list_value(&option.id) {
                self.wording_exists(option, place, "an option's id is the wording of its title");
                self.plain_title(option, place);
            }
            if !seen.insert(&option.id) {
                self.problems.error(place, format!("`{}` is offered twice", option.id), "");
            }
            if payload::option(&within.flow.id, position, &option.id).len() > MAX_PAYLOAD {
                let message = format!("`{}` with the flow's name is too long for a button", option.id);
                self.problems.error(place, message, "shorten one of the two");
            }
        }
    }

    fn branch(&mut self, within: &InFlow<'_>, mark: Mark, arms: &[Arm]) {
        if arms.is_empty() {
            self.problems.error(within.place(mark, "branch"), "there is no condition", "");
        }
        for arm in arms {
            if let Some(when) = &arm.when {
                self.condition(within, when, (arm.mark, "when"));
            }
        }
    }

    fn call(&mut self, within: &InFlow<'_>, call: &Call) {
        self.with(within, &call.with);
        if let Some(into) = &call.into {
            self.slot_name(within, into, "into");
        }
        let Some(action) = self.bot.actions.get(&call.action.id) else {
            if !self.unread.has("actions.yaml") {
                let advice = advise(&call.action.id, self.bot.actions.keys().map(String::as_str));
                let message = format!("there is no action `{}`", call.action.id);
                self.problems.error(within.place(call.action.mark, "call"), message, advice);
            }
            return;
        };
        for (name, expression) in &call.with {
            let Some(field) = action.args.get(&name.id) else {
                let advice = advise(&name.id, action.args.keys().map(String::as_str));
                let message = format!("`{}` takes no `{}`", action.name, name.id);
                self.problems.error(within.place(name.mark, "with"), message, advice);
                continue;
            };
            let kind = expression.check(within.kinds).0;
            if !kind.meets(&field.kind) {
                let message = format!("`{}` wants {}, not {kind}", name.id, field.kind);
                self.problems.error(within.place(name.mark, "with"), message, "");
            }
        }
        let given: BTreeSet<&str> = call.with.iter().map(|(name, _)| name.id.as_str()).collect();
        for (name, field) in &action.args {
            if !field.optional && !given.contains(name.as_str()) {
                let place = within.place(call.action.mark, "with");
                self.problems.error(place, format!("`{}` needs `{name}`", action.name), "");
            }
        }
    }

    fn flow_call(&mut self, within: &InFlow<'_>, verb: &'static str, call: &FlowCall) {
        self.with(within, &call.with);
        let flow = &call.flow;
        if !self.bot.flows.contains_key(&flow.id) && !self.unread.has_flow(&flow.id) {
            let advice = advise(&flow.id, self.bot.flows.keys().map(String::as_str));
            let message = format!("there is no flow `{}`", flow.id);
            self.problems.error(within.place(flow.mark, verb), message, advice);
        }
    }

    fn slot_name(&mut self, within: &InFlow<'_>, slot: &Named, key: &'static str) {
        let is_name = slot.id.chars().enumerate().all(|(index, character)| {
            character == '_' || character.is_alphabetic() || (index > 0 && character.is_numeric())
        });
        let words = ["true", "false", "none", "and", "or", "not", "in"];
        if !is_name || words.contains(&slot.id.as_str()) {
            let message = format!("`{}` cannot be used in an expression", slot.id);
            self.problems.error(within.place(slot.mark, key), message, "use letters, digits and _");
        } else if RESERVED.contains(&slot.id.as_str()) {
            let message = format!("`{}` has a meaning of its own", slot.id);
            self.problems.error(within.place(slot.mark, key), message, "choose another name");
        }
    }

    fn condition(&mut self, within: &InFlow<'_>, condition: &Expression, (mark, key): (Mark, &str)) {
        self.expression(within, condition, (mark, key));
        let kind = condition.check(within.kinds).0;
        if !matches!(kind, Kind::Boolean | Kind::Unknown) {
            let message = format!("the condition is {kind}, not true or false");
            self.problems.error(Place { file: &within.flow.file, mark, key }, message, "");
        }
    }

    fn expression(&mut self, within: &InFlow<'_>, expression: &Expression, (mark, key): (Mark, &str)) {
        for problem in expression.check(within.kinds).1 {
            let place = Place { file: &within.flow.file, mark, key };
            self.problems.error(place, problem.message, problem.advice);
        }
    }

    fn flows_that_nothing_starts(&mut self) {
        if self.unread.has_flows() || self.unread.has_wording() {
            return;
        }
        let steps = self.bot.flows.values().flat_map(Flow::all_steps);
        let called = steps.filter_map(|(_, step)| match &step.verb {
            Verb::Run(call) | Verb::GoTo(call) => Some(call.flow.id.as_str()),
            _ => None,
        });
        let entries = self.bot.wording.values().flat_map(|wording| wording.entries.values());
        let begun = entries.flat_map(|entry| &entry.choices).map(|choice| choice.begin.id.as_str());
        let started: BTreeSet<&str> = called.chain(begun).collect();
        for flow in self.bot.flows.values() {
            if flow.intent.is_none() && !started.contains(flow.id.as_str()) {
                let place = Place { file: &flow.file, mark: flow.mark, key: "flow" };
                let advice = "give it starts_when, or run it from another flow";
                self.problems.warning(place, format!("nothing starts `{}`", flow.id), advice);
            }
        }
    }
}
