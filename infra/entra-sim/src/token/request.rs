//! The form of a token request.

use axum::http::{HeaderMap, header};

use crate::errors::{CROSS_ORIGIN, MALFORMED_REQUEST, Refusal, UNSUPPORTED_GRANT_TYPE, missing};
use crate::parameters::Parameters;

/// Fields that may be sent once only.
const SINGLE: [&str; 11] = [
    "grant_type",
    "client_id",
    "client_secret",
    "client_assertion",
    "client_assertion_type",
    "code",
    "code_verifier",
    "redirect_uri",
    "resource",
    "scope",
    "refresh_token",
];

/// The grants that are played.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GrantType {
    AuthorizationCode,
    ClientCredentials,
}

/// A well-formed request; the client is not proven.
pub(super) struct TokenRequest<'a> {
    pub(super) grant_type: GrantType,
    pub(super) client_id: &'a str,
    pub(super) form: &'a Parameters,
}

/// The fields of the body. A body of another media type has none, and is then
/// told so by the first field that is missing, as the real endpoint does.
pub(super) fn read_form(headers: &HeaderMap, body: &[u8]) -> Parameters {
    let is_form = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|media| {
            media
                .trim()
                .eq_ignore_ascii_case("application/x-www-form-urlencoded")
        });
    if is_form {
        Parameters::parse(body)
    } else {
        Parameters::default()
    }
}

impl<'a> TokenRequest<'a> {
    pub(super) fn parse(headers: &HeaderMap, form: &'a Parameters) -> Result<Self, Refusal> {
        if let Some(name) = form.repeated(&SINGLE) {
            return Err(MALFORMED_REQUEST.because(format!(
                "Invalid request. The parameter '{name}' was sent more than once."
            )));
        }
        let grant_type = match form.get("grant_type") {
            None => return Err(missing("grant_type")),
            Some("authorization_code") => GrantType::AuthorizationCode,
            Some("client_credentials") => GrantType::ClientCredentials,
            // Assumption `no-refresh-grant`.
            Some(other) => {
                return Err(UNSUPPORTED_GRANT_TYPE.because(format!(
                    "The app requested an unsupported grant type '{other}'."
                )));
            }
        };
        if headers.contains_key(header::ORIGIN) {
            return Err(CROSS_ORIGIN.because(
                "Cross-origin token redemption is permitted only for the 'Single-Page \
                 Application' client-type.",
            ));
        }
        Ok(Self {
            grant_type,
            // Assumption `client-id-is-sent`.
            client_id: form.get("client_id").ok_or_else(|| missing("client_id"))?,
            form,
        })
    }

    /// A field that must be there.
    pub(super) fn required(&self, name: &str) -> Result<&'a str, Refusal> {
        self.form.get(name).ok_or_else(|| missing(name))
    }
}
