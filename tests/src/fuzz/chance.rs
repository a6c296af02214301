//! Chance that comes out the same in every run.

use std::sync::atomic::{AtomicU64, Ordering};

use auth::ports::Random;

/// Numbers that look random and repeat in every run (splitmix64, Steele et al. 2014). Each
/// seed has its own: a held one (`auth::ports`) would try the same few values.
pub(super) struct Sequence(AtomicU64);

impl Sequence {
    pub(super) fn from_seed(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    pub(super) fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let before = self.0.fetch_add(STEP, Ordering::Relaxed);
        let mut mixed = before.wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 where `end` is 0.
    pub(super) fn below(&self, end: usize) -> usize {
        let number = self.next() % u64::try_from(end.max(1)).unwrap();
        usize::try_from(number).unwrap()
    }
}

impl Random for Sequence {
    fn fill(&self, buffer: &mut [u8]) {
        for chunk in buffer.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
    }
}
