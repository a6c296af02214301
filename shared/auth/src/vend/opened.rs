//! A tenant's record at hand: first what is known of the tenant, for the policy; then, if
//! it permits, the token. Nobody else works on the same tenant and resource in this
//! process meanwhile.

use std::sync::Arc;

use tokio::sync::OwnedMutexGuard;

use super::{Held, Slot, Source, Vend, VendRefusal, Vended, Wanted, check_status};
use crate::caller::{ConnectedFacts, TenantFacts};
use crate::cause::CauseCode;
use crate::identifiers::{Resource, TenantId};
use crate::ports::StoreError;
use crate::timestamp::Timestamp;

/// A record at hand.
#[must_use = "nobody else is served while it is open"]
pub struct Opened<'a> {
    vend: &'a Vend,
    tenant: TenantId,
    resource: Resource,
    wanted: Wanted,
    held: OwnedMutexGuard<Option<Held>>,
    /// What memory believes that it weighs.
    weighed: usize,
    /// Where the record came from.
    source: Source,
}

impl Vend {
    /// Takes the record up: from memory where it is fresh and its token good enough, else
    /// from the table. Fails closed: when the table does not answer, what memory says is
    /// too old to be believed.
    pub async fn open(
        &self,
        tenant: TenantId,
        resource: &Resource,
        wanted: Wanted,
    ) -> Result<Opened<'_>, StoreError> {
        let key = (tenant, resource.clone());
        let Slot { held, bytes } = self.memory.get_with(key, Slot::default);
        let mut opened = Opened {
            vend: self,
            tenant,
            resource: resource.clone(),
            wanted,
            held: held.lock_owned().await,
            weighed: bytes,
            source: Source::Memory,
        };
        if !opened.is_remembered(self.parts.clock.now()) {
            opened.read().await?;
        }
        Ok(opened)
    }
}

impl Opened<'_> {
    /// What is known of the tenant.
    pub fn facts(&self) -> TenantFacts<'_> {
        let connected = self.held.as_ref().map(|held| ConnectedFacts {
            customer: &held.record.customer,
            cloud: held.record.cloud,
            status: held.record.status,
            tags: &held.record.tags,
        });
        TenantFacts {
            id: self.tenant,
            connected,
        }
    }

    /// The token that was wanted.
    pub async fn token(mut self) -> Result<Vended, VendRefusal> {
        let held = self.held.as_ref().ok_or(VendRefusal::NotFound)?;
        check_status(&held.record)?;
        let now = self.vend.parts.clock.now();
        if self.wanted.good(&held.record, now).is_some() {
            return vended(held, self.source, now);
        }
        let fetched = self.vend.fetch(held.record.clone(), self.wanted).await;
        // Whatever it became, the table knows better than memory when that failed.
        *self.held = None;
        let (record, source) = fetched?;
        let held = Held::new(record, now);
        let vended = vended(&held, source, self.vend.parts.clock.now());
        self.hold(held);
        vended
    }

    /// Keeps it in memory, which is bounded by bytes: the place is taken again where it
    /// weighs something else by now.
    fn hold(&mut self, held: Held) {
        let bytes = held.bytes();
        *self.held = Some(held);
        if bytes == self.weighed {
            return;
        }
        self.weighed = bytes;
        let held = Arc::clone(OwnedMutexGuard::mutex(&self.held));
        let key = (self.tenant, self.resource.clone());
        self.vend.memory.insert(key, Slot { held, bytes });
    }

    fn is_remembered(&self, now: Timestamp) -> bool {
        let Some(held) = self.held.as_ref() else {
            return false;
        };
        let age = held.read_at.seconds_until(now);
        let fresh = age < self.vend.parts.max_state_age.as_secs() && held.read_at <= now;
        let good = self.wanted.good(&held.record, now).is_some();
        fresh && good && held.record.status.is_vended()
    }

    /// Reads the table. An unknown tenant leaves nothing in memory.
    async fn read(&mut self) -> Result<(), StoreError> {
        *self.held = None;
        self.source = Source::Table;
        let read_at = self.vend.parts.clock.now();
        let record = self.vend.parts.tokens.read(self.tenant, &self.resource);
        match record.await? {
            Some(record) => self.hold(Held::new(record, read_at)),
            None => {
                let key = (self.tenant, self.resource.clone());
                self.vend.memory.invalidate(&key);
            }
        }
        Ok(())
    }
}

/// The record's token for a caller, if it still lives.
fn vended(held: &Held, source: Source, now: Timestamp) -> Result<Vended, VendRefusal> {
    let record = &held.record;
    match (record.token_living_for(0, now), &held.names) {
        (Some(token), Some(names)) => Ok(Vended {
            access_token: token.access_token.clone(),
            expires_at: token.expires_at,
            refresh_at: record.refresh_at.max(now).min(token.expires_at),
            customer: record.customer.clone(),
            source,
            names: names.clone(),
        }),
        _ => Err(VendRefusal::NoToken {
            cause: CauseCode::Unavailable.into(),
            retry_at: now,
        }),
    }
}
