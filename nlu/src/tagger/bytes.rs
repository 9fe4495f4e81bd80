//! A tagger as bytes.

use crate::tagger::Tagger;
use crate::tagger::labels::Labels;
use crate::tagger::table::Table;

/// The last two signs are the version: it changes whenever features, labels or this format change their meaning.
const MAGIC: &[u8; 8] = b"SALATG01";

impl Tagger {
    /// Magic, content and kinds (each after its length), scores of neighbours, scale, then columns of feature, end of
    /// its weights, label and weight. Numbers are u32 or f32, labels and weights one byte; little-endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        push_text(&mut bytes, &self.content);
        push_word(&mut bytes, self.kinds.len() as u32);
        for kind in &self.kinds {
            push_text(&mut bytes, kind);
        }
        bytes.extend(self.transitions.iter().flat_map(|score| score.to_le_bytes()));
        push_word(&mut bytes, self.table.scale.to_bits());
        push_word(&mut bytes, self.table.features.len() as u32);
        bytes.extend(self.table.features.iter().flat_map(|feature| feature.to_le_bytes()));
        bytes.extend(self.table.ends.iter().flat_map(|end| end.to_le_bytes()));
        bytes.extend(&self.table.labels);
        bytes.extend(self.table.weights.iter().map(|weight| weight.to_le_bytes()[0]));
        bytes
    }

    /// Reads what [`Tagger::to_bytes`] writes; `None` for anything else.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader { rest: bytes.strip_prefix(MAGIC)? };
        let content = reader.text()?;
        let count = reader.words(1)?.next()?;
        let kinds: Option<Vec<String>> = (0..count).map(|_| reader.text()).collect();
        let kinds = kinds?;
        let labels = Labels::of(&kinds)?;
        let transitions: Vec<f32> = reader.words(labels.transitions())?.map(f32::from_bits).collect();
        let table = reader.table()?;
        let finite = transitions.iter().chain([&table.scale]).all(|value| value.is_finite());
        (finite && table.is_sound(labels.count())).then(|| Self {
            content,
            kinds,
            table: table.indexed(),
            transitions,
        })
    }
}

fn push_word(bytes: &mut Vec<u8>, word: u32) {
    bytes.extend(word.to_le_bytes());
}

fn push_text(bytes: &mut Vec<u8>, text: &str) {
    push_word(bytes, text.len() as u32);
    bytes.extend(text.as_bytes());
}

struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    /// The next `count` little-endian words.
    fn words(&mut self, count: usize) -> Option<impl Iterator<Item = u32> + use<'b>> {
        let words = self.take(count.checked_mul(4)?)?;
        Some(words.as_chunks::<4>().0.iter().map(|word| u32::from_le_bytes(*word)))
    }

    fn text(&mut self) -> Option<String> {
        let length = self.words(1)?.next()? as usize;
        String::from_utf8(self.take(length)?.to_vec()).ok()
    }

    /// The rest, as a table whose rows are sorted and not empty.
    fn table(&mut self) -> Option<Table> {
        let scale = f32::from_bits(self.words(1)?.next()?);
        let rows = self.words(1)?.next()? as usize;
        let features: Vec<u32> = self.words(rows)?.collect();
        let ends: Vec<u32> = self.words(rows)?.collect();
        let growing = |column: &[u32]| column.windows(2).all(|pair| pair[0] < pair[1]);
        let count = ends.last().copied().unwrap_or(0) as usize;
        let whole = self.rest.len() == count.checked_mul(2)? && ends.first() != Some(&0);
        if !whole || !growing(&features) || !growing(&ends) {
            return None;
        }
        let labels = self.take(count)?.to_vec();
        let weights = self.take(count)?.iter().map(|byte| i8::from_le_bytes([*byte])).collect();
        Some(Table { features, ends, labels, weights, scale, ..Table::default() })
    }
}
