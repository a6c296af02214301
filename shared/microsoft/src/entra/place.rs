//! Where at an authority something is asked.

use auth::protocol::{AuthorityConfig, ConsentFlow};
use auth::{Cloud, TenantId};
use url::Url;

/// Joins a path to an authority. The parts of a path are ours and a tenant's GUID, so
/// that nothing a person typed ever gets into a URL.
pub(super) fn endpoint(config: &AuthorityConfig, cloud: Cloud, path: &str) -> Url {
    let text = format!("{}/{path}", config.authority_for(cloud));
    match Url::parse(&text) {
        Ok(url) => url,
        Err(_) => unreachable!("a path of ours behind a URL that was parsed"),
    }
}

/// Where somebody signs in: the tenant that is expected, else any organisation (v2),
/// or, as the page of 2016 prints it, `common` (v1).
pub(super) fn tenant_or_alias(tenant: Option<TenantId>, flow: ConsentFlow) -> String {
    match (tenant, flow) {
        (Some(tenant), _) => tenant.to_string(),
        (None, ConsentFlow::V1) => "common".to_owned(),
        (None, ConsentFlow::V2) => "organizations".to_owned(),
    }
}
