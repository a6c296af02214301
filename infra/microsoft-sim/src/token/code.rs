//! The authorization code grant: who signed in, and to which tenant.
//!
//! A code is good for the client, redirect URI, endpoint, authority and PKCE
//! verifier that it was made for, once.

use serde_json::{Value, json};

use super::call::Call;
use super::request::TokenRequest;
use super::target::{self, Target};
use super::{answer, client};
use crate::claims::{self, Proof};
use crate::codes::{Grant, Purpose};
use crate::directory::applications::Application;
use crate::errors::{
    CODE_OF_ANOTHER_TENANT, INVALID_CODE, LOOP_DETECTED, REDIRECT_URI_CHANGED, Refusal,
    WRONG_CODE_VERIFIER,
};
use crate::faults::FaultKind;
use crate::keys;

/// Redeems a code, or refuses.
pub(super) fn redeem(call: &Call<'_>, request: &TokenRequest<'_>) -> Result<Value, Refusal> {
    check_loop(call)?;
    let application = call.application(request)?;
    let code = request.required("code")?;
    let redirect_uri = request.required("redirect_uri")?;
    let proof = client::authenticate(call, request, application)?;
    let grant = call.core().codes.redeem(code, call.now, |grant| {
        check_binding(call, grant, application, redirect_uri)?;
        check_verifier(grant, request.form.get("code_verifier"))?;
        target::find(call, request, grant, application).map(drop)
    })?;
    let target = target::find(call, request, &grant, application)?;
    describe(call, &grant, application, &target, proof)
}

/// How flows with a person are throttled: a refusal, not 429.
fn check_loop(call: &Call<'_>) -> Result<(), Refusal> {
    let faults = &call.core().faults;
    match faults.hit_by(FaultKind::LoopDetected, call.authority.tenant_id()) {
        None => Ok(()),
        Some(_) => Err(LOOP_DETECTED.because(
            "The server stopped an operation because it saw the client ask in a loop. Please \
             contact your app vendor.",
        )),
    }
}

fn check_binding(
    call: &Call<'_>,
    grant: &Grant,
    application: &Application,
    redirect_uri: &str,
) -> Result<(), Refusal> {
    let invalid =
        |why: &str| INVALID_CODE.because(format!("The provided code is not valid. {why}"));
    if grant.client_id != application.client_id() {
        return Err(invalid("It was issued to another client."));
    }
    if grant.authority != call.authority.key() {
        return Err(CODE_OF_ANOTHER_TENANT.because(
            "The provided Authorization Code is intended to use against other tenant, thus rejected.",
        ));
    }
    // Assumption `code-bound-to-version`.
    if grant.purpose.version() != call.version {
        return Err(invalid(
            "It was issued by the other version of the endpoint.",
        ));
    }
    if grant.redirect_uri != redirect_uri {
        return Err(REDIRECT_URI_CHANGED.because(format!(
            "The reply address '{redirect_uri}' does not match the reply address '{}' provided \
             when requesting Authorization code.",
            grant.redirect_uri,
        )));
    }
    Ok(())
}

/// Assumption `pkce`: both or neither.
fn check_verifier(grant: &Grant, verifier: Option<&str>) -> Result<(), Refusal> {
    let matches = match (&grant.challenge, verifier) {
        (None, None) => true,
        (Some(challenge), Some(verifier)) => challenge.is_met_by(verifier),
        _ => false,
    };
    if matches {
        return Ok(());
    }
    Err(WRONG_CODE_VERIFIER.because(
        "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
    ))
}

/// The answer, with its tokens.
fn describe(
    call: &Call<'_>,
    grant: &Grant,
    application: &Application,
    target: &Target,
    proof: Proof,
) -> Result<Value, Refusal> {
    let validity = call.validity(grant.tenant.tenant_id);
    let access = claims::delegated(grant, &target.audience, &target.scopes, proof, validity)?;
    let access = call.core().signing_key.sign_access_token(&access)?;
    let identity = || claims::id_token(grant, application, &call.site.base_url, call.now);
    match &grant.purpose {
        Purpose::V1 { .. } => {
            let mut body = answer::v1(&access, &target.audience, validity);
            body["scope"] = json!(target.scopes);
            // Assumption `id-token-signature`: unsigned, as the v1 page says.
            body["id_token"] = json!(keys::unsigned(&identity()?));
            body["refresh_token"] = json!(answer::refresh_token()?);
            Ok(body)
        }
        Purpose::V2 { scopes } => {
            let mut body = answer::v2(&access, validity);
            body["scope"] = json!(target::full_scopes(scopes, target));
            if grant.purpose.has_scope("openid") {
                body["id_token"] = json!(sign_identity(call, grant, &identity()?)?);
            }
            if grant.purpose.has_scope("offline_access") {
                body["refresh_token"] = json!(answer::refresh_token()?);
            }
            Ok(body)
        }
    }
}

/// Assumption `id-token-signature`.
fn sign_identity(call: &Call<'_>, grant: &Grant, identity: &Value) -> Result<String, Refusal> {
    let core = call.core();
    let tenant_id = Some(grant.tenant.tenant_id);
    match core.faults.hit_by(FaultKind::UnsignedIdToken, tenant_id) {
        Some(_) => Ok(keys::unsigned(identity)),
        None => Ok(core.signing_key.sign_id_token(identity)?),
    }
}
