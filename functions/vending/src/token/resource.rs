//! Which API a request means: how the routes name it, and which of the kept resources that
//! is. Policies decide on the kept resource, never on the name.
//!
//! A name of nothing that is kept is the caller's mistake or the operator's to add. No
//! consent brings it, so the refusal says what is kept and names no consent link.

use auth::protocol::TokenEndpoint;
use auth::{Resource, ResourceName, TenantId};
use lambda::answer::ApiError;
use lambda::fields::Fields;
use lambda_http::http::StatusCode;

use crate::{Vending, refusal};

/// The longest name, in bytes.
pub(crate) const NAME_MAX: usize = 512;
/// RFC 6749 §5.2, on every route: it is also what MSAL makes of any refusal of an identity
/// endpoint.
const INVALID_SCOPE: &str = "invalid_scope";

/// What a token request names: `scope` in version 2, `resource` in version 1. Where both are
/// there and name different APIs, the request is refused as by Entra ID (reference §2.1).
pub(crate) fn named(form: &Fields, endpoint: TokenEndpoint) -> Result<ResourceName, ApiError> {
    let field = |name| form.optional(name, NAME_MAX).map_err(refusal::field);
    let (scope, resource) = (field("scope")?, field("resource")?);
    let (named, contradicted) = match endpoint {
        TokenEndpoint::V2 => {
            let named = of_scope(scope)?;
            let agrees = |other: ResourceName| other.agrees_with(&named);
            let contradicted = resource.is_some_and(|text| !text.parse().is_ok_and(agrees));
            (named, contradicted)
        }
        TokenEndpoint::V1 => {
            let named = of_resource(resource)?;
            // Of a scope that names no API version 1 takes no notice, as at Entra ID.
            let other = scope.and_then(|text| ResourceName::from_default_scope(text).ok());
            let contradicted = other.is_some_and(|other| !other.agrees_with(&named));
            (named, contradicted)
        }
    };
    if contradicted {
        Err(contradiction())
    } else {
        Ok(named)
    }
}

fn of_scope(scope: Option<&str>) -> Result<ResourceName, ApiError> {
    let scope = scope.ok_or_else(|| {
        refusal::malformed(
            "parameter scope is missing: this route takes scope={resource}/.default; \
             /{tenant}/oauth2/token takes resource",
        )
    })?;
    ResourceName::from_default_scope(scope).map_err(|_| {
        refused(
            "scope must be one resource and /.default, such as \
             https://manage.office.com/.default: single permissions and openid cannot be asked \
             for",
        )
    })
}

fn of_resource(resource: Option<&str>) -> Result<ResourceName, ApiError> {
    let resource = resource.ok_or_else(|| {
        refusal::malformed(
            "parameter resource is missing: this route takes resource={resource}; \
             /{tenant}/oauth2/v2.0/token takes scope",
        )
    })?;
    at_identity_endpoint(Some(resource))
}

/// The managed-identity route's: SDKs send the scope without `/.default`, some with a slash
/// at its end.
pub(crate) fn at_identity_endpoint(resource: Option<&str>) -> Result<ResourceName, ApiError> {
    let parsed = resource.and_then(|text| text.parse().ok());
    parsed.ok_or_else(|| {
        refused(
            "resource must be one App ID URI or application ID, such as \
             https://manage.office.com",
        )
    })
}

fn contradiction() -> ApiError {
    refusal::malformed(
        "scope and resource name different APIs: send one of them (Entra ID refuses this too: \
         AADSTS9010010, AADSTS901002)",
    )
}

fn refused(description: impl Into<String>) -> ApiError {
    ApiError::caller(StatusCode::BAD_REQUEST, INVALID_SCOPE, description)
}

impl Vending {
    /// The kept resource that is meant. An application's ID can be the name of the hosts of
    /// several clouds: then it is that of the tenant's cloud.
    pub(crate) async fn kept(
        &self,
        name: &ResourceName,
        tenant: TenantId,
    ) -> Result<Resource, ApiError> {
        let requirements = self.vend.requirements();
        let meant = requirements.meant_by(name);
        if meant.len() > 1
            && let Some(found) = self.find(tenant).await?
        {
            let own = found.cloud.management_resource();
            if meant.contains(&own) {
                return Ok(own);
            }
        }
        let first = meant.into_iter().next();
        first.ok_or_else(|| not_kept(requirements.kept()))
    }

    /// Why there is no record of this tenant for a resource that is kept; for a caller that
    /// may list the tenant. The consent link is named unless the tenant is of a cloud whose
    /// tokens are for another resource.
    pub(crate) async fn not_connected(&self, tenant: TenantId, resource: &Resource) -> ApiError {
        // A table that does not answer costs the better sentence alone.
        let found = self.tenants.find(tenant).await.ok().flatten();
        let own = found.map(|found| self.vend.requirements().resources(found.cloud));
        match own {
            Some(own) if !own.contains(resource) => of_another_cloud(&own),
            _ => refusal::not_found(),
        }
    }
}

fn not_kept(kept: &[Resource]) -> ApiError {
    refused(format!(
        "this resource is not kept here: ENTRA_RESOURCES lists {}. Check the spelling, or ask \
         the operator of the broker to add it",
        listed(kept)
    ))
}

fn of_another_cloud(own: &[Resource]) -> ApiError {
    refused(format!(
        "this resource is of another cloud than the tenant: its tokens are for {}",
        listed(own)
    ))
}

fn listed(resources: &[Resource]) -> String {
    let texts: Vec<_> = resources.iter().map(Resource::as_str).collect();
    texts.join(", ")
}
