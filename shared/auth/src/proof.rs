//! Proof by app-only tokens: Entra ID gives one for each resource, with the roles that we
//! need, so the tenant has consented. The tokens are looked at and dropped; nothing is
//! written here.

use crate::cause::Cause;
use crate::cloud::Cloud;
use crate::identifiers::{Resource, TenantId};
use crate::ports::TokenIssuer;
use crate::requirements::Requirements;

/// The proof failed: no token, or one without the needed roles.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no token for {resource}: {cause}")]
pub struct NotProven {
    /// Why.
    pub cause: Cause,
    /// The resource whose token it was. Those after it were not asked for.
    pub resource: Resource,
}

/// The application permissions that the tenant has granted, when the token for each
/// resource holds those that we need.
pub async fn prove(
    issuer: &dyn TokenIssuer,
    requirements: &Requirements,
    tenant: TenantId,
    cloud: Cloud,
) -> Result<Vec<String>, NotProven> {
    let mut roles = Vec::new();
    for resource in requirements.resources(cloud) {
        match prove_resource(issuer, requirements, tenant, cloud, &resource).await {
            Ok(granted) => roles.extend(granted),
            Err(cause) => return Err(NotProven { cause, resource }),
        }
    }
    Ok(roles)
}

async fn prove_resource(
    issuer: &dyn TokenIssuer,
    requirements: &Requirements,
    tenant: TenantId,
    cloud: Cloud,
    resource: &Resource,
) -> Result<Vec<String>, Cause> {
    let issued = issuer.app_only_token(tenant, cloud, resource).await;
    let issued = issued.map_err(|error| error.cause)?;
    let claims = issued.access_token.unverified_claims();
    requirements.check(claims.as_ref(), tenant, cloud, resource)?;
    Ok(claims.map(|claims| claims.roles).unwrap_or_default())
}
