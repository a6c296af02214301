//! A token request, well-formed: its form, and the client that it claims to come from.

use axum::http::{HeaderMap, header};

use super::basic::{self, UnverifiedBasic};
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
    pub(super) client_id: String,
    /// Of the form or of the Authorization header.
    pub(super) unverified_secret: Option<String>,
    pub(super) form: &'a Parameters,
}

/// The fields of the body. A body of another media type has none, and is then
/// refused for the first field that is missing, as the real endpoint does.
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
        let basic = basic::read(headers)?;
        Ok(Self {
            grant_type,
            client_id: client_id(form, basic.as_ref())?,
            unverified_secret: secret(form, basic)?,
            form,
        })
    }

    /// A field that must be there.
    pub(super) fn required(&self, name: &str) -> Result<&'a str, Refusal> {
        self.form.get(name).ok_or_else(|| missing(name))
    }
}

/// Assumption `client-id-is-sent`: in the form or in the Authorization header.
fn client_id(form: &Parameters, basic: Option<&UnverifiedBasic>) -> Result<String, Refusal> {
    match (form.get("client_id"), basic) {
        (Some(in_form), Some(basic)) if in_form != basic.client_id => Err(MALFORMED_REQUEST
            .because("Invalid request. client_id differs from that of the Authorization header.")),
        (Some(client_id), _) => Ok(client_id.to_owned()),
        (None, Some(basic)) => Ok(basic.client_id.clone()),
        (None, None) => Err(missing("client_id")),
    }
}

/// Assumption `one-credential`.
fn secret(form: &Parameters, basic: Option<UnverifiedBasic>) -> Result<Option<String>, Refusal> {
    match (form.get("client_secret"), basic) {
        (Some(_), Some(_)) => Err(MALFORMED_REQUEST.because(
            "Invalid request. Only one of client_secret and the Authorization header may be sent.",
        )),
        (in_form, basic) => Ok(in_form
            .map(str::to_owned)
            .or_else(|| basic.map(|basic| basic.secret))),
    }
}
