//! Performing a decision: effects of the dialogue become replies, searches and calls, whose answers go back to it.

use std::sync::Arc;

use channels::{Choice, Content, Part, TemplateUse};
use dialogues::{DialogueState, Effect, Event, Record, Repair, Say, StepPath, Value, advance, word};
use knowledge::Answer;

use crate::actions::Actions;
use crate::bots::LiveBot;
use crate::decide::{AskAgain, Decision, HandOffReason};
use crate::line::own_menu::MENU_PATH;
use crate::links::{CONTINUE_PATH, OWN_SERVICE};
use crate::store::MessageBody;
use crate::turn::{ARTICLE_PAYLOAD, Hearing, Mind, event_of, search};

/// Effects feed events back at most so often in one turn.
const ROUNDS: usize = 16;

/// What is said to a group that we come into, where the bot has words for it.
const GROUP_WELCOME: &str = "group_welcome";

/// What the turn says and changes.
#[derive(Clone, Debug)]
pub struct Performance {
    pub state: DialogueState,
    pub replies: Vec<MessageBody>,
    /// The ids of the wordings that were said, for scenarios.
    pub said: Vec<String>,
    pub hand_off: Option<String>,
    pub remember: Record,
    pub visited: Vec<StepPath>,
    /// The actions that were called, for the record.
    pub called: Vec<String>,
    /// The flow wants to offer that the person goes on in another app: a code is handed out with what was said.
    pub offers_link: bool,
    /// The flow wants the person to see another menu on LINE: its alias, or nothing for the menu that everybody sees.
    pub menu: Option<String>,
}

struct Stage<'a> {
    bot: &'a Arc<LiveBot>,
    actions: &'a Actions,
    hearing: &'a Hearing,
    mind: &'a Mind,
    done: Performance,
}

pub async fn perform(
    bot: &Arc<LiveBot>,
    actions: &Actions,
    hearing: &Hearing,
    mind: &Mind,
    state: DialogueState,
) -> anyhow::Result<Performance> {
    let done = Performance {
        state,
        replies: Vec::new(),
        said: Vec::new(),
        hand_off: None,
        remember: Record::new(),
        visited: Vec::new(),
        called: Vec::new(),
        offers_link: false,
        menu: None,
    };
    let mut performing = Stage { bot, actions, hearing, mind, done };
    performing.play().await?;
    Ok(performing.done)
}

impl Stage<'_> {
    async fn play(&mut self) -> anyhow::Result<()> {
        match &self.mind.decision {
            Decision::Silent { .. } => Ok(()),
            Decision::Welcome => {
                // In a group people must know how to call us.
                let joined = matches!(&self.hearing.content, Content::Notice { .. });
                let in_group = joined
                    && self.bot.dialogue.wording.values().any(|all| all.entries.contains_key(GROUP_WELCOME));
                self.say(&Say::plain(if in_group { GROUP_WELCOME } else { "welcome" }));
                Ok(())
            }
            Decision::AskAgain { why } => {
                self.ask_again(*why);
                Ok(())
            }
            Decision::HandOff { reason } => {
                self.hand_off(match reason {
                    HandOffReason::NotUnderstood => "not_understood",
                    HandOffReason::Broken => "broken",
                });
                Ok(())
            }
            Decision::Answer => {
                match self.mind.answer.clone() {
                    Some(answer) => self.answer(&answer),
                    None => self.say(&Say::plain("no_answer")),
                }
                self.ask_the_open_question()
            }
            Decision::ContinueFlow | Decision::StartFlow { .. } | Decision::Repair { .. } => {
                match event_of(self.mind) {
                    Some(event) => self.follow(event).await,
                    None => Ok(()),
                }
            }
        }
    }

    /// Feeds events to the dialogue until it waits for the person.
    async fn follow(&mut self, first: Event) -> anyhow::Result<()> {
        let mut next = Some(first);
        for _ in 0..ROUNDS {
            let Some(event) = next.take() else { return Ok(()) };
            let advanced = match advance(&self.bot.dialogue, self.done.state.clone(), event) {
                Ok(advanced) => advanced,
                Err(error) => {
                    tracing::error!(bot = %self.bot.name, %error, "a flow is broken");
                    self.hand_off("broken");
                    return Ok(());
                }
            };
            self.done.state = advanced.state;
            self.done.visited.extend(advanced.visited);
            if advanced.effects.is_empty() && self.done.replies.is_empty() && self.done.hand_off.is_none() {
                // The event meant nothing to the dialogue: the person still gets an answer.
                self.ask_again(AskAgain::Unsure);
                return Ok(());
            }
            for effect in advanced.effects {
                next = self.effect(effect).await;
            }
        }
        tracing::error!(bot = %self.bot.name, "a flow did not come to rest");
        self.hand_off("broken");
        Ok(())
    }

    /// Performs one effect; a search or a call answers with an event.
    async fn effect(&mut self, effect: Effect) -> Option<Event> {
        match effect {
            Effect::Say(say) | Effect::AskFeedback(say) => {
                self.say(&say);
                None
            }
            Effect::HandOff { reason } => {
                self.hand_off(&reason);
                None
            }
            Effect::Remember { slot, value } => {
                self.done.remember.insert(slot, value);
                None
            }
            Effect::Ended { .. } => None,
            Effect::Search { query } => Some(self.search(query).await),
            Effect::Call { action, args } => {
                self.done.called.push(action.clone());
                let action = self.bot.dialogue.actions.get(&action)?;
                if action.service == OWN_SERVICE {
                    return Some(self.own(&action.path, &args));
                }
                Some(self.actions.call(action, &args).await)
            }
        }
    }

    /// What the engine itself performs.
    fn own(&mut self, path: &str, args: &Record) -> Event {
        match path {
            CONTINUE_PATH => self.done.offers_link = true,
            MENU_PATH => match args.get("alias") {
                None | Some(Value::None) => self.done.menu = Some(String::new()),
                Some(Value::Text(alias)) => self.done.menu = Some(alias.clone()),
                Some(_) => return Event::CallFailed { reason: dialogues::CallFailure::Refused },
            },
            _ => return Event::CallFailed { reason: dialogues::CallFailure::Refused },
        }
        Event::Called { result: Value::None }
    }

    async fn search(&mut self, query: String) -> Event {
        let (bot, language) = (Arc::clone(self.bot), self.done.state.language.clone());
        // Encoders are waited for, so this leaves the asynchronous threads alone.
        let searched = tokio::task::spawn_blocking(move || {
            let understood = bot.interpreter.understand(&query, &nlu::Context::default());
            search(&bot, &understood, &language, crate::decide::Effort::Every).1
        });
        let answer = searched.await.unwrap_or(Answer::Nothing);
        match &answer {
            Answer::Found { citations, .. } => {
                let article = citations.first().map(|citation| citation.article.as_str().to_owned());
                self.answer(&answer);
                Event::Found { answer: article.unwrap_or_default() }
            }
            Answer::Unsure { .. } => {
                self.answer(&answer);
                Event::Found { answer: String::new() }
            }
            Answer::Nothing => Event::NothingFound,
        }
    }

    /// Says an answer with its source, or offers the articles that may help.
    fn answer(&mut self, answer: &Answer) {
        match answer {
            Answer::Found { text, citations, .. } => {
                let title = citations.first().map(|citation| citation.title.clone()).unwrap_or_default();
                let args = Record::from([
                    ("answer".to_owned(), Value::text(text.clone())),
                    ("source".to_owned(), Value::text(title)),
                ]);
                self.say(&Say { wording: "answer_with_source".to_owned(), args, choices: Vec::new() });
                let links = citations.iter().map(|citation| crate::store::CitationLink {
                    title: citation.title.clone(),
                    article: citation.article.as_str().to_owned(),
                });
                if let Some(last) = self.done.replies.last_mut() {
                    last.citations = links.collect();
                }
            }
            Answer::Unsure { candidates } => {
                let choices = candidates
                    .iter()
                    .map(|candidate| dialogues::Choice {
                        payload: format!("{ARTICLE_PAYLOAD}{}", candidate.article.as_str()),
                        title: dialogues::Title::Text(candidate.title.clone()),
                    })
                    .collect();
                self.say(&Say { choices, ..Say::plain("clarify_which") });
            }
            Answer::Nothing => self.say(&Say::plain("no_answer")),
        }
    }

    fn ask_again(&mut self, why: AskAgain) {
        self.say(&Say::plain(match why {
            AskAgain::OutOfScope => "out_of_scope",
            AskAgain::Unsure => "fallback_ask_again",
            AskAgain::NoAnswer => "no_answer",
            AskAgain::Unsupported => "unsupported_content",
            AskAgain::Sticker => "sticker_reply",
        }));
        // A failure to repeat the question leaves the apology, which is enough.
        drop(self.ask_the_open_question());
    }

    /// After an aside, the question that is still open is asked once more.
    fn ask_the_open_question(&mut self) -> anyhow::Result<()> {
        if dialogues::expecting(&self.bot.dialogue, &self.done.state).is_none() {
            return Ok(());
        }
        let advanced = advance(&self.bot.dialogue, self.done.state.clone(), Event::Repair(Repair::Repeat))?;
        self.done.state = advanced.state;
        for effect in advanced.effects {
            if let Effect::Say(say) = effect {
                self.say(&say);
            }
        }
        Ok(())
    }

    fn hand_off(&mut self, reason: &str) {
        let wait = self.hearing.wait;
        let args = Record::from([
            (
                "minutes".to_owned(),
                wait.minutes.map_or(Value::None, |minutes| Value::number(f64::from(minutes))),
            ),
            ("position".to_owned(), Value::number(f64::from(wait.position))),
        ]);
        self.say(&Say { wording: "handoff_started".to_owned(), args, choices: Vec::new() });
        self.done.hand_off = Some(reason.to_owned());
    }

    fn say(&mut self, say: &Say) {
        self.done.said.push(say.wording.clone());
        let (language, channel) = (&self.done.state.language, &self.hearing.channel);
        self.done.replies.extend(worded(self.bot, (language, channel), say, self.hearing.seed));
    }
}

/// The words of a wording; none where it says nothing.
fn worded(bot: &LiveBot, (language, channel): (&str, &str), say: &Say, seed: u64) -> Option<MessageBody> {
    let worded = word(&bot.dialogue, language, channel, say, seed);
    let choices = worded.choices.into_iter();
    let choices = choices.map(|choice| Choice { title: choice.title, payload: choice.payload }).collect();
    let template = worded.template.map(|template| TemplateUse {
        name: template.name,
        language: template.language,
        values: template.values,
        always: template.always,
    });
    let parts = worded.parts.into_iter().filter(|text| !text.trim().is_empty());
    let picture = worded.imagemap.map(|worded| crate::pictures::parts(channel, worded)).unwrap_or_default();
    let parts: Vec<Part> = parts.map(|text| Part::Text { text }).chain(picture).collect();
    (!parts.is_empty()).then(|| MessageBody { parts, choices, template, ..MessageBody::default() })
}

/// Asks the open question of a dialogue that goes on in another conversation.
pub fn question_again(bot: &LiveBot, channel: &str, state: &mut DialogueState) -> Vec<MessageBody> {
    let repeated = advance(&bot.dialogue, state.clone(), Event::Repair(Repair::Repeat));
    let Ok(advanced) = repeated else { return Vec::new() };
    *state = advanced.state;
    let says = advanced.effects.into_iter().filter_map(|effect| match effect {
        Effect::Say(say) => worded(bot, (&state.language, channel), &say, 0),
        _ => None,
    });
    says.collect()
}
