//! How much life old tokens had left: the least, and the median to the minute, from counters
//! that take the same room for any number of tokens.

use crate::last_run::LifeLeft;

const MINUTE: u64 = 60;
/// Counted by the minute up to here; Entra ID's app-only tokens live 60 to 90 minutes, and what
/// a policy makes longer counts as the last one.
const MINUTES: usize = 24 * 60;

/// One run's.
#[derive(Default)]
pub(super) struct Lives {
    least: Option<u64>,
    /// How many had so many whole minutes left.
    by_minute: Vec<u32>,
}

impl Lives {
    /// One more token, with so many seconds left.
    pub(super) fn note(&mut self, seconds: u64) {
        let least = self.least.map_or(seconds, |least| least.min(seconds));
        self.least = Some(least);
        let minute = usize::try_from(seconds / MINUTE).unwrap_or(MINUTES);
        let minute = minute.min(MINUTES);
        if self.by_minute.len() <= minute {
            self.by_minute.resize(minute + 1, 0);
        }
        if let Some(count) = self.by_minute.get_mut(minute) {
            *count += 1;
        }
    }

    /// Of all that were noted; `None` where none was.
    pub(super) fn left(&self) -> Option<LifeLeft> {
        let least = self.least?;
        let half = self.by_minute.iter().sum::<u32>().div_ceil(2);
        let reached = self.by_minute.iter().scan(0, |sum, count| {
            *sum += count;
            Some(*sum)
        });
        let minute = reached.take_while(|sum| *sum < half).count();
        let median = u64::try_from(minute).unwrap_or(u64::MAX) * MINUTE;
        Some(LifeLeft { least, median })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_of_the_minute_that_half_of_them_reach() {
        // seconds left, least, median
        type Row<'a> = (&'a [u64], Option<(u64, u64)>);
        let rows: [Row<'_>; 8] = [
            (&[], None),
            (&[0], Some((0, 0))),
            (&[1_620], Some((1_620, 1_620))),
            (&[59, 60, 61], Some((59, 60))),
            (&[10, 70], Some((10, 0))),
            (&[70, 10, 130], Some((10, 60))),
            (&[1_000, 2_000, 3_000, 3_000, 3_000], Some((1_000, 3_000))),
            (&[u64::MAX], Some((u64::MAX, 86_400))),
        ];
        for (seconds, expected) in rows {
            let mut lives = Lives::default();
            seconds.iter().for_each(|seconds| lives.note(*seconds));
            let found = lives.left().map(|left| (left.least, left.median));
            assert_eq!(found, expected, "{seconds:?}");
        }
    }
}
