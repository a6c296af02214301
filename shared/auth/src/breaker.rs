//! When to stop asking for one tenant after another: so many failures came in a row that
//! going on would only repeat them. Which cause counts as whose is decided by who asks.

use std::sync::atomic::{AtomicU32, Ordering};

/// So many faults of ours stop it. More than one, because a single tenant can provoke an
/// answer that reads like a fault of ours, and must not stop all the others.
const OUR_FAULTS: u32 = 3;
/// After so many failures of Microsoft's the whole authority is taken to be down.
const MICROSOFTS_FAILURES: u32 = 20;

/// Where a failure that the next tenant may have as well has its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Here: a setting, a secret, the table, the network.
    Here,
    /// At Microsoft.
    AtMicrosoft,
}

/// Counts the failures in a row, of many requests at a time.
#[derive(Debug, Default)]
pub struct Breaker {
    here: AtomicU32,
    at_microsoft: AtomicU32,
}

impl Breaker {
    /// Goes on counting after so many failures here.
    pub fn after(here: u32) -> Self {
        Self {
            here: AtomicU32::new(here),
            ..Self::default()
        }
    }

    /// The failures here since a tenant was served.
    pub fn failures_here(&self) -> u32 {
        self.here.load(Ordering::Relaxed)
    }

    /// One more failure. How many in a row it makes, where that is reason to stop.
    pub fn failed(&self, side: Side) -> Option<u32> {
        let (counter, limit) = match side {
            Side::Here => (&self.here, OUR_FAULTS),
            Side::AtMicrosoft => (&self.at_microsoft, MICROSOFTS_FAILURES),
        };
        let in_a_row = counter.fetch_add(1, Ordering::Relaxed) + 1;
        (in_a_row >= limit).then_some(in_a_row)
    }

    /// A tenant was served: neither side is at fault.
    pub fn succeeded(&self) {
        self.here.store(0, Ordering::Relaxed);
        self.microsoft_answered();
    }

    /// Microsoft said something about a tenant: it is not down.
    pub fn microsoft_answered(&self) {
        self.at_microsoft.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::Side::{AtMicrosoft, Here};
    use super::*;

    #[test]
    fn failures_of_the_runs_before_count_until_a_tenant_is_served() {
        let breaker = Breaker::after(2);
        assert_eq!(
            (breaker.failures_here(), breaker.failed(Here)),
            (2, Some(3))
        );
        breaker.succeeded();
        assert_eq!((breaker.failures_here(), breaker.failed(Here)), (0, None));
    }

    enum Step {
        Fails(Side, u32, Option<u32>),
        Succeeds,
        Answers,
    }
    use Step::{Answers, Fails, Succeeds};

    #[test]
    fn three_failures_here_or_twenty_at_microsoft_in_a_row_are_reason_to_stop() {
        let rows = [
            ("two here", vec![Fails(Here, 2, None)]),
            ("three here", vec![Fails(Here, 3, Some(3))]),
            ("more here", vec![Fails(Here, 5, Some(5))]),
            ("nineteen there", vec![Fails(AtMicrosoft, 19, None)]),
            ("twenty there", vec![Fails(AtMicrosoft, 20, Some(20))]),
            (
                "each counts alone",
                vec![
                    Fails(Here, 2, None),
                    Fails(AtMicrosoft, 19, None),
                    Fails(Here, 1, Some(3)),
                ],
            ),
            (
                "a success ends both rows",
                vec![
                    Fails(Here, 2, None),
                    Fails(AtMicrosoft, 19, None),
                    Succeeds,
                    Fails(Here, 2, None),
                    Fails(AtMicrosoft, 19, None),
                ],
            ),
            (
                "an answer ends Microsoft's",
                vec![
                    Fails(AtMicrosoft, 19, None),
                    Answers,
                    Fails(AtMicrosoft, 19, None),
                ],
            ),
            (
                "an answer ends not ours",
                vec![Fails(Here, 2, None), Answers, Fails(Here, 1, Some(3))],
            ),
            (
                "a success after the stop",
                vec![Fails(Here, 3, Some(3)), Succeeds, Fails(Here, 2, None)],
            ),
        ];
        for (row, steps) in rows {
            let breaker = Breaker::default();
            for step in steps {
                match step {
                    Succeeds => breaker.succeeded(),
                    Answers => breaker.microsoft_answered(),
                    Fails(failed, times, expected) => {
                        let last = (0..times).map(|_| breaker.failed(failed)).last();
                        assert_eq!(last, Some(expected), "{row}");
                    }
                }
            }
        }
    }
}
