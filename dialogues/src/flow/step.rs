//! The steps a flow can have; each has exactly one verb.

use regex::Regex;

use crate::expression::Expression;
use crate::problem::{Mark, Named};

/// Steps that run one after the other.
pub type Block = Vec<Step>;

/// One step.
#[derive(Debug, Clone)]
pub struct Step {
    pub mark: Mark,
    pub verb: Verb,
}

/// What a step does.
#[derive(Debug, Clone)]
pub enum Verb {
    Say(Say),
    Collect(Box<Collect>),
    Choose(Box<Choose>),
    Branch(Vec<Arm>),
    Call(Box<Call>),
    Search(Search),
    HandOff { reason: Named },
    Feedback { ask: Named },
    Run(FlowCall),
    GoTo(FlowCall),
    Set(Vec<(Named, Expression)>),
    Remember { slot: Named },
    End,
}

/// Says a wording, with arguments beside the slots of the flow.
#[derive(Debug, Clone)]
pub struct Say {
    pub wording: Named,
    pub with: Vec<(Named, Expression)>,
}

/// Asks until a slot has a valid value.
#[derive(Debug, Clone)]
pub struct Collect {
    pub slot: String,
    /// The entity that fills it; none takes the whole text.
    pub entity: Option<Named>,
    pub pattern: Option<Regex>,
    pub valid_when: Option<(Expression, Mark)>,
    pub check_with: Option<CheckWith>,
    /// What is known already: tried before asking.
    pub known: Option<(Expression, Mark)>,
    /// How many answers may be invalid before `otherwise`.
    pub attempts: u32,
    pub otherwise: Outcome,
    /// Quick replies; the slot gets the option's id.
    pub options: Vec<Named>,
    /// The wording that asks.
    pub ask: Named,
    /// The wording that asks again after an invalid answer.
    pub ask_again: Option<Named>,
    /// Whether the person may skip it; the slot is then none.
    pub optional: bool,
    /// Intents that an answer may resemble: a description of what is broken looks like a report that something is.
    pub about: Vec<Named>,
}

/// What happens where a step does not succeed.
#[derive(Debug, Clone)]
pub enum Outcome {
    /// These steps, and then the step after.
    Steps(Block),
    /// The bot gives up and hands off, because the flow says nothing else.
    HandOff,
}

/// An action that says whether a value is good.
#[derive(Debug, Clone)]
pub struct CheckWith {
    pub call: Call,
    /// When the answer is good; without it, when the call succeeds.
    pub passes_when: Option<(Expression, Mark)>,
}

/// Asks for one of a few ways to go on.
#[derive(Debug, Clone)]
pub struct Choose {
    pub say: Say,
    pub options: Vec<SayOption>,
    /// The slot that gets the id of the chosen option.
    pub into: Option<Named>,
    pub attempts: u32,
    pub otherwise: Outcome,
    /// Whether the person may as well talk about something else, which then ends the flow.
    pub optional: bool,
}

/// One way to go on; its id is the wording id of its title. Written as a flow's id alone it goes to that
/// flow, unless the choice is kept with `into`.
#[derive(Debug, Clone)]
pub struct SayOption {
    pub id: Named,
    pub steps: Block,
}

/// Steps that run when a condition holds; without a condition, when no earlier one did.
#[derive(Debug, Clone)]
pub struct Arm {
    pub when: Option<Expression>,
    pub mark: Mark,
    pub steps: Block,
}

/// A call of an action.
#[derive(Debug, Clone)]
pub struct Call {
    pub action: Named,
    pub with: Vec<(Named, Expression)>,
    /// The slot that gets the result.
    pub into: Option<Named>,
    pub on_error: Outcome,
}

/// A search in the articles; engine says the answer.
#[derive(Debug, Clone)]
pub struct Search {
    pub query: Expression,
    pub mark: Mark,
    /// None says `no_answer`.
    pub on_nothing: Option<Block>,
}

/// A flow to run, with slots set beforehand.
#[derive(Debug, Clone)]
pub struct FlowCall {
    pub flow: Named,
    pub with: Vec<(Named, Expression)>,
    /// The slot that gets the other flow's slots when it returns.
    pub into: Option<Named>,
}

impl Outcome {
    pub(crate) fn steps(&self) -> Option<&Block> {
        match self {
            Outcome::Steps(block) => Some(block),
            Outcome::HandOff => None,
        }
    }

    fn steps_mut(&mut self) -> Option<&mut Block> {
        match self {
            Outcome::Steps(block) => Some(block),
            Outcome::HandOff => None,
        }
    }
}

impl Verb {
    /// The word that the verb is written as.
    pub fn name(&self) -> &'static str {
        match self {
            Verb::Say(_) => "say",
            Verb::Collect(_) => "collect",
            Verb::Choose(_) => "choose",
            Verb::Branch(_) => "branch",
            Verb::Call(_) => "call",
            Verb::Search(_) => "search",
            Verb::HandOff { .. } => "hand_off",
            Verb::Feedback { .. } => "feedback",
            Verb::Run(_) => "run",
            Verb::GoTo(_) => "go_to",
            Verb::Set(_) => "set",
            Verb::Remember { .. } => "remember",
            Verb::End => "end",
        }
    }

    pub(crate) fn as_collect(&self) -> Option<&Collect> {
        if let Verb::Collect(collect) = self { Some(collect) } else { None }
    }

    /// The blocks inside the step: the arms of a branch; the options of a choice and then its `otherwise`;
    /// `otherwise`, `on_error` or `on_nothing` of the others.
    pub fn blocks(&self) -> Vec<&Block> {
        match self {
            Verb::Branch(arms) => arms.iter().map(|arm| &arm.steps).collect(),
            Verb::Choose(choose) => {
                let options = choose.options.iter().map(|option| &option.steps);
                options.chain(choose.otherwise.steps()).collect()
            }
            Verb::Collect(collect) => collect.otherwise.steps().into_iter().collect(),
            Verb::Call(call) => call.on_error.steps().into_iter().collect(),
            Verb::Search(search) => search.on_nothing.iter().collect(),
            _ => Vec::new(),
        }
    }

    pub(crate) fn blocks_mut(&mut self) -> Vec<&mut Block> {
        match self {
            Verb::Branch(arms) => arms.iter_mut().map(|arm| &mut arm.steps).collect(),
            Verb::Choose(choose) => {
                let options = choose.options.iter_mut().map(|option| &mut option.steps);
                options.chain(choose.otherwise.steps_mut()).collect()
            }
            Verb::Collect(collect) => collect.otherwise.steps_mut().into_iter().collect(),
            Verb::Call(call) => call.on_error.steps_mut().into_iter().collect(),
            Verb::Search(search) => search.on_nothing.iter_mut().collect(),
            _ => Vec::new(),
        }
    }

    /// Whether the flow never goes on to the step after this one.
    pub fn leaves(&self) -> bool {
        let all_leave = |block: &Block| block.iter().any(|step| step.verb.leaves());
        match self {
            Verb::HandOff { .. } | Verb::GoTo(_) | Verb::End => true,
            Verb::Branch(arms) => {
                arms.iter().any(|arm| arm.when.is_none()) && arms.iter().all(|arm| all_leave(&arm.steps))
            }
            Verb::Choose(choose) => {
                !choose.optional
                    && choose.options.iter().all(|option| all_leave(&option.steps))
                    && choose.otherwise.steps().is_none_or(all_leave)
            }
            _ => false,
        }
    }
}
