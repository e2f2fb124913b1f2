//! The source of a case's decisions.

/// A source of decisions: endless, and the same for the same seed or bytes.
pub struct Choices<'a> {
    bytes: &'a [u8],
    state: u64,
}

impl Choices<'static> {
    /// Pseudo-random decisions: `SplitMix64` (Steele, Lea and Flood, 2014).
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        Self { bytes: &[], state: seed }
    }
}

impl<'a> Choices<'a> {
    /// The decisions that a fuzzer's input spells, and when it ends, pseudo-random ones.
    #[must_use]
    pub fn from_bytes(bytes: &'a [u8]) -> Self {
        Self { bytes, state: bytes.len() as u64 }
    }

    /// 64 bits.
    pub fn bits(&mut self) -> u64 {
        match self.bytes.split_first_chunk::<8>() {
            Some((first, rest)) => {
                self.bytes = rest;
                u64::from_le_bytes(*first)
            }
            None => {
                self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mixed = (self.state ^ self.state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
                mixed ^ mixed >> 31
            }
        }
    }

    /// A number below `bound`, which is not zero.
    pub fn below(&mut self, bound: usize) -> usize {
        // The bias of a billionth does not matter here.
        (self.bits() % bound as u64) as usize
    }

    /// True once in `n` times.
    pub fn once_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// Picks one of `all`.
    pub fn pick<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len())]
    }
}
