//! What a function holds of the policies: the set in force, the moment at which the store
//! last confirmed it, and the candidate that is tried beside it. The answer is always that
//! of the set in force; the candidate can only be reported.

use std::sync::Arc;
use std::time::Duration;

use auth::Timestamp;
use auth::caller::{CandidateDecision, ClaimNames, Decision, Question, Ruling};
use auth::ports::Clock;

use crate::memory::DecisionMemory;
use crate::set::PolicySet;

/// What was read and could be taken.
#[derive(Debug)]
pub(crate) struct Held {
    /// `None` where no policy is stored: everybody is denied.
    pub(crate) set: Option<Arc<PolicySet>>,
    pub(crate) candidate: Option<Arc<PolicySet>>,
    /// The claims that either set reads.
    pub(crate) claims_read: Arc<ClaimNames>,
    /// When a read began that found this very text in force, or that there is none.
    pub(crate) confirmed_at: Moment,
}

/// A moment, by the time of day and by the time that the process has run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    time_of_day: Timestamp,
    running: Duration,
}

impl Moment {
    pub(crate) fn of(clock: &dyn Clock) -> Self {
        Self {
            time_of_day: clock.now(),
            running: clock.since_start(),
        }
    }

    /// How long ago it was, by the clock that says more: the time of day can be set back,
    /// and the running time can stand still while a function is frozen.
    ///
    /// Fails closed because a moment that lies ahead of the time of day is infinitely old.
    pub(crate) fn age(self, now: Self) -> Duration {
        if now.time_of_day < self.time_of_day {
            return Duration::MAX;
        }
        let by_day = Duration::from_secs(self.time_of_day.seconds_until(now.time_of_day));
        by_day.max(now.running.saturating_sub(self.running))
    }
}

impl Held {
    pub(crate) fn new(
        set: Option<Arc<PolicySet>>,
        candidate: Option<Arc<PolicySet>>,
        confirmed_at: Moment,
    ) -> Self {
        let names = |set: &Arc<PolicySet>| Arc::clone(&set.reads.claim_names);
        let claims_read = match (&set, &candidate) {
            (None, None) => Arc::default(),
            (Some(one), None) | (None, Some(one)) => names(one),
            (Some(one), Some(other)) => Arc::new(names(one).union(&names(other))),
        };
        Self {
            set,
            candidate,
            claims_read,
            confirmed_at,
        }
    }

    /// The decision of the set in force; where the candidate would decide otherwise, it
    /// says so.
    pub(crate) fn decide(&self, memory: &DecisionMemory, question: &Question<'_>) -> Decision {
        let decision = match &self.set {
            Some(set) => memory.decide(set, question),
            None => Decision::denied(),
        };
        let Some(candidate) = &self.candidate else {
            return decision;
        };
        let tried = memory.decide(candidate, question);
        let allows = tried.allows();
        // A caller that was proven before the candidate came may lack what it reads.
        let differs = allows != decision.allows() && tried.ruling != Ruling::Undecided;
        Decision {
            candidate: differs.then(|| CandidateDecision {
                allows,
                digest: Arc::clone(candidate.digest()),
            }),
            ..decision
        }
    }

    /// Whether this text is the one in force.
    pub(crate) fn enforces(&self, digest: &str) -> bool {
        is(&self.set, digest)
    }

    /// Whether this text is the candidate.
    pub(crate) fn tries(&self, digest: &str) -> bool {
        is(&self.candidate, digest)
    }
}

fn is(set: &Option<Arc<PolicySet>>, digest: &str) -> bool {
    set.as_ref().is_some_and(|set| **set.digest() == *digest)
}
