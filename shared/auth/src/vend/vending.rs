//! The vending use case: what it is built from and what it remembers.

use std::sync::Arc;
use std::time::Duration;

use super::memory::{Memory, memory};
use crate::cause::Cause;
use crate::ports::{Clock, Leases, Pause, Random, TokenStore};
use crate::renew::Renewal;
use crate::requirements::Requirements;

/// What vending needs.
pub struct VendParts {
    /// The table, where memory has no token.
    pub tokens: Arc<dyn TokenStore>,
    /// How one is renewed.
    pub renewal: Arc<Renewal>,
    /// Which one of many processes that miss together asks Entra ID.
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
}

impl Vend {
    /// With an empty memory.
    pub fn new(parts: VendParts) -> Self {
        Self {
            parts,
            memory: memory(),
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
