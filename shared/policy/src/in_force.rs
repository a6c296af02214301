//! The policies in force: read when they are needed, read again when they are older than
//! a minute, or what the settings say. One task reads at a time. What cannot be read, or does
//! not pass the checks, never replaces what does; as long as nothing was ever read there is
//! nothing to go by, and nobody is permitted anything.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use auth::Timestamp;
use auth::caller::{ClaimNames, Decision, PrivateIssuers, Question};
use auth::ports::{
    Authorizer, ClaimsRead, Clock, PolicyMode, PolicySource, StoreError, StoredPolicy,
};
use tokio::sync::{Mutex, MutexGuard};

use crate::memory::DecisionMemory;
use crate::problem::PolicyProblems;
use crate::set::PolicySet;
use crate::text;

/// A new version is in force after so long at the latest, unless the settings say otherwise.
const MAX_AGE: Duration = Duration::from_secs(60);
/// After a read that failed the next one waits so long, while there is a set to go by.
const BETWEEN_FAILURES: Duration = Duration::from_secs(5);

/// The authorizer of a function: the policies of a [`PolicySource`].
pub struct Policies {
    source: Arc<dyn PolicySource>,
    clock: Arc<dyn Clock>,
    max_age: Duration,
    private: PrivateIssuers,
    held: RwLock<Option<Arc<PolicySet>>>,
    reads: Mutex<Reads>,
    memory: DecisionMemory,
}

/// What was read, and when.
#[derive(Default)]
struct Reads {
    /// With success, whatever it was that was read.
    read_at: Option<Timestamp>,
    failed_at: Option<Timestamp>,
    /// What was read last, taken or not: each text is judged once. The inner `None` is
    /// for a source that has no text.
    last: Option<Option<Seen>>,
}

/// How one stored text is told from another.
#[derive(PartialEq, Eq, Clone)]
struct Seen {
    version: u64,
    digest: String,
    mode: PolicyMode,
}

impl Policies {
    /// Policies that are read from `source` at the first question.
    pub fn new(source: Arc<dyn PolicySource>, clock: Arc<dyn Clock>) -> Self {
        Self {
            source,
            clock,
            max_age: MAX_AGE,
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

    /// Checks them for a function with these private issuers: a text that permits workloads of
    /// an issuer that is private no more is not taken.
    pub fn with_private_issuers(self, private: PrivateIssuers) -> Self {
        Self { private, ..self }
    }

    /// Reads them before anybody asks: a start has time for it while it waits for its
    /// secrets. That they cannot be read is neither told nor remembered: the first question
    /// reads them again.
    pub async fn prepare(&self) {
        let now = self.clock.now();
        // On a thread of its own, while the source answers.
        let prepared = tokio::task::spawn_blocking(text::prepare);
        if let Ok(stored) = self.source.current().await {
            let mut reads = self.reads.lock().await;
            self.took(&mut reads, stored, now).await;
        }
        // Whoever needs it makes up for it.
        let _prepared_or_not = prepared.await;
    }

    /// The set in force, read anew when it is old; `None` where there is none, and
    /// everybody is denied.
    pub async fn current(&self) -> Option<Arc<PolicySet>> {
        let held = self.held();
        // Who has a set goes on with it while another task reads; who has none waits.
        let reads = match &held {
            Some(_) => self.reads.try_lock().ok(),
            None => Some(self.reads.lock().await),
        };
        match reads {
            Some(mut reads) => {
                self.refresh(&mut reads).await;
                self.held()
            }
            None => held,
        }
    }

    /// Nobody is permitted anything. Is that what was read, or could nothing be read?
    async fn without_a_set(&self) -> Decision {
        match self.reads.lock().await.failed_at {
            Some(_) => Decision::undecided(),
            None => Decision::denied(),
        }
    }

    async fn refresh(&self, reads: &mut MutexGuard<'_, Reads>) {
        let now = self.clock.now();
        if !reads.is_due(now, self.max_age, self.held().is_some()) {
            return;
        }
        match self.source.current().await {
            Ok(stored) => self.took(reads, stored, now).await,
            Err(error) => {
                reads.failed_at = Some(now);
                self.not_read(&error);
            }
        }
    }

    /// A read that worked.
    async fn took(&self, reads: &mut Reads, stored: Option<StoredPolicy>, now: Timestamp) {
        self.take(reads, stored).await;
        reads.read_at = Some(now);
        reads.failed_at = None;
    }

    /// Takes up what is stored, if it is new and passes the checks.
    async fn take(&self, reads: &mut Reads, stored: Option<StoredPolicy>) {
        let seen = stored.as_ref().map(Seen::of);
        if reads.last.as_ref() == Some(&seen) {
            return;
        }
        match &stored {
            Some(stored) => {
                if let Some(set) = checked(stored, &self.private).await {
                    self.hold(Some(set));
                }
            }
            None => {
                tracing::error!(
                    event = "policy_missing",
                    "no policy is stored: everybody is denied"
                );
                self.hold(None);
            }
        }
        // At the end: who is given up while the text is checked has taken nothing.
        reads.last = Some(seen);
    }

    fn not_read(&self, error: &StoreError) {
        match self.held() {
            Some(_) => tracing::warn!(
                event = "policy_not_read", %error,
                "the policy could not be read again; the one in memory stays in force"
            ),
            None => tracing::error!(
                event = "policy_not_read", %error,
                "the policy could not be read, and there is none in memory: nobody is permitted anything"
            ),
        }
    }

    fn held(&self) -> Option<Arc<PolicySet>> {
        let held = self.held.read().unwrap_or_else(PoisonError::into_inner);
        held.clone()
    }

    fn hold(&self, set: Option<Arc<PolicySet>>) {
        *self.held.write().unwrap_or_else(PoisonError::into_inner) = set;
    }
}

#[async_trait]
impl Authorizer for Policies {
    async fn decide(&self, question: Question<'_>) -> Decision {
        match self.current().await {
            Some(set) => self.memory.decide(&set, &question),
            None => self.without_a_set().await,
        }
    }
}

#[async_trait]
impl ClaimsRead for Policies {
    /// Reads the policies again when they are old, as the decision that follows would: it is
    /// made by the set that was asked for its names. Nothing where there is no set yet, which
    /// the decision looks for.
    async fn claims_read(&self) -> Arc<ClaimNames> {
        if self.held().is_none() {
            return Arc::default();
        }
        let set = self.current().await;
        set.map_or_else(Default::default, |set| Arc::clone(&set.reads.claim_names))
    }
}

impl Reads {
    fn is_due(&self, now: Timestamp, max_age: Duration, holds_a_set: bool) -> bool {
        // A clock that was set back must not keep an old set in force.
        let younger = |at: Option<Timestamp>, than: Duration| {
            at.is_some_and(|at| at <= now && at.seconds_until(now) < than.as_secs())
        };
        let failed_lately = holds_a_set && younger(self.failed_at, BETWEEN_FAILURES);
        !younger(self.read_at, max_age) && !failed_lately
    }
}

impl Seen {
    fn of(stored: &StoredPolicy) -> Self {
        Self {
            version: stored.version,
            digest: stored.digest.clone(),
            mode: stored.mode,
        }
    }
}

/// Milliseconds of work: on a thread of its own, so that nobody who is served from what is
/// in force has to wait for it.
async fn parse(text: String, private: PrivateIssuers) -> Result<PolicySet, PolicyProblems> {
    let parsed = tokio::task::spawn_blocking(move || PolicySet::parse_with(&text, &private));
    // The work itself is never given up.
    parsed.await.unwrap_or_else(|_| Err(text::unreadable()))
}

/// The set of a stored text; `None`, loudly, for one that must not be taken.
async fn checked(stored: &StoredPolicy, private: &PrivateIssuers) -> Option<Arc<PolicySet>> {
    let (version, mode) = (stored.version, stored.mode.as_str());
    if StoredPolicy::digest_of(&stored.text) != stored.digest {
        tracing::error!(
            event = "policy_refused",
            version,
            "a stored policy has not the digest that was stored with it; it is not taken"
        );
        return None;
    }
    match parse(stored.text.clone(), private.clone()).await {
        Ok(set) => {
            let (digest, policies) = (&*stored.digest, set.ids().count());
            tracing::info!(
                event = "policy_taken",
                version,
                mode,
                digest,
                policies,
                "a policy is in force"
            );
            Some(Arc::new(set.in_mode(stored.mode)))
        }
        Err(problems) => {
            tracing::error!(
                event = "policy_refused", version, %problems,
                "a stored policy does not pass the checks; it is not taken"
            );
            None
        }
    }
}
