//! Answers of a token endpoint, and errors of a callback: a token only where one was given
//! out, no revocation without a number that says so, and no text of theirs in ours.

use std::time::Duration;

use auth::cause::CauseCode;
use auth::ports::{AuthorityError, IssuedToken};
use microsoft::fuzzing::{callback_error, issued};
use serde_json::Value;

use super::parts::json;

const STATUSES: [u16; 10] = [200, 200, 200, 400, 400, 401, 403, 408, 429, 503];
/// No token of Entra ID lives longer.
const LIFE_MAX: Duration = Duration::from_secs(28 * 60 * 60);

/// The first byte chooses the status; the rest is the body, and an error's description.
pub(super) fn token_answers(data: &[u8]) {
    let (choice, body) = data.split_first().unwrap_or((&0, &[]));
    let status = STATUSES[usize::from(*choice) % STATUSES.len()];
    let read = json(body).unwrap_or_default();
    match issued(status, body) {
        Ok(token) => check_token(status, &token, &read),
        Err(error) => check_refusal(status, &error, &read),
    }
    check_callback(&String::from_utf8_lossy(body));
}

fn check_token(status: u16, token: &IssuedToken, body: &Value) {
    assert_eq!(status, 200);
    assert!(body.get("error").is_none_or(Value::is_null));
    let text = token.access_token.expose();
    assert!(!text.is_empty());
    assert_eq!(body["access_token"].as_str(), Some(text));
    assert!(token.expires_in >= Duration::from_secs(1) && token.expires_in <= LIFE_MAX);
    assert!(
        token
            .refresh_in
            .is_none_or(|after| after <= token.expires_in)
    );
    assert!(!format!("{token:?}").contains(text) || text.len() < 12);
}

fn check_refusal(status: u16, error: &AuthorityError, body: &Value) {
    let code = error.cause.code;
    match status {
        429 => assert_eq!(code, CauseCode::Throttled),
        408 | 503 => assert_eq!(code, CauseCode::Unavailable),
        200 if body.get("error").is_none_or(Value::is_null) => {
            assert_eq!(code, CauseCode::Unavailable);
        }
        _ => {}
    }
    if code == CauseCode::Throttled {
        assert!(error.retry_after.is_some());
    }
    if code.is_revocation() {
        assert!(error.cause.aadsts.is_some());
    }
    if let Some(number) = error.cause.aadsts {
        assert!(
            body["error_codes"]
                .to_string()
                .contains(&number.to_string())
        );
    }
    if let Some(id) = &error.correlation_id {
        assert_eq!(body["correlation_id"].as_str(), Some(id.as_str()));
        assert!(is_correlation_id(id), "{id}");
    }
    check_silent(error, body);
}

/// Secrets of the answer are in no text of ours.
fn check_silent(error: &AuthorityError, body: &Value) {
    let shown = format!("{error} {error:?}");
    for name in [
        "access_token",
        "id_token",
        "refresh_token",
        "error_description",
    ] {
        let secret = body[name].as_str().filter(|text| text.len() >= 12);
        let secret = secret.filter(|text| text.starts_with("eyJ"));
        assert!(
            secret.is_none_or(|secret| !shown.contains(secret)),
            "{name}"
        );
    }
}

fn check_callback(text: &str) {
    let (error, description) = text.split_once('\n').unwrap_or((text, ""));
    let read = callback_error(error, Some(description));
    if let Some(number) = read.cause.aadsts {
        let digits = description.strip_prefix("AADSTS").unwrap();
        assert!(
            digits
                .trim_start_matches('0')
                .starts_with(&number.to_string())
                || number == 0
        );
    }
    if let Some(id) = &read.correlation_id {
        assert!(is_correlation_id(id), "{id}");
        assert!(description.to_ascii_lowercase().contains(id.as_str()));
    }
    assert_eq!(callback_error(error, None).cause.aadsts, None);
}

fn is_correlation_id(id: &str) -> bool {
    id.len() == 36 && id.chars().all(|c| c == '-' || c.is_ascii_hexdigit())
}
