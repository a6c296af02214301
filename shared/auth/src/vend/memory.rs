//! What memory holds of tenants and resources. It is bounded by bytes and not by entries.

use std::sync::Arc;

use moka::sync::Cache;
use tokio::sync::Mutex;

use super::wanted::TokenDigest;
use crate::identifiers::TenantId;
use crate::memory::weight;
use crate::resource::Resource;
use crate::timestamp::Timestamp;
use crate::token::TokenRecord;

/// How many tenants and resources memory is meant to hold.
pub const MEMORY_ENTRIES: u64 = 100_000;
/// What memory holds of them takes this much, at most. An entry takes about 2,800 bytes (a
/// token of 1,600, its record, what the cache keeps of it), 100,000 of them 280 MB; the
/// decisions take 50 MB besides and the proofs 25, of the function's 768 MB. A token of
/// unusual size, which Entra ID and the customer's tenant decide on, costs others their
/// place and not the function its memory.
const MEMORY_MAX_BYTES: u64 = 384 * 1024 * 1024;

pub(super) type Memory = Cache<(TenantId, Resource), Slot>;

/// A place in memory: what it holds, behind a lock of its own, and what that weighs.
#[derive(Clone, Default)]
pub(super) struct Slot {
    pub(super) held: Arc<Mutex<Option<Held>>>,
    pub(super) bytes: usize,
}

/// What memory holds: the record as it was read, when, and what its token is called: read
/// out of the token once and not at every vend.
pub(super) struct Held {
    pub(super) record: TokenRecord,
    pub(super) read_at: Timestamp,
    pub(super) names: Option<TokenNames>,
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
    pub(super) fn new(record: TokenRecord, read_at: Timestamp) -> Self {
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
    pub(super) fn bytes(&self) -> usize {
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

pub(super) fn memory() -> Memory {
    Cache::builder()
        .max_capacity(MEMORY_MAX_BYTES)
        .weigher(|_, slot: &Slot| weight(slot.bytes))
        .build()
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
