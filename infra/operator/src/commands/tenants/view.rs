//! A tenant as scripts see it. The names are part of the outside surface.

use auth::tenant::Tags;
use auth::{Cause, CauseCode, Cloud, Customer, Fault, Tenant, TenantId, TenantStatus};
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
    /// The other numbers of Entra ID's answer.
    aadsts_also: Vec<u32>,
    /// Whose turn it is.
    fault: Option<Fault>,
    since: String,
    /// `None` where that was before the tenant was imported.
    consented_at: Option<String>,
    roles: Vec<String>,
    /// What the operator labelled it with.
    tags: Tags,
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
            aadsts_also: cause.map(|cause| cause.also.clone()).unwrap_or_default(),
            fault: tenant.fault(),
            since: tenant.since.to_string(),
            consented_at: tenant.consented_at.map(|at| at.to_string()),
            roles: tenant.roles.clone(),
            tags: tenant.tags.clone(),
        }
    }
}

/// The columns of [`csv_record`]. Adding one at the end is free.
pub(super) const CSV_HEADER: [&str; 9] = [
    "tenant_id",
    "customer",
    "cloud",
    "status",
    "since",
    "cause",
    "aadsts",
    "consented_at",
    "tags",
];

/// A tenant as a record of CSV; `tenants import` reads its first three columns back.
pub(super) fn csv_record(tenant: &Tenant) -> [String; 9] {
    let cause = tenant.cause.as_ref();
    let aadsts = cause.and_then(|cause| cause.aadsts);
    let tags = tenant
        .tags
        .iter()
        .map(|(key, value)| format!("{key}={value}"));
    [
        tenant.id.to_string(),
        tenant.customer.to_string(),
        tenant.cloud.to_string(),
        tenant.status.to_string(),
        tenant.since.to_string(),
        cause
            .map(|cause| cause.code.to_string())
            .unwrap_or_default(),
        aadsts.map(|code| code.to_string()).unwrap_or_default(),
        tenant
            .consented_at
            .map(|at| at.to_string())
            .unwrap_or_default(),
        tags.collect::<Vec<_>>().join(" "),
    ]
}

/// A cause in the catalogue's words, in JSON.
#[derive(Debug, Clone, Serialize)]
pub(super) struct CauseView {
    cause: CauseCode,
    aadsts: Option<u32>,
    /// The other numbers of Entra ID's answer.
    aadsts_also: Vec<u32>,
    /// All that in one line.
    #[serde(skip)]
    pub(super) in_one_line: String,
    /// Whose turn it is.
    fault: Fault,
    what_happened: &'static str,
    next_step: &'static str,
}

impl From<&Cause> for CauseView {
    fn from(cause: &Cause) -> Self {
        Self {
            cause: cause.code,
            aadsts: cause.aadsts,
            aadsts_also: cause.also.clone(),
            in_one_line: cause.to_string(),
            fault: cause.code.fault(),
            what_happened: cause.code.what_happened(),
            next_step: cause.code.next_step(),
        }
    }
}

impl CauseView {
    /// The same, with another next step than the catalogue's.
    pub(super) fn advising(self, next_step: &'static str) -> Self {
        Self { next_step, ..self }
    }
}

/// A cause in the catalogue's words, as fields for a person.
pub(super) fn cause_fields(cause: &Cause) -> [(&'static str, String); 4] {
    let code = cause.code;
    [
        ("cause", cause.to_string()),
        ("what happened", code.what_happened().to_owned()),
        ("whose turn", code.fault().whose_turn().to_owned()),
        ("next step", code.next_step().to_owned()),
    ]
}
