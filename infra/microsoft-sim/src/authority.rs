//! The first segment of a path: a tenant, or an alias for many.

use std::sync::Arc;

use uuid::Uuid;

use crate::directory::Snapshot;
use crate::directory::tenants::Tenant;
use crate::errors::{BAD_TENANT_NAME, Refusal, TENANT_NOT_FOUND};
use crate::faults::{FaultKind, Faults};

/// The tenant of personal accounts, which `consumers` is an alias for.
const CONSUMERS: Uuid = Uuid::from_u128(0x9188_040d_6c67_4c5b_b112_36a3_04b6_6dad);

/// Protocol version of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    V1,
    V2,
}

/// A tenant, or the alias of several.
#[derive(Debug, Clone)]
pub(crate) enum Authority {
    Common,
    Organizations,
    Consumers,
    Tenant(Arc<Tenant>),
}

impl Authority {
    /// Reads a path segment. A tenant under a `tenant_deleted` fault is unknown
    /// to every endpoint.
    pub(crate) fn resolve(
        segment: &str,
        directory: &Snapshot,
        faults: &Faults,
    ) -> Result<Self, Refusal> {
        match segment.to_ascii_lowercase().as_str() {
            "common" => return Ok(Self::Common),
            "organizations" => return Ok(Self::Organizations),
            "consumers" => return Ok(Self::Consumers),
            _ => {}
        }
        let guid = Uuid::try_parse(segment).ok();
        if guid == Some(CONSUMERS) {
            return Ok(Self::Consumers);
        }
        if guid.is_none() && !segment.contains('.') {
            return Err(BAD_TENANT_NAME.because(format!(
                "Specified tenant identifier '{segment}' is neither a valid DNS name, nor a valid external domain."
            )));
        }
        directory
            .tenant(segment)
            .filter(|tenant| {
                let deleted = faults.hit_by(FaultKind::TenantDeleted, Some(tenant.tenant_id));
                deleted.is_none()
            })
            .map(|tenant| Self::Tenant(Arc::clone(tenant)))
            .ok_or_else(|| not_found(segment))
    }

    pub(crate) fn tenant(&self) -> Option<&Arc<Tenant>> {
        match self {
            Self::Tenant(tenant) => Some(tenant),
            _ => None,
        }
    }

    pub(crate) fn tenant_id(&self) -> Option<Uuid> {
        self.tenant().map(|tenant| tenant.tenant_id)
    }

    /// The tenants whose people may sign in here: all of them at an alias.
    pub(crate) fn tenants<'a>(&'a self, directory: &'a Snapshot) -> &'a [Arc<Tenant>] {
        match self {
            Self::Tenant(tenant) => std::slice::from_ref(tenant),
            _ => directory.tenants(),
        }
    }

    /// The one spelling by which authorities are compared: a domain and its
    /// GUID are the same, two aliases are not.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Common => "common".to_owned(),
            Self::Organizations => "organizations".to_owned(),
            Self::Consumers => CONSUMERS.to_string(),
            Self::Tenant(tenant) => tenant.tenant_id.to_string(),
        }
    }

    /// Every segment that names this authority in a URL.
    pub(crate) fn names(&self) -> Vec<String> {
        match self {
            Self::Consumers => vec!["consumers".to_owned(), self.key()],
            Self::Tenant(tenant) => vec![self.key(), tenant.domain.clone()],
            _ => vec![self.key()],
        }
    }

    /// The issuer that this authority's documents and keys name: an alias has a placeholder
    /// in the tenant's place.
    pub(crate) fn issuer(&self, base_url: &str, version: Version) -> String {
        match self {
            Self::Common | Self::Organizations => issuer(base_url, "{tenantid}", version),
            Self::Consumers | Self::Tenant(_) => issuer(base_url, &self.key(), version),
        }
    }
}

/// The issuer of a tenant's tokens, as clients have to compare it.
pub(crate) fn issuer(base_url: &str, tenant: &str, version: Version) -> String {
    match version {
        Version::V1 => issuer_v1(tenant),
        Version::V2 => format!("{base_url}/{tenant}/v2.0"),
    }
}

/// The same of v1 tokens, whatever the base URL is.
pub(crate) fn issuer_v1(tenant: &str) -> String {
    format!("https://sts.windows.net/{tenant}/")
}

fn not_found(segment: &str) -> Refusal {
    TENANT_NOT_FOUND.because(format!(
        "Tenant '{segment}' not found. Check to make sure you have the correct tenant ID and are \
         signing into the correct cloud. Check with your subscription administrator, this may \
         happen if there are no active subscriptions for the tenant."
    ))
}
