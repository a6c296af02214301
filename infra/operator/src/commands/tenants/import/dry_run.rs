//! The table for `--dry-run`: everything is read, nothing is written, and a write is said
//! to be done, so that the import comes to the same end.

use std::sync::Arc;

use async_trait::async_trait;
use auth::ports::{Connecting, Listing, ListingPage, StoreError, Tenants, Write};
use auth::{Resource, Tenant, TenantId, Timestamp};

/// Reads through, writes nothing.
pub(super) struct ReadOnly(pub(super) Arc<dyn Tenants>);

#[async_trait]
impl Tenants for ReadOnly {
    async fn find(&self, tenant: TenantId) -> Result<Option<Tenant>, StoreError> {
        self.0.find(tenant).await
    }

    async fn next_attempt_at(
        &self,
        tenant: TenantId,
        resource: &Resource,
    ) -> Result<Option<Timestamp>, StoreError> {
        self.0.next_attempt_at(tenant, resource).await
    }

    async fn connect(&self, _: Connecting<'_>) -> Result<Write, StoreError> {
        Ok(Write::Done)
    }

    async fn change(&self, _: &Tenant, _: &Tenant) -> Result<Write, StoreError> {
        Ok(Write::Done)
    }

    async fn remove(&self, _: &Tenant, _: &Tenant) -> Result<Write, StoreError> {
        Ok(Write::Done)
    }

    async fn list(&self, listing: &Listing) -> Result<ListingPage, StoreError> {
        self.0.list(listing).await
    }
}
