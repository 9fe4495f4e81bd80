//! A conversation without a server or a database: for the command line and for scenarios.

use std::sync::Arc;

use channels::Content;
use dialogues::{DialogueState, Effect, Event};

use tokio::sync::Semaphore;

use crate::actions::Actions;
use crate::bots::LiveBot;
use crate::clock::Clock;
use crate::decide::Decision;
use crate::store::Control;
use crate::turn::{ConversationState, Hearing, Thought, think};
use crate::waiting::Wait;

/// One conversation with a bot, in memory.
pub struct Rehearsal {
    bot: Arc<LiveBot>,
    actions: Arc<Actions>,
    channel: String,
    clock: Clock,
    time_zone: String,
    seed: u64,
    language: Option<String>,
    control: Control,
    state: ConversationState,
}

impl Rehearsal {
    pub fn new(bot: Arc<LiveBot>, actions: Arc<Actions>, channel: &str, clock: Clock, seed: u64) -> Self {
        let default = bot.dialogue.settings.default_language.clone();
        let state = ConversationState::new(DialogueState::new(default, channel));
        Self {
            bot,
            actions,
            channel: channel.to_owned(),
            clock,
            time_zone: "Asia/Bangkok".to_owned(),
            seed,
            language: None,
            control: Control::Bot,
            state,
        }
    }

    /// Begins with a language and facts that are known beforehand.
    #[must_use]
    pub fn knowing(mut self, language: &str, person: dialogues::Record) -> Self {
        language.clone_into(&mut self.state.dialogue.language);
        self.language = Some(language.to_owned());
        self.state.dialogue.person = person;
        self
    }

    pub fn control(&self) -> &Control {
        &self.control
    }

    pub fn dialogue(&self) -> &DialogueState {
        &self.state.dialogue
    }

    /// The conversation hears something; the state moves on.
    pub async fn hear(&mut self, content: Content) -> anyhow::Result<Thought> {
        let hearing = Hearing {
            content,
            overheard: false,
            control: self.control.clone(),
            channel: self.channel.clone(),
            state: self.state.clone(),
            language: self.language.clone(),
            now: self.clock.now(),
            time_zone: self.time_zone.clone(),
            seed: self.seed,
            wait: Wait { position: 1, minutes: Some(5) },
        };
        let alone = Arc::new(Semaphore::new(1)).acquire_owned().await?;
        let thought = think(&self.bot, &self.actions, hearing, alone).await?;
        self.state = thought.state.clone();
        for (slot, value) in &thought.performance.remember {
            self.state.dialogue.person.insert(slot.clone(), value.clone());
        }
        if !matches!(thought.decision, Decision::Silent { .. }) {
            self.language = Some(thought.language.clone());
        }
        if thought.performance.hand_off.is_some() {
            self.control = Control::Waiting;
        }
        Ok(thought)
    }

    /// An agent gives the conversation back; what the dialogue says to it, if anything.
    pub fn hand_back(&mut self) -> anyhow::Result<Vec<Effect>> {
        self.control = Control::Bot;
        let advanced =
            dialogues::advance(&self.bot.dialogue, self.state.dialogue.clone(), Event::HandedBack)?;
        self.state.dialogue = advanced.state;
        Ok(advanced.effects)
    }
}
