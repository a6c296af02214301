//! Tokens in memory, for as long as they live. Bounded by bytes: a fleet that is larger than
//! the memory costs vends, and the function its memory never.

use std::time::Duration;

use auth::memory::weight;
use auth::{AccessToken, TenantId, Timestamp};
use moka::sync::Cache;

/// Some 24,000 tokens of 1.6 KB.
const MEMORY_MAX_BYTES: u64 = 48 * 1024 * 1024;
/// Another one is asked for so long before the end, so that an outage of vending is not
/// noticed for as long.
const AHEAD: Duration = Duration::from_secs(15 * 60);
/// A token that ends sooner would end on the way.
const LAST: Duration = Duration::from_secs(60);

/// A token and its end.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) token: AccessToken,
    pub(super) expires_at: Timestamp,
}

impl Kept {
    /// No other one has to be asked for.
    pub(super) fn is_good(&self, now: Timestamp) -> bool {
        now + AHEAD < self.expires_at
    }

    /// It is better than none.
    pub(super) fn lives(&self, now: Timestamp) -> bool {
        now + LAST < self.expires_at
    }

    /// Whether this is that token.
    pub(super) fn is(&self, token: &AccessToken) -> bool {
        // Not secret to its holder, so no constant-time comparison.
        self.token.fingerprint() == token.fingerprint()
    }
}

/// The tokens.
pub(super) struct KeptTokens(Cache<TenantId, Kept>);

impl Default for KeptTokens {
    fn default() -> Self {
        let weigher =
            |_: &TenantId, kept: &Kept| weight(size_of::<Kept>() + kept.token.expose().len());
        Self(
            Cache::builder()
                .max_capacity(MEMORY_MAX_BYTES)
                .weigher(weigher)
                .build(),
        )
    }
}

impl KeptTokens {
    /// The tenant's token. The one that the API rejected is forgotten.
    pub(super) fn other_than(
        &self,
        rejected: Option<&AccessToken>,
        tenant: TenantId,
    ) -> Option<Kept> {
        let kept = self.0.get(&tenant)?;
        if rejected.is_some_and(|rejected| kept.is(rejected)) {
            self.forget(tenant);
            return None;
        }
        Some(kept)
    }

    pub(super) fn keep(&self, tenant: TenantId, kept: Kept) {
        self.0.insert(tenant, kept);
    }

    pub(super) fn forget(&self, tenant: TenantId) {
        self.0.invalidate(&tenant);
    }
}
