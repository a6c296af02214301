//! The token endpoints, v1 and v2.0.
//!
//! A request is counted when it arrives, then replaced by a fault, refused, or
//! answered. The order of the checks: form, tenant, grant type, application,
//! what is asked for, the client's proof, what it may have.

mod answer;
mod basic;
mod call;
mod client;
mod client_credentials;
mod code;
mod request;
mod target;

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::Value;

use self::call::Call;
use self::request::{GrantType, TokenRequest};
use crate::authority::Version;
use crate::errors::Refusal;
use crate::faults::FaultyEndpoint;
use crate::parameters::Parameters;
use crate::received::ReceivedRequest;

/// `POST /{tenant}/oauth2/token` and `POST /{tenant}/oauth2/v2.0/token`
pub(crate) fn respond(version: Version, received: ReceivedRequest) -> Response {
    let ReceivedRequest { site, exchange, .. } = &received;
    let form = request::read_form(&received.headers, &received.sent);
    count(&received, &form);
    let authority = match received.authority() {
        Ok(authority) => authority,
        Err(refusal) => return site.refuse(&refusal, exchange),
    };
    let faults = &site.core.faults;
    if let Some(response) = faults.replaced(FaultyEndpoint::Token, authority.tenant_id()) {
        return exchange.mark(response);
    }
    let call = Call {
        site,
        now: exchange.now,
        version,
        authority,
        directory: &received.directory,
    };
    match TokenRequest::parse(&received.headers, &form).and_then(|request| issue(&call, &request)) {
        Ok(body) => exchange.mark(crate::answer::json(StatusCode::OK, &body)),
        Err(refusal) => site.refuse(&refusal, exchange),
    }
}

fn issue(call: &Call<'_>, request: &TokenRequest<'_>) -> Result<Value, Refusal> {
    match request.grant_type {
        GrantType::ClientCredentials => client_credentials::issue(call, request),
        GrantType::AuthorizationCode => code::redeem(call, request),
    }
}

fn count(received: &ReceivedRequest, form: &Parameters) {
    let stats = &received.site.core.stats;
    stats.count(|counts| match form.get("grant_type") {
        Some("client_credentials") => {
            counts.app_only_requests += 1;
            if let Some(tenant) = received.directory.tenant(&received.tenant) {
                let by_tenant = &mut counts.app_only_by_tenant;
                *by_tenant.entry(tenant.tenant_id).or_default() += 1;
            }
        }
        Some("authorization_code") => counts.code_redemptions += 1,
        _ => {}
    });
}
