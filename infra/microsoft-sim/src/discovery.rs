//! OpenID Connect discovery, key sets and instance discovery.
//!
//! Documents of an alias carry the issuer template with the literal
//! `{tenantid}`, a tenant's own says where the tenant lives; each key of a v2.0 set names the
//! issuer whose tokens it may sign.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use crate::answer;
use crate::authority::{Authority, Version};
use crate::errors::{Refusal, UNKNOWN_INSTANCE, missing};
use crate::faults::{FaultKind, FaultyEndpoint};
use crate::parameters::Parameters;
use crate::received::ReceivedRequest;
use crate::site::Site;

/// `GET /common/discovery/instance?api-version=1.1&authorization_endpoint=…`
pub(crate) async fn instance(
    State(site): State<Site>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    site.core.stats.count(|counts| counts.discovery += 1);
    let exchange = site.begin(&headers);
    if let Some(response) = site.core.faults.replaced(FaultyEndpoint::Discovery, None) {
        return response;
    }
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    match describe_instance(&site.base_url, &query) {
        Ok(body) => exchange.mark(answer::json(StatusCode::OK, &body)),
        Err(refusal) => site.refuse(&refusal, &exchange),
    }
}

/// `GET /{tenant}/.well-known/openid-configuration` and
/// `GET /{tenant}/v2.0/.well-known/openid-configuration`
pub(crate) fn document(version: Version, received: ReceivedRequest) -> Response {
    let site = &received.site;
    site.core.stats.count(|counts| counts.discovery += 1);
    respond(&received, FaultyEndpoint::Discovery, |authority| {
        let mut document = describe(&site.base_url, authority, version);
        if let Some(tenant) = authority.tenant_id() {
            describe_region(&mut document, site, tenant);
        }
        document
    })
}

/// `GET /{tenant}/discovery/keys` and `GET /{tenant}/discovery/v2.0/keys`
pub(crate) fn keys(version: Version, received: ReceivedRequest) -> Response {
    let site = &received.site;
    site.core.stats.count(|counts| counts.jwks += 1);
    respond(&received, FaultyEndpoint::Jwks, |authority| {
        // The v1 set names none (source of Microsoft.IdentityModel.Validators).
        let issuer = (version == Version::V2).then(|| authority.issuer(&site.base_url, version));
        json!({"keys": [site.core.signing_key.to_jwk(issuer.as_deref())]})
    })
}

fn respond(
    received: &ReceivedRequest,
    endpoint: FaultyEndpoint,
    describe: impl FnOnce(&Authority) -> Value,
) -> Response {
    let ReceivedRequest { site, exchange, .. } = received;
    let authority = match received.authority() {
        Ok(authority) => authority,
        Err(refusal) => return site.refuse(&refusal, exchange),
    };
    let replaced = site.core.faults.replaced(endpoint, authority.tenant_id());
    replaced.unwrap_or_else(|| exchange.mark(answer::json(StatusCode::OK, &describe(&authority))))
}

fn describe(base_url: &str, authority: &Authority, version: Version) -> Value {
    let tenant = authority.key();
    let (oauth, keys) = match version {
        Version::V1 => ("oauth2", "discovery/keys"),
        Version::V2 => ("oauth2/v2.0", "discovery/v2.0/keys"),
    };
    json!({
        "token_endpoint": format!("{base_url}/{tenant}/{oauth}/token"),
        "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
        "jwks_uri": format!("{base_url}/{tenant}/{keys}"),
        "response_modes_supported": ["query", "fragment", "form_post"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "profile", "email", "offline_access"],
        "issuer": authority.issuer(base_url, version),
        "request_uri_parameter_supported": false,
        "authorization_endpoint": format!("{base_url}/{tenant}/{oauth}/authorize"),
        "claims_supported": [
            "sub", "iss", "aud", "exp", "iat", "nonce", "preferred_username", "name", "tid", "ver",
            "oid", "upn", "wids",
        ],
        "tenant_region_scope": null,
        "cloud_instance_name": "microsoftonline.com",
        "cloud_graph_host_name": "graph.windows.net",
        "msgraph_host": "graph.microsoft.com",
    })
}

/// Assumption `region-of-a-tenant`. Commercial tenants have no sub-scope.
fn describe_region(document: &mut Value, site: &Site, tenant: Uuid) {
    document["tenant_region_scope"] = json!("EU");
    let plan = FaultKind::RegionSubScope;
    if let Some(fault) = site.core.faults.hit_by(plan, Some(tenant)) {
        document["tenant_region_scope"] = json!("NA");
        document["tenant_region_sub_scope"] = fault.value;
    }
}

fn describe_instance(base_url: &str, query: &Parameters) -> Result<Value, Refusal> {
    let endpoint = query
        .get("authorization_endpoint")
        .ok_or_else(|| missing("authorization_endpoint"))?;
    let unknown = || UNKNOWN_INSTANCE.because(format!("Unknown or invalid instance: {endpoint}."));
    let asked = Url::parse(endpoint).map_err(|_| unknown())?;
    let ours = Url::parse(base_url).map_err(|_| unknown())?;
    if asked.origin() != ours.origin() {
        return Err(unknown());
    }
    let tenant = asked
        .path_segments()
        .and_then(|mut segments| segments.next().map(str::to_owned))
        .filter(|segment| !segment.is_empty())
        .ok_or_else(unknown)?;
    let host = ours.authority();
    Ok(json!({
        "tenant_discovery_endpoint":
            format!("{base_url}/{tenant}/v2.0/.well-known/openid-configuration"),
        "api-version": "1.1",
        "metadata": [{
            "preferred_network": host,
            "preferred_cache": host,
            "aliases": [host],
        }],
    }))
}
