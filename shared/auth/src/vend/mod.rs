//! The use case of the vending endpoint: hand out a tenant's token, from memory, else
//! from the table, else from Entra ID. Who may have it was decided before.
//!
//! What memory says of a tenant is believed for `max_state_age` and no longer: that
//! is how long a tenant that was just suspended can still be served by a warm
//! function. Each tenant and resource has a lock of its own, so that one slow tenant
//! keeps nobody else waiting, and concurrent callers of one tenant ask once.
//!
//! A vend has two halves, `opened.rs`: what is known of the tenant, on which the policy
//! decides, and the token. What happens when no token is at hand is in `miss.rs`.

mod miss;
mod opened;
mod wanted;

use std::sync::Arc;
use std::time::Duration;

use moka::sync::Cache;
use tokio::sync::Mutex;

use crate::cause::Cause;
use crate::identifiers::{Customer, Resource, TenantId};
use crate::memory::weight;
use crate::ports::{Clock, Leases, Pause, Random, StoreError, TokenStore};
use crate::renew::Renewal;
use crate::requirements::Requirements;
use crate::tenant::TenantStatus;
use crate::timestamp::Timestamp;
use crate::token::{AccessToken, TokenRecord};

/// The life that a caller needs unless it says otherwise (`min_ttl`): Azure SDKs do
/// not keep a token that lives less than five minutes.
pub const DEFAULT_MIN_TTL: Duration = Duration::from_secs(360);
/// How many tenants and resources memory is meant to hold.
pub const MEMORY_ENTRIES: u64 = 100_000;
/// What memory holds of them takes this much, at most. An entry takes about 2,800 bytes (a
/// token of 1,600, its record, what the cache keeps of it), 100,000 of them 280 MB; the
/// decisions take 50 MB besides and the proofs 25, of the function's 1,024 MB. A token of
/// unusual size, which Entra ID and the customer's tenant decide on, costs others their
/// place and not the function its memory.
const MEMORY_MAX_BYTES: u64 = 384 * 1024 * 1024;

pub use opened::{Opened, Taken};
pub use wanted::{TokenDigest, Wanted};

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
    memory: Memory,
}

type Memory = Cache<(TenantId, Resource), Slot>;

/// A place in memory: what it holds, behind a lock of its own, and what that weighs.
#[derive(Clone, Default)]
struct Slot {
    held: Arc<Mutex<Option<Held>>>,
    bytes: usize,
}

/// What memory holds: the record as it was read, when, and what its token is called: read
/// out of the token once and not at every vend.
struct Held {
    record: TokenRecord,
    read_at: Timestamp,
    names: Option<TokenNames>,
}

/// By what a token is named in logs: never itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenNames {
    /// SHA-256 of its text.
    pub digest: TokenDigest,
    /// Its `uti` claim: Entra ID's own name of it.
    pub uti: Option<String>,
}

impl Held {
    fn new(record: TokenRecord, read_at: Timestamp) -> Self {
        let names = record.token.as_ref().map(|token| TokenNames {
            digest: token.access_token.fingerprint(),
            uti: token
                .access_token
                .unverified_claims()
                .and_then(|claims| claims.uti),
        });
        Self {
            record,
            read_at,
            names,
        }
    }

    /// What it takes of memory, with its key, in bytes.
    fn bytes(&self) -> usize {
        let record = &self.record;
        let text = |length: usize| length + 32;
        let tags = record.tags.iter();
        let tags: usize = tags
            .map(|(name, value)| text(name.len()) + text(value.len()))
            .sum();
        let token = record.token.as_ref();
        let token = token.map_or(0, |token| text(token.access_token.expose().len()));
        let names = self.names.as_ref().and_then(|names| names.uti.as_ref());
        // The resource stands in the key as well.
        size_of::<Mutex<Option<Self>>>()
            + 2 * text(record.resource.as_str().len())
            + text(record.customer.as_str().len())
            + names.map_or(0, |uti| text(uti.len()))
            + token
            + tags
    }
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
    /// Its names in logs.
    pub names: TokenNames,
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
        /// Entra ID is not asked for this token before.
        next_attempt_at: Option<Timestamp>,
    },
    /// No living token is at hand and Entra ID gives none now.
    #[error("no token at the moment: {cause}")]
    NoToken {
        /// Why.
        cause: Cause,
        /// When asking again can help.
        retry_at: Timestamp,
        /// It reads as a revocation that is not believed yet: healthy tenants are refused
        /// like this now and then.
        is_suspicion: bool,
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
            memory: memory(),
        }
    }

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

    /// What a token must hold, and the resources of which tokens are kept.
    pub fn requirements(&self) -> &Requirements {
        &self.parts.renewal.requirements
    }

    /// Whether Entra ID could be asked for a token: a key that signs is at hand.
    pub async fn can_renew(&self) -> Result<(), Cause> {
        self.parts.renewal.issuer.ready().await
    }
}

fn memory() -> Memory {
    Cache::builder()
        .max_capacity(MEMORY_MAX_BYTES)
        .weigher(|_, slot: &Slot| weight(slot.bytes))
        .build()
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

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
