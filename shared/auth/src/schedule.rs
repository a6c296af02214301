//! When a token is renewed, and when a failed attempt is repeated.
//!
//! The setting is the outage to survive: Entra ID may be down for that long with no
//! caller noticing. All durations are whole seconds.
//!
//! What holds for every token: the first run at or after its `refresh_at` has looked at it, or
//! an earlier run has. It is looked at where [`Look`] says, and that is never later.

use std::time::Duration;

use crate::cause::CauseCode;
use crate::ports::{Random, random_bytes};
use crate::tenant::TenantStatus;
use crate::timestamp::Timestamp;
use crate::token::TokenRecord;
use crate::turns::{Look, Slot, Turns};

/// Room for a run that starts late and takes its time.
const MARGIN: Duration = Duration::from_secs(120);
/// Entra ID gives app-only tokens for 60 to 90 minutes (and says 3599 s) unless a tenant
/// has a policy of its own.
const SHORTEST_USUAL_LIFE: Duration = Duration::from_secs(3599);
/// A write is in the index within this: a turn before then would miss it.
const ARRIVES: Duration = Duration::from_secs(60);
/// After the first failure; doubled with each further one.
const FIRST_RETRY: Duration = Duration::from_secs(30);
/// What passes by itself is asked for again at least this often.
const TRANSIENT_RETRY_MAX: Duration = Duration::from_secs(15 * 60);
/// What a person has to mend is looked at again at least this often.
const SLOW_RETRY_MAX: Duration = Duration::from_secs(6 * 60 * 60);
/// After so many failures in a row, which take two to three days, at least once a day.
const LONG_GONE: u32 = 20;
const DAILY: Duration = Duration::from_secs(24 * 60 * 60);

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
    /// end, or when Entra ID said (`refresh_in`), if that is sooner. Tenants that connected
    /// together drift apart by the turns of their slots, not by chance.
    pub fn refresh_at(
        &self,
        asked_at: Timestamp,
        expires_at: Timestamp,
        refresh_in: Option<Duration>,
    ) -> Timestamp {
        let life = Duration::from_secs(asked_at.seconds_until(expires_at));
        let latest = expires_at - self.lead(life);
        let wanted = refresh_in.map_or(latest, |after| latest.min(asked_at + after));
        wanted.max(asked_at)
    }

    /// The turns of all slots: a token that lives an hour waits for one cycle.
    pub fn turns(&self) -> Turns {
        Turns::every(SHORTEST_USUAL_LIFE - self.lead(SHORTEST_USUAL_LIFE))
    }

    /// When the refresher looks at a token that is written at `now`: at its slot's turns, if
    /// the next one comes in time, and not before the write is in the index.
    pub fn look(
        &self,
        slot: Slot,
        refresh_at: Timestamp,
        expires_at: Timestamp,
        now: Timestamp,
    ) -> Look {
        if self.turns().next(slot, now + ARRIVES) <= self.latest_turn(refresh_at, expires_at) {
            Look::AtItsTurns
        } else {
            Look::From(refresh_at)
        }
    }

    /// Where the refresher looks at a record that waits at `now`.
    pub fn look_at(&self, record: &TokenRecord, now: Timestamp) -> Look {
        let (slot, refresh_at) = (Slot::of(record.tenant), record.refresh_at);
        match (&record.token, record.next_attempt_at) {
            (Some(token), None) => self.look(slot, refresh_at, token.expires_at, now),
            // What failed, or has no token, waits for its own time.
            _ => Look::From(refresh_at),
        }
    }

    /// Whether a record that its own time brought has nothing to do at `now`. One without a
    /// token waits for a back-off alone.
    pub fn waits(&self, record: &TokenRecord, now: Timestamp) -> bool {
        let has_reason = record.token.is_some() || record.next_attempt_at.is_some();
        has_reason && record.refresh_at > now
    }

    /// Whether a record that is looked at in its slot's turn can wait for the next one. One
    /// that failed waits for its own time.
    pub fn can_wait(&self, record: &TokenRecord, now: Timestamp) -> bool {
        if record.refresh_at <= now {
            return false;
        }
        let next = self.turns().next(Slot::of(record.tenant), now);
        let in_time = |expires_at| next <= self.latest_turn(record.refresh_at, expires_at);
        let token = record.token.as_ref();
        record.next_attempt_at.is_some() || token.is_some_and(|token| in_time(token.expires_at))
    }

    /// Seconds of life that every token has left at least which waits for its slot's turn,
    /// when the runs have looked at all turns but those of the last `behind` seconds.
    pub fn least_life_left(&self, behind: u64) -> u64 {
        self.lead(SHORTEST_USUAL_LIFE)
            .as_secs()
            .saturating_sub(behind)
    }

    /// A token whose turn comes by then has the whole lead left.
    fn latest_turn(&self, refresh_at: Timestamp, expires_at: Timestamp) -> Timestamp {
        refresh_at.min(expires_at - self.lead(SHORTEST_USUAL_LIFE))
    }

    fn lead(&self, life: Duration) -> Duration {
        (self.outage_to_survive + 2 * self.period + MARGIN).min(life / 2)
    }
}

/// How long is waited at most after a failure that `failures` others in a row came before.
pub fn longest_wait(code: CauseCode, status: TenantStatus, failures: u32) -> Duration {
    let passes = code.is_transient() || code.is_fleet_wide();
    if passes || status == TenantStatus::Propagating {
        TRANSIENT_RETRY_MAX
    } else if failures < LONG_GONE {
        SLOW_RETRY_MAX
    } else {
        DAILY
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
            );
            assert_eq!(NOW.seconds_until(at), expected, "life {life}");
        }
    }

    #[test]
    fn a_cycle_is_what_an_hours_token_may_wait() {
        // outage, period, cycle
        let rows = [
            (900, 300, 1979),
            (900, 60, 2459),
            (0, 300, 2879),
            (1400, 300, 1799),
            (900, 3600, 1799),
        ];
        for (outage, period, cycle) in rows {
            let schedule = RefreshSchedule {
                outage_to_survive: Duration::from_secs(outage),
                period: Duration::from_secs(period),
                ..schedule()
            };
            assert_eq!(schedule.turns().cycle(), cycle, "{outage}, {period}");
        }
    }

    #[test]
    fn failures_back_off_to_a_cap_and_honour_retry_after() {
        let wait = |failures, code, retry_after: Option<u64>| {
            let retry_after = retry_after.map(Duration::from_secs);
            NOW.seconds_until(next_attempt_at(
                NOW,
                failures,
                longest_wait(code, TenantStatus::Active, failures - 1),
                retry_after,
                &HeldRandom::always(0),
            ))
        };
        assert_eq!(wait(1, CauseCode::Unavailable, None), 15);
        assert_eq!(wait(3, CauseCode::Unavailable, None), 60);
        assert_eq!(wait(40, CauseCode::Unavailable, None), 450);
        assert_eq!(wait(20, CauseCode::NotConsented, None), 3 * 60 * 60);
        assert_eq!(wait(21, CauseCode::NotConsented, None), 12 * 60 * 60);
        assert_eq!(wait(u32::MAX, CauseCode::NotConsented, None), 12 * 60 * 60);
        assert_eq!(wait(1, CauseCode::Throttled, Some(600)), 600);
        assert_eq!(wait(1, CauseCode::Throttled, Some(u64::MAX)), 3600);
    }
}
