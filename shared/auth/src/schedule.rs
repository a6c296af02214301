//! When a token is renewed, and when a failed attempt is repeated.
//!
//! The setting is the outage to survive: Entra ID may be down for that long with no
//! caller noticing. All durations are whole seconds.

use std::time::Duration;

use crate::cause::CauseCode;
use crate::ports::{Random, random_bytes};
use crate::tenant::TenantStatus;
use crate::timestamp::Timestamp;

/// Room for a run that starts late and takes its time.
const MARGIN: Duration = Duration::from_secs(120);
/// Renewals of tenants that connected together drift apart by up to this, and by no
/// more than a sixtieth of the token's life: every second of it is a request more.
const JITTER_MAX: Duration = Duration::from_secs(60);
/// Entra ID gives app-only tokens for 60 to 90 minutes (and says 3599 s) unless a tenant
/// has a policy of its own.
const SHORTEST_USUAL_LIFE: Duration = Duration::from_secs(3599);
/// After the first failure; doubled with each further one.
const FIRST_RETRY: Duration = Duration::from_secs(30);
/// What passes by itself is asked for again at least this often.
const TRANSIENT_RETRY_MAX: Duration = Duration::from_secs(15 * 60);
/// What a person has to mend is looked at again at least this often.
const SLOW_RETRY_MAX: Duration = Duration::from_secs(6 * 60 * 60);

/// A longer `Retry-After` is not believed; Microsoft's own libraries cut it here too.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(60 * 60);

/// `OUTAGE_TO_SURVIVE_SECONDS`, `REVOCATION_CONFIRM_SECONDS` and the schedule of the refresher.
#[derive(Debug, Clone, Copy)]
pub struct RefreshSchedule {
    /// How long Entra ID may be down with no caller noticing.
    pub outage_to_survive: Duration,
    /// How often the refresher runs.
    pub period: Duration,
    /// `REVOCATION_CONFIRM_SECONDS`: so long after a refusal that reads as a revocation, a
    /// second one is believed.
    pub confirm_after: Duration,
}

impl RefreshSchedule {
    /// When to renew a token that was asked for at `asked_at` and lives until
    /// `expires_at`: `lead = min(outage + 2 × period + 120 s, life / 2)` before its
    /// end, or when Entra ID said (`refresh_in`), if that is sooner; then a little
    /// earlier by chance, never later.
    pub fn refresh_at(
        &self,
        asked_at: Timestamp,
        expires_at: Timestamp,
        refresh_in: Option<Duration>,
        random: &dyn Random,
    ) -> Timestamp {
        let life = Duration::from_secs(asked_at.seconds_until(expires_at));
        let lead = self.lead(life);
        let latest = expires_at - lead;
        let wanted = match refresh_in {
            Some(after) => latest.min(asked_at + after),
            None => latest,
        };
        let jitter = random_up_to(JITTER_MAX.min(life / 60), random);
        (wanted - jitter).max(asked_at)
    }

    /// Seconds of life that a token has left at least, of which only its due time is known:
    /// what [`refresh_at`](Self::refresh_at) kept back for it. By jitter, and for a token
    /// that lives long, it has more; only one that was given for less than an hour has less.
    pub fn least_life_left(&self, refresh_at: Timestamp, now: Timestamp) -> u64 {
        now.seconds_until(refresh_at + self.lead(SHORTEST_USUAL_LIFE))
    }

    fn lead(&self, life: Duration) -> Duration {
        (self.outage_to_survive + 2 * self.period + MARGIN).min(life / 2)
    }
}

/// How long is waited at most after a failure, however many there were.
pub fn longest_wait(code: CauseCode, status: TenantStatus) -> Duration {
    let passes = code.is_transient() || code.is_fleet_wide();
    match passes || status == TenantStatus::Propagating {
        true => TRANSIENT_RETRY_MAX,
        false => SLOW_RETRY_MAX,
    }
}

/// When to try again after the `failures`-th failure in a row (1 for the first): at the
/// latest after `cap`, unless a `Retry-After`, a lower bound, says later.
pub fn next_attempt_at(
    now: Timestamp,
    failures: u32,
    cap: Duration,
    retry_after: Option<Duration>,
    random: &dyn Random,
) -> Timestamp {
    let doublings = failures.saturating_sub(1).min(16);
    let backoff = (FIRST_RETRY * 2u32.pow(doublings)).min(cap);
    // Half fixed, half by chance: what failed together does not come back together.
    let wait = backoff / 2 + random_up_to(backoff / 2, random);
    now + wait.max(retry_after.unwrap_or_default().min(RETRY_AFTER_MAX))
}

/// A whole number of seconds from 0 to `limit`, inclusive.
fn random_up_to(limit: Duration, random: &dyn Random) -> Duration {
    Duration::from_secs(u64::from_le_bytes(random_bytes(random)) % (limit.as_secs() + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::HeldRandom;

    const NOW: Timestamp = Timestamp::from_unix(1_000_000);

    fn schedule() -> RefreshSchedule {
        RefreshSchedule {
            outage_to_survive: Duration::from_secs(900),
            period: Duration::from_secs(300),
            confirm_after: Duration::from_secs(300),
        }
    }

    #[test]
    fn the_lead_covers_the_outage_or_half_the_life() {
        // life, refresh_in, seconds after NOW
        let rows = [
            (3599, None, 3599 - 1620),
            (600, None, 300),
            (5400, None, 5400 - 1620),
            (86_400, Some(43_200), 43_200),
            (86_400, Some(86_399), 86_400 - 1620),
            (0, None, 0),
        ];
        for (life, refresh_in, expected) in rows {
            let at = schedule().refresh_at(
                NOW,
                NOW + Duration::from_secs(life),
                refresh_in.map(Duration::from_secs),
                &HeldRandom::always(0),
            );
            assert_eq!(NOW.seconds_until(at), expected, "life {life}");
        }
    }

    #[test]
    fn chance_only_brings_it_forward() {
        let expires = NOW + Duration::from_secs(3599);
        let plain = schedule().refresh_at(NOW, expires, None, &HeldRandom::always(0));
        for byte in 0..=255u8 {
            let jittered = schedule().refresh_at(NOW, expires, None, &HeldRandom::always(byte));
            assert!(jittered <= plain && jittered.seconds_until(plain) <= 60);
        }
    }

    #[test]
    fn the_life_left_is_never_told_too_long() {
        for outage in [0, 900, 1500, 3600] {
            let schedule = RefreshSchedule {
                outage_to_survive: Duration::from_secs(outage),
                ..schedule()
            };
            for (life, byte) in [(3599, 0), (3599, 59), (5400, 7), (86_400, 255)] {
                let expires = NOW + Duration::from_secs(life);
                let due = schedule.refresh_at(NOW, expires, None, &HeldRandom::always(byte));
                for late in [0, 300, 1200, 4000] {
                    let now = due + Duration::from_secs(late);
                    let told = schedule.least_life_left(due, now);
                    let left = now.seconds_until(expires);
                    assert!(told <= left, "outage {outage}, life {life}, {late} s late");
                    // An hour's token: exact but for the jitter.
                    assert!(life > 3599 || told + 60 >= left, "{told} of {left}");
                }
            }
        }
    }

    #[test]
    fn failures_back_off_to_a_cap_and_honour_retry_after() {
        let wait = |failures, code, retry_after: Option<u64>| {
            let retry_after = retry_after.map(Duration::from_secs);
            NOW.seconds_until(next_attempt_at(
                NOW,
                failures,
                longest_wait(code, TenantStatus::Active),
                retry_after,
                &HeldRandom::always(0),
            ))
        };
        assert_eq!(wait(1, CauseCode::Unavailable, None), 15);
        assert_eq!(wait(3, CauseCode::Unavailable, None), 60);
        assert_eq!(wait(40, CauseCode::Unavailable, None), 450);
        assert_eq!(wait(40, CauseCode::NotConsented, None), 3 * 60 * 60);
        assert_eq!(wait(1, CauseCode::Throttled, Some(600)), 600);
        assert_eq!(wait(1, CauseCode::Throttled, Some(u64::MAX)), 3600);
    }
}
