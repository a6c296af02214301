//! Numbers that follow from a seed (SplitMix64): the same seed, the same numbers, on every
//! machine and after every restart. Not for secrets.

/// The next number comes from the last.
#[derive(Debug, Clone)]
pub(crate) struct Chance(u64);

impl Chance {
    /// The numbers that belong to these parts, in this order.
    pub(crate) fn of(parts: &[u64]) -> Self {
        let mut chance = Self(0);
        for part in parts {
            chance.0 ^= *part;
            chance.0 = chance.draw();
        }
        chance
    }

    pub(crate) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 where `end` is 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.draw().checked_rem(end).unwrap_or(0)
    }

    pub(crate) fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }

    /// One of these.
    pub(crate) fn pick<T: Copy + Default>(&mut self, from: &[T]) -> T {
        let count = u64::try_from(from.len()).unwrap_or(0);
        let position = usize::try_from(self.below(count)).unwrap_or(0);
        from.get(position).copied().unwrap_or_default()
    }
}
