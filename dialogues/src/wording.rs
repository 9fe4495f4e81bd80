//! What the bot says: texts by id, language and channel, with places for values.

mod approved;
mod imagemap;
mod needed;
mod read;
mod template;
mod word;

use std::collections::{BTreeMap, BTreeSet};

pub use approved::{Approved, WordedTemplate};
pub use imagemap::{Press, WordedArea, WordedImagemap};
pub(crate) use needed::MAY_HAVE;
pub use needed::{NEEDED, Needed};
pub(crate) use read::read;
pub use template::{Part, Template, TemplateError};
pub use word::{Worded, WordedChoice, word};

use crate::problem::{Mark, Named};

/// The texts of one language.
#[derive(Debug, Clone, Default)]
pub struct Wording {
    pub file: String,
    pub entries: BTreeMap<String, Entry>,
}

/// One wording: its variants, and other variants for some channels.
#[derive(Debug, Clone)]
pub struct Entry {
    pub mark: Mark,
    /// At least one.
    pub texts: Vec<Template>,
    pub channels: BTreeMap<String, Vec<Template>>,
    /// Quick replies that begin a flow.
    pub choices: Vec<BeginChoice>,
    /// The platform's own templates that say the same, by channel.
    pub approved: BTreeMap<String, Approved>,
    /// A picture with areas to press, below the texts.
    pub imagemap: Option<WordedImagemap>,
}

/// A quick reply that begins a flow; its title is a wording id.
#[derive(Debug, Clone)]
pub struct BeginChoice {
    pub title: Named,
    pub begin: Named,
}

impl Entry {
    /// Every template of the entry.
    pub(crate) fn templates(&self) -> impl Iterator<Item = &Template> {
        let approved = self.approved.values().flat_map(|approved| approved.values.values());
        self.texts.iter().chain(self.channels.values().flatten()).chain(approved)
    }

    /// The outermost names that any of its templates uses.
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        self.templates().flat_map(Template::names).collect()
    }
}

#[cfg(test)]
mod tests;
