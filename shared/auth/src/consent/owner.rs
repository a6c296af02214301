//! Whose a tenant is: one that was bound once, removed or not, is moved by an operator only.

use crate::cause::{Cause, CauseCode};
use crate::identifiers::{Customer, TenantId};
use crate::ports::{StoreError, Tenants};
use crate::tenant::{Tenant, TenantStatus};

/// The tenant as it stands. Fails when it is bound to another account, removed or not. What
/// the operator suspended, the operator resumes.
pub(crate) async fn check_owner(
    tenants: &dyn Tenants,
    tenant: TenantId,
    customer: &Customer,
) -> Result<Option<Tenant>, Cause> {
    let found = tenants.find(tenant).await;
    let found = found.map_err(|error| store_failed(&error))?;
    match &found {
        Some(found) if found.customer != *customer => Err(CauseCode::BoundToAnotherCustomer.into()),
        Some(found) if found.status == TenantStatus::Suspended => Err(CauseCode::Suspended.into()),
        _ => Ok(found),
    }
}

pub(super) fn store_failed(error: &StoreError) -> Cause {
    tracing::error!(event = "consent_store_error", %error, "a consent was not written");
    error.cause()
}
