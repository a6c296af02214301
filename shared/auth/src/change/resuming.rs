//! A suspended tenant is resumed by a proof: it comes back as active, with a record for
//! each resource, or stays as it is. It has no token until the refresher or a vend asks.

use std::sync::Arc;

use super::changing::{ChangeError, Changed, Changing, Writing};
use crate::ports::TokenIssuer;
use crate::proof::{NotProven, prove};
use crate::requirements::Requirements;
use crate::tenant::{Tenant, TenantStatus};

/// Resumes tenants on the operator's word.
pub struct Resuming {
    /// How the change is written.
    pub changing: Changing,
    /// Gives the token that is the proof.
    pub issuer: Arc<dyn TokenIssuer>,
    /// What the proof must show.
    pub requirements: Requirements,
}

/// Why the tenant stays as it was.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ResumeError {
    /// Entra ID gives no token that we can use.
    #[error(transparent)]
    NotProven(#[from] NotProven),
    /// The proof held, and the change was not written.
    #[error(transparent)]
    Change(#[from] ChangeError),
}

impl Resuming {
    /// Resumes the tenant that the operator was shown. Of one that is not suspended
    /// nothing is asked and nothing changed.
    pub async fn resume(&self, seen: &Tenant) -> Result<Changed, ResumeError> {
        if seen.status != TenantStatus::Suspended {
            return Ok(Changed {
                tenant: seen.clone(),
                before: None,
            });
        }
        let issuer = self.issuer.as_ref();
        let roles = prove(issuer, &self.requirements, seen.id, seen.cloud).await?;
        let resources = self.requirements.resources(seen.cloud);
        let now = self.changing.clock.now();
        let rule = |tenant: &Tenant| Ok(tenant.resumed(&roles, now));
        let writing = Writing::Connect(&resources);
        Ok(self.changing.write(seen, writing, rule).await?)
    }
}
