//! The checks that need more than one file: that everything referred to exists and fits.

mod examples;
mod flows;
mod names;
mod scenarios;
mod settings;
mod titles;
mod wording;

pub use examples::{Written, has_words, read_marks};

use std::collections::BTreeSet;

use crate::bot::Bot;
use crate::examples::Examples;
use crate::problem::Problems;

/// The files that could not be read; what they may hold is not reported as missing.
#[derive(Debug, Default)]
pub(crate) struct Unread {
    files: BTreeSet<String>,
}

impl Unread {
    pub(crate) fn add(&mut self, file: &str) {
        self.files.insert(file.to_owned());
    }

    fn has(&self, file: &str) -> bool {
        self.files.contains(file)
    }

    fn has_wording(&self) -> bool {
        self.files.iter().any(|file| file.starts_with("wording/"))
    }

    fn has_flow(&self, flow: &str) -> bool {
        self.has(&format!("flows/{flow}.yaml"))
    }

    fn has_flows(&self) -> bool {
        self.files.iter().any(|file| file.starts_with("flows/"))
    }
}

/// Reports everything that is wrong between the parts of a bot.
pub(crate) fn check(bot: &Bot, examples: &[Examples], unread: &Unread, problems: &mut Problems) {
    let mut check = Check { bot, unread, problems, said: BTreeSet::new() };
    check.settings();
    check.actions();
    check.entities();
    check.titles();
    check.flows();
    check.wording();
    check.scenarios();
    check.examples(examples);
}

/// The check under way.
struct Check<'a> {
    bot: &'a Bot,
    unread: &'a Unread,
    problems: &'a mut Problems,
    /// The wording ids that something says or shows.
    said: BTreeSet<String>,
}
