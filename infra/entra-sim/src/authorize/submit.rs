//! The answer to the sign-in form: a code, or a refusal, at the application's
//! redirect URI.

use std::sync::Arc;

use axum::response::Response;

use super::consent::{self, Outcome};
use super::refuse_on_page;
use super::request::AuthorizeRequest;
use crate::authority::Authority;
use crate::codes::Grant;
use crate::directory::Snapshot;
use crate::directory::tenants::{Person, Tenant};
use crate::errors::{
    ADMIN_CONSENT_REQUIRED, CONSENT_DECLINED, MALFORMED_REQUEST, Refusal, USER_NOT_IN_DIRECTORY,
    missing,
};
use crate::exchange::Exchange;
use crate::faults::{Faults, Kind};
use crate::platform::random_uuid;
use crate::return_address::ReturnAddress;
use crate::server::Site;

/// Carries out what the form says.
pub(crate) fn submit(
    site: &Site,
    exchange: &Exchange,
    request: &AuthorizeRequest,
    action: &str,
    account: Option<&str>,
) -> Response {
    match action {
        "cancel" => send_back(site, &request.address, &declined(), exchange),
        "accept" => {
            let directory = site.core.directory.snapshot();
            match find_person(account, &request.authority, &directory, &site.core.faults) {
                Ok((tenant, person)) => accept(site, exchange, request, &tenant, &person),
                Err(refusal) => refuse_on_page(site, &refusal, exchange),
            }
        }
        other => {
            let refusal = MALFORMED_REQUEST.because(format!("Unknown action '{other}'."));
            refuse_on_page(site, &refusal, exchange)
        }
    }
}

/// Tells the application of a refusal, as the authorize endpoint does.
pub(crate) fn send_back(
    site: &Site,
    address: &ReturnAddress,
    refusal: &Refusal,
    exchange: &Exchange,
) -> Response {
    site.count_refusal(refusal);
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

/// Somebody declined.
fn declined() -> Refusal {
    CONSENT_DECLINED.because("User declined to consent to access the app.")
}

/// The person of the form, if his tenant may sign in here.
pub(crate) fn find_person(
    account: Option<&str>,
    authority: &Authority,
    directory: &Snapshot,
    faults: &Faults,
) -> Result<(Arc<Tenant>, Person), Refusal> {
    let upn = account.ok_or_else(|| missing("account"))?;
    let tenant = upn
        .rsplit_once('@')
        .and_then(|(_, domain)| directory.tenant(domain))
        .filter(|tenant| {
            authority
                .tenant_id()
                .is_none_or(|only| only == tenant.tenant_id)
        })
        .filter(|tenant| {
            faults
                .see(Kind::TenantDeleted, Some(tenant.tenant_id))
                .is_none()
        });
    tenant
        .and_then(|tenant| Some((Arc::clone(tenant), tenant.person(upn)?.clone())))
        .ok_or_else(|| {
            USER_NOT_IN_DIRECTORY.because(format!(
                "The user account {upn} does not exist in the directory. To sign into this \
                 application, the account must be added to the directory."
            ))
        })
}

fn accept(
    site: &Site,
    exchange: &Exchange,
    request: &AuthorizeRequest,
    tenant: &Arc<Tenant>,
    person: &Person,
) -> Response {
    let outcome =
        consent::accept(site, request, tenant, person, exchange.now).and_then(|outcome| {
            Ok((
                issue_code(site, exchange, request, tenant, person)?,
                outcome,
            ))
        });
    match outcome {
        Ok((code, outcome)) => {
            let mut answer = vec![("code", code)];
            if matches!(outcome, Outcome::AdminConsented) {
                answer.push(("admin_consent", "True".to_owned()));
            }
            answer.extend(request.address.state.clone().map(|state| ("state", state)));
            let session = random_uuid().unwrap_or_default().to_string();
            answer.push(("session_state", session));
            request.address.answer(&answer)
        }
        Err(refusal) => refused(site, exchange, request, tenant, &refusal),
    }
}

/// Sent back, but for a plain user whom Microsoft stops on its own page.
fn refused(
    site: &Site,
    exchange: &Exchange,
    request: &AuthorizeRequest,
    tenant: &Tenant,
    refusal: &Refusal,
) -> Response {
    let stopped = if refusal.code() == ADMIN_CONSENT_REQUIRED.code {
        site.stopped(tenant, &request.application, refusal)
    } else {
        None
    };
    stopped.unwrap_or_else(|| send_back(site, &request.address, refusal, exchange))
}

fn issue_code(
    site: &Site,
    exchange: &Exchange,
    request: &AuthorizeRequest,
    tenant: &Arc<Tenant>,
    person: &Person,
) -> Result<String, Refusal> {
    let grant = Grant {
        version: request.version,
        authority: request.authority.key(),
        client_id: request.application.client_id(),
        redirect_uri: request.address.redirect_uri.clone(),
        tenant: Arc::clone(tenant),
        person: person.clone(),
        resource: request.resource.clone(),
        scopes: request.scopes.clone(),
        nonce: request.nonce.clone(),
        challenge: request.challenge.clone(),
    };
    Ok(site.core.codes.issue(grant, exchange.now)?)
}
