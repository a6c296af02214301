//! What a run did: the function's answer and its line in the log.

use auth::FailedBy;
use serde::Serialize;

/// What a run did; also the function's answer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RunReport {
    /// Tenants that have a row.
    pub tenants: u32,
    /// Of these, and of new ones, those that this run took on.
    pub due: u32,
    /// Turns; a tenant with a backlog has several.
    pub turns: u32,
    /// Of these, those that ended with more to do.
    pub unfinished: u32,
    /// Tenants that were due and left to the next run.
    pub left: u32,
    /// Tenants that are not active any more, and were taken out of the turns.
    pub held: u32,
    /// Tenants that are active again.
    pub woken: u32,
    /// Tenants that left: their subscriptions are stopped, or no token was there to stop them.
    pub stopped: u32,
    /// Turns that failed, in whole or for some type, by who has to act.
    pub failed_by: FailedBy,
    /// Turns of active tenants for which there was no token.
    pub without_token: u32,
    /// Requests to the Activity API.
    pub requests: u64,
    /// Windows that were listed to their end.
    pub windows: u64,
    /// Contents that listings named, those that are known among them.
    pub named: u64,
    /// Windows that were handed out to workers.
    pub handed: u64,
    /// Batches that were stored.
    pub batches: u64,
    /// Contents that were stored.
    pub stored: u64,
    /// Contents that are lost.
    pub lost: u64,
    /// Seconds that expired before they were listed or stored.
    pub expired_seconds: u64,
    /// Records that were stored.
    pub records: u64,
    /// Pieces that are no JSON.
    pub dead: u64,
    /// Bytes of the records, before they are compressed.
    pub bytes: u64,
    /// Seconds of an audit log that have settled and are not stored, of the tenant and type that
    /// has most.
    pub lag: u64,
    /// Seconds since the earliest turn that some run has still to look at, as far as is known.
    pub behind: u64,
    /// Why the run ended before all that was due was looked at, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_early: Option<EndedEarly>,
}

/// Why a run ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EndedEarly {
    /// No time was left; the next run goes on.
    Deadline,
    /// A fault that every tenant has, and that is ours to mend.
    OurFault,
    /// The Activity API answers no tenant, or there are tokens for none.
    ApiDown,
    /// The table does not answer.
    StoreUnavailable,
    /// The function could not be built; the next run tries again.
    NotStarted,
}

impl EndedEarly {
    /// The word in the log.
    pub fn as_str(self) -> &'static str {
        match self {
            EndedEarly::Deadline => "deadline",
            EndedEarly::OurFault => "our_fault",
            EndedEarly::ApiDown => "api_down",
            EndedEarly::StoreUnavailable => "store_unavailable",
            EndedEarly::NotStarted => "not_started",
        }
    }
}

impl RunReport {
    /// Whether everything that is due was looked at.
    pub fn is_whole(&self) -> bool {
        self.left == 0 && self.unfinished == 0 && self.ended_early.is_none()
    }

    /// Whether it is the fleet that has no tokens, and not a customer or two: a tenth wakes someone.
    pub fn has_no_tokens(&self) -> bool {
        self.without_token > 0 && self.without_token.saturating_mul(10) >= self.turns
    }

    /// One line for each run that did something; one that found no tenant due is for those who
    /// look closer.
    pub(super) fn log(&self) {
        if self.due == 0 && self.left == 0 && self.ended_early.is_none() {
            let tenants = self.tenants;
            tracing::debug!(
                event = "feed_run",
                tenants,
                "collector run: no tenant was due"
            );
            return;
        }
        if self.has_no_tokens() {
            tracing::error!(
                event = "feed_without_tokens",
                count = self.without_token,
                turns = self.turns,
                "the vending function gave the collector no token for {} of {} tenants",
                self.without_token,
                self.turns
            );
        }
        tracing::info!(
            event = "feed_run",
            tenants = self.tenants,
            due = self.due,
            turns = self.turns,
            unfinished = self.unfinished,
            left = self.left,
            held = self.held,
            woken = self.woken,
            stopped = self.stopped,
            failed_ours = self.failed_by.ours,
            failed_customer = self.failed_by.customer,
            failed_microsoft = self.failed_by.microsoft,
            without_token = self.without_token,
            requests = self.requests,
            windows = self.windows,
            named = self.named,
            handed = self.handed,
            batches = self.batches,
            stored = self.stored,
            lost = self.lost,
            expired_seconds = self.expired_seconds,
            records = self.records,
            dead = self.dead,
            bytes = self.bytes,
            lag = self.lag,
            behind = self.behind,
            ended_early = self.ended_early.map(EndedEarly::as_str),
            "collector run: {} turns, {} records stored",
            self.turns,
            self.records
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fleet_has_no_tokens_where_a_tenth_of_its_turns_have_none() {
        // Turns without a token, turns.
        let rows = [
            (0, 0, false),
            (0, 1, false),
            (0, 10_000, false),
            (1, 1, true),
            (1, 10, true),
            (1, 11, false),
            (2, 20, true),
            (3, 10_000, false),
            (999, 10_000, false),
            (1_000, 10_000, true),
            (10_000, 10_000, true),
            (u32::MAX, u32::MAX, true),
        ];
        for (without_token, turns, expected) in rows {
            let report = RunReport {
                without_token,
                turns,
                ..RunReport::default()
            };
            assert_eq!(
                report.has_no_tokens(),
                expected,
                "{without_token} of {turns}"
            );
        }
    }
}
