//! Who the client is: a secret, or an assertion signed with a registered key.

use super::call::Call;
use super::request::TokenRequest;
use crate::assertion::{self, Expected};
use crate::claims::Proof;
use crate::directory::applications::{Application, Certificate};
use crate::errors::{MALFORMED_REQUEST, NO_CREDENTIAL, Refusal, WRONG_SECRET, missing};
use crate::faults::FaultKind;

const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Proves the client, or refuses. The same for every grant: an assertion is
/// accepted wherever a secret is.
pub(super) fn authenticate(
    call: &Call<'_>,
    request: &TokenRequest<'_>,
    application: &Application,
) -> Result<Proof, Refusal> {
    let secret = request.unverified_secret.as_deref();
    let assertion = request.form.get("client_assertion");
    match (secret, assertion) {
        (None, None) => Err(NO_CREDENTIAL.because(
            "The request body must contain the following parameter: 'client_assertion' or \
             'client_secret'.",
        )),
        // Assumption `one-credential`.
        (Some(_), Some(_)) => Err(MALFORMED_REQUEST.because(
            "Invalid request. Only one of a client secret and client_assertion may be sent.",
        )),
        (Some(secret), None) => check_secret(secret, application),
        (None, Some(assertion)) => check_assertion(call, request, application, assertion),
    }
}

fn check_secret(secret: &str, application: &Application) -> Result<Proof, Refusal> {
    let registered = &application.registration.client_secrets;
    if registered.iter().any(|known| known == secret) {
        return Ok(Proof::Secret);
    }
    Err(WRONG_SECRET.because(format!(
        "Invalid client secret provided. Ensure the secret being sent in the request is the \
         client secret value, not the client secret ID, for a secret added to app '{}'.",
        application.client_id(),
    )))
}

fn check_assertion(
    call: &Call<'_>,
    request: &TokenRequest<'_>,
    application: &Application,
    assertion: &str,
) -> Result<Proof, Refusal> {
    match request.form.get("client_assertion_type") {
        None => return Err(missing("client_assertion_type")),
        Some(JWT_BEARER) => {}
        Some(other) => {
            return Err(MALFORMED_REQUEST.because(format!(
                "Invalid request. The client_assertion_type '{other}' is not supported."
            )));
        }
    }
    let skew = call.core().faults.clock_skew(call.authority.tenant_id());
    let expected = Expected {
        application,
        audiences: &audiences(call),
        now: call.now.saturating_add_signed(skew),
    };
    assertion::verify(assertion, &expected, |certificate| {
        is_removed(call, certificate) || is_on_its_way(call, certificate)
    })?;
    Ok(Proof::Certificate)
}

/// The token URLs of this authority: either version is taken at either
/// endpoint, another tenant's or another host's is not.
fn audiences(call: &Call<'_>) -> Vec<String> {
    let base_url = &call.site.base_url;
    call.authority
        .names()
        .iter()
        .flat_map(|name| {
            [
                format!("{base_url}/{name}/oauth2/v2.0/token"),
                format!("{base_url}/{name}/oauth2/token"),
            ]
        })
        .collect()
}

/// Graph knows it, and this replica does not yet.
fn is_on_its_way(call: &Call<'_>, certificate: &Certificate) -> bool {
    let core = call.core();
    core.added_keys.is_on_its_way(&certificate.sha1, call.now)
}

fn is_removed(call: &Call<'_>, certificate: &Certificate) -> bool {
    let faults = &call.core().faults;
    let hit = faults.hit(call.authority.tenant_id(), |fault| {
        fault.kind == FaultKind::KeyRemoved
            && fault
                .value
                .as_str()
                .and_then(assertion::decode_thumbprint)
                .is_some_and(|gone| gone == certificate.sha1 || gone == certificate.sha256)
    });
    hit.is_some()
}
