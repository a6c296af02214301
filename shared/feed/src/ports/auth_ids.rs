//! The AuthIDs that subscriptions are started with.

use async_trait::async_trait;
use auth::TenantId;
use auth::secret::SecretString;

/// The Webhook-AuthID of each tenant.
///
/// Failure policy: there is always one. Where the keys cannot be read again, those that were read
/// last make it.
#[async_trait]
pub trait AuthIds: Send + Sync {
    /// The one that this tenant's subscriptions are given now.
    async fn auth_id(&self, tenant: TenantId) -> SecretString;
}
