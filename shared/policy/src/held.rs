//! What a function holds of the policies: the set in force and the candidate that is tried
//! beside it. The answer is always that of the set in force; the candidate can only be
//! reported.

use std::sync::Arc;

use auth::caller::{CandidateDecision, ClaimNames, Decision, PrivateIssuers, Question, Ruling};
use auth::policy::CandidatePolicy;

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
    /// The last candidate that did not pass the checks.
    pub(crate) refused_candidate: Option<CandidatePolicy>,
    /// By which the set was checked.
    pub(crate) private: PrivateIssuers,
}

impl Held {
    pub(crate) fn new(
        set: Option<Arc<PolicySet>>,
        candidate: Option<Arc<PolicySet>>,
        refused_candidate: Option<CandidatePolicy>,
        private: PrivateIssuers,
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
            refused_candidate,
            private,
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
