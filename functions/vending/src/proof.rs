//! Who calls: the OpenID Connect token of the caller's own cloud, as a client
//! assertion in the form (RFC 7523 §2.2) or as a bearer token (RFC 6750 §2.1). One of
//! the two: a request with both is refused, because somebody added one of them.

use auth::Caller;
use auth::ports::ProofError;
use lambda::answer::ApiError;
use lambda::fields::Fields;
use lambda::request;
use lambda_http::Request;
use lambda_http::http::StatusCode;

use crate::{Vending, refusal};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The longest proof that is read, in bytes.
const PROOF_MAX: usize = 16 * 1024;

impl Vending {
    /// The proven caller. `form`: where a client assertion may be.
    pub(crate) async fn caller(
        &self,
        request: &Request,
        form: Option<&Fields>,
    ) -> Result<Caller, ApiError> {
        let assertion = match form {
            Some(form) => assertion(form)?,
            None => None,
        };
        let unverified = match (assertion, bearer(request)?) {
            (Some(_), Some(_)) => {
                return Err(refusal::malformed(
                    "two proofs: send client_assertion or Authorization, not both",
                ));
            }
            (Some(token), None) | (None, Some(token)) => token,
            (None, None) => {
                return Err(refusal::unproven(
                    "no proof: send an OpenID Connect token as client_assertion or as \
                     Authorization: Bearer",
                ));
            }
        };
        self.proof.verify(unverified).await.map_err(|error| {
            tracing::info!(event = "caller_refused", reason = %error, "a caller was not proven");
            match error {
                ProofError::Refused(reason) => refusal::unproven(reason),
                ProofError::IssuerUnavailable => refusal::issuer_unavailable(),
            }
        })
    }
}

fn assertion(form: &Fields) -> Result<Option<&str>, ApiError> {
    let assertion = form
        .optional("client_assertion", PROOF_MAX)
        .map_err(refusal::field)?;
    let kind = form
        .optional("client_assertion_type", 100)
        .map_err(refusal::field)?;
    match (assertion, kind) {
        (Some(_), Some(ASSERTION_TYPE)) | (None, None) => Ok(assertion),
        _ => Err(refusal::malformed(
            "client_assertion goes with client_assertion_type \
             urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        )),
    }
}

fn bearer(request: &Request) -> Result<Option<&str>, ApiError> {
    if !request.headers().contains_key("authorization") {
        return Ok(None);
    }
    let malformed = || {
        ApiError::caller(
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "Authorization must be one header: Bearer, a space, and a token",
        )
    };
    let value = request::header(request, "authorization").ok_or_else(malformed)?;
    let (scheme, token) = value.split_once(' ').ok_or_else(malformed)?;
    let usable = scheme.eq_ignore_ascii_case("bearer") && token.len() <= PROOF_MAX;
    match usable {
        true => Ok(Some(token.trim())),
        false => Err(malformed()),
    }
}
