//! The tenants of a fleet in memory: nobody connects or changes one here.

use async_trait::async_trait;
use auth::ports::{Connecting, Listing, ListingPage, StoreError, Tenants, Write};
use auth::{Resource, Tenant, TenantId, Timestamp};

use super::table::FleetTable;
use crate::fakes::START;

#[async_trait]
impl Tenants for FleetTable {
    async fn find(&self, id: TenantId) -> Result<Option<Tenant>, StoreError> {
        let rows = self.rows.lock().unwrap();
        Ok(rows.get(&id).map(|(record, _)| Tenant {
            status: record.status,
            ..Tenant::connected(id, Timestamp::from_unix(START))
        }))
    }

    async fn next_attempt_at(
        &self,
        _: TenantId,
        _: &Resource,
    ) -> Result<Option<Timestamp>, StoreError> {
        Ok(None)
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

    async fn list(&self, _: &Listing) -> Result<ListingPage, StoreError> {
        Ok(ListingPage::default())
    }
}
