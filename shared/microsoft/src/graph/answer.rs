//! Graph's answers: the application with its key credentials, and what a refusal means. Of a
//! refusal the code alone is passed on: its message is Microsoft's.

use auth::encoding::{base64url, from_base64_standard};
use auth::ports::{KeysError, RegisteredKey};
use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use reqwest::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use crate::http::{Answer, HttpError};

/// The longest code that is passed on: far above any of Graph's.
const CODE_MAX: usize = 64;
/// A SHA-1.
const THUMBPRINT_BYTES: usize = 20;

/// The application, as `$select=id,keyCredentials` shows it.
pub(super) struct Application {
    /// The object ID.
    pub(super) id: String,
    pub(super) keys: Vec<RegisteredKey>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    id: String,
    key_credentials: Vec<ShownKey>,
}

/// A keyCredential (resource type of v1.0).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ShownKey {
    key_id: String,
    #[serde(default)]
    custom_key_identifier: Option<String>,
    #[serde(default)]
    key: Option<String>,
}

impl Application {
    /// Fails closed: an answer that is not the application's is no empty list of keys.
    pub(super) fn read(body: &[u8]) -> Result<Self, KeysError> {
        let shown: Shown = serde_json::from_slice(body)
            .map_err(|_| unavailable("its answer is not an application"))?;
        // It becomes part of an address and of a proof.
        let is_guid = uuid::Uuid::try_parse(&shown.id).is_ok();
        if !is_guid {
            return Err(unavailable("its answer has no object ID"));
        }
        Ok(Self {
            id: shown.id,
            keys: shown.key_credentials.into_iter().map(registered).collect(),
        })
    }
}

fn registered(shown: ShownKey) -> RegisteredKey {
    RegisteredKey {
        sha1_thumbprint: thumbprint(&shown),
        key_id: shown.key_id,
    }
}

/// Of the certificate itself where it is shown. Else what its registration says of it: the
/// portal and Graph write base64 of the digest, some tools its forty hexadecimal digits.
fn thumbprint(shown: &ShownKey) -> Option<String> {
    let der = shown.key.as_deref().and_then(from_base64_standard);
    if let Some(der) = der {
        let digest = digest(&SHA1_FOR_LEGACY_USE_ONLY, &der);
        return Some(base64url(digest.as_ref()));
    }
    let text = shown.custom_key_identifier.as_deref()?;
    let bytes = from_hex(text).or_else(|| from_base64_standard(text))?;
    (bytes.len() == THUMBPRINT_BYTES).then(|| base64url(&bytes))
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 2 * THUMBPRINT_BYTES || !text.is_ascii() {
        return None;
    }
    let pairs = (0..text.len()).step_by(2);
    pairs
        .map(|at| u8::from_str_radix(text.get(at..at + 2)?, 16).ok())
        .collect()
}

/// An answer of 2xx; anything else by what is to be done about it.
pub(super) fn accepted(answer: Result<Answer, HttpError>) -> Result<Answer, KeysError> {
    let answer = answer.map_err(|error| unavailable(&error.to_string()))?;
    let status = answer.status;
    if status.is_success() {
        return Ok(answer);
    }
    // 409: another change of the same application is under way.
    let passes = [
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::REQUEST_TIMEOUT,
        StatusCode::CONFLICT,
    ];
    if status.is_server_error() || passes.contains(&status) {
        return Err(KeysError::Unavailable {
            reason: format!("status {}", status.as_u16()),
            retry_after: answer.retry_after,
        });
    }
    Err(KeysError::Refused(code(status, &answer.body)))
}

/// Whether it is the code of something that is not there.
pub(super) fn is_not_found(code: &str) -> bool {
    code.starts_with("404")
}

/// `403 Authorization_RequestDenied`
fn code(status: StatusCode, body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let code = body.pointer("/error/code").and_then(Value::as_str);
    let is_word = |code: &&str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_.".contains(&byte);
        code.len() <= CODE_MAX && code.bytes().all(plain)
    };
    match code.filter(is_word) {
        Some(code) => format!("{} {code}", status.as_u16()),
        None => status.as_u16().to_string(),
    }
}

pub(super) fn unavailable(reason: &str) -> KeysError {
    KeysError::Unavailable {
        reason: reason.to_owned(),
        retry_after: None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const DER: &[u8] = b"a certificate";

    fn sha1() -> Vec<u8> {
        digest(&SHA1_FOR_LEGACY_USE_ONLY, DER).as_ref().to_vec()
    }

    #[test]
    fn a_thumbprint_is_that_of_the_key_else_what_the_registration_says() {
        use auth::encoding::{base64_standard, hex};
        let own = Some(base64url(&sha1()));
        let other = [7u8; 20];
        let rows = [
            (
                json!({"keyId": "k", "key": base64_standard(DER)}),
                own.clone(),
            ),
            (
                json!({"keyId": "k", "key": base64_standard(DER),
                    "customKeyIdentifier": base64_standard(&other)}),
                own.clone(),
            ),
            (
                json!({"keyId": "k", "key": null, "customKeyIdentifier": base64_standard(&sha1())}),
                own.clone(),
            ),
            (
                json!({"keyId": "k", "customKeyIdentifier": hex(&sha1()).to_uppercase()}),
                own,
            ),
            (json!({"keyId": "k", "customKeyIdentifier": "a name"}), None),
            (json!({"keyId": "k"}), None),
        ];
        for (key, expected) in rows {
            let body = json!({"id": uuid::Uuid::nil(), "keyCredentials": [key]});
            let read = Application::read(body.to_string().as_bytes()).unwrap();
            assert_eq!(read.keys[0].sha1_thumbprint, expected, "{body}");
        }
    }

    #[test]
    fn what_is_no_application_is_not_one_without_keys() {
        for body in [
            "",
            "<html>",
            "{}",
            "[]",
            r#"{"id":"00000000-0000-0000-0000-000000000000"}"#,
            r#"{"id":"../users","keyCredentials":[]}"#,
            r#"{"id":7,"keyCredentials":[]}"#,
            r#"{"keyCredentials":[]}"#,
        ] {
            let read = Application::read(body.as_bytes()).map(|read| read.id);
            assert!(matches!(read, Err(KeysError::Unavailable { .. })), "{body}");
        }
    }

    #[test]
    fn a_refusal_is_its_status_with_a_code_that_is_a_word() {
        let rows = [
            (
                r#"{"error":{"code":"Authorization_RequestDenied"}}"#,
                "403 Authorization_RequestDenied",
            ),
            (r#"{"error":{"code":"two words"}}"#, "403"),
            (r#"{"error":{"code":"eyJ-x"}}"#, "403"),
            (r#"{"error":"denied"}"#, "403"),
            ("<html>", "403"),
        ];
        for (body, expected) in rows {
            assert_eq!(code(StatusCode::FORBIDDEN, body.as_bytes()), expected);
        }
    }
}
