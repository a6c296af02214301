//! The issuers that hold now: read when they are needed, read again when they are older than a
//! minute, or what the settings say. The stored list stands over the first ones of the settings.
//! What cannot be read, or does not pass the checks, never replaces what does; but a list holds
//! only as long as the store has confirmed it lately. After that, and before anything was read,
//! no issuer's token is taken, those of the settings included: the stored list may say otherwise
//! of them.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::StoredIssuers;
use crate::caller::{AllowedIssuer, AllowedIssuers, InvalidIssuers};
use crate::ports::{Clock, IssuerSource, IssuersInForce, StoreError};
use crate::refreshed::{Moment, Refreshed};

/// A changed list holds after so long at the latest, unless the settings say otherwise.
const MAX_AGE: Duration = Duration::from_secs(60);
/// A list that the store has not confirmed for so long holds no more, unless the settings say
/// otherwise.
const UNREAD_MAX_AGE: Duration = Duration::from_secs(900);
/// After a read that confirmed nothing the next one waits so long.
const BETWEEN_FAILURES: Duration = Duration::from_secs(5);

/// The issuers of a function: the list of an [`IssuerSource`] over that of the settings.
pub struct Issuers {
    source: Arc<dyn IssuerSource>,
    first: Vec<AllowedIssuer>,
    unread_max_age: Duration,
    known: Refreshed<Held, NotConfirmed>,
}

/// What was read and could be taken.
#[derive(Clone)]
struct Held {
    /// Of the stored list; `None` where none is stored.
    digest: Option<Arc<str>>,
    issuers: Arc<AllowedIssuers>,
}

/// Why a read brought no list that can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum NotConfirmed {
    /// The store did not answer.
    NotRead,
    /// What is stored could not be taken.
    Refused,
}

impl Issuers {
    /// The list of `source`, read when it is first needed, over the `first` ones of the settings.
    pub fn new(
        source: Arc<dyn IssuerSource>,
        first: Vec<AllowedIssuer>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let issuers = Self {
            source,
            first,
            unread_max_age: UNREAD_MAX_AGE,
            known: Refreshed::new(clock, MAX_AGE),
        };
        issuers.with_unread_max_age(UNREAD_MAX_AGE)
    }

    /// Reads the list again when it is older than this (`POLICY_MAX_AGE_SECONDS`).
    pub fn with_max_age(mut self, max_age: Duration) -> Self {
        self.known.set_fresh_for(max_age);
        self
    }

    /// Takes no token by a list that the store has not confirmed for so long
    /// (`POLICY_UNREAD_MAX_AGE_SECONDS`). Fails closed because an issuer that was removed may be
    /// what cannot be read.
    pub fn with_unread_max_age(mut self, unread_max_age: Duration) -> Self {
        self.unread_max_age = unread_max_age;
        self.known.set_believed_for(unread_max_age);
        self
    }

    /// Reads the list before the first token comes. Where it cannot be read, nothing is logged or
    /// remembered, and the answer is `false`: the first token has it read again.
    pub async fn prepare(&self) -> bool {
        let read = |_: Moment| async {
            let stored = self.source.current_issuers().await.ok()?;
            Some(self.taken(stored))
        };
        self.known.prepare(read).await;
        self.known.believed().is_some()
    }

    /// While nothing was ever read, a store that does not answer is asked for every token.
    fn pause(&self, last: &Result<(), NotConfirmed>) -> Duration {
        match last {
            Ok(()) => Duration::ZERO,
            Err(NotConfirmed::NotRead) if self.known.held().is_none() => Duration::ZERO,
            Err(_) => BETWEEN_FAILURES,
        }
    }

    async fn read(&self) -> Result<Held, NotConfirmed> {
        match self.source.current_issuers().await {
            Ok(stored) => self.taken(stored),
            Err(error) => {
                self.not_read(&error);
                Err(NotConfirmed::NotRead)
            }
        }
    }

    /// The list with what is stored: the one that is held, if it is that very list, so that
    /// nothing that was made of it has to be made again.
    fn taken(&self, stored: Option<StoredIssuers>) -> Result<Held, NotConfirmed> {
        let digest = stored.as_ref().map(|stored| stored.digest.as_str().into());
        let allowed = stored.as_ref().map(StoredIssuers::allowed).transpose();
        let allowed = allowed.map_err(|problems| self.refused(&problems))?;
        if let Some(held) = self.known.held().filter(|held| held.digest == digest) {
            return Ok(held);
        }
        let issuers = AllowedIssuers::of(allowed.unwrap_or_default(), &self.first);
        if let Some(StoredIssuers {
            version, digest, ..
        }) = &stored
        {
            let issuers = issuers.iter().count();
            tracing::info!(
                event = "issuers_taken",
                version,
                digest,
                issuers,
                "a stored list of issuers holds"
            );
        }
        let issuers = Arc::new(issuers);
        Ok(Held { digest, issuers })
    }

    fn not_read(&self, error: &StoreError) {
        match self.known.believed_seconds() {
            Some(age_seconds) => tracing::warn!(
                event = "issuers_not_read", %error, age_seconds,
                "the list of issuers could not be read again; the one in memory holds for {} s \
                 after it was last read", self.unread_max_age.as_secs()
            ),
            None => tracing::error!(
                event = "issuers_not_read", %error,
                "the list of issuers could not be read, and none is known: no issuer's token is \
                 taken"
            ),
        }
    }

    fn refused(&self, problems: &InvalidIssuers) -> NotConfirmed {
        match self.known.believed_seconds() {
            Some(age_seconds) => tracing::error!(
                event = "issuers_refused", %problems, age_seconds,
                "the stored list of issuers is not taken; the one in memory holds for {} s after \
                 it was last read", self.unread_max_age.as_secs()
            ),
            None => tracing::error!(
                event = "issuers_refused", %problems,
                "the stored list of issuers is not taken, and none is known: no issuer's token is \
                 taken"
            ),
        }
        NotConfirmed::Refused
    }
}

#[async_trait]
impl IssuersInForce for Issuers {
    async fn in_force(&self) -> Option<Arc<AllowedIssuers>> {
        let pause = |last: &_| self.pause(last);
        let held = self.known.current(pause, |_| self.read()).await?;
        Some(held.issuers)
    }
}

#[cfg(test)]
#[path = "in_force_tests.rs"]
mod tests;
