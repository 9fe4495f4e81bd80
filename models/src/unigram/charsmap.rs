//! SentencePiece's compiled normaliser: a double-array trie of byte sequences and the texts that replace them.

/// The format: the trie's size in bytes (u32), its units (u32), then the replacements, each ended by a zero byte; all
/// little-endian. Units are those of darts-clone.
#[derive(Debug)]
pub(crate) struct Charsmap {
    units: Vec<u32>,
    replacements: String,
}

impl Charsmap {
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, String> {
        let broken = || "the precompiled charsmap is broken".to_owned();
        let (size, rest) = bytes.split_first_chunk::<4>().ok_or_else(broken)?;
        let (units, replacements) =
            rest.split_at_checked(u32::from_le_bytes(*size) as usize).ok_or_else(broken)?;
        let units: Vec<u32> = units
            .chunks_exact(4)
            .map(|unit| u32::from_le_bytes([unit[0], unit[1], unit[2], unit[3]]))
            .collect();
        if units.is_empty() {
            return Err(broken());
        }
        let replacements = String::from_utf8(replacements.to_vec()).map_err(|_| broken())?;
        Ok(Self { units, replacements })
    }

    /// What replaces the shortest mapped beginning of `text`, if there is one.
    pub(crate) fn replacement(&self, text: &str) -> Option<&str> {
        let mut at = offset(self.units[0]);
        for byte in text.bytes().take_while(|byte| *byte != 0) {
            at ^= usize::from(byte);
            let unit = *self.units.get(at)?;
            if label(unit) != u32::from(byte) {
                return None;
            }
            at ^= offset(unit);
            if has_leaf(unit) {
                let start = (*self.units.get(at)? & 0x7fff_ffff) as usize;
                return self.replacements.get(start..)?.split('\0').next();
            }
        }
        None
    }
}

fn has_leaf(unit: u32) -> bool {
    unit >> 8 & 1 == 1
}

fn label(unit: u32) -> u32 {
    unit & 0x8000_00ff
}

fn offset(unit: u32) -> usize {
    ((unit >> 10) << ((unit & 1 << 9) >> 6)) as usize
}
