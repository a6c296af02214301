//! When an event is tried again, and when no more.

use std::time::Duration;

use crate::timestamp::Timestamp;

/// The first pause; each further one is twice as long.
const FIRST: Duration = Duration::from_secs(60);
/// The longest pause: a receiver that was down has everything within this after it is back.
pub const BACK_OFF_MAX: Duration = Duration::from_secs(60 * 60);
/// An event that is older is given up when it fails again: who reads it then acts on what is long
/// past.
pub const GIVEN_UP_AFTER: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// When to try again after so many attempts.
pub(super) fn next_attempt(now: Timestamp, attempts: u32) -> Timestamp {
    let doubled = 2u32.saturating_pow(attempts.saturating_sub(1));
    now + FIRST.saturating_mul(doubled).min(BACK_OFF_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour() {
        let rows = [
            (1, 60),
            (2, 120),
            (3, 240),
            (6, 1_920),
            (7, 3_600),
            (u32::MAX, 3_600),
        ];
        for (attempts, seconds) in rows {
            let next = next_attempt(Timestamp::from_unix(0), attempts);
            assert_eq!(next.unix(), seconds, "{attempts}");
        }
    }
}
