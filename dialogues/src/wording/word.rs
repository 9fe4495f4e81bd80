//! From something to say to the words of one language and channel.

use serde::{Deserialize, Serialize};

use super::{Entry, Template, WordedImagemap, WordedTemplate};
use crate::bot::Bot;
use crate::effect::{Say, Title};
use crate::expression::Scope;

/// What to send.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worded {
    /// One message each, in order. A line of `---` in a wording ends a message.
    pub parts: Vec<String>,
    /// Quick replies under the last message.
    pub choices: Vec<WordedChoice>,
    /// The platform's own template that says the same, filled in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub template: Option<WordedTemplate>,
    /// A picture with areas to press, below the messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imagemap: Option<WordedImagemap>,
}

/// A quick reply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WordedChoice {
    pub title: String,
    /// Comes back in `Heard::payload`; at most 64 bytes, which is what Telegram carries.
    pub payload: String,
}

/// The words of a wording. `seed` chooses among variants: the same seed gives the same words.
///
/// A language or wording that is missing falls back to the bot's default language and then to the id;
/// `check` reports every such gap, so a checked bot has none.
pub fn word(bot: &Bot, language: &str, channel: &str, say: &Say, seed: u64) -> Worded {
    let titles = bot.titles();
    let scope = Scope { names: &say.args, language, titles: &titles };
    let entry = bot.wording_entry(&say.wording, language);
    let parts = match entry.and_then(|entry| template(entry, channel, &say.wording, seed)) {
        Some(template) => template.fill(&scope),
        None => vec![say.wording.clone()],
    };
    let offered = say.choices.iter().map(|choice| WordedChoice {
        title: match &choice.title {
            Title::Wording(id) => bot.title(id, language).unwrap_or_else(|| id.clone()),
            Title::Text(text) => text.clone(),
        },
        payload: choice.payload.clone(),
    });
    let begins = entry.map(|entry| entry.choices.as_slice()).unwrap_or_default();
    let begins = begins.iter().map(|choice| WordedChoice {
        title: bot.title(&choice.title.id, language).unwrap_or_else(|| choice.title.id.clone()),
        payload: format!("begin/{}", choice.begin.id),
    });
    let approved = entry.and_then(|entry| entry.approved.get(channel));
    let template = approved.map(|approved| approved.fill(&scope, language));
    let imagemap = entry.and_then(|entry| entry.imagemap.clone());
    Worded { choices: offered.chain(begins).collect(), parts, template, imagemap }
}

fn template<'e>(entry: &'e Entry, channel: &str, id: &str, seed: u64) -> Option<&'e Template> {
    let variants = entry.channels.get(channel).filter(|variants| !variants.is_empty());
    let variants = variants.unwrap_or(&entry.texts);
    if variants.is_empty() {
        return None;
    }
    variants.get((mix(seed, id) % variants.len() as u64) as usize)
}

/// FNV-1a over the seed and the id, so that two wordings of one turn do not always choose alike.
fn mix(seed: u64, id: &str) -> u64 {
    let bytes = seed.to_le_bytes();
    bytes.iter().chain(id.as_bytes()).fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
