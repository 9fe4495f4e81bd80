//! The weights of features by label, one byte each.

use crate::tagger::features::TaggedUnits;

/// A feature with the labels that it speaks for or against and how much. Other labels have weight 0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TaggerRow {
    pub feature: u32,
    /// Label and weight, sorted by label, each once.
    pub weights: Vec<(u8, f32)>,
}

/// Rows of rounded weights: the weights of the row r are those from `ends[r - 1]` to `ends[r]`.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Table {
    /// Sorted.
    pub(super) features: Vec<u32>,
    pub(super) ends: Vec<u32>,
    pub(super) labels: Vec<u8>,
    pub(super) weights: Vec<i8>,
    /// What a weight of 1 stands for.
    pub(super) scale: f32,
    pub(super) starts: Starts,
}

/// Where the features with each leading bits begin, so that a look-up scans a handful.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Starts {
    shift: u32,
    rows: Vec<u32>,
}

impl Table {
    /// Weights that round to zero are left out. `None` where rows are not sorted, a label is not one of `labels` or
    /// numbers are not finite.
    pub(super) fn rounded(rows: &[TaggerRow], labels: usize) -> Option<Self> {
        let weights = || rows.iter().flat_map(|row| &row.weights);
        let largest = weights().fold(0.0f32, |largest, (_, weight)| largest.max(weight.abs()));
        let unusable = |(label, weight): &(u8, f32)| usize::from(*label) >= labels || !weight.is_finite();
        let once = |row: &TaggerRow| row.weights.windows(2).all(|pair| pair[0].0 < pair[1].0);
        if weights().any(unusable) || !rows.iter().all(once) {
            return None;
        }
        let scale = if largest > 0.0 { largest / 127.0 } else { 1.0 };
        let mut table = Self { scale, ..Self::default() };
        for row in rows {
            let rounded = row.weights.iter().map(|(label, weight)| (*label, (weight / scale).round() as i8));
            for (label, weight) in rounded.filter(|(_, weight)| *weight != 0) {
                table.labels.push(label);
                table.weights.push(weight);
            }
            let end = table.labels.len() as u32;
            if end > table.ends.last().copied().unwrap_or(0) {
                table.features.push(row.feature);
                table.ends.push(end);
            }
        }
        let sorted = rows.windows(2).all(|pair| pair[0].feature < pair[1].feature);
        sorted.then(|| table.indexed())
    }

    /// Whether every row has each label at most once and only known ones.
    pub(super) fn is_sound(&self, labels: usize) -> bool {
        let mut start = 0;
        self.ends.iter().all(|end| {
            let row = &self.labels[start as usize..*end as usize];
            start = *end;
            let known = row.last().is_some_and(|label| usize::from(*label) < labels);
            known && row.windows(2).all(|pair| pair[0] < pair[1])
        })
    }

    /// Ready for look-ups, after the features are known.
    pub(super) fn indexed(mut self) -> Self {
        let bits = self.features.len().max(2).ilog2().min(16);
        let shift = 32 - bits;
        let mut rows = Vec::with_capacity((1 << bits) + 1);
        let mut row = 0;
        for prefix in 0..=(1u64 << bits) {
            while row < self.features.len() && u64::from(self.features[row]) < prefix << shift {
                row += 1;
            }
            rows.push(row as u32);
        }
        self.starts = Starts { shift, rows };
        self
    }

    /// The scores of every unit's labels, units x labels.
    pub(super) fn scores(&self, units: &TaggedUnits, labels: usize) -> Vec<f32> {
        let mut scores = Vec::with_capacity(units.len() * labels);
        let mut sums = vec![0i32; labels];
        for index in 0..units.len() {
            sums.fill(0);
            for row in units.features(index).iter().filter_map(|feature| self.row(*feature)) {
                let start = row.checked_sub(1).map_or(0, |before| self.ends[before]);
                let weights = start as usize..self.ends[row] as usize;
                for (label, weight) in self.labels[weights.clone()].iter().zip(&self.weights[weights]) {
                    sums[usize::from(*label)] += i32::from(*weight);
                }
            }
            scores.extend(sums.iter().map(|sum| *sum as f32 * self.scale));
        }
        scores
    }

    fn row(&self, feature: u32) -> Option<usize> {
        let prefix = (feature >> self.starts.shift) as usize;
        let (start, end) = (self.starts.rows[prefix] as usize, self.starts.rows[prefix + 1] as usize);
        self.features[start..end].binary_search(&feature).ok().map(|place| start + place)
    }
}
