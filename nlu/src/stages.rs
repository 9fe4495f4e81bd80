//! Which encoders are asked for which messages.

use serde::{Deserialize, Serialize};

use crate::classifier::Fused;

/// The cascade: n-grams always, then encoders by name. A name fits an encoder when it is the encoder's whole name or
/// one of its parts between hyphens and spaces (`use` fits `use-multilingual-v3 1`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Stages {
    /// Asked for every message.
    pub always: Vec<String>,
    /// Asked only when the stages before are not sure (see [`Doubt`]).
    pub when_unsure: Vec<String>,
}

/// When the stages so far are not sure enough. Training chooses the limits so that what the cascade leaves out costs
/// hardly any accuracy.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Doubt {
    /// The best intent has a smaller probability than this.
    pub below: f32,
    /// The same where every stage before names the same intent.
    pub agreed_below: f32,
    /// Or the out-of-scope score is within this of its threshold.
    pub grey: f32,
}

impl Default for Doubt {
    fn default() -> Self {
        Self { below: 0.6, agreed_below: 0.4, grey: 0.1 }
    }
}

impl Doubt {
    /// `agreed`: several heads ran and name the same intent.
    pub fn is_unsure(&self, fused: Option<&Fused>, agreed: bool) -> bool {
        let Some(fused) = fused else { return true };
        let least = if agreed { self.agreed_below } else { self.below };
        let sure = fused.best().is_some_and(|(_, probability)| probability >= least);
        !sure || (fused.out_of_scope_score - fused.threshold).abs() < self.grey
    }
}

impl Default for Stages {
    fn default() -> Self {
        Self { always: vec!["use".to_owned()], when_unsure: vec!["e5".to_owned()] }
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
        Self { always: Vec::new(), when_unsure: Vec::new() }
    }

    /// Every encoder for every message.
    pub fn everything() -> Self {
        Self { always: vec!["use".to_owned(), "e5".to_owned(), "hash".to_owned()], ..Self::default() }
    }

    /// The encoder takes part only where the stages before are not sure.
    pub fn is_when_unsure(&self, encoder: &str) -> bool {
        self.turn(encoder) == Turn::WhenUnsure
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
