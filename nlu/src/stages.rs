//! Which encoders are asked for which messages.

use serde::{Deserialize, Serialize};

/// The cascade: n-grams always, then encoders by name. A name fits an encoder when it is the encoder's whole name or
/// one of its parts between hyphens and spaces (`use` fits `use-multilingual-v3 1`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Stages {
    /// Asked for every message.
    pub always: Vec<String>,
    /// Asked only when the stages before are not sure.
    pub when_unsure: Vec<String>,
    /// Not sure: the best intent has a smaller probability than this, or the out-of-scope score is within `grey` of its
    /// threshold.
    pub unsure_below: f32,
    /// The same where every stage before names the same intent.
    pub agreed_below: f32,
    pub grey: f32,
}

impl Default for Stages {
    fn default() -> Self {
        Self {
            always: vec!["use".to_owned()],
            when_unsure: vec!["e5".to_owned()],
            unsure_below: 0.6,
            agreed_below: 0.4,
            grey: 0.1,
        }
    }
}

/// When an encoder takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    Always,
    WhenUnsure,
    Never,
}

impl Stages {
    /// Only n-grams, for tests and the smallest machines.
    pub fn ngrams_only() -> Self {
        Self { always: Vec::new(), when_unsure: Vec::new(), ..Self::default() }
    }

    /// Every encoder for every message.
    pub fn everything() -> Self {
        Self { always: vec!["use".to_owned(), "e5".to_owned(), "hash".to_owned()], ..Self::default() }
    }

    pub(crate) fn turn(&self, encoder: &str) -> Turn {
        let listed = |names: &[String]| names.iter().any(|name| fits(name, encoder));
        if listed(&self.always) {
            Turn::Always
        } else if listed(&self.when_unsure) {
            Turn::WhenUnsure
        } else {
            Turn::Never
        }
    }
}

fn fits(name: &str, encoder: &str) -> bool {
    name == encoder || encoder.split(['-', ' ']).any(|part| part == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_whole_names_and_parts() {
        let stages = Stages::default();
        for (encoder, turn) in [
            ("use-multilingual-v3 1", Turn::Always),
            ("multilingual-e5-small 2", Turn::WhenUnsure),
            ("house-encoder 1", Turn::Never),
        ] {
            assert_eq!(stages.turn(encoder), turn, "{encoder}");
        }
        assert_eq!(Stages::ngrams_only().turn("use-multilingual-v3 1"), Turn::Never);
    }
}
