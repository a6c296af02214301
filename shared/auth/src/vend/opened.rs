//! A tenant's record at hand: first what is known of the tenant, for the policy; then, if
//! it permits, the token. No other caller works on the same tenant and resource in this
//! process meanwhile.
//!
//! Two rules. The token that is handed out is of the record that was decided on: where a
//! look at the table or at Entra ID brings a record that says something else, it is decided
//! on again. And before the policy has permitted it, nothing that a caller asks for
//! (`min_ttl`, `rejected`) has memory read again, replaced or dropped: a caller who is
//! denied takes nothing from those who are not.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;

use super::memory::{Held, Slot};
use super::read_ahead::ReadAhead;
use super::vended::{Source, VendRefusal, Vended};
use super::vending::Vend;
use super::wanted::Wanted;
use crate::caller::{ConnectedFacts, TenantFacts};
use crate::cause::CauseCode;
use crate::identifiers::TenantId;
use crate::ports::{ReadRecord, StoreError};
use crate::resource::Resource;
use crate::timestamp::Timestamp;
use crate::token::TokenRecord;

/// A record at hand.
#[must_use = "no other caller is served while it is open"]
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
    /// No better token can be had now: the next one to ask gets what there is.
    fetched: bool,
}

/// What became of a token that was permitted.
#[must_use = "a record that changed has to be decided on again"]
pub enum Taken<'a> {
    /// The token of the record that was decided on.
    Vended(Vended),
    /// Another record has taken its place, of which a policy may say something else. Its
    /// token is handed out without another look: nothing changes twice.
    Changed(Opened<'a>),
}

impl Vend {
    /// A token of `tenant` for `resource` that lives at least `min_ttl`; a shorter one
    /// where Entra ID gives no better and it still lives. For a caller that may have the
    /// tenant's token whatever is known of the tenant; else [`open`](Self::open) first.
    pub async fn vend(
        &self,
        tenant: TenantId,
        resource: &Resource,
        min_ttl: Duration,
    ) -> Result<Vended, VendRefusal> {
        let wanted = Wanted::living(min_ttl);
        let mut opened = self.open(tenant, resource, wanted).await?;
        loop {
            match opened.token().await? {
                Taken::Vended(vended) => return Ok(vended),
                Taken::Changed(again) => opened = again,
            }
        }
    }

    /// Takes the record up: from memory where it is fresh, else from the table. Fails
    /// closed: when the table does not answer, what memory says is too old to be believed.
    pub async fn open(
        &self,
        tenant: TenantId,
        resource: &Resource,
        wanted: Wanted,
    ) -> Result<Opened<'_>, StoreError> {
        self.open_read(tenant, resource, wanted, None).await
    }

    /// The same, with what was read of it together with others.
    pub async fn open_read(
        &self,
        tenant: TenantId,
        resource: &Resource,
        wanted: Wanted,
        ahead: Option<ReadAhead>,
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
            fetched: false,
        };
        let now = self.parts.clock.now();
        if !self.remembers(opened.held.as_ref(), now) {
            match ahead.filter(|ahead| self.believes(ahead, now)) {
                Some(ReadAhead { read_at, record }) => opened.take(read_at, record)?,
                None => opened.read().await?,
            }
        }
        Ok(opened)
    }
}

impl<'a> Opened<'a> {
    /// What is known of the tenant.
    pub fn facts(&self) -> TenantFacts<'_> {
        TenantFacts {
            id: self.tenant,
            connected: self.held.as_ref().map(|held| known_of(&held.record)),
        }
    }

    /// The token that was wanted, if the record that it is of says what
    /// [`facts`](Self::facts) said.
    pub async fn token(mut self) -> Result<Taken<'a>, VendRefusal> {
        if !self.is_settled() {
            let decided = self.held.as_ref().map(|held| held.record.clone());
            self.fetch().await?;
            if decided.as_ref().map(known_of) != self.facts().connected {
                return Ok(Taken::Changed(self));
            }
        }
        let held = self.held.as_ref().ok_or(VendRefusal::NotFound)?;
        check_status(&held.record)?;
        vended(held, self.source, self.vend.parts.clock.now()).map(Taken::Vended)
    }

    /// Whether the record is the one to answer from: nothing better can be had, or is
    /// needed.
    fn is_settled(&self) -> bool {
        let now = self.vend.parts.clock.now();
        self.fetched
            || self.held.as_ref().is_none_or(|held| {
                !held.record.status.is_vended() || self.wanted.good(&held.record, now).is_some()
            })
    }

    /// Brings the record with the best token that can be had. When that fails, what memory
    /// holds stays: it is no older than it was, and serves those who want less.
    async fn fetch(&mut self) -> Result<(), VendRefusal> {
        if self.source == Source::Memory {
            self.read().await?;
        }
        let record = match self.held.as_ref() {
            Some(held) if !self.is_settled() => held.record.clone(),
            _ => return Ok(()),
        };
        let read_at = self.vend.parts.clock.now();
        match self.vend.fetch(record, self.wanted).await {
            Ok((record, source)) => {
                self.source = source;
                self.hold(Held::new(record, read_at));
            }
            Err(VendRefusal::NotFound) => self.forget(),
            Err(refused) => return Err(refused),
        }
        self.fetched = true;
        Ok(())
    }

    /// Reads the table.
    async fn read(&mut self) -> Result<(), StoreError> {
        let read_at = self.vend.parts.clock.now();
        let record = self.vend.parts.tokens.read(self.tenant, &self.resource);
        self.take(read_at, record.await)
    }

    /// Takes what the table said. Neither an unknown tenant nor a table that does not answer
    /// leaves an empty place in memory, which would push another tenant out.
    fn take(&mut self, read_at: Timestamp, record: ReadRecord) -> Result<(), StoreError> {
        self.source = Source::Table;
        let record = record.inspect_err(|_| {
            if self.held.is_none() {
                self.forget();
            }
        });
        match record? {
            Some(record) => self.hold(Held::new(record, read_at)),
            None => self.forget(),
        }
        Ok(())
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

    fn forget(&mut self) {
        *self.held = None;
        self.weighed = 0;
        let key = (self.tenant, self.resource.clone());
        self.vend.memory.invalidate(&key);
    }
}

fn check_status(record: &TokenRecord) -> Result<(), VendRefusal> {
    match record.status.is_vended() {
        true => Ok(()),
        false => Err(VendRefusal::NotActive {
            status: record.status,
            cause: record.cause.clone(),
            next_attempt_at: record.next_attempt_at,
        }),
    }
}

/// What a policy sees of a record's tenant.
fn known_of(record: &TokenRecord) -> ConnectedFacts<'_> {
    ConnectedFacts {
        customer: &record.customer,
        cloud: record.cloud,
        status: record.status,
        tags: &record.tags,
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
            is_suspicion: false,
        }),
    }
}
