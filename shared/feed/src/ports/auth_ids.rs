//! The AuthIDs that subscriptions are started with.

use async_trait::async_trait;
use auth::TenantId;
use auth::secret::SecretString;

/// The Webhook-AuthID of each tenant.
#[async_trait]
pub trait AuthIds: Send + Sync {
    /// The one that this tenant's subscriptions are given now. `None` where its keys were never
    /// read, and cannot be: what is collected does not wait for them. Keys that cannot be read
    /// again stay in use.
    async fn auth_id(&self, tenant: TenantId) -> Option<SecretString>;
}
