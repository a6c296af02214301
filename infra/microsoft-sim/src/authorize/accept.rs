//! The answer to the sign-in form at the application's redirect URI: a code, or a refusal.

use std::sync::Arc;

use axum::response::Response;

use super::consent::{self, Accepted};
use super::request::AuthorizeRequest;
use crate::codes::Grant;
use crate::directory::tenants::{Person, Tenant};
use crate::errors::{ADMIN_CONSENT_REQUIRED, CONSENT_DECLINED, Refusal};
use crate::platform::random_uuid;
use crate::received::ReceivedRequest;
use crate::return_address::ReturnAddress;

/// A person pressed Accept.
pub(super) fn accept(
    received: &ReceivedRequest,
    request: &AuthorizeRequest,
    tenant: &Arc<Tenant>,
    person: &Person,
) -> Response {
    let accepted = consent::record(received, request, tenant, person).and_then(|accepted| {
        let code = issue_code(received, request, tenant, person)?;
        Ok((code, accepted))
    });
    match accepted {
        Ok((code, accepted)) => {
            let mut answer = vec![("code", code)];
            if matches!(accepted, Accepted::AdminConsent) {
                answer.push(("admin_consent", "True".to_owned()));
            }
            answer.extend(request.address.state.clone().map(|state| ("state", state)));
            let session = random_uuid().unwrap_or_default().to_string();
            answer.push(("session_state", session));
            request.address.answer(&answer)
        }
        Err(refusal) => refuse(received, request, tenant, &refusal),
    }
}

/// A person pressed Cancel.
pub(super) fn decline(received: &ReceivedRequest, request: &AuthorizeRequest) -> Response {
    let declined = CONSENT_DECLINED.because("User declined to consent to access the app.");
    send_back(received, &request.address, &declined)
}

/// A refusal at the redirect URI.
pub(super) fn send_back(
    received: &ReceivedRequest,
    address: &ReturnAddress,
    refusal: &Refusal,
) -> Response {
    let exchange = &received.exchange;
    received.site.count_refusal(refusal);
    let mut answer = vec![
        ("error", refusal.error().to_owned()),
        ("error_description", refusal.description(exchange)),
    ];
    // A user who cannot consent comes back as if he had pressed Cancel.
    if refusal.error() == "access_denied" {
        answer.push(("error_subcode", "cancel".to_owned()));
    }
    answer.extend(address.state.clone().map(|state| ("state", state)));
    exchange.mark(address.answer(&answer))
}

/// Sent back, but for a plain user whom Microsoft stops on its own page.
fn refuse(
    received: &ReceivedRequest,
    request: &AuthorizeRequest,
    tenant: &Tenant,
    refusal: &Refusal,
) -> Response {
    let needs_admin = refusal.code() == ADMIN_CONSENT_REQUIRED.code;
    needs_admin
        .then(|| {
            let site = &received.site;
            site.need_admin_approval(tenant, &request.application, refusal)
        })
        .flatten()
        .unwrap_or_else(|| send_back(received, &request.address, refusal))
}

fn issue_code(
    received: &ReceivedRequest,
    request: &AuthorizeRequest,
    tenant: &Arc<Tenant>,
    person: &Person,
) -> Result<String, Refusal> {
    let grant = Grant {
        purpose: request.purpose.clone(),
        authority: request.authority.key(),
        client_id: request.application.client_id(),
        redirect_uri: request.address.redirect_uri.clone(),
        tenant: Arc::clone(tenant),
        person: person.clone(),
        nonce: request.nonce.clone(),
        challenge: request.challenge.clone(),
    };
    Ok(received
        .site
        .core
        .codes
        .issue(grant, received.exchange.now)?)
}
