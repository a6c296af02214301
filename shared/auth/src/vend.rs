//! The use case of the vending endpoint: hand out a tenant's token, from memory, else
//! from the table, else from Entra ID. Who may have it was decided before.
//!
//! What memory says of a tenant is believed for `max_state_age` and no longer: that
//! is how long a tenant that was just suspended can still be served by a warm
//! function. Each tenant and resource has a lock of its own, so that one slow tenant
//! keeps nobody else waiting, and concurrent callers of one tenant ask once.

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use tokio::sync::Mutex;

use crate::cause::{Cause, CauseCode};
use crate::identifiers::{Customer, Resource, TenantId};
use crate::ports::{Clock, StoreError, TokenStore};
use crate::renew::{Renewal, RenewalError};
use crate::tenant::TenantStatus;
use crate::timestamp::Timestamp;
use crate::token::{AccessToken, TokenRecord};

/// The life that a caller needs unless it says otherwise (`min_ttl`): Azure SDKs do
/// not keep a token that lives less than five minutes.
pub const DEFAULT_MIN_TTL: Duration = Duration::from_secs(360);
/// A caller that wants a longer life than Entra ID gives must not make us ask for a
/// new token at every vend.
const BETWEEN_RENEWALS: Duration = Duration::from_secs(60);
/// How many tenants and resources are held in memory, at most.
const MEMORY_ENTRIES: u64 = 100_000;

/// The vending use case.
pub struct Vend {
    tokens: Arc<dyn TokenStore>,
    renewal: Arc<Renewal>,
    clock: Arc<dyn Clock>,
    max_state_age: Duration,
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
    /// `max_state_age`: `VEND_STATE_MAX_AGE_SECONDS`.
    pub fn new(
        tokens: Arc<dyn TokenStore>,
        renewal: Arc<Renewal>,
        clock: Arc<dyn Clock>,
        max_state_age: Duration,
    ) -> Self {
        Self {
            tokens,
            renewal,
            clock,
            max_state_age,
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
        let now = self.clock.now();
        if record.token_living_for(min_ttl.as_secs(), now).is_some() {
            return vended(&record, Source::Table, now);
        }
        self.renewed(record, &mut held).await
    }

    fn remembered(&self, held: Option<&Held>, min_ttl: Duration) -> Option<Vended> {
        let held = held?;
        let now = self.clock.now();
        let age = held.read_at.seconds_until(now);
        let fresh = age < self.max_state_age.as_secs() && held.read_at <= now;
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
        let read_at = self.clock.now();
        let Some(record) = self.tokens.read(tenant, resource).await? else {
            self.memory.invalidate(&(tenant, resource.clone()));
            return Err(VendRefusal::NotFound);
        };
        *held = Some(Held {
            record: record.clone(),
            read_at,
        });
        Ok(record)
    }

    /// Asks Entra ID, unless it was asked in vain a moment ago. A token that still
    /// lives is served when nothing better comes.
    async fn renewed(
        &self,
        record: TokenRecord,
        held: &mut Option<Held>,
    ) -> Result<Vended, VendRefusal> {
        let now = self.clock.now();
        if is_brand_new(&record, now) {
            return vended(&record, Source::Table, now);
        }
        if let Some(retry_at) = record.next_attempt_at.filter(|at| *at > now) {
            let cause = record.last_failure.clone();
            return vended(&record, Source::Table, now).map_err(|_| VendRefusal::NoToken {
                cause: cause.unwrap_or_else(|| CauseCode::Unavailable.into()),
                retry_at,
            });
        }
        match self.renewal.renew(&record).await {
            Ok(renewed) => {
                check_status(&renewed)?;
                let vended = vended(&renewed, Source::Entra, self.clock.now());
                *held = Some(Held {
                    record: renewed,
                    read_at: now,
                });
                vended
            }
            Err(RenewalError::Store(error)) => Err(error.into()),
            Err(RenewalError::Refused {
                cause,
                status,
                next_attempt_at,
            }) => {
                // Whatever it became, the table knows better than memory now.
                *held = None;
                if !status.is_vended() {
                    let cause = Some(cause);
                    return Err(VendRefusal::NotActive { status, cause });
                }
                vended(&record, Source::Table, self.clock.now()).map_err(|_| VendRefusal::NoToken {
                    cause,
                    retry_at: next_attempt_at,
                })
            }
        }
    }
}

/// Whether the token was asked for a moment ago and still lives: another would be no
/// better.
fn is_brand_new(record: &TokenRecord, now: Timestamp) -> bool {
    record
        .token_living_for(0, now)
        .is_some_and(|token| token.issued_at.seconds_until(now) < BETWEEN_RENEWALS.as_secs())
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
