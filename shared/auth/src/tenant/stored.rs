//! A connected tenant as the table keeps it.

use super::status::TenantStatus;
use super::tags::Tags;
use crate::cause::Cause;
use crate::cloud::Cloud;
use crate::identifiers::{Customer, TenantId};
use crate::resource::Resource;
use crate::timestamp::Timestamp;
use crate::version::Version;

/// A tenant.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// The directory's ID.
    pub id: TenantId,
    /// The account that it is bound to; changed by an operator only.
    pub customer: Customer,
    /// The cloud that it lives in.
    pub cloud: Cloud,
    /// Where it stands.
    pub status: TenantStatus,
    /// Why, unless active.
    pub cause: Option<Cause>,
    /// The resource whose token the cause is about; its next token clears the cause.
    pub cause_resource: Option<Resource>,
    /// Since when it stands there.
    pub since: Timestamp,
    /// When an admin consented last; `None` where that was before the tenant was imported.
    pub consented_at: Option<Timestamp>,
    /// The application permissions that the last proof showed.
    pub roles: Vec<String>,
    /// What the operator labelled it with.
    pub tags: Tags,
    /// The version that was read; `None` of a tenant that is yet to be written.
    pub version: Option<Version>,
}

impl Tenant {
    /// One that connected at this time by itself: an account of its own, in the public cloud.
    /// No role was seen and no label given. Tests begin with it and say what is different.
    pub fn connected(id: TenantId, at: Timestamp) -> Self {
        Self {
            id,
            customer: Customer::itself(id),
            cloud: Cloud::Public,
            status: TenantStatus::Active,
            cause: None,
            cause_resource: None,
            since: at,
            consented_at: Some(at),
            roles: Vec::new(),
            tags: Tags::default(),
            version: None,
        }
    }
}
