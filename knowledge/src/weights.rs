//! How much each kind of evidence counts in a hit's score.

/// A hit's score is `words · z(BM25) + Σ over encoders of z(cosine)`, where z is the distance from the mean in standard
/// deviations over the passages of one language, for one query. BM25 is that of words and of character n-grams, and a
/// cosine that of the passage and of the nearest title or question of its article, each in the shares given here.
///
/// The defaults were chosen on the dev half of the judged texts and on the articles' own questions, each searched in an
/// index without it (`examples/measure_search --sweep`). The top is flat: neighbouring values move R@1 by about a point.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// BM25 beside USE, or an encoder that is not known here.
    pub words_with_use: f32,
    /// BM25 beside e5.
    pub words_with_e5: f32,
    /// BM25 beside both.
    pub words_with_both: f32,
    /// The cosine of any encoder beside that of e5, which counts 1.
    pub use_beside_e5: f32,
    /// The share of character n-grams in BM25.
    pub grams: f32,
    /// How much title and questions count in BM25 without an encoder, where the passage's own text counts 1.
    pub asks: f32,
    /// The same beside an encoder.
    pub asks_with_encoder: f32,
    /// The share of the nearest title or question in a cosine.
    pub asks_cosine: f32,
    /// The least standard deviation of BM25, as a share of what a passage gets that has every term of the query once.
    /// Without it a query of which nothing but one rare letter is known would find that letter with the greatest z.
    pub least_deviation: f32,
    /// In other languages than the asker's, where words cannot match: how much of the weight of BM25 goes to the cosines.
    pub foreign_cosine: f32,
    /// What is taken off scores in other languages than the asker's.
    pub foreign: f32,
}

impl Default for Weights {
    fn default() -> Self {
        Self {
            words_with_use: 0.6,
            words_with_e5: 0.4,
            words_with_both: 0.6,
            use_beside_e5: 0.5,
            grams: 0.5,
            asks: 1.0,
            asks_with_encoder: 0.6,
            asks_cosine: 0.5,
            least_deviation: 0.04,
            foreign_cosine: 1.0,
            foreign: 0.5,
        }
    }
}

/// The encoders whose scale of cosines is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Use,
    E5,
    Other,
}

impl Family {
    pub(crate) fn of(encoder: &str) -> Self {
        if encoder.starts_with("use-") {
            Self::Use
        } else if encoder.starts_with("multilingual-e5") {
            Self::E5
        } else {
            Self::Other
        }
    }
}

impl Weights {
    /// The weight of BM25 beside these encoders.
    pub(crate) fn words_beside(&self, encoders: &[Family]) -> f32 {
        match encoders {
            [] => 1.0,
            [Family::E5] => self.words_with_e5,
            several if several.contains(&Family::E5) => self.words_with_both,
            _ => self.words_with_use,
        }
    }

    /// The weight of one of these encoders' cosine.
    pub(crate) fn cosine_beside(&self, encoder: Family, encoders: &[Family]) -> f32 {
        if encoder != Family::E5 && encoders.contains(&Family::E5) { self.use_beside_e5 } else { 1.0 }
    }
}
