//! Proof by an app-only token: Entra ID gives one with the roles that we need, so the
//! tenant has consented. The token is looked at and dropped; nothing is written here.

use crate::cloud::Cloud;
use crate::identifiers::TenantId;
use crate::ports::{AuthorityError, TokenIssuer};
use crate::requirements::Requirements;
use crate::resource::Resource;

/// The proof failed: no token, or one without the needed roles.
#[derive(Debug, Clone, thiserror::Error)]
#[error("no token for {resource}: {error}")]
pub struct NotProven {
    /// Why, with Entra ID's id of the exchange.
    pub error: AuthorityError,
    /// The resource whose token it was.
    pub resource: Resource,
}

/// The application permissions that the tenant has granted, when the token for the first
/// resource holds those that we need. Further resources are asked for by the refresher.
pub async fn prove(
    issuer: &dyn TokenIssuer,
    requirements: &Requirements,
    tenant: TenantId,
    cloud: Cloud,
) -> Result<Vec<String>, NotProven> {
    let resource = requirements.first(cloud);
    let roles = roles(issuer, requirements, (tenant, cloud), &resource).await;
    roles.map_err(|error| NotProven { error, resource })
}

async fn roles(
    issuer: &dyn TokenIssuer,
    requirements: &Requirements,
    (tenant, cloud): (TenantId, Cloud),
    resource: &Resource,
) -> Result<Vec<String>, AuthorityError> {
    let issued = issuer.app_only_token(tenant, cloud, resource).await?;
    let claims = issued.access_token.unverified_claims();
    requirements.check(claims.as_ref(), tenant, cloud, resource)?;
    Ok(claims.map(|claims| claims.roles).unwrap_or_default())
}
