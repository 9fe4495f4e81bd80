//! Why nothing was trained.

/// Nothing was trained; the caller keeps the model it has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrainingError {
    /// Add examples: fewer than two labels have any.
    #[error("training needs examples of at least two labels, there are {labels}")]
    TooFewLabels { labels: usize },
    /// Mark entities: `[tomorrow](date)`.
    #[error("training a tagger needs at least one example with a marked entity")]
    NothingMarked,
    /// A fault of this crate or of numbers that are not finite.
    #[error("a head could not be made: {0}")]
    Head(#[from] models::HeadError),
}
