//! `GET /{tenant}/v2.0/.well-known/openid-configuration`: enough of OpenID Connect
//! Discovery for MSAL and its kind to take this host as an authority. It is the same for
//! every GUID, asks nothing of the table, and shows nothing of a tenant.

use auth::TenantId;
use lambda::answer::{self, ApiError};
use lambda::request;
use lambda_http::http::StatusCode;
use lambda_http::http::uri::Authority;
use lambda_http::{Body, Request, Response};
use serde_json::json;

use crate::routes::UnverifiedTenant;
use crate::{Vending, refusal};

/// In which scheme the caller came, as the gateway says it.
const SCHEME_HEADER: &str = "x-forwarded-proto";
const SCHEMES: [&str; 2] = ["http", "https"];

impl Vending {
    pub(crate) fn discovery(
        &self,
        request: &Request,
        tenant: UnverifiedTenant<'_>,
        request_id: &str,
    ) -> Result<Response<Body>, ApiError> {
        let tenant = tenant.parse()?;
        let base = base_url(request)?;
        Ok(answer::json(
            StatusCode::OK,
            &self.document(&base, tenant),
            request_id,
        ))
    }

    /// Only the token endpoint is ours: tokens are signed by Entra ID, and no person
    /// signs in here.
    fn document(&self, base: &str, tenant: TenantId) -> serde_json::Value {
        let authority = &self.authority;
        json!({
            "issuer": format!("{base}/{tenant}/v2.0"),
            "token_endpoint": format!("{base}/{tenant}/oauth2/v2.0/token"),
            "authorization_endpoint": format!("{authority}/{tenant}/oauth2/v2.0/authorize"),
            "jwks_uri": format!("{authority}/{tenant}/discovery/v2.0/keys"),
            "grant_types_supported": ["client_credentials"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
            "response_types_supported": ["token"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
        })
    }
}

/// Where the caller found us. The gateway takes no other Host than its own; what is no host
/// or no scheme of the web never gets into a document all the same.
fn base_url(request: &Request) -> Result<String, ApiError> {
    let host = request::header(request, "host").filter(|host| is_host(host));
    let host = host.ok_or_else(|| refusal::malformed("the Host header must be one host"))?;
    if !request::every(request, SCHEME_HEADER, |scheme| SCHEMES.contains(&scheme)) {
        return Err(refusal::malformed(
            "X-Forwarded-Proto must be http or https",
        ));
    }
    let scheme = request::header(request, SCHEME_HEADER).unwrap_or("https");
    Ok(format!("{scheme}://{host}"))
}

/// Host and port, without userinfo.
fn is_host(text: &str) -> bool {
    !text.contains('@') && text.parse::<Authority>().is_ok()
}
