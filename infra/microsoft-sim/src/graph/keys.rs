//! `addKey` and `removeKey`. A change is kept before it is answered, so that an answer that is
//! lost leaves it done.

use axum::http::StatusCode;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::application::credential;
use super::errors::{BAD_REQUEST, LIFETIME, NOT_FOUND, Refused, TYPE_NOT_ALLOWED};
use super::proof;
use super::request::Call;
use crate::answer;
use crate::directory::applications::Application;
use crate::faults::FaultKind;
use crate::registration::{KeyCredential, KeyCredentialError};

const DAY: i64 = 86_400;

pub(super) fn add(call: &Call) -> Result<Response, Refused> {
    proof::check(call.text("/proof"), &call.application, call.now)?;
    let added = new_credential(call)?;
    check_policy(call, &added)?;
    if is_known(&call.application, &added) {
        // Assumption `same-key-twice`.
        return Err(Refused::by(
            BAD_REQUEST,
            "Key credential with the same value exists already.",
        ));
    }
    change(call, |keys| keys.push(added.clone()))?;
    note_lag(call, &added);
    Ok(answer::json(StatusCode::OK, &credential(&added, false)))
}

pub(super) fn remove(call: &Call) -> Result<Response, Refused> {
    proof::check(call.text("/proof"), &call.application, call.now)?;
    let key_id = call.required("/keyId")?.to_ascii_lowercase();
    let keys = &call.application.registration.key_credentials;
    if !keys.iter().any(|key| key.key_id.to_string() == key_id) {
        // Assumption `unknown-key-is-not-found`.
        return Err(Refused::by(
            NOT_FOUND,
            "No credential with this keyId exists.",
        ));
    }
    change(call, |keys| {
        keys.retain(|key| key.key_id.to_string() != key_id)
    })?;
    Ok(answer::text(StatusCode::NO_CONTENT, ""))
}

fn new_credential(call: &Call) -> Result<KeyCredential, Refused> {
    let kinds = ["/keyCredential/type", "/keyCredential/usage"];
    let [kind, usage] = kinds.map(|pointer| call.required(pointer));
    if (kind?, usage?) != ("AsymmetricX509Cert", "Verify") {
        let words = "type must be AsymmetricX509Cert and usage Verify.";
        return Err(Refused::by(BAD_REQUEST, words));
    }
    let malformed = || Refused::by(BAD_REQUEST, "New credential is not a certificate.");
    let der = STANDARD.decode(call.required("/keyCredential/key")?);
    let der = der.map_err(|_| malformed())?;
    let made = KeyCredential::from_certificate_der(&der);
    made.map_err(|error| match error {
        KeyCredentialError::NotACertificate => malformed(),
        KeyCredentialError::Randomness(failed) => failed.into(),
    })
}

/// What the home tenant's application management policy allows. Words and status as people
/// report them of the service.
fn check_policy(call: &Call, added: &KeyCredential) -> Result<(), Refused> {
    let faults = &call.site.core.faults;
    let home = call.application.registration.home_tenant;
    let Some(policy) = faults.hit_by(FaultKind::KeyPolicy, home) else {
        return Ok(());
    };
    let Some(days) = policy.value.as_i64() else {
        let words = "Credential type not allowed as per assigned policy.";
        return Err(Refused::by(TYPE_NOT_ALLOWED, words));
    };
    let der = STANDARD.decode(&added.key).unwrap_or_default();
    let certificate = x509_parser::parse_x509_certificate(&der);
    let life = certificate.map_or(i64::MAX, |(_, certificate)| {
        let validity = certificate.validity();
        validity.not_after.timestamp() - validity.not_before.timestamp()
    });
    if life > days.saturating_mul(DAY) {
        let words = "Credential lifetime exceeds the max value allowed as per assigned policy.";
        return Err(Refused::by(LIFETIME, words));
    }
    Ok(())
}

fn is_known(application: &Application, added: &KeyCredential) -> bool {
    let mut keys = application.registration.key_credentials.iter();
    keys.any(|key| key.key == added.key)
}

fn change(call: &Call, change: impl FnOnce(&mut Vec<KeyCredential>)) -> Result<(), Refused> {
    let client_id = call.application.client_id();
    let directory = &call.site.core.directory;
    Ok(directory.change(|directory| {
        // As it is now: another request may have ended meanwhile.
        let application = directory
            .application(client_id)
            .unwrap_or(&call.application);
        let mut registration = application.registration.clone();
        change(&mut registration.key_credentials);
        directory.register(registration)
    })?)
}

fn note_lag(call: &Call, added: &KeyCredential) {
    let core = &call.site.core;
    let home = call.application.registration.home_tenant;
    if let Some(lag) = core.faults.hit_by(FaultKind::KeyLag, home) {
        let sha1 = STANDARD.decode(&added.custom_key_identifier);
        let known_from = call.now.saturating_add(lag.number_or(0));
        core.added_keys.note(sha1.unwrap_or_default(), known_from);
    }
}
