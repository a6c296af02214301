//! The authorization code grant: who signed in, and to which tenant.
//!
//! A code is good for the client, redirect URI, endpoint, authority and PKCE
//! verifier that it was made for, once.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::request::TokenRequest;
use super::target::{self, Target};
use super::{Call, answer, client};
use crate::authority::Version;
use crate::claims::{self, Proof, Validity};
use crate::codes::Grant;
use crate::directory::applications::Application;
use crate::errors::{
    CODE_OF_ANOTHER_TENANT, INVALID_CODE, REDIRECT_URI_CHANGED, Refusal, WRONG_CODE_VERIFIER,
};
use crate::faults::Kind;
use crate::keys;

/// Redeems a code, or refuses.
pub(super) fn redeem(call: &Call<'_>, request: &TokenRequest<'_>) -> Result<Value, Refusal> {
    let application = call.application(request)?;
    let code = request.required("code")?;
    let redirect_uri = request.required("redirect_uri")?;
    let proof = client::authenticate(call, request, &application)?;
    let now = call.exchange.now;
    let grant = call.site.core.codes.redeem(code, now, |grant| {
        check_binding(call, grant, &application, redirect_uri)?;
        check_verifier(grant, request.form.get("code_verifier"))?;
        target::find(call, request, grant, &application).map(drop)
    })?;
    let target = target::find(call, request, &grant, &application)?;
    match call.version {
        Version::V1 => answer_v1(call, &grant, &application, &target, proof),
        Version::V2 => answer_v2(call, &grant, &application, &target, proof),
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
    if grant.version != call.version {
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
        (Some(challenge), Some(verifier)) if challenge.sha256 => {
            let digest = digest::digest(&digest::SHA256, verifier.as_bytes());
            URL_SAFE_NO_PAD.encode(digest) == challenge.value
        }
        (Some(challenge), Some(verifier)) => challenge.value == verifier,
        _ => false,
    };
    if matches {
        return Ok(());
    }
    Err(WRONG_CODE_VERIFIER.because(
        "The Code_Verifier does not match the code_challenge supplied in the authorization request.",
    ))
}

fn answer_v1(
    call: &Call<'_>,
    grant: &Grant,
    application: &Application,
    target: &Target,
    proof: Proof,
) -> Result<Value, Refusal> {
    let validity = validity(call, grant);
    let access = claims::delegated(grant, &target.audience, &target.scopes, proof, validity)?;
    let identity = claims::id_token(grant, application, &call.site.base_url, validity.now)?;
    let issued = answer::Issued {
        access_token: call.site.core.signing_key.sign(true, &access)?,
        // Assumption `id-token-signature`: unsigned, as the v1 page says.
        id_token: Some(keys::unsigned(&identity)),
        refresh_token: Some(answer::refresh_token()?),
        scope: target.scopes.clone(),
    };
    Ok(answer::code_v1(&issued, &target.audience, validity))
}

fn answer_v2(
    call: &Call<'_>,
    grant: &Grant,
    application: &Application,
    target: &Target,
    proof: Proof,
) -> Result<Value, Refusal> {
    let validity = validity(call, grant);
    let access = claims::delegated(grant, &target.audience, &target.scopes, proof, validity)?;
    let asked = |name: &str| grant.scopes.iter().any(|scope| scope == name);
    let issued = answer::Issued {
        access_token: call.site.core.signing_key.sign(true, &access)?,
        id_token: if asked("openid") {
            Some(identity_v2(call, grant, application)?)
        } else {
            None
        },
        refresh_token: if asked("offline_access") {
            Some(answer::refresh_token()?)
        } else {
            None
        },
        scope: target::full_scopes(grant, target),
    };
    Ok(answer::code_v2(&issued, validity))
}

fn identity_v2(
    call: &Call<'_>,
    grant: &Grant,
    application: &Application,
) -> Result<String, Refusal> {
    let core = &call.site.core;
    let identity = claims::id_token(grant, application, &call.site.base_url, call.exchange.now)?;
    let tenant_id = Some(grant.tenant.tenant_id);
    if core
        .faults
        .hit_by(Kind::UnsignedIdToken, tenant_id)
        .is_some()
    {
        return Ok(keys::unsigned(&identity));
    }
    // Assumption `id-token-signature`.
    Ok(core.signing_key.sign(false, &identity)?)
}

fn validity(call: &Call<'_>, grant: &Grant) -> Validity {
    Validity {
        now: call.exchange.now,
        life: call.site.core.token_life(grant.tenant.tenant_id),
    }
}
