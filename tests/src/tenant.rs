//! Tenants of a table that no admin has clicked for.

use auth::ports::{Connecting, Tenants, Write};
use auth::{Cloud, Customer, Tenant, TenantId, TenantStatus, Timestamp};

/// A tenant whose consent was proven at `now`: its own customer, in the public cloud.
pub fn proven(id: TenantId, now: Timestamp) -> Tenant {
    Tenant {
        id,
        customer: Customer::itself(id),
        cloud: Cloud::Public,
        status: TenantStatus::Active,
        cause: None,
        cause_resource: None,
        since: now,
        consented_at: Some(now),
        roles: Vec::new(),
        tags: Default::default(),
        version: None,
    }
}

/// Writes it as the consent function writes one that was proven: its token is due at once.
pub async fn connect(table: &dyn Tenants, tenant: &Tenant, now: Timestamp) {
    let resources = [Cloud::Public.management_resource()];
    let write = table.connect(Connecting::new(tenant, &resources, now));
    assert_eq!(write.await.unwrap(), Write::Done);
}
