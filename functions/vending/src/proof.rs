//! Who calls. Three proofs, each from the one place where it can be believed: an AWS role
//! from the request context that the function URL made, never from a header; a workload's
//! token as a client assertion in the form (RFC 7523 §2.2) or as a bearer token (RFC 6750
//! §2.1); a caller key on the managed-identity route. One of them: a request with two is
//! refused, because somebody added one. One that is taken on another route alone is told
//! where it belongs (`proof/elsewhere.rs`).

mod aws_role;
mod elsewhere;

use auth::Caller;
use auth::caller::CallerKey;
use auth::ports::{CallerProof, ProofError};
use lambda::answer::ApiError;
use lambda::fields::Fields;
use lambda::request;
use lambda_http::Request;

use crate::{Vending, refusal};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The scheme of a signed request's header, which the function URL has checked.
const SIGNED_SCHEME: &str = "AWS4-HMAC-SHA256";
const AUTHORIZATION: &str = "authorization";
/// The header of the managed-identity protocol (Azure App Service, 2019-08-01).
pub(crate) const KEY_HEADER: &str = "x-identity-header";
/// The longest proof that is read, in bytes.
const PROOF_MAX: usize = 16 * 1024;

impl Vending {
    /// The proven caller. `form`: where a client assertion may be.
    pub(crate) async fn caller(
        &self,
        request: &Request,
        form: Option<&Fields>,
    ) -> Result<Caller, ApiError> {
        let role = aws_role::of(request)?;
        let assertion = match form {
            Some(form) => assertion(form)?,
            None => None,
        };
        let bearer = bearer(request, aws_role::is_signed(request))?;
        let holds_key = request.headers().contains_key(KEY_HEADER);
        match (role, assertion, bearer, holds_key) {
            (Some(role), None, None, false) => Ok(Caller::AwsRole(role)),
            (None, Some(token), None, false) | (None, None, Some(token), false) => {
                if CallerKey::is_meant(token) {
                    return Err(elsewhere::key());
                }
                self.verified(self.proof.as_ref(), token).await
            }
            (None, None, None, false) => Err(elsewhere::no_proof(form)),
            (None, None, None, true) => Err(elsewhere::key()),
            _ => Err(two_proofs()),
        }
    }

    /// The holder of the caller key in the managed-identity protocol's header.
    pub(crate) async fn key_holder(&self, request: &Request) -> Result<Caller, ApiError> {
        let holds_key = request.headers().contains_key(KEY_HEADER);
        let holds_other =
            request.headers().contains_key(AUTHORIZATION) || aws_role::of(request)?.is_some();
        match (holds_key, holds_other) {
            (true, true) => return Err(two_proofs()),
            (false, true) => return Err(elsewhere::not_a_key(request)),
            (_, false) => {}
        }
        let key = request::header(request, KEY_HEADER).ok_or_else(|| {
            refusal::unproven("no proof: X-IDENTITY-HEADER must hold one caller key")
        })?;
        if elsewhere::is_token(key) {
            return Err(elsewhere::token());
        }
        self.verified(self.keys.as_ref(), key).await
    }

    async fn verified(
        &self,
        proof: &dyn CallerProof,
        unverified: &str,
    ) -> Result<Caller, ApiError> {
        proof.verify(unverified).await.map_err(|error| {
            tracing::info!(event = "caller_refused", reason = %error, "a caller was not proven");
            match error {
                ProofError::Refused(reason) => refusal::unproven(&reason),
                ProofError::Unavailable(what) => refusal::proof_unavailable(what),
            }
        })
    }
}

fn two_proofs() -> ApiError {
    refusal::malformed(
        "two proofs: send one of client_assertion, Authorization, X-IDENTITY-HEADER or a signed \
         request",
    )
}

fn assertion(form: &Fields) -> Result<Option<&str>, ApiError> {
    let assertion = form
        .optional("client_assertion", PROOF_MAX)
        .map_err(refusal::field)?;
    let kind = form
        .optional("client_assertion_type", 100)
        .map_err(refusal::field)?;
    match (assertion, kind) {
        // Like a bearer token: token files end with a line break.
        (Some(_), Some(ASSERTION_TYPE)) | (None, None) => Ok(assertion.map(str::trim_ascii)),
        _ => Err(refusal::malformed(
            "client_assertion goes with client_assertion_type \
             urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        )),
    }
}

/// The bearer token. Where the request context says that the gateway has checked a
/// signature (`is_signed`), the header that carried it is no second proof.
fn bearer(request: &Request, is_signed: bool) -> Result<Option<&str>, ApiError> {
    if !request.headers().contains_key(AUTHORIZATION) {
        return Ok(None);
    }
    let malformed =
        || refusal::unproven("Authorization must be one header: Bearer, a space, and a token");
    let value = request::header(request, AUTHORIZATION).ok_or_else(malformed)?;
    let (scheme, token) = value.split_once(' ').ok_or_else(malformed)?;
    match scheme {
        SIGNED_SCHEME if is_signed => return Ok(None),
        SIGNED_SCHEME => return Err(elsewhere::signature()),
        _ if scheme.eq_ignore_ascii_case("basic") => return Err(elsewhere::client_secret()),
        _ => {}
    }
    let usable = scheme.eq_ignore_ascii_case("bearer") && token.len() <= PROOF_MAX;
    match usable {
        true => Ok(Some(token.trim_ascii())),
        false => Err(malformed()),
    }
}
