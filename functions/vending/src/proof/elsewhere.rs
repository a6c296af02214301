//! A proof at a route that takes another one: what was sent, and where it belongs. Nothing
//! of it is checked here, and nothing of it is repeated.

use lambda::answer::ApiError;
use lambda::fields::Fields;

use crate::refusal;

/// How the header of a JWT begins: base64url of `{"`.
const TOKEN_BEGINS: &str = "eyJ";

/// Nothing that proves a caller on the token routes.
pub(super) fn no_proof(form: Option<&Fields>) -> ApiError {
    let has_secret =
        form.is_some_and(|form| !matches!(form.optional("client_secret", usize::MAX), Ok(None)));
    if has_secret {
        client_secret()
    } else {
        refusal::unproven(
            "no proof: send an OpenID Connect token or a signed GetCallerIdentity request as \
             client_assertion or as Authorization: Bearer, or sign the request for the function \
             URL",
        )
    }
}

/// A caller key where a token is taken.
pub(super) fn key() -> ApiError {
    refusal::unproven(
        "a caller key is a proof on the managed-identity route alone: GET /msi/token, header \
         X-IDENTITY-HEADER; this route takes an OpenID Connect token or a signed request",
    )
}

/// A client secret, as Entra ID takes it.
pub(super) fn client_secret() -> ApiError {
    refusal::unproven(
        "a client secret proves nothing here: send an OpenID Connect token as client_assertion \
         or as Authorization: Bearer",
    )
}

/// A signed request that did not come by the function URL: no gateway has checked it.
pub(super) fn signature() -> ApiError {
    refusal::unproven(
        "a request that is signed with AWS IAM goes to the function URL, which checks the \
         signature: this address takes an OpenID Connect token, a signed GetCallerIdentity \
         request as Authorization: Bearer aws-sts-v1.… or, at /msi/token, a caller key",
    )
}

/// A signed `GetCallerIdentity` request where none is taken.
pub(super) fn not_taken() -> ApiError {
    refusal::unproven(
        "this broker takes no signed GetCallerIdentity request (VENDING_SERVER_ID is not set): \
         send an OpenID Connect token, or sign the request for the function URL",
    )
}

/// A signed request at the route that takes a caller key.
pub(super) fn signed() -> ApiError {
    refusal::unproven(
        "this route takes a caller key in X-IDENTITY-HEADER, and no signed request: that \
         goes to POST /{tenant}/oauth2/v2.0/token at the function URL",
    )
}

/// A token at the route that takes a caller key.
pub(super) fn token() -> ApiError {
    refusal::unproven(
        "this route takes a caller key in X-IDENTITY-HEADER, and no token: that goes to POST \
         /{tenant}/oauth2/v2.0/token as client_assertion or as Authorization: Bearer",
    )
}

/// Whether a text is meant as a token.
pub(super) fn is_token(text: &str) -> bool {
    text.starts_with(TOKEN_BEGINS)
}
