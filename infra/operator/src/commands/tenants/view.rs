//! A tenant as scripts see it. The names are part of the outside surface.

use auth::{CauseCode, Cloud, Customer, Fault, Tenant, TenantId, TenantStatus};
use serde::Serialize;

/// A tenant in JSON. Times are RFC 3339 in UTC.
#[derive(Debug, Clone, Serialize)]
pub(super) struct TenantView {
    tenant_id: TenantId,
    customer: Customer,
    cloud: Cloud,
    status: TenantStatus,
    cause: Option<CauseCode>,
    aadsts: Option<u32>,
    /// Whose turn it is.
    fault: Option<Fault>,
    since: String,
    consented_at: String,
    roles: Vec<String>,
}

impl From<&Tenant> for TenantView {
    fn from(tenant: &Tenant) -> Self {
        let cause = tenant.cause.as_ref();
        Self {
            tenant_id: tenant.id,
            customer: tenant.customer.clone(),
            cloud: tenant.cloud,
            status: tenant.status,
            cause: cause.map(|cause| cause.code),
            aadsts: cause.and_then(|cause| cause.aadsts),
            fault: cause.map(|cause| cause.code.fault()),
            since: tenant.since.to_string(),
            consented_at: tenant.consented_at.to_string(),
            roles: tenant.roles.clone(),
        }
    }
}
