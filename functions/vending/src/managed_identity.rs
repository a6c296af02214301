//! `GET /msi/token`: the managed-identity protocol of Azure App Service (2019-08-01), so
//! that an SDK needs three variables and no code: IDENTITY_ENDPOINT, IDENTITY_HEADER (a
//! caller key) and AZURE_CLIENT_ID (the tenant).
//!
//! `client_id` is the tenant's GUID and must be there: SDKs keep one cache per process
//! whatever the endpoint's path is, and would hand out another tenant's token.

use auth::Resource;
use auth::caller::Route;
use auth::vend::{DEFAULT_MIN_TTL, Vended, Wanted};
use lambda::answer::{self, ApiError};
use lambda::request;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use serde_json::{Value, json};

use crate::audit::Entry;
use crate::token::{Asked, parse_tenant};
use crate::{Vending, refusal};

const API_VERSION: &str = "2019-08-01";

impl Vending {
    pub(crate) async fn managed_identity(
        &self,
        request: &Request,
        entry: &mut Entry,
    ) -> Result<Response<Body>, ApiError> {
        let query = request::query(request).map_err(refusal::field)?;
        let field = |name, max| query.optional(name, max).map_err(refusal::field);
        if field("api-version", 32)? != Some(API_VERSION) {
            return Err(refusal::malformed("api-version must be 2019-08-01"));
        }
        let resource = resource(field("resource", 512)?)?;
        let client_id = field("client_id", 256)?;
        let caller = self.key_holder(request).await?;
        entry.by(&caller);
        let asked = Asked {
            caller: &caller,
            tenant: parse_tenant(client_id.ok_or_else(without_tenant)?)?,
            resource: &resource,
            wanted: Wanted::living(DEFAULT_MIN_TTL),
            route: Route::ManagedIdentity,
        };
        let vended = self.permitted_vend(&asked, entry).await?;
        let body = body(&vended, &asked, self.clock.now().unix());
        Ok(answer::json(StatusCode::OK, &body, entry.request_id()))
    }
}

fn without_tenant() -> ApiError {
    refusal::malformed(
        "client_id is missing: set it (AZURE_CLIENT_ID) to the GUID of the tenant whose token you \
         need; without it SDKs would mix up the tokens of different tenants",
    )
}

/// SDKs send the resource as the scope without `/.default`, some with a slash at its end.
fn resource(text: Option<&str>) -> Result<Resource, ApiError> {
    let parsed = text.and_then(|text| text.parse().ok());
    parsed.ok_or_else(|| {
        ApiError::caller(
            StatusCode::BAD_REQUEST,
            "invalid_scope",
            "resource must be one App ID URI, such as https://manage.office.com",
        )
    })
}

/// Every field that one of the SDKs insists on, in the type that it insists on (reference
/// §8.5): times are strings of digits.
fn body(vended: &Vended, asked: &Asked<'_>, now: i64) -> Value {
    json!({
        "access_token": vended.access_token.expose(),
        "token_type": "Bearer",
        "resource": asked.resource.as_str(),
        "client_id": asked.tenant,
        "not_before": now.to_string(),
        "expires_on": vended.expires_at.unix().to_string(),
    })
}
