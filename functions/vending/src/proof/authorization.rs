//! The `Authorization` header: a bearer token, or the signature that the function URL has
//! checked.

use lambda::answer::ApiError;
use lambda::request;
use lambda_http::Request;

use super::elsewhere;
use crate::evidence::AUTHORIZATION;
use crate::refusal;

/// The scheme of a signed request's header, which the function URL has checked.
const SIGNED_SCHEME: &str = "AWS4-HMAC-SHA256";
/// The longest token that is read, in bytes.
pub(super) const TOKEN_MAX: usize = 16 * 1024;

/// The bearer token. Where the request context says that the gateway has checked a
/// signature (`is_signed`), the header that carried it is no second proof.
pub(super) fn bearer(request: &Request, is_signed: bool) -> Result<Option<&str>, ApiError> {
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
    if !scheme.eq_ignore_ascii_case("bearer") || token.len() > TOKEN_MAX {
        return Err(malformed());
    }
    Ok(Some(token.trim_ascii()))
}

/// The refusal of a request without a caller key, at the route that takes nothing else.
pub(super) fn not_a_key(request: &Request) -> ApiError {
    let is_signed = match request::header(request, AUTHORIZATION) {
        Some(value) => value.starts_with(SIGNED_SCHEME),
        // The gateway kept the header, and says itself who signed.
        None => !request.headers().contains_key(AUTHORIZATION),
    };
    if is_signed {
        elsewhere::signed()
    } else {
        elsewhere::token()
    }
}
