//! Proof by app-only tokens: Entra ID gives one for each resource, with the roles that we
//! need, so the tenant has consented. The tokens are looked at and dropped; nothing is
//! written here.

use crate::cloud::Cloud;
use crate::identifiers::{Resource, TenantId};
use crate::ports::{AuthorityError, TokenIssuer};
use crate::requirements::Requirements;

/// The proof failed: no token, or one without the needed roles.
#[derive(Debug, Clone, thiserror::Error)]
#[error("no token for {resource}: {error}")]
pub struct NotProven {
    /// Why, with Entra ID's id of the exchange.
    pub error: AuthorityError,
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
            Err(error) => return Err(NotProven { error, resource }),
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
) -> Result<Vec<String>, AuthorityError> {
    let issued = issuer.app_only_token(tenant, cloud, resource).await?;
    let claims = issued.access_token.unverified_claims();
    requirements.check(claims.as_ref(), tenant, cloud, resource)?;
    Ok(claims.map(|claims| claims.roles).unwrap_or_default())
}
