//! How likely it is that the best article answers the query.

use crate::search::{Hit, Likeness};
use crate::weights::Family;

/// What the best article shows, in numbers that mean the same for every query.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Signals {
    /// The largest coverage, words and n-grams among the article's hits; see [`crate::Features`].
    pub coverage: f32,
    pub words: f32,
    pub grams: f32,
    /// The score's lead over the next article.
    pub lead: f32,
    /// The score.
    pub score: f32,
    /// The query is a title or question of the article.
    pub is_exact: bool,
    /// The article is not there in the asker's language, so that few of its words can match.
    pub is_foreign: bool,
    /// The largest rises by USE, where it took part.
    pub by_use: Option<Likeness>,
    /// The largest rises by e5, where it took part.
    pub by_e5: Option<Likeness>,
}

/// Coefficients of a logistic regression over [`Signals::values`]; the first is the bias. `examples/measure_search --fit` fits
/// them on the dev half of the judged texts and, with less weight, on the articles' own questions: each in an index
/// without it, in indexes that lack most translations, and in indexes that lack its article.
type Calibration = [f32; Signals::COUNT];

/// Somebody asks in the words of the article.
const EXACT: f32 = 0.99;

const WORDS: Calibration = [-4.783, 0.633, 0.680, 0.065, 1.218, -0.019, -0.596, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0];
const WITH_USE: Calibration =
    [-6.569, 0.355, 0.594, 0.056, 0.910, 0.136, 2.867, 3.455, -0.048, 3.095, 0.0, 0.0, 0.0];
const WITH_E5: Calibration =
    [-18.675, -0.391, 0.482, 0.039, 1.354, 0.253, 3.139, 0.0, 0.0, 0.0, 11.032, 2.296, 15.532];
const WITH_BOTH: Calibration =
    [-17.086, 0.018, 0.378, 0.037, 1.088, 0.234, 3.167, 2.377, -1.089, 2.347, 7.177, -0.029, 11.979];

impl Signals {
    /// How many numbers [`Signals::values`] gives.
    pub const COUNT: usize = 13;

    /// Of the hits' first article. Hits are as search returns them.
    pub fn of(hits: &[Hit]) -> Option<Self> {
        let best = hits.first()?;
        let next = hits.iter().find(|hit| hit.article.id != best.article.id);
        let mut signals = Self {
            lead: next.map_or(best.score, |next| best.score - next.score),
            score: best.score,
            is_exact: best.features.is_exact,
            is_foreign: best.features.is_foreign,
            ..Self::default()
        };
        for hit in hits.iter().filter(|hit| hit.article.id == best.article.id) {
            signals.coverage = signals.coverage.max(hit.features.coverage);
            signals.words = signals.words.max(hit.features.words);
            signals.grams = signals.grams.max(hit.features.grams);
            for (encoder, likeness) in &hit.features.likeness {
                let largest = match Family::of(encoder) {
                    Family::Use => &mut signals.by_use,
                    Family::E5 => &mut signals.by_e5,
                    Family::Other => continue,
                };
                *largest = Some(largest.map_or(*likeness, |largest| largest.max(*likeness)));
            }
        }
        Some(signals)
    }

    /// The numbers that the calibration weighs: 1, then the signals. The lead counts by its square root, because the
    /// first bit of it says most.
    pub fn values(&self) -> [f32; Self::COUNT] {
        let by_use = self.by_use.unwrap_or_default();
        let by_e5 = self.by_e5.unwrap_or_default();
        [
            1.0,
            self.coverage,
            self.words,
            self.grams,
            self.lead.max(0.0).sqrt(),
            self.score,
            f32::from(u8::from(self.is_foreign)),
            by_use.passage_rise,
            by_use.asks_rise,
            by_use.cosine,
            by_e5.passage_rise,
            by_e5.asks_rise,
            by_e5.cosine,
        ]
    }

    /// The probability that the article answers the query, from 0 to 1.
    pub fn confidence(&self) -> f32 {
        if self.is_exact {
            return EXACT;
        }
        let calibration = match (self.by_use, self.by_e5) {
            (None, None) => WORDS,
            (Some(_), None) => WITH_USE,
            (None, Some(_)) => WITH_E5,
            (Some(_), Some(_)) => WITH_BOTH,
        };
        let logit: f32 = calibration.iter().zip(self.values()).map(|(weight, value)| weight * value).sum();
        1.0 / (1.0 + (-logit).exp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn likeness(rise: f32, cosine: f32) -> Likeness {
        Likeness { cosine, passage_rise: rise, asks_rise: rise }
    }

    /// Signals as a strange text (0) or the article's own question (1) shows them, with measured ends.
    fn signals(strength: f32, with_use: bool, with_e5: bool) -> Signals {
        let between = |low: f32, high: f32| low + (high - low) * strength;
        Signals {
            coverage: between(0.1, 0.9),
            words: between(1.0, 4.0),
            grams: between(8.0, 40.0),
            lead: between(0.1, 4.0),
            score: between(3.0, 8.0),
            is_exact: false,
            is_foreign: false,
            by_use: with_use.then(|| likeness(between(0.15, 0.6), between(0.3, 0.9))),
            by_e5: with_e5.then(|| likeness(between(0.03, 0.12), between(0.84, 0.97))),
        }
    }

    #[test]
    fn confidence_rises_from_strange_texts_to_questions_whatever_encoders_there_are() {
        for (with_use, with_e5) in [(false, false), (true, false), (false, true), (true, true)] {
            let at = |strength| signals(strength, with_use, with_e5).confidence();
            assert!(at(0.0) < 0.2, "{} {with_use} {with_e5}", at(0.0));
            assert!(at(1.0) > 0.9, "{} {with_use} {with_e5}", at(1.0));
            assert!((1..=20).all(|step| at(step as f32 / 20.0) > at((step - 1) as f32 / 20.0)));
        }
    }

    #[test]
    fn an_exact_question_is_sure_and_no_hits_have_no_signals() {
        assert!(Signals { is_exact: true, ..Signals::default() }.confidence() > 0.9);
        assert!(Signals::default().confidence() < 0.1);
        assert_eq!(Signals::of(&[]), None);
    }
}
