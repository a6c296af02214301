//! Policies over a table that a test holds, with a clock that it moves.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use auth::Timestamp;
use auth::caller::{Decision, Ruling};
use auth::policy::{CandidatePolicy, StoredPolicy};
use auth::ports::{Authorizer, HeldClock, HeldIssuers, PolicySource, StoreError, StoredPolicies};
use policy::Policies;
use tokio::sync::Semaphore;

use super::logged;
use crate::world::*;

pub(crate) const NOW: i64 = 1_800_000_000;

/// What a read of the table brings.
pub(crate) type Found = Result<StoredPolicies, StoreError>;

/// A table that holds what the test says, counts its reads, and can be slow.
pub(crate) struct Table {
    stored: Mutex<Found>,
    reads: AtomicU32,
    /// A read takes one.
    pub(crate) lets_through: Semaphore,
}

#[async_trait]
impl PolicySource for Table {
    async fn current(&self) -> Found {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.lets_through.acquire().await.unwrap().forget();
        self.stored.lock().unwrap().clone()
    }
}

pub(crate) struct Stage {
    pub(crate) table: Arc<Table>,
    pub(crate) clock: Arc<HeldClock>,
    pub(crate) policies: Arc<Policies>,
}

impl Stage {
    /// The cluster's issuer is private.
    pub(crate) fn with(stored: Found) -> Self {
        let issuers = Arc::new(HeldIssuers::of(&private_entries(&[CLUSTER])));
        Self::built(stored, |policies| policies.with_issuers(issuers.clone()))
    }

    pub(crate) fn built(stored: Found, more: impl Fn(Policies) -> Policies) -> Self {
        logged::ready();
        let table = Arc::new(Table {
            stored: Mutex::new(stored),
            reads: AtomicU32::new(0),
            lets_through: Semaphore::new(1_000),
        });
        let clock = Arc::new(HeldClock::at(NOW));
        let policies = Policies::new(table.clone(), clock.clone());
        Self {
            table,
            clock,
            policies: Arc::new(more(policies)),
        }
    }

    pub(crate) fn store(&self, stored: Found) {
        *self.table.stored.lock().unwrap() = stored;
    }

    /// Time passes.
    pub(crate) fn after(&self, seconds: i64) {
        self.clock.advance(seconds);
    }

    pub(crate) fn reads(&self) -> u32 {
        self.table.reads.load(Ordering::SeqCst)
    }

    /// Whether the key may be handed Contoso's token.
    pub(crate) async fn permits(&self, name: &str) -> bool {
        self.ruling(name).await == Ruling::Allow
    }

    pub(crate) async fn ruling(&self, name: &str) -> Ruling {
        let asked = Asked::vend(key(name), Tenant::contoso());
        self.decision(&asked).await.ruling
    }

    pub(crate) async fn decision(&self, asked: &Asked) -> Decision {
        self.policies.decide(asked.question()).await
    }
}

/// Permits one key.
pub(crate) fn permits(name: &str) -> String {
    format!(
        "@id(\"one\") permit(principal == Key::\"{name}\", action, resource in Customer::\"contoso\");"
    )
}

pub(crate) fn version(version: u64, text: &str) -> StoredPolicy {
    StoredPolicy {
        version,
        digest: StoredPolicy::digest_of(text),
        text: text.to_owned(),
        put_at: Timestamp::from_unix(NOW),
    }
}

pub(crate) fn candidate(text: &str) -> CandidatePolicy {
    CandidatePolicy::new(text.to_owned(), Timestamp::from_unix(NOW))
}

/// Without a candidate.
pub(crate) fn found(in_force: Option<StoredPolicy>) -> StoredPolicies {
    StoredPolicies {
        in_force,
        candidate: Ok(None),
    }
}

pub(crate) fn stored(number: u64, name: &str) -> Found {
    Ok(found(Some(version(number, &permits(name)))))
}

pub(crate) fn outage() -> Found {
    Err(StoreError::Unavailable("throttled".to_owned()))
}
