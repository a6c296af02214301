//! The authorize endpoints: a page that asks, and the answer to its form.

mod accept;
mod consent;
mod request;

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;

use self::accept::{accept, decline, send_back};
use self::request::{AuthorizeRequest, ConsentPrompt, Rejected};
use crate::answer;
use crate::authority::Version;
use crate::codes::Purpose;
use crate::directory::Snapshot;
use crate::directory::resources::GRAPH;
use crate::directory::tenants::Tenant;
use crate::faults::FaultyEndpoint;
use crate::form::{FORM_FIELDS, PageAction};
use crate::page::SignIn;
use crate::parameters::Parameters;
use crate::received::ReceivedRequest;
use crate::scope;
use crate::standing;

/// `GET` and `POST` of `/{tenant}/oauth2/authorize` and `/{tenant}/oauth2/v2.0/authorize`
pub(crate) fn respond(version: Version, received: ReceivedRequest) -> Response {
    let ReceivedRequest { site, exchange, .. } = &received;
    let sent = received.parameters();
    if sent.get("action").is_none() {
        site.core.stats.count(|counts| counts.authorize += 1);
    }
    let authority = match received.authority() {
        Ok(authority) => authority,
        Err(refusal) => return site.refuse_on_page(&refusal, exchange),
    };
    let faults = &site.core.faults;
    if let Some(response) = faults.replaced(FaultyEndpoint::Authorize, authority.tenant_id()) {
        return response;
    }
    let request = match AuthorizeRequest::parse(version, authority, &sent, &received.directory) {
        Ok(request) => request,
        Err(Rejected::OnPage(refusal)) => return site.refuse_on_page(&refusal, exchange),
        Err(Rejected::AtReturnAddress(address, refusal)) => {
            return send_back(&received, &address, &refusal);
        }
    };
    let response = match PageAction::read(&sent, &request.authority, &received) {
        Ok(PageAction::Show) => show(&received, &request, &sent),
        Ok(PageAction::Cancel) => decline(&received, &request),
        Ok(PageAction::Accept(tenant, person)) => accept(&received, &request, &tenant, &person),
        Err(refusal) => site.refuse_on_page(&refusal, exchange),
    };
    exchange.mark(response)
}

fn show(received: &ReceivedRequest, request: &AuthorizeRequest, sent: &Parameters) -> Response {
    let directory = &received.directory;
    let tenants = request.authority.tenants(directory);
    let page = SignIn {
        question: format!(
            "Sign in to {}",
            request.application.registration.display_name
        ),
        sign_in: asked_of_the_person(request, directory, tenants),
        permissions: if may_grant(received, request, tenants) {
            request.application.permission_names()
        } else {
            Vec::new()
        },
        action: &received.path,
        hidden: sent.without(&FORM_FIELDS).collect(),
        tenants,
        login_hint: sent.get("login_hint"),
    };
    answer::html(StatusCode::OK, page.render())
}

/// Whether an Accept can grant what the application requires: on v1 alone.
fn may_grant(
    received: &ReceivedRequest,
    request: &AuthorizeRequest,
    tenants: &[Arc<Tenant>],
) -> bool {
    let is_granted = |tenant: &Arc<Tenant>| {
        let faults = &received.site.core.faults;
        let directory = &received.directory;
        standing::is_granted(directory, faults, tenant.tenant_id, &request.application)
    };
    matches!(request.purpose, Purpose::V1 { .. })
        && (request.prompt != ConsentPrompt::IfNeeded || !tenants.iter().all(is_granted))
}

/// The scopes of a v2.0 sign-in that people consent to for themselves. An admin may have
/// granted them for everybody. What one person has accepted before is not remembered here:
/// the page is that of a first sign-in.
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
    let asked = |scope: &&String| scope::is_oidc(scope) && !is_granted(scope);
    request
        .purpose
        .scopes()
        .iter()
        .filter(asked)
        .cloned()
        .collect()
}
