//! How a type of a tenant usually talks, so that one that has stopped is noticed: by its own
//! rhythm, because an hour of silence is much for one and a weekend is nothing for another.
//!
//! What is remembered is one number: the longest pause between two times at which content was
//! stored, which fades within some weeks. It is learned only where nothing held the type
//! up: a refusal or our own backlog says nothing of the rhythm.

use std::time::Duration;

use crate::window::{DAY, HOUR};

/// Until a type has shown its own rhythm, a weekend is usual. Seconds.
const AT_FIRST: u64 = 48 * HOUR.unsigned_abs();

/// A pause fades away with this time: after a month a third of it is left. Seconds.
const FADES: u64 = 30 * DAY.unsigned_abs();

/// No longer pause is learned. Seconds.
const LONGEST: u64 = 14 * DAY.unsigned_abs();

/// Nothing is silent before this. Seconds.
const LEAST: u64 = DAY.unsigned_abs();

/// What talks on working days is silent after this at the latest: two days are left until its
/// content expires, and a long weekend is shorter. Seconds.
const WORKDAYS: u64 = 5 * DAY.unsigned_abs();

/// The longest pause that is usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rhythm {
    /// Seconds.
    longest: u64,
}

impl Rhythm {
    /// As a row has it, in seconds.
    pub fn stored(longest: u64) -> Self {
        Self {
            longest: longest.min(LONGEST),
        }
    }

    /// The longest usual pause in seconds, for the row.
    pub fn longest_pause(self) -> u64 {
        self.longest
    }

    /// Content was stored, so many seconds after the last.
    pub(crate) fn heard_after(&mut self, pause: u64) {
        let faded = self.longest.saturating_mul(pause.min(FADES)) / FADES;
        self.longest = (self.longest - faded).max(pause.min(LONGEST));
    }

    /// A pause that is longer is silence: three times the usual one, a day at least and five
    /// days at most; of what pauses for days by itself, half as long again.
    pub fn silent_after(self) -> Duration {
        let thrice = self.longest.saturating_mul(3).min(WORKDAYS);
        let own = self.longest.saturating_mul(3) / 2;
        Duration::from_secs(thrice.max(own).max(LEAST))
    }
}

impl Default for Rhythm {
    fn default() -> Self {
        Self { longest: AT_FIRST }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const H: u64 = 3_600;

    /// What it takes to be silent, in hours, after pauses in hours.
    fn silent_after(pauses: impl IntoIterator<Item = u64>) -> u64 {
        let mut rhythm = Rhythm::default();
        for pause in pauses {
            rhythm.heard_after(pause * H);
        }
        rhythm.silent_after().as_secs() / H
    }

    /// So many weeks of five days with ten hours, and a weekend after each.
    fn office(weeks: usize) -> Vec<u64> {
        let day = [[1; 10].as_slice(), &[14]].concat();
        let week = [day.repeat(4), vec![1; 10], vec![62]].concat();
        week.repeat(weeks)
    }

    #[test]
    fn silence_is_judged_by_the_own_rhythm() {
        let rows: [(&str, Vec<u64>, u64); 10] = [
            ("nothing is known yet", vec![], 120),
            ("a day of every hour: a weekend may come", vec![1; 24], 120),
            ("a month of every hour", vec![1; 24 * 30], 53),
            ("three months of every hour", vec![1; 24 * 90], 24),
            ("offices: longer than Easter's 110 hours", office(8), 120),
            ("once a day", vec![24; 60], 72),
            ("once a week", vec![168; 10], 252),
            (
                "a hole of three days, long ago",
                [vec![72], vec![1; 24 * 90]].concat(),
                24,
            ),
            (
                "a hole of three days, yesterday",
                [vec![1; 24 * 90], vec![72], vec![1; 24]].concat(),
                120,
            ),
            (
                "a year without a word is not learned",
                [vec![1; 240], vec![8_760]].concat(),
                504,
            ),
        ];
        for (what, pauses, hours) in rows {
            assert_eq!(silent_after(pauses), hours, "{what}");
        }
    }

    #[test]
    fn no_pause_of_a_regular_talker_is_silence() {
        for (what, pauses) in [("offices", office(12)), ("once a week", vec![168; 52])] {
            let mut rhythm = Rhythm::default();
            for pause in pauses.iter().skip(1) {
                rhythm.heard_after(pause * H);
            }
            for pause in pauses {
                assert!(
                    rhythm.silent_after().as_secs() > pause * H,
                    "{what}: {pause}"
                );
                rhythm.heard_after(pause * H);
            }
        }
    }

    #[test]
    fn no_number_of_a_row_breaks_it() {
        for seconds in [0, 1, AT_FIRST, LONGEST, LONGEST + 1, u64::MAX] {
            let mut rhythm = Rhythm::stored(seconds);
            rhythm.heard_after(u64::MAX);
            rhythm.heard_after(0);
            assert!(rhythm.longest_pause() <= LONGEST);
            assert!(rhythm.silent_after().as_secs() >= LEAST);
        }
    }
}
