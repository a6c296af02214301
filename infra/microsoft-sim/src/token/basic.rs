//! A client secret in the Authorization header (RFC 6749 §2.3.1).
//!
//! The discovery documents do not advertise it, the prose of Microsoft's
//! authorization code page allows it. The details are a guess:
//! assumption `basic-authentication`. Other schemes are not read.

use axum::http::{HeaderMap, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::errors::{MALFORMED_REQUEST, Refusal};

/// Client ID and secret, unproven.
pub(super) struct UnverifiedBasic {
    pub(super) client_id: String,
    pub(super) secret: String,
}

/// What the header says; `None` without one of this scheme.
pub(super) fn read(headers: &HeaderMap) -> Result<Option<UnverifiedBasic>, Refusal> {
    let Some(credentials) = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Basic"))
        .map(|(_, credentials)| credentials.trim())
    else {
        return Ok(None);
    };
    decode(credentials).map(Some).ok_or_else(|| {
        MALFORMED_REQUEST
            .because("Invalid request. The Authorization header is not well-formed Basic.")
    })
}

fn decode(credentials: &str) -> Option<UnverifiedBasic> {
    let text = String::from_utf8(STANDARD.decode(credentials).ok()?).ok()?;
    let (client_id, secret) = text.split_once(':')?;
    Some(UnverifiedBasic {
        client_id: form_decoded(client_id),
        secret: form_decoded(secret),
    })
}

/// Both halves are form-urlencoded before they are joined.
fn form_decoded(text: &str) -> String {
    let field = format!("v={}", text.replace('&', "%26"));
    form_urlencoded::parse(field.as_bytes())
        .map(|(_, value)| value.into_owned())
        .collect()
}
