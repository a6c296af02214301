//! The policies in force: read when they are needed, read again when they are older than
//! a minute, or what the settings say. One task reads at a time. What cannot be read, or does
//! not pass the checks, never replaces what does; but a set is in force only as long as the
//! store has confirmed it lately (decision 0029). After that, and before anything was read,
//! nothing is decided and every request is refused.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use auth::caller::{ClaimNames, Decision, PrivateIssuers, Question};
use auth::policy::{CandidatePolicy, StoredPolicy};
use auth::ports::{Authorizer, ClaimsRead, Clock, PolicySource, StoreError, StoredPolicies};
use tokio::sync::Mutex;

use crate::held::{Held, Moment};
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
    clock: Arc<dyn Clock>,
    max_age: Duration,
    unread_max_age: Duration,
    private: PrivateIssuers,
    held: RwLock<Option<Arc<Held>>>,
    reads: Mutex<Reads>,
    memory: DecisionMemory,
}

/// The reads that brought nothing.
#[derive(Default)]
struct Reads {
    /// The store did not answer.
    failed_at: Option<Moment>,
    /// What is stored could not be taken.
    refused_at: Option<Moment>,
    /// Each candidate is judged once.
    refused_candidate: Option<CandidatePolicy>,
}

impl Policies {
    /// Policies that are read from `source` at the first question.
    pub fn new(source: Arc<dyn PolicySource>, clock: Arc<dyn Clock>) -> Self {
        Self {
            source,
            clock,
            max_age: MAX_AGE,
            unread_max_age: UNREAD_MAX_AGE,
            private: PrivateIssuers::default(),
            held: RwLock::default(),
            reads: Mutex::default(),
            memory: DecisionMemory::default(),
        }
    }

    /// Reads them again when they are older than this (`POLICY_MAX_AGE_SECONDS`).
    pub fn with_max_age(self, max_age: Duration) -> Self {
        Self { max_age, ..self }
    }

    /// Decides nothing by a set that the store has not confirmed for so long
    /// (`POLICY_UNREAD_MAX_AGE_SECONDS`).
    pub fn with_unread_max_age(self, unread_max_age: Duration) -> Self {
        Self {
            unread_max_age,
            ..self
        }
    }

    /// Checks them for a function with these private issuers: a text that permits workloads of
    /// an issuer that is private no more is not taken.
    pub fn with_private_issuers(self, private: PrivateIssuers) -> Self {
        Self { private, ..self }
    }

    /// Reads them before anybody asks: a start has time for it while it waits for its
    /// secrets. That they cannot be read is neither told nor remembered: the first question
    /// reads them again.
    pub async fn prepare(&self) {
        let now = self.now();
        // On a thread of its own, while the source answers.
        let prepared = tokio::task::spawn_blocking(text::prepare);
        if let Ok(stored) = self.source.current().await {
            let mut reads = self.reads.lock().await;
            self.took(&mut reads, stored, now).await;
        }
        // Whoever needs it makes up for it.
        let _prepared_or_not = prepared.await;
    }

    /// What is in force, read again when it is old; `None` where nothing can be decided.
    async fn in_force(&self) -> Option<Arc<Held>> {
        let now = self.now();
        let held = self.held_in_force(now);
        // Callers with a set in force keep using it while another task reads; others wait.
        let reads = match &held {
            Some(held) if self.is_young(held, now) => None,
            Some(_) => self.reads.try_lock().ok(),
            None => Some(self.reads.lock().await),
        };
        let Some(mut reads) = reads else {
            return held;
        };
        self.refresh(&mut reads).await;
        // Fails closed because a read takes time, in which a set can get too old.
        self.held_in_force(self.now())
    }

    async fn refresh(&self, reads: &mut Reads) {
        let now = self.now();
        let held = self.held();
        let is_young = held.as_deref().is_some_and(|held| self.is_young(held, now));
        if is_young || reads.failed_lately(now, held.is_some()) {
            return;
        }
        match self.source.current().await {
            Ok(stored) => self.took(reads, stored, now).await,
            Err(error) => {
                reads.failed_at = Some(self.now());
                self.not_read(&error);
            }
        }
    }

    /// A read that worked, and began at `began`.
    async fn took(&self, reads: &mut Reads, stored: StoredPolicies, began: Moment) {
        match self.taken(stored.in_force).await {
            Ok(set) => {
                let candidate = self.held().and_then(|held| held.candidate.clone());
                self.hold(Held::new(set, candidate, began));
                *reads = Reads {
                    refused_candidate: reads.refused_candidate.take(),
                    ..Reads::default()
                };
            }
            Err(problems) => {
                reads.refused_at = Some(self.now());
                self.refused(&problems);
            }
        }
        if let Some(held) = self.held() {
            self.try_candidate(reads, &held, stored.candidate).await;
        }
    }

    /// The set of what is stored in force: the one that is held, if it is that very text.
    async fn taken(
        &self,
        stored: Option<StoredPolicy>,
    ) -> Result<Option<Arc<PolicySet>>, PolicyProblems> {
        let held = self.held();
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
        match held.filter(|held| held.enforces(&stored.digest)) {
            Some(held) => Ok(held.set.clone()),
            None => stored::policy(stored, &self.private).await.map(Some),
        }
    }

    /// Takes up the candidate, if it is new and passes the checks. Whatever comes of it, the
    /// set in force stays.
    async fn try_candidate(
        &self,
        reads: &mut Reads,
        held: &Held,
        stored: Result<Option<CandidatePolicy>, StoreError>,
    ) {
        let candidate = match stored {
            Ok(Some(stored)) if held.enforces(&stored.digest) => None,
            Ok(Some(stored)) if held.tries(&stored.digest) => return,
            Ok(Some(stored)) if reads.refused_candidate.as_ref() == Some(&stored) => None,
            Ok(Some(stored)) => {
                let candidate = stored::candidate(&stored, &self.private).await;
                reads.refused_candidate = candidate.is_none().then_some(stored);
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
        self.hold(Held::new(held.set.clone(), candidate, held.confirmed_at));
    }

    fn not_read(&self, error: &StoreError) {
        match self.age_in_force() {
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
        match self.age_in_force() {
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

    /// Seconds since the set in force was last confirmed.
    fn age_in_force(&self) -> Option<u64> {
        let now = self.now();
        let held = self.held_in_force(now)?;
        Some(held.confirmed_at.age(now).as_secs())
    }

    /// Whether it need not be read again.
    fn is_young(&self, held: &Held, now: Moment) -> bool {
        held.confirmed_at.age(now) < self.max_age.min(self.unread_max_age)
    }

    fn held_in_force(&self, now: Moment) -> Option<Arc<Held>> {
        // Fails closed because a policy that was taken back may be what cannot be read.
        let is_in_force = |held: &Arc<Held>| held.confirmed_at.age(now) < self.unread_max_age;
        self.held().filter(is_in_force)
    }

    fn held(&self) -> Option<Arc<Held>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.clone()
    }

    fn hold(&self, held: Held) {
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(held));
    }

    fn now(&self) -> Moment {
        Moment::of(self.clock.as_ref())
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
        if self.held_in_force(self.now()).is_none() {
            return Arc::default();
        }
        let held = self.in_force().await;
        held.map_or_else(Default::default, |held| Arc::clone(&held.claims_read))
    }
}

impl Reads {
    /// Whether the next read has to wait. While nothing was ever read, a store that does not
    /// answer is asked at every question.
    fn failed_lately(&self, now: Moment, holds_a_set: bool) -> bool {
        let lately = |at: Option<Moment>| at.is_some_and(|at| at.age(now) < BETWEEN_FAILURES);
        lately(self.refused_at) || (holds_a_set && lately(self.failed_at))
    }
}
