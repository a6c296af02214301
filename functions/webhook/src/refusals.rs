//! Refusals in the log: a line at the first one of a reason, and then at most one a minute with
//! the number since, so that a flood does not write the log full.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// A reason is reported once in so long.
const REPORTED_EVERY: Duration = Duration::from_secs(60);

/// Why a request is refused: for the log. Its sender is not given the reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Refusal {
    /// Another method than POST.
    Method,
    /// No AuthID, several, or one that we did not make.
    AuthId,
    /// More than 6 MB, or not UTF-8.
    Body,
    /// Not an array of notifications.
    NotANotification,
    /// No item is of the tenant, for us and at one of the API's addresses.
    NothingFits,
}

/// What was refused since the last line about it.
#[derive(Debug, Default)]
pub struct Refusals(Mutex<BTreeMap<Refusal, Counted>>);

#[derive(Debug, Default)]
struct Counted {
    unreported: u64,
    /// By the clock's time since its start.
    reported_at: Option<Duration>,
}

impl Refusal {
    /// The word in the log.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Refusal::Method => "method",
            Refusal::AuthId => "auth_id",
            Refusal::Body => "body",
            Refusal::NotANotification => "not_a_notification",
            Refusal::NothingFits => "nothing_fits",
        }
    }
}

impl Refusals {
    /// One more; how many there were since the last line, where it is time for another.
    pub(crate) fn count(&self, refusal: Refusal, now: Duration) -> Option<u64> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = counts.entry(refusal).or_default();
        counted.unreported += 1;
        let is_early = |at: Duration| now < at + REPORTED_EVERY;
        if counted.reported_at.is_some_and(is_early) {
            return None;
        }
        counted.reported_at = Some(now);
        Some(std::mem::take(&mut counted.unreported))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_reported_at_once_and_then_once_a_minute_with_all_of_them() {
        let refusals = Refusals::default();
        let at = |seconds, refusal| refusals.count(refusal, Duration::from_secs(seconds));
        let rows = [
            (100, Refusal::AuthId, Some(1)),
            (100, Refusal::AuthId, None),
            (101, Refusal::Body, Some(1)),
            (159, Refusal::AuthId, None),
            (160, Refusal::AuthId, Some(3)),
            (160, Refusal::Body, None),
            (161, Refusal::AuthId, None),
            (900, Refusal::AuthId, Some(2)),
            (900, Refusal::Body, Some(2)),
            (960, Refusal::NothingFits, Some(1)),
        ];
        for (seconds, refusal, reported) in rows {
            assert_eq!(at(seconds, refusal), reported, "{seconds} {refusal:?}");
        }
    }
}
