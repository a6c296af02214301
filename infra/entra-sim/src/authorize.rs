//! The authorize endpoints: a page that asks, and the answer to its form.
//!
//! A script posts to the page's own path, as a form: every parameter of the
//! request unchanged, `account` (a user principal name) and `action` (`accept`
//! or `cancel`). A POST without `action` is an authorize request like a GET.

mod consent;
mod request;
mod submit;

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;

pub(crate) use self::consent::grant_required;
use self::request::{AuthorizeRequest, Rejected};
pub(crate) use self::request::{
    OIDC_SCOPES, find_application, not_required, split_scope, unknown_resource,
};
pub(crate) use self::submit::find_person;
use crate::authority::{Authority, Version};
use crate::directory::Snapshot;
use crate::directory::resources::GRAPH;
use crate::directory::tenants::Tenant;
use crate::errors::Refusal;
use crate::exchange::Exchange;
use crate::faults::Endpoint;
use crate::page::{self, SignIn};
use crate::parameters::Parameters;
use crate::server::Site;
use crate::{answer, standing};

/// Fields of the page's form that are not the application's.
pub(crate) const FORM_FIELDS: [&str; 2] = ["account", "action"];

/// `GET /{tenant}/oauth2/authorize`
pub(crate) async fn show_v1(
    State(site): State<Site>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let sent = Parameters::parse(query.unwrap_or_default().as_bytes());
    answer(&site, Version::V1, &tenant, uri.path(), &headers, &sent)
}

/// `GET /{tenant}/oauth2/v2.0/authorize`
pub(crate) async fn show_v2(
    State(site): State<Site>,
    Path(tenant): Path<String>,
    RawQuery(query): RawQuery,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let sent = Parameters::parse(query.unwrap_or_default().as_bytes());
    answer(&site, Version::V2, &tenant, uri.path(), &headers, &sent)
}

/// `POST /{tenant}/oauth2/authorize`
pub(crate) async fn submit_v1(
    State(site): State<Site>,
    Path(tenant): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let sent = Parameters::parse(&body);
    answer(&site, Version::V1, &tenant, uri.path(), &headers, &sent)
}

/// `POST /{tenant}/oauth2/v2.0/authorize`
pub(crate) async fn submit_v2(
    State(site): State<Site>,
    Path(tenant): Path<String>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let sent = Parameters::parse(&body);
    answer(&site, Version::V2, &tenant, uri.path(), &headers, &sent)
}

/// A refusal as a page: the redirect URI is not to be trusted, or not known.
pub(crate) fn refuse_on_page(site: &Site, refusal: &Refusal, exchange: &Exchange) -> Response {
    site.count_refusal(refusal);
    // Assumption `error-pages-are-400`.
    let page = page::refusal(&refusal.description(exchange));
    exchange.mark(answer::html(StatusCode::BAD_REQUEST, page))
}

fn answer(
    site: &Site,
    version: Version,
    tenant: &str,
    path: &str,
    headers: &HeaderMap,
    sent: &Parameters,
) -> Response {
    let exchange = site.begin(headers);
    if sent.get("action").is_none() {
        site.core.stats.count(|counts| counts.authorize += 1);
    }
    let directory = site.core.directory.snapshot();
    let authority = match Authority::resolve(tenant, &directory, &site.core.faults) {
        Ok(authority) => authority,
        Err(refusal) => return refuse_on_page(site, &refusal, &exchange),
    };
    if let Some(response) = site.replaced(Endpoint::Authorize, authority.tenant_id()) {
        return response;
    }
    let request = match AuthorizeRequest::parse(version, authority, sent, &directory) {
        Ok(request) => request,
        Err(Rejected::OnPage(refusal)) => return refuse_on_page(site, &refusal, &exchange),
        Err(Rejected::AtReturnAddress(address, refusal)) => {
            return submit::send_back(site, &address, &refusal, &exchange);
        }
    };
    let response = match sent.get("action") {
        None => show(site, &request, path, sent),
        Some(action) => submit::submit(site, &exchange, &request, action, sent.get("account")),
    };
    exchange.mark(response)
}

fn show(site: &Site, request: &AuthorizeRequest, path: &str, sent: &Parameters) -> Response {
    let directory = site.core.directory.snapshot();
    let tenants = match &request.authority {
        Authority::Tenant(tenant) => std::slice::from_ref(tenant),
        _ => directory.tenants(),
    };
    let may_grant = request.version == Version::V1
        && (request.asks_for_consent()
            || tenants.iter().any(|tenant| {
                let faults = &site.core.faults;
                !standing::is_granted(&directory, faults, tenant.tenant_id, &request.application)
            }));
    let page = SignIn {
        question: format!(
            "Sign in to {}",
            request.application.registration.display_name
        ),
        sign_in: asked_of_the_person(request, &directory, tenants),
        permissions: if may_grant {
            request.application.permission_names()
        } else {
            Vec::new()
        },
        action: path,
        hidden: sent.without(&FORM_FIELDS).collect(),
        tenants,
        login_hint: sent.get("login_hint"),
    };
    answer::html(StatusCode::OK, page.render())
}

/// The scopes of a v2.0 sign-in that a person consents to for himself. An admin may have
/// granted them for everybody. What one person has accepted before is not remembered here:
/// the page shows what somebody sees who is new.
fn asked_of_the_person(
    request: &AuthorizeRequest,
    directory: &Snapshot,
    tenants: &[Arc<Tenant>],
) -> Vec<String> {
    let client_id = request.application.client_id();
    let is_granted = |scope: &str| {
        tenants.iter().all(|tenant| {
            let principal = directory.principal(tenant.tenant_id, client_id);
            principal.is_some_and(|principal| principal.has_scope(&GRAPH, scope))
        })
    };
    let scopes = request
        .scopes
        .iter()
        .filter(|scope| OIDC_SCOPES.contains(&scope.as_str()) && !is_granted(scope));
    scopes.cloned().collect()
}
