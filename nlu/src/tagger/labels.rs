//! The labels of units: outside, beginning and continuation of each kind.

/// Kinds that one tagger can learn: a label is one byte, and time grows with the square of their number.
pub const MOST_KINDS: usize = 100;

/// The labels of so many kinds: 0 is outside, 1 + 2k begins the kind k, 2 + 2k continues it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Labels {
    pub(super) kinds: usize,
}

impl Labels {
    /// `None` where there are too many, or one is empty or there twice.
    pub(super) fn of(kinds: &[String]) -> Option<Self> {
        let mut sorted: Vec<&str> = kinds.iter().map(String::as_str).collect();
        sorted.sort_unstable();
        let unique = sorted.windows(2).all(|pair| pair[0] != pair[1]);
        let usable = kinds.len() <= MOST_KINDS && unique && sorted.first() != Some(&"");
        usable.then_some(Self { kinds: kinds.len() })
    }

    pub(super) fn count(self) -> usize {
        1 + 2 * self.kinds
    }

    /// How many scores of neighbours there are.
    pub(super) fn transitions(self) -> usize {
        (self.count() + 1) * self.count()
    }

    /// Where the score of `to` after `from` is; `None` stands for the beginning of the text.
    pub(super) fn transition(self, from: Option<usize>, to: usize) -> usize {
        from.unwrap_or(self.count()) * self.count() + to
    }

    /// The kind of a label and whether it begins an entity; `None` outside.
    pub(super) fn kind(label: u8) -> Option<(usize, bool)> {
        let place = usize::from(label.checked_sub(1)?);
        Some((place / 2, place.is_multiple_of(2)))
    }
}
