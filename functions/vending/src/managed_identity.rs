//! `GET /msi/token`: the managed-identity protocol of Azure App Service (2019-08-01), so
//! that an SDK needs three variables and no code: IDENTITY_ENDPOINT, IDENTITY_HEADER (a
//! caller key) and AZURE_CLIENT_ID (the tenant).
//!
//! `client_id` is the tenant's GUID and must be there: SDKs keep one cache per process
//! whatever the endpoint's path is, and would hand out another tenant's token.

use auth::vend::{DEFAULT_MIN_TTL, Vended, Wanted};
use auth::{Resource, TenantId, Timestamp};
use lambda::answer::{self, ApiError};
use lambda::fields::Fields;
use lambda::request;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use serde_json::{Value, json};

use crate::audit::Entry;
use crate::routes::UnverifiedTenant;
use crate::token::form::{Wish, rejected};
use crate::token::{claims, resource};
use crate::{Vending, refusal};

/// The second one is the first with [`REFUSED_TOKEN`] (MSAL's specification of token
/// revocation for managed identities).
const API_VERSIONS: [&str; 2] = ["2019-08-01", "2025-03-30"];
/// How SDKs name a token that the API refused: as `rejected` on the token routes.
const REFUSED_TOKEN: &str = "token_sha256_to_refresh";

impl Vending {
    pub(crate) async fn managed_identity(
        &self,
        request: &Request,
        entry: &mut Entry<'_>,
    ) -> Result<Response<Body>, ApiError> {
        let query = request::query(request).map_err(refusal::field)?;
        let (client_id, wish) = read(&query, self.clock.now())?;
        let caller = self.key_holder(request, entry).await?;
        let tenant = client_id.ok_or_else(without_tenant)?;
        let tenant = UnverifiedTenant(Some(tenant)).parse()?;
        let (vended, resource) = self.permitted_vend(&caller, tenant, wish, entry).await?;
        let body = body(&vended, tenant, &resource, self.clock.now().unix());
        Ok(answer::json(StatusCode::OK, &body, entry.request_id()))
    }
}

fn check_version(version: Option<&str>) -> Result<(), ApiError> {
    if version.is_some_and(|version| API_VERSIONS.contains(&version)) {
        Ok(())
    } else {
        Err(refusal::malformed(
            "api-version must be 2019-08-01 or 2025-03-30",
        ))
    }
}

/// The tenant, as somebody typed it, and what is asked for.
fn read(query: &Fields, now: Timestamp) -> Result<(Option<&str>, Wish), ApiError> {
    let field = |name, max| query.optional(name, max).map_err(refusal::field);
    check_version(field("api-version", 32)?)?;
    let resource = resource::at_identity_endpoint(field("resource", 512)?)?;
    let client_id = field("client_id", 256)?;
    let token = Wanted {
        rejected: rejected(query, REFUSED_TOKEN)?,
        not_before: claims::not_before(query, now)?,
        ..Wanted::living(DEFAULT_MIN_TTL)
    };
    Ok((client_id, Wish { resource, token }))
}

fn without_tenant() -> ApiError {
    refusal::malformed(
        "client_id is missing: set it (AZURE_CLIENT_ID) to the GUID of the tenant whose token you \
         need; without it SDKs would mix up the tokens of different tenants",
    )
}

/// Every field that one of the SDKs insists on, in the type that it insists on (reference
/// §8.5): times are strings of digits.
fn body(vended: &Vended, tenant: TenantId, resource: &Resource, now: i64) -> Value {
    json!({
        "access_token": vended.access_token.expose(),
        "token_type": "Bearer",
        "resource": resource.as_str(),
        "client_id": tenant,
        "not_before": now.to_string(),
        "expires_on": vended.expires_at.unix().to_string(),
    })
}
