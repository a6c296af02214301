//! How often a proven caller may ask, for one process: a bucket for each caller, none for all
//! together, so that a caller in a loop holds back itself alone. The bucket is found by what
//! stays the same of a caller (account and role id, issuer and subject, a key's name), never by
//! what it may choose anew at each request: a session's name, a token's id.
//!
//! The arithmetic of the default is in decision 0053.

use std::hash::{BuildHasher as _, RandomState};

use super::Caller;
use crate::limit::{Exceeded, Limit, Rate};
use crate::timestamp::Timestamp;

/// Milliseconds of a second.
const SECOND: u64 = 1000;

/// The buckets of the callers.
pub struct CallerLimits {
    /// By a hash with a key of this process: two callers that share a bucket by chance are one
    /// in 2^40 among the 4,096 that are remembered, and none can choose it.
    buckets: Limit<u64>,
    hashes: RandomState,
}

/// At this rate: `at_once` (`CALLER_BURST`) after a pause, then `per_second`
/// (`CALLER_REQUESTS_PER_SECOND`); rounded up to a whole number of milliseconds for each.
pub fn caller_rate(at_once: u32, per_second: u64) -> Rate {
    Rate::of(at_once, (SECOND / per_second.max(1)).max(1))
}

impl CallerLimits {
    /// With full buckets.
    pub fn new(rate: Rate) -> Self {
        Self {
            buckets: Limit::new(rate, None),
            hashes: RandomState::new(),
        }
    }

    /// Takes what a request asks for from the caller's bucket: one, or one for each item of a
    /// batch, which is refused as a whole where the bucket holds fewer.
    pub fn take(&self, caller: &Caller, items: u32, now: Timestamp) -> Result<(), Exceeded> {
        self.buckets.take_many(&self.bucket(caller), items, now)
    }

    fn bucket(&self, caller: &Caller) -> u64 {
        match caller {
            Caller::AwsRole(role) => self.hashes.hash_one((0, role.account(), role.id())),
            Caller::Workload(workload) => {
                let identity = (1, workload.issuer(), workload.subject());
                self.hashes.hash_one(identity)
            }
            Caller::Key { name } => self.hashes.hash_one((2, name.as_str())),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::caller::{AwsRole, Workload};

    const NOW: i64 = 1_800_000_000;

    fn key(name: &str) -> Caller {
        let name = name.parse().unwrap();
        Caller::Key { name }
    }

    fn role(account: &str, name: &str, id: &str) -> Caller {
        Caller::AwsRole(AwsRole::new(account, name, id).unwrap())
    }

    fn workload(payload: Value) -> Caller {
        let Value::Object(members) = payload else {
            unreachable!("an object")
        };
        Caller::Workload(Workload::from_payload(members.into()).unwrap())
    }

    /// How many of `tries` are let through, so many seconds after the beginning.
    fn passed(limits: &CallerLimits, caller: &Caller, seconds: i64, tries: usize) -> usize {
        let at = Timestamp::from_unix(NOW + seconds);
        let passes = (0..tries).filter(|_| limits.take(caller, 1, at).is_ok());
        passes.count()
    }

    #[test]
    fn a_caller_is_one_whatever_it_calls_its_session_and_its_token() {
        let (account, other_account) = ("111122223333", "444455556666");
        let (issuer, id) = ("https://a.example", "AROAEXAMPLE0001");
        let token = |sub: &str, jti: &str| workload(json!({"iss": issuer, "sub": sub, "jti": jti}));
        // One after the other on the same limits, two at once each: whether it has a bucket of
        // its own.
        let rows = [
            (key("collector"), true),
            (key("collector"), false),
            (key("collector-2"), true),
            (role(account, "collector", id), true),
            (role(account, "renamed", id), false),
            (role(account, "collector", "AROAEXAMPLE0002"), true),
            (role(other_account, "collector", id), true),
            (token("collector", "1"), true),
            (token("collector", "2"), false),
            (token("collector2", "1"), true),
            (
                workload(json!({"iss": "https://a.examplecollector", "sub": "x"})),
                true,
            ),
            (
                workload(json!({"iss": "https://a.example", "sub": "collectorx"})),
                true,
            ),
            (
                workload(json!({"iss": "https://b.example", "sub": "collector"})),
                true,
            ),
        ];
        let limits = CallerLimits::new(caller_rate(2, 1));
        for (number, (caller, own)) in rows.into_iter().enumerate() {
            let through = passed(&limits, &caller, 0, 3);
            assert_eq!(through, if own { 2 } else { 0 }, "row {number}: {caller}");
        }
    }

    #[test]
    fn a_caller_in_a_loop_holds_back_itself_alone() {
        let limits = CallerLimits::new(caller_rate(10_000, 100));
        let (wild, calm) = (key("wild"), key("calm"));
        // Seconds, caller, tries, how many get through.
        let rows = [
            (0, &wild, 5_000, 5_000),
            (0, &wild, 5_000, 5_000),
            (0, &wild, 1, 0),
            (0, &calm, 5_000, 5_000),
            (1, &wild, 1_000, 100),
            (1, &calm, 1, 1),
            (2, &wild, 1_000, 100),
            (12, &wild, 5_000, 1_000),
            (12, &calm, 5_101, 5_101),
            (112, &wild, 20_000, 10_000),
            (112, &wild, 1, 0),
            (3_600, &wild, 10_001, 10_000),
        ];
        for (number, (seconds, caller, tries, expected)) in rows.into_iter().enumerate() {
            let found = passed(&limits, caller, seconds, tries);
            assert_eq!(found, expected, "row {number}");
        }
    }

    #[test]
    fn a_batch_counts_its_items_and_is_taken_whole_or_not_at_all() {
        let limits = CallerLimits::new(caller_rate(250, 10));
        let caller = key("fleet");
        // Seconds, items, whether they are let in.
        let rows = [
            (0, 251, false),
            (0, 100, true),
            (0, 100, true),
            (0, 100, false),
            (0, 50, true),
            (0, 1, false),
            (9, 100, false),
            (9, 90, true),
            (10, 11, false),
            (10, 10, true),
        ];
        for (number, (seconds, items, expected)) in rows.into_iter().enumerate() {
            let at = Timestamp::from_unix(NOW + seconds);
            let taken = limits.take(&caller, items, at).is_ok();
            assert_eq!(taken, expected, "row {number}");
        }
    }

    #[test]
    fn a_rate_is_at_least_what_was_asked_for() {
        // Per second, milliseconds for each.
        let rows = [
            (0, 1000),
            (1, 1000),
            (2, 500),
            (3, 333),
            (7, 142),
            (100, 10),
            (300, 3),
            (999, 1),
            (1000, 1),
            (5000, 1),
        ];
        for (per_second, milliseconds) in rows {
            let expected = Rate::of(7, milliseconds);
            assert_eq!(caller_rate(7, per_second), expected, "{per_second}");
        }
    }
}
