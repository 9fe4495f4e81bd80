//! The decision as a table: what is known of a message in the demo company's bot, and what is done.

use dialogues::{Bot, Fit};
use nlu::{Detected, Language, Ran, Scored, Sentiment, Stage, Understanding};

use super::*;
use crate::bot_files::BotSource;

/// A message of words in a conversation that the bot owns.
struct Case {
    intents: &'static [(&'static str, f32)],
    /// What each head prefers alone.
    heads: &'static [&'static str],
    out_of_scope: bool,
    question: Question,
    flows: &'static [&'static str],
    fit: Fit,
    heard: Heard,
    articles: Articles,
}

const PLAIN: Case = Case {
    intents: &[],
    heads: &[],
    out_of_scope: false,
    question: Question::None,
    flows: &[],
    fit: Fit::No,
    heard: Heard::Words,
    articles: Articles::NotAsked,
};

const REPAIR: &[&str] = &["machine_not_working"];
const HOURS: Case = Case { intents: &[("opening_hours", 0.99)], heads: &["opening_hours"], ..PLAIN };
const BROKEN: Case =
    Case { intents: &[("machine_not_working", 0.97)], heads: &["machine_not_working"], ..PLAIN };
const ASKED: Case = Case { question: Question::Slot, flows: REPAIR, fit: Fit::Perhaps, ..PLAIN };

#[test]
fn a_message_is_decided_by_what_is_known_of_it() {
    let begins = |flow: &str| Step::Decided(Decision::StartFlow { flow: flow.to_owned() });
    let again = |why| Step::Decided(Decision::AskAgain { why });
    let goes_on = Step::Decided(Decision::ContinueFlow);
    let answers = Step::Decided(Decision::Answer);
    let found = Articles::Found { confidence: 0.99, foreign: false };
    let cases = [
        ("a clear wish begins its flow", BROKEN, begins("machine_not_working")),
        ("a question asks the articles", HOURS, Step::AskArticles(Effort::Every)),
        ("an article answers it", Case { articles: found, ..HOURS }, answers.clone()),
        ("several may help", Case { articles: Articles::Unsure, ..HOURS }, answers.clone()),
        ("no article does", Case { articles: Articles::Nothing, ..HOURS }, again(AskAgain::NoAnswer)),
        (
            "what is out of scope is said to be",
            Case { out_of_scope: true, articles: Articles::Nothing, ..BROKEN },
            again(AskAgain::OutOfScope),
        ),
        ("what may be an answer is one", ASKED, goes_on.clone()),
        (
            "a clear question breaks in, and every encoder looks for its article",
            Case { intents: HOURS.intents, heads: HOURS.heads, ..ASKED },
            Step::AskArticles(Effort::Every),
        ),
        (
            "the open question goes on where no article answers",
            Case { intents: HOURS.intents, heads: HOURS.heads, articles: Articles::Nothing, ..ASKED },
            goes_on.clone(),
        ),
        (
            "one head alone does not break in",
            Case { intents: HOURS.intents, heads: &["opening_hours", "shop_location"], ..ASKED },
            goes_on.clone(),
        ),
        (
            "the flow that asks is not begun again",
            Case { intents: BROKEN.intents, heads: BROKEN.heads, fit: Fit::No, ..ASKED },
            goes_on.clone(),
        ),
        (
            "a poor answer is looked up by what has read it",
            Case { fit: Fit::No, ..ASKED },
            Step::AskArticles(Effort::AtHand),
        ),
        (
            "an article that fits answers it",
            Case { fit: Fit::No, out_of_scope: true, articles: found, ..ASKED },
            answers.clone(),
        ),
        (
            "an article in another language only disturbs a question that is open",
            Case { fit: Fit::No, articles: Articles::Found { confidence: 0.99, foreign: true }, ..ASKED },
            goes_on.clone(),
        ),
    ];
    let files = BotSource::Embedded.read("baan_kafe").unwrap();
    let bot = Bot::read(&files.files).unwrap();
    for (name, case, expected) in cases {
        check(&bot, name, &case, &expected);
    }
}

#[test]
fn a_picture_is_taken_where_a_flow_asks_for_it() {
    let files = BotSource::Embedded.read("baan_kafe").unwrap();
    let bot = Bot::read(&files.files).unwrap();
    let kindly = Step::Decided(Decision::AskAgain { why: AskAgain::Unsupported });
    for (name, fit, expected) in [
        ("a picture that the flow asks for", Fit::Sure, Step::Decided(Decision::ContinueFlow)),
        ("a picture that nobody asked for", Fit::No, kindly),
    ] {
        check(&bot, name, &Case { heard: Heard::Unreadable, fit, ..ASKED }, &expected);
    }
}

fn check(bot: &Bot, name: &str, case: &Case, expected: &Step) {
    let scored =
        |(name, confidence): &(&str, f32)| Scored { name: (*name).to_owned(), confidence: *confidence };
    let stage =
        |best: &&str| Stage { name: "head".to_owned(), ran: Ran::Yes, best: Some(scored(&(*best, 0.9))) };
    let understanding = Understanding {
        text: String::new(),
        normalised: String::new(),
        language: Detected { language: Language::Thai, confidence: 1.0 },
        intents: case.intents.iter().map(scored).collect(),
        out_of_scope: case.out_of_scope,
        out_of_scope_score: 0.0,
        entities: Vec::new(),
        is_mixed: false,
        requests: Vec::new(),
        urgency: nlu::Urgency::default(),
        sentiment: Sentiment::NEUTRAL,
        stages: case.heads.iter().map(stage).collect(),
    };
    let situation = Situation {
        bot,
        control: &Control::Bot,
        heard: case.heard,
        understanding: &understanding,
        fit: case.fit,
        is_bare_answer: false,
        repair: None,
        pressed: false,
        question: case.question,
        about: &[],
        flows: case.flows.to_vec(),
        misunderstood: 0,
        articles: case.articles,
    };
    assert_eq!(decide(&situation), *expected, "{name}");
}
