//! The vending use case: what it is built from and what it remembers.

use std::sync::Arc;
use std::time::Duration;

use super::memory::{Memory, memory};
use super::readiness::Readiness;
use crate::ports::{Clock, Leases, Pause, Random, TokenRenewer, TokenStore};
use crate::requirements::Requirements;

/// What vending needs.
pub struct VendParts {
    /// The table, where memory has no token.
    pub tokens: Arc<dyn TokenStore>,
    /// Renews one: the function that signs.
    pub renewer: Arc<dyn TokenRenewer>,
    /// The resources of which tokens are kept.
    pub requirements: Requirements,
    /// `REVOCATION_CONFIRM_SECONDS`: a refusal that reads as a revocation is believed after so
    /// long.
    pub confirm_after: Duration,
    /// Which one of many processes that miss together asks.
    pub leases: Arc<dyn Leases>,
    /// How the others wait.
    pub pause: Arc<dyn Pause>,
    /// How long a token lives, and how old what memory says is.
    pub clock: Arc<dyn Clock>,
    /// So that processes that wait together do not look together.
    pub random: Arc<dyn Random>,
    /// `VEND_STATE_MAX_AGE_SECONDS`.
    pub max_state_age: Duration,
}

/// The vending use case.
pub struct Vend {
    pub(super) parts: VendParts,
    pub(super) memory: Memory,
    readiness: Readiness,
}

impl Vend {
    /// With an empty memory.
    pub fn new(parts: VendParts) -> Self {
        let (renewer, clock) = (Arc::clone(&parts.renewer), Arc::clone(&parts.clock));
        Self {
            parts,
            memory: memory(),
            readiness: Readiness::of(renewer, clock),
        }
    }

    /// What a token must hold, and the resources of which tokens are kept.
    pub fn requirements(&self) -> &Requirements {
        &self.parts.requirements
    }

    /// Whether a token could be renewed: the function that signs answers and has a key. Looked
    /// at every half a minute at most.
    pub async fn can_renew(&self) -> bool {
        self.readiness.is_ready().await
    }
}
