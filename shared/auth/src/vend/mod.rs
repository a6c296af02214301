//! The use case of the vending endpoint: hand out a tenant's token, from memory, else
//! from the table, else from Entra ID. Who may have it was decided before.
//!
//! What memory says of a tenant is believed for `max_state_age` and no longer: that
//! is how long a tenant that was just suspended can still be served by a warm
//! function. Each tenant and resource has a lock of its own, so that one slow tenant
//! keeps nobody else waiting, and concurrent callers of one tenant ask once. What
//! happens when no token is at hand is in `miss.rs`.

mod miss;

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use tokio::sync::Mutex;

use crate::cause::{Cause, CauseCode};
use crate::identifiers::{Customer, Resource, TenantId};
use crate::ports::{Clock, Leases, Pause, Random, StoreError, TokenStore};
use crate::renew::Renewal;
use crate::tenant::TenantStatus;
use crate::timestamp::Timestamp;
use crate::token::{AccessToken, TokenRecord};

/// The life that a caller needs unless it says otherwise (`min_ttl`): Azure SDKs do
/// not keep a token that lives less than five minutes.
pub const DEFAULT_MIN_TTL: Duration = Duration::from_secs(360);
/// How many tenants and resources are held in memory, at most.
const MEMORY_ENTRIES: u64 = 100_000;

/// What vending needs.
pub struct VendParts {
    /// The tokens.
    pub tokens: Arc<dyn TokenStore>,
    /// How one is renewed.
    pub renewal: Arc<Renewal>,
    /// Who of many processes that miss together asks Entra ID.
    pub leases: Arc<dyn Leases>,
    /// How the others wait.
    pub pause: Arc<dyn Pause>,
    /// Now.
    pub clock: Arc<dyn Clock>,
    /// Jitter.
    pub random: Arc<dyn Random>,
    /// `VEND_STATE_MAX_AGE_SECONDS`.
    pub max_state_age: Duration,
}

/// The vending use case.
pub struct Vend {
    parts: VendParts,
    memory: Cache<(TenantId, Resource), Arc<Mutex<Option<Held>>>>,
}

/// What memory holds: the record as it was read, and when.
struct Held {
    record: TokenRecord,
    read_at: Timestamp,
}

/// Where a vended token came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// This process remembered it.
    Memory,
    /// The table.
    Table,
    /// Entra ID, just now.
    Entra,
}

impl Source {
    /// The word in the audit log.
    pub fn as_str(self) -> &'static str {
        match self {
            Source::Memory => "memory",
            Source::Table => "table",
            Source::Entra => "entra",
        }
    }
}

/// A token for a caller.
#[derive(Debug, Clone)]
pub struct Vended {
    /// The token.
    pub access_token: AccessToken,
    /// Its end.
    pub expires_at: Timestamp,
    /// When the broker renews it: a caller that asks again then gets a newer one.
    pub refresh_at: Timestamp,
    /// The account that the tenant is bound to, for the audit log.
    pub customer: Customer,
    /// Where it came from.
    pub source: Source,
}

/// Why no token is handed out.
#[derive(Debug, Clone, thiserror::Error)]
pub enum VendRefusal {
    /// No such tenant, or none of its tokens is for this resource.
    #[error("the tenant is not connected for this resource")]
    NotFound,
    /// The tenant is connected but not active.
    #[error("the tenant is {status}")]
    NotActive {
        /// Where it stands.
        status: TenantStatus,
        /// Why.
        cause: Option<Cause>,
    },
    /// No living token is at hand and Entra ID gives none now.
    #[error("no token at the moment: {cause}")]
    NoToken {
        /// Why.
        cause: Cause,
        /// When asking again can help.
        retry_at: Timestamp,
    },
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Vend {
    /// With an empty memory.
    pub fn new(parts: VendParts) -> Self {
        Self {
            parts,
            memory: Cache::new(MEMORY_ENTRIES),
        }
    }

    /// A token of `tenant` for `resource` that lives at least `min_ttl`; a shorter one
    /// where Entra ID gives no better and it still lives.
    pub async fn vend(
        &self,
        tenant: TenantId,
        resource: &Resource,
        min_ttl: Duration,
    ) -> Result<Vended, VendRefusal> {
        let slot = self
            .memory
            .get_with((tenant, resource.clone()), Default::default);
        let mut held = slot.lock().await;
        if let Some(vended) = self.remembered(held.as_ref(), min_ttl) {
            return Ok(vended);
        }
        let record = self.read(tenant, resource, &mut held).await?;
        check_status(&record)?;
        let now = self.parts.clock.now();
        if record.token_living_for(min_ttl.as_secs(), now).is_some() {
            return vended(&record, Source::Table, now);
        }
        let fetched = self.fetch(record, min_ttl).await;
        // Whatever it became, the table knows better than memory when that failed.
        *held = fetched.as_ref().ok().map(|(record, _)| Held {
            record: record.clone(),
            read_at: now,
        });
        let (record, source) = fetched?;
        vended(&record, source, self.parts.clock.now())
    }

    fn remembered(&self, held: Option<&Held>, min_ttl: Duration) -> Option<Vended> {
        let held = held?;
        let now = self.parts.clock.now();
        let age = held.read_at.seconds_until(now);
        let fresh = age < self.parts.max_state_age.as_secs() && held.read_at <= now;
        let living = held
            .record
            .token_living_for(min_ttl.as_secs(), now)
            .is_some();
        if !fresh || !living || !held.record.status.is_vended() {
            return None;
        }
        vended(&held.record, Source::Memory, now).ok()
    }

    /// Reads the table. Fails closed: when the table does not answer, what memory
    /// says is too old to be believed. An unknown tenant leaves nothing in memory.
    async fn read(
        &self,
        tenant: TenantId,
        resource: &Resource,
        held: &mut Option<Held>,
    ) -> Result<TokenRecord, VendRefusal> {
        *held = None;
        let read_at = self.parts.clock.now();
        let Some(record) = self.parts.tokens.read(tenant, resource).await? else {
            self.memory.invalidate(&(tenant, resource.clone()));
            return Err(VendRefusal::NotFound);
        };
        *held = Some(Held {
            record: record.clone(),
            read_at,
        });
        Ok(record)
    }
}

fn check_status(record: &TokenRecord) -> Result<(), VendRefusal> {
    match record.status.is_vended() {
        true => Ok(()),
        false => Err(VendRefusal::NotActive {
            status: record.status,
            cause: record.cause.clone(),
        }),
    }
}

/// The record's token for a caller, if it still lives.
fn vended(record: &TokenRecord, source: Source, now: Timestamp) -> Result<Vended, VendRefusal> {
    match record.token_living_for(0, now) {
        Some(token) => Ok(Vended {
            access_token: token.access_token.clone(),
            expires_at: token.expires_at,
            refresh_at: record.refresh_at.max(now).min(token.expires_at),
            customer: record.customer.clone(),
            source,
        }),
        None => Err(VendRefusal::NoToken {
            cause: CauseCode::Unavailable.into(),
            retry_at: now,
        }),
    }
}
