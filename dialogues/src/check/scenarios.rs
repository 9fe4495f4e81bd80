//! Checks of the scenarios: that what they expect can exist at all.

use std::collections::BTreeSet;

use super::Check;
use crate::problem::{Named, Place, advise};
use crate::scenario::{Scenario, ScenarioTurn, TurnInput};

impl Check<'_> {
    pub(super) fn scenarios(&mut self) {
        let bot = self.bot;
        let actions: BTreeSet<&str> = bot.actions.keys().map(String::as_str).collect();
        let wording: BTreeSet<&str> =
            bot.wording.values().flat_map(|wording| wording.entries.keys()).map(String::as_str).collect();
        for scenario in &bot.scenarios {
            let place = Place { file: &scenario.file, mark: scenario.mark, key: "language" };
            self.known_language(&scenario.language, place);
            for stand_in in scenario.stand_ins.iter().filter(|_| !self.unread.has("actions.yaml")) {
                self.refers(scenario, &stand_in.action, "action", &actions);
            }
            for turn in &scenario.turns {
                self.turn(scenario, turn);
                if !self.unread.has_wording() {
                    self.words_of_turn(scenario, turn, &wording);
                }
            }
        }
    }

    fn turn(&mut self, scenario: &Scenario, turn: &ScenarioTurn) {
        let bot = self.bot;
        if let Some(intent) = &turn.expect.intent
            && !self.unread.has("bot.yaml")
        {
            let intents = bot.settings.intents.iter().map(|intent| intent.id.as_str());
            self.refers(scenario, intent, "intent", &intents.chain(["oos"]).collect());
        }
        if let Some(flow) = &turn.expect.flow
            && !self.unread.has_flows()
        {
            let flows = bot.flows.keys().map(String::as_str);
            self.refers(scenario, flow, "flow", &flows.chain(["none"]).collect());
        }
    }

    fn words_of_turn(&mut self, scenario: &Scenario, turn: &ScenarioTurn, wording: &BTreeSet<&str>) {
        for said in turn.expect.says.iter().flatten() {
            self.refers(scenario, said, "says", wording);
        }
        if let TurnInput::Press(id) = &turn.input
            && !self.unread.has("entities.yaml")
            && !self.bot.is_list_value(id)
        {
            self.refers(scenario, &Named { id: id.clone(), mark: turn.mark }, "press", wording);
        }
    }

    fn refers(&mut self, scenario: &Scenario, named: &Named, key: &str, known: &BTreeSet<&str>) {
        if known.contains(named.id.as_str()) {
            return;
        }
        let nearest = Some(advise(&named.id, known.iter().copied())).filter(|a| a.starts_with("did you"));
        let place = Place { file: &scenario.file, mark: named.mark, key };
        self.problems.error(place, format!("there is no `{}`", named.id), nearest.unwrap_or_default());
    }
}
