//! Hashes that are the same on every machine and in every version: they are part of stored models.

/// FNV-1a over 64-bit words with a final mix (Fowler, Noll, Vo; the mixer is SplitMix64's).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hash(u64);

impl Hash {
    pub(crate) fn new(seed: u64) -> Self {
        Self((0xcbf2_9ce4_8422_2325 ^ seed).wrapping_mul(0x0100_0000_01b3))
    }

    pub(crate) fn with(self, word: u64) -> Self {
        Self((self.0 ^ word).wrapping_mul(0x0100_0000_01b3))
    }

    pub(crate) fn finish(self) -> u32 {
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 16) as u32
    }
}
