//! The table. Every write that two writers can meet in is conditional: who has not
//! read the present version writes nothing and is told so.

use std::ops::RangeInclusive;

use async_trait::async_trait;

use super::paging::{DuePage, Paging};
use crate::cause::Cause;
use crate::identifiers::{Customer, TenantId};
use crate::invite::InviteKey;
use crate::resource::Resource;
use crate::tenant::{Tenant, TenantStatus};
use crate::timestamp::Timestamp;
use crate::token::{AppOnlyToken, TokenRecord};
use crate::turns::Look;

/// Why the table did not answer. No variant carries a value of the table.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StoreError {
    /// Timed out or out of reach; worth another try.
    #[error("the table cannot be reached at the moment: {0}")]
    Unavailable(String),
    /// The table refuses so many requests at a time: nothing was done, and slower it would be.
    #[error("the table is throttled at the moment: {0}")]
    Throttled(String),
    /// The table, its index or a permission is missing: nothing of it can be used until an
    /// operator has acted.
    #[error("the table cannot be used: {0}")]
    Broken(String),
    /// One item cannot be read or written; the others can. An operator has to act.
    #[error("the table holds something that cannot be used: {0}")]
    Damaged(String),
}

/// What became of a conditional write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "a write that was not done must not be taken for done"]
pub enum Write {
    /// It is written.
    Done,
    /// Somebody else wrote since the read: nothing was written.
    Stale,
}

/// Which tenants to list.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// Only these.
    pub status: Option<TenantStatus>,
    /// Only this account's.
    pub customer: Option<Customer>,
    /// Only after this one, in the order of tenant IDs.
    pub after: Option<TenantId>,
    /// How many rows may be examined (not: returned).
    pub examine: u32,
}

/// One page of a listing. It may be short, even empty, with more to come.
#[derive(Debug, Clone, Default)]
pub struct ListingPage {
    /// Those whose rows can be read.
    pub tenants: Vec<Tenant>,
    /// The rows that cannot be read, each a [`StoreError::Damaged`]: they hide no other.
    pub damaged: Vec<StoreError>,
    /// Pass as [`Listing::after`] to go on; `None` at the end.
    pub next: Option<TenantId>,
}

/// A tenant that is to be connected.
#[derive(Debug, Clone, Copy)]
pub struct Connecting<'a> {
    /// What was read; `None` for a tenant that was not there.
    pub before: Option<&'a Tenant>,
    /// What is written.
    pub after: &'a Tenant,
    /// A token record for each of these.
    pub resources: &'a [Resource],
    /// When the records are due: now. The refresher's next run takes them before all others.
    pub due_at: Timestamp,
    /// The invite that is used up. When it was used or is gone, nothing is written
    /// ([`Write::Stale`]).
    pub invite: Option<&'a InviteKey>,
}

impl<'a> Connecting<'a> {
    /// A new tenant, without an invite.
    pub fn new(after: &'a Tenant, resources: &'a [Resource], due_at: Timestamp) -> Self {
        Self {
            before: None,
            after,
            resources,
            due_at,
            invite: None,
        }
    }
}

/// The tenants of the table. Needs no sealing key.
///
/// Failure policy: a [`StoreError`] leaves the table as it was.
#[async_trait]
pub trait Tenants: Send + Sync {
    /// The tenant; `None` when it was never connected. Strongly consistent.
    async fn find(&self, tenant: TenantId) -> Result<Option<Tenant>, StoreError>;

    /// When Entra ID may be asked again for the tenant's token for this resource; `None` where
    /// it may be now, or there is no such record. Eventually consistent, and needs no sealing
    /// key.
    async fn next_attempt_at(
        &self,
        tenant: TenantId,
        resource: &Resource,
    ) -> Result<Option<Timestamp>, StoreError>;

    /// Writes a connected tenant and, for each resource, a token record without a token,
    /// and uses the invite up, in one transaction. A tenant that comes under another cloud
    /// keeps no record of the old one's resources.
    async fn connect(&self, connecting: Connecting<'_>) -> Result<Write, StoreError>;

    /// Writes a changed tenant and, in one transaction, the copies in its token records.
    /// A tenant that is not vended any more keeps no token.
    async fn change(&self, before: &Tenant, after: &Tenant) -> Result<Write, StoreError>;

    /// Marks a tenant removed and deletes its token records, in one transaction.
    async fn remove(&self, before: &Tenant, after: &Tenant) -> Result<Write, StoreError>;

    /// A page of tenants.
    async fn list(&self, listing: &Listing) -> Result<ListingPage, StoreError>;
}

/// The outcome of one attempt to renew a token.
#[derive(Debug, Clone, Copy)]
pub enum Settlement<'a> {
    /// A token that passed its checks, and when to renew it.
    Token {
        /// The token.
        token: &'a AppOnlyToken,
        /// When it is to be renewed.
        refresh_at: Timestamp,
        /// When the refresher looks at it.
        look: Look,
    },
    /// No token; nobody asks again before `next_attempt_at`.
    Failure {
        /// When to ask again.
        next_attempt_at: Timestamp,
        /// When the refresher takes it up again, whatever its slot's turn.
        refresh_at: Timestamp,
        /// Failures in a row, this one included.
        failures: u32,
        /// Why.
        cause: &'a Cause,
        /// When the first refusal since the last token came that reads as a revocation.
        suspected_at: Option<Timestamp>,
        /// The token that the table holds must not be vended any more.
        drop_token: bool,
    },
}

/// What a read of one record brought; `None` where there is none.
pub type ReadRecord = Result<Option<TokenRecord>, StoreError>;

/// The sealed tokens of the table.
///
/// Failure policy: a sealed token that does not open is reported in the log and read
/// as absent; the caller then asks Entra ID for a new one.
#[async_trait]
pub trait TokenStore: Send + Sync {
    /// The record of one tenant and resource: one eventually consistent read.
    async fn read(
        &self,
        tenant: TenantId,
        resource: &Resource,
    ) -> Result<Option<TokenRecord>, StoreError>;

    /// The records of these, each as [`read`](Self::read) reads it, in their order: with fewer
    /// requests than one for each. A record that cannot be used is an error of its own.
    async fn read_each(&self, named: &[(TenantId, Resource)]) -> Vec<ReadRecord> {
        let mut records = Vec::with_capacity(named.len());
        for (tenant, resource) in named {
            records.push(self.read(*tenant, resource).await);
        }
        records
    }

    /// The same as [`read`](Self::read), strongly consistent: for one that lost a race and wants to see what the
    /// winner wrote.
    async fn read_latest(
        &self,
        tenant: TenantId,
        resource: &Resource,
    ) -> Result<Option<TokenRecord>, StoreError>;

    /// A page of the records of one shard (0 to [`shards`](Self::shards) − 1) that are looked
    /// at [from](Look::From) a time which is not after `now`, the longest due first.
    async fn due(&self, shard: u32, now: Timestamp, page: &Paging) -> Result<DuePage, StoreError>;

    /// A page of the records of one shard that are looked at in the [turns](Look::AtItsTurns) of
    /// these slots, in the order of the slots. Whether they are due is in the records.
    async fn at_turns(
        &self,
        shard: u32,
        slots: &RangeInclusive<u8>,
        page: &Paging,
    ) -> Result<DuePage, StoreError>;

    /// Has a record looked at [from](Look::From) `at` on, whatever else it holds: it could not
    /// be read, or its outcome not be written. One that is gone stays gone.
    async fn look_again(
        &self,
        tenant: TenantId,
        resource: &Resource,
        at: Timestamp,
    ) -> Result<(), StoreError>;

    /// Has a record looked at where it belongs, which is looked at [from](Look::From) a time up
    /// to `now` and need not be: it was looked at [again](Self::look_again), and is well.
    /// [`Write::Stale`] where that is so no more, or another writer came since the read.
    async fn put_back(
        &self,
        record: &TokenRecord,
        look: Look,
        now: Timestamp,
    ) -> Result<Write, StoreError>;

    /// Into how many shards the due index is cut.
    fn shards(&self) -> u32;

    /// Writes the outcome of an attempt on the record that was read.
    async fn settle(
        &self,
        record: &TokenRecord,
        settlement: Settlement<'_>,
    ) -> Result<Write, StoreError>;

    /// As [`settle`](Self::settle), and moves the tenant from `before` to `after` with
    /// the status of all its records, in one transaction: one writer wins, so that
    /// a change of state is one event.
    async fn settle_and_change(
        &self,
        record: &TokenRecord,
        settlement: Settlement<'_>,
        before: &Tenant,
        after: &Tenant,
    ) -> Result<Write, StoreError>;
}

/// Things that may be used once: consent states and handles.
///
/// Failure policy: fails closed. When the table does not answer, nothing was used and
/// the person is asked to try again.
#[async_trait]
pub trait SingleUse: Send + Sync {
    /// Marks `id` as used; `false` when it was used before. The mark may be forgotten
    /// after `expires_at`: by then the thing has expired by itself.
    async fn use_once(&self, id: &str, expires_at: Timestamp) -> Result<bool, StoreError>;

    /// Whether `id` is marked as used: only to tell a person why something is refused.
    async fn was_used(&self, id: &str) -> Result<bool, StoreError>;
}

impl StoreError {
    /// The cause that callers and pages are told.
    pub fn cause(&self) -> Cause {
        crate::cause::CauseCode::BrokerUnavailable.into()
    }
}
