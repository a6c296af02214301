//! The policies in force: read when they are needed, read again when they are older than
//! a minute, or what the settings say. One task reads at a time. What cannot be read, or does
//! not pass the checks, never replaces what does; but a set is in force only as long as the
//! store has confirmed it lately (decision 0029). After that, and before anything was read,
//! nothing is decided and every request is refused.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use auth::caller::{ClaimNames, Decision, PrivateIssuers, Question};
use auth::policy::{CandidatePolicy, StoredPolicy};
use auth::ports::{
    Authorizer, ClaimsRead, Clock, IssuersInForce, PolicySource, StoreError, StoredPolicies,
};
use auth::refreshed::{Moment, Refreshed};

use crate::held::Held;
use crate::memory::DecisionMemory;
use crate::problem::PolicyProblems;
use crate::set::PolicySet;
use crate::{stored, text};

/// A new version is in force after so long at the latest, unless the settings say otherwise.
const MAX_AGE: Duration = Duration::from_secs(60);
/// A set that the store has not confirmed for so long is out of force, unless the settings
/// say otherwise.
const UNREAD_MAX_AGE: Duration = Duration::from_secs(900);
/// After a read that confirmed nothing the next one waits so long.
const BETWEEN_FAILURES: Duration = Duration::from_secs(5);

/// The authorizer of a function: the policies of a [`PolicySource`].
pub struct Policies {
    source: Arc<dyn PolicySource>,
    unread_max_age: Duration,
    /// `None`: no issuer is private.
    issuers: Option<Arc<dyn IssuersInForce>>,
    known: Refreshed<Arc<Held>, NotConfirmed>,
    memory: DecisionMemory,
}

/// Why a read brought nothing that can be in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NotConfirmed {
    /// The store did not answer.
    NotRead,
    /// What is stored could not be taken.
    Refused,
}

impl Policies {
    /// Policies that are read from `source` at the first question.
    pub fn new(source: Arc<dyn PolicySource>, clock: Arc<dyn Clock>) -> Self {
        let policies = Self {
            source,
            unread_max_age: UNREAD_MAX_AGE,
            issuers: None,
            known: Refreshed::new(clock, MAX_AGE),
            memory: DecisionMemory::default(),
        };
        policies.with_unread_max_age(UNREAD_MAX_AGE)
    }

    /// Reads them again when they are older than this (`POLICY_MAX_AGE_SECONDS`).
    pub fn with_max_age(mut self, max_age: Duration) -> Self {
        self.known.set_fresh_for(max_age);
        self
    }

    /// Decides nothing by a set that the store has not confirmed for so long
    /// (`POLICY_UNREAD_MAX_AGE_SECONDS`). Fails closed because a policy that was taken back may
    /// be what cannot be read.
    pub fn with_unread_max_age(mut self, unread_max_age: Duration) -> Self {
        self.unread_max_age = unread_max_age;
        self.known.set_believed_for(unread_max_age);
        self
    }

    /// Checks them for a function that takes the tokens of these issuers: a text that permits
    /// workloads of an issuer that is private no more is not taken.
    pub fn with_issuers(self, issuers: Arc<dyn IssuersInForce>) -> Self {
        let issuers = Some(issuers);
        Self { issuers, ..self }
    }

    /// Reads them before the first question: a start has time for it while it waits for its
    /// secrets. Where they cannot be read, nothing is logged or remembered: the first question
    /// reads them again.
    pub async fn prepare(&self) {
        // On a thread of its own, while the source answers.
        let prepared = tokio::task::spawn_blocking(text::prepare);
        let read = |began| async move {
            let stored = self.source.current().await.ok()?;
            Some(self.took(stored, began).await)
        };
        self.known.prepare(read).await;
        // Where it failed, the first text that is parsed makes up for it.
        let _prepared_or_not = prepared.await;
    }

    /// What is in force, read again when it is old; `None` where nothing can be decided.
    async fn in_force(&self) -> Option<Arc<Held>> {
        let pause = |last: &_| self.pause(last);
        self.known.current(pause, |began| self.read(began)).await
    }

    /// While nothing was ever read, a store that does not answer is asked at every question.
    fn pause(&self, last: &Result<(), NotConfirmed>) -> Duration {
        match last {
            Ok(()) => Duration::ZERO,
            Err(NotConfirmed::NotRead) if self.known.held().is_none() => Duration::ZERO,
            Err(_) => BETWEEN_FAILURES,
        }
    }

    async fn read(&self, began: Moment) -> Result<Arc<Held>, NotConfirmed> {
        match self.source.current().await {
            Ok(stored) => self.took(stored, began).await,
            Err(error) => {
                self.not_read(&error);
                Err(NotConfirmed::NotRead)
            }
        }
    }

    /// What comes of a read that worked, and began at `began`. A set that can be taken is in
    /// force before the candidate is looked at, which takes a while.
    async fn took(&self, stored: StoredPolicies, began: Moment) -> Result<Arc<Held>, NotConfirmed> {
        let private = self.private().await;
        let taken = self.taken(stored.in_force, &private).await;
        let is_confirmed = taken.is_ok();
        match taken {
            Ok(set) => self.confirm(set, &private, began),
            Err(problems) => self.refused(&problems),
        }
        let held = self.known.held().ok_or(NotConfirmed::Refused)?;
        let held = self.with_candidate(&held, stored.candidate, &private).await;
        if !is_confirmed {
            self.known.replace(held);
            return Err(NotConfirmed::Refused);
        }
        Ok(held)
    }

    /// The issuers that are private now. Where that is not known, those by which the set that is
    /// held was checked: no issuer's token is taken then, so that none of them opens anything.
    async fn private(&self) -> PrivateIssuers {
        let Some(issuers) = &self.issuers else {
            return PrivateIssuers::default();
        };
        match issuers.in_force().await {
            Some(issuers) => issuers.private().clone(),
            None => self
                .known
                .held()
                .map(|held| held.private.clone())
                .unwrap_or_default(),
        }
    }

    /// A candidate that was judged by other private issuers is judged again.
    fn confirm(&self, set: Option<Arc<PolicySet>>, private: &PrivateIssuers, began: Moment) {
        let before = self.known.held().filter(|held| held.private == *private);
        let (candidate, refused) = match before {
            Some(held) => (held.candidate.clone(), held.refused_candidate.clone()),
            None => (None, None),
        };
        let held = Held::new(set, candidate, refused, private.clone());
        self.known.confirm(Arc::new(held), began);
    }

    /// The set of what is stored in force: the one that is held, if it is that very text and was
    /// checked by the same private issuers.
    async fn taken(
        &self,
        stored: Option<StoredPolicy>,
        private: &PrivateIssuers,
    ) -> Result<Option<Arc<PolicySet>>, PolicyProblems> {
        let held = self.known.held();
        let Some(stored) = stored else {
            if held.is_none_or(|held| held.set.is_some()) {
                tracing::error!(
                    event = "policy_missing",
                    "no policy is stored: everybody is denied"
                );
            }
            return Ok(None);
        };
        stored::check_digest(&stored.text, &stored.digest)?;
        let is_same = |held: &Arc<Held>| held.enforces(&stored.digest) && held.private == *private;
        match held.filter(is_same) {
            Some(held) => Ok(held.set.clone()),
            None => stored::policy(stored, private).await.map(Some),
        }
    }

    /// Takes up the candidate, if it is new and passes the checks; each is judged once. Whatever
    /// comes of it, the set in force stays.
    async fn with_candidate(
        &self,
        held: &Held,
        stored: Result<Option<CandidatePolicy>, StoreError>,
        private: &PrivateIssuers,
    ) -> Arc<Held> {
        let mut refused = held.refused_candidate.clone();
        let candidate = match stored {
            Ok(Some(stored)) if held.enforces(&stored.digest) => None,
            Ok(Some(stored)) if held.tries(&stored.digest) => held.candidate.clone(),
            Ok(Some(stored)) if refused.as_ref() == Some(&stored) => None,
            Ok(Some(stored)) => {
                let candidate = stored::candidate(&stored, private).await;
                refused = candidate.is_none().then_some(stored);
                candidate
            }
            Ok(None) => None,
            Err(error) => {
                tracing::error!(
                    event = "policy_candidate_refused", %error,
                    "the candidate policy cannot be read: it is not tried"
                );
                None
            }
        };
        Arc::new(Held::new(
            held.set.clone(),
            candidate,
            refused,
            held.private.clone(),
        ))
    }

    fn not_read(&self, error: &StoreError) {
        match self.known.believed_seconds() {
            Some(age_seconds) => tracing::warn!(
                event = "policy_not_read", %error, age_seconds,
                "the policy could not be read again; the one in memory stays in force for {} s \
                 after it was last read", self.unread_max_age.as_secs()
            ),
            None => tracing::error!(
                event = "policy_not_read", %error,
                "the policy could not be read, and none is in force: every request is refused"
            ),
        }
    }

    fn refused(&self, problems: &PolicyProblems) {
        match self.known.believed_seconds() {
            Some(age_seconds) => tracing::error!(
                event = "policy_refused", %problems, age_seconds,
                "the stored policy is not taken; the one in memory stays in force for {} s \
                 after it was last read", self.unread_max_age.as_secs()
            ),
            None => tracing::error!(
                event = "policy_refused", %problems,
                "the stored policy is not taken, and none is in force: every request is refused"
            ),
        }
    }
}

#[async_trait]
impl Authorizer for Policies {
    async fn decide(&self, question: Question<'_>) -> Decision {
        match self.in_force().await {
            Some(held) => held.decide(&self.memory, &question),
            None => Decision::undecided(),
        }
    }
}

#[async_trait]
impl ClaimsRead for Policies {
    /// Reads the policies again when they are old, as the decision that follows would: it is
    /// made by the sets that were asked for their names. Nothing where no set is in force: the
    /// decision looks for one.
    async fn claims_read(&self) -> Arc<ClaimNames> {
        if self.known.believed().is_none() {
            return Arc::default();
        }
        let held = self.in_force().await;
        held.map_or_else(Default::default, |held| Arc::clone(&held.claims_read))
    }
}
