//! An answer of the vending function: a token, or why there is none (the outside surface,
//! "Vending"). A gateway in front of it answers by itself at times, in another form: such an
//! answer is never a tenant's state.

use std::time::Duration;

use auth::caller::Payload;
use auth::{AccessToken, CauseCode, Timestamp};
use serde_json::Value;

use super::kept::Kept;

/// The longest token, in bytes: as vending itself takes one of a caller.
const TOKEN_MAX: usize = 16 * 1024;
/// No app-only token lives longer, in seconds.
const LIFE_MAX: u64 = 24 * 60 * 60;
/// The longest word that is repeated in a log, in bytes.
const WORD_MAX: usize = 64;

/// There is no token.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) kind: Kind,
    pub(super) status: u16,
    /// `error`, one word; empty where none came.
    pub(super) error: String,
    /// Names the audit line of the vend; empty where none came.
    pub(super) request_id: String,
}

/// What follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The tenant is not active.
    Held(Option<CauseCode>),
    /// It passes by itself; when to ask again, if vending says so.
    Busy(Option<Duration>),
    /// The proof is not taken.
    Unproven,
    /// No policy permits it.
    Denied,
    /// Nothing that vending answers to what is asked here.
    Odd,
}

/// Reads an answer. Fails closed because only a whole one holds a token.
pub(super) fn read(
    status: u16,
    retry_after: Option<Duration>,
    body: &[u8],
    asked_at: Timestamp,
) -> Result<Kept, Refusal> {
    let payload: Option<Payload> = serde_json::from_slice(body).ok();
    let said = |name: &str| payload.as_ref().and_then(|payload| payload.get(name));
    if status == 200
        && let Some(kept) = payload
            .as_ref()
            .and_then(|payload| token(payload, asked_at))
    {
        return Ok(kept);
    }
    Err(Refusal {
        kind: kind(status, retry_after, &said),
        status,
        error: word(said("error")),
        request_id: word(said("request_id")),
    })
}

fn token(payload: &Payload, asked_at: Timestamp) -> Option<Kept> {
    let text = payload.get("access_token")?.as_str()?;
    let kind = payload.get("token_type")?.as_str()?;
    let life = payload.get("expires_in")?.as_u64()?;
    let is_token =
        (1..=TOKEN_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
    let is_sound =
        is_token && kind.eq_ignore_ascii_case("bearer") && (1..=LIFE_MAX).contains(&life);
    is_sound.then(|| Kept {
        token: AccessToken::new(text.to_owned()),
        expires_at: asked_at + Duration::from_secs(life),
    })
}

fn kind<'a>(
    status: u16,
    retry_after: Option<Duration>,
    said: &dyn Fn(&str) -> Option<&'a Value>,
) -> Kind {
    let cause = said("cause").and_then(Value::as_str);
    let cause: Option<CauseCode> = cause.and_then(|cause| cause.parse().ok());
    let is_ours = said("error").is_some_and(Value::is_string);
    let passes = said("retryable").and_then(Value::as_bool) == Some(true);
    match status {
        // There is no other one within a minute of this one.
        _ if cause == Some(CauseCode::TokenRejected) => Kind::Busy(None),
        409 if passes => Kind::Busy(None),
        409 if is_ours => Kind::Held(cause),
        404 if cause.is_some() => Kind::Held(cause),
        401 if is_ours => Kind::Unproven,
        403 if is_ours => Kind::Denied,
        408 | 429 | 500 | 502..=504 => Kind::Busy(retry_after),
        _ => Kind::Odd,
    }
}

/// Of an answer only words go into a log.
fn word(value: Option<&Value>) -> String {
    let text = value.and_then(Value::as_str).unwrap_or_default();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"_-=".contains(&byte);
    match text.len() <= WORD_MAX && text.bytes().all(is_word) {
        true => text.to_owned(),
        false => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"token_type":"Bearer","expires_in":3000,"ext_expires_in":3000,"refresh_in":1,"expires_on":1,"access_token":"a.b.c"}"#;

    fn asked_at() -> Timestamp {
        Timestamp::from_unix(1_000_000)
    }

    fn refused(status: u16, body: &str) -> Kind {
        let after = Some(Duration::from_secs(2));
        let read = read(status, after, body.as_bytes(), asked_at());
        read.map(|_| ()).unwrap_err().kind
    }

    #[test]
    fn a_token_lives_from_before_the_request() {
        let kept = read(200, None, GOOD.as_bytes(), asked_at()).unwrap();
        assert_eq!(kept.token.expose(), "a.b.c");
        assert_eq!(kept.expires_at, Timestamp::from_unix(1_003_000));
    }

    #[test]
    fn what_is_no_whole_answer_holds_no_token() {
        let rows = [
            ("nothing", String::new()),
            ("half an answer", GOOD[..GOOD.len() - 2].to_owned()),
            ("a list", format!("[{GOOD}]")),
            ("no token", GOOD.replace("access_token", "id_token")),
            ("an empty token", GOOD.replace("a.b.c", "")),
            ("a token in two lines", GOOD.replace("a.b.c", "a\\nb")),
            ("a token with a blank", GOOD.replace("a.b.c", "a b")),
            ("a token that is not ASCII", GOOD.replace("a.b.c", "ä")),
            (
                "a token without an end",
                GOOD.replace("a.b.c", &"a".repeat(TOKEN_MAX + 1)),
            ),
            (
                "two tokens",
                GOOD.replace("\"refresh_in\":1", "\"access_token\":\"x\""),
            ),
            ("another type", GOOD.replace("Bearer", "pop")),
            ("no life", GOOD.replace("3000,\"ext", "0,\"ext")),
            ("a life in the past", GOOD.replace("3000,\"ext", "-1,\"ext")),
            (
                "a life without an end",
                GOOD.replace("3000,\"ext", "86401,\"ext"),
            ),
            (
                "a life in words",
                GOOD.replace("3000,\"ext", "\"3000\",\"ext"),
            ),
        ];
        for (what, body) in rows {
            assert_eq!(refused(200, &body), Kind::Odd, "{what}");
        }
        for status in [201, 204, 301, 307, 400] {
            assert_eq!(refused(status, GOOD), Kind::Odd, "{status}");
        }
    }

    #[test]
    fn a_refusal_is_the_tenants_the_operators_or_passes() {
        let says = |error: &str, cause: &str, retryable: bool| {
            format!(
                r#"{{"error":"{error}","error_description":"…","cause":{cause},"retryable":{retryable},"request_id":"r-1="}}"#
            )
        };
        let denied = says("access_denied", "null", false);
        let revoked = says("invalid_grant", "\"not_consented\"", false);
        let busy = Kind::Busy(Some(Duration::from_secs(2)));
        let gateway = r#"{"message":"Forbidden"}"#.to_owned();
        let rows = [
            (
                409,
                revoked.clone(),
                Kind::Held(Some(CauseCode::NotConsented)),
            ),
            (
                409,
                says("invalid_grant", "\"a_new_cause\"", false),
                Kind::Held(None),
            ),
            (
                409,
                says("invalid_grant", "\"not_consented\"", true),
                Kind::Busy(None),
            ),
            (409, gateway.clone(), Kind::Odd),
            (
                404,
                says("invalid_request", "\"tenant_not_found\"", false),
                Kind::Held(Some(CauseCode::TenantNotFound)),
            ),
            (404, says("invalid_request", "null", false), Kind::Odd),
            (404, r#"{"message":"Not Found"}"#.to_owned(), Kind::Odd),
            (401, says("invalid_client", "null", false), Kind::Unproven),
            (401, gateway.clone(), Kind::Odd),
            (403, denied, Kind::Denied),
            (403, gateway.clone(), Kind::Odd),
            (400, says("invalid_scope", "null", false), Kind::Odd),
            (
                429,
                says("temporarily_unavailable", "\"too_many_requests\"", true),
                busy,
            ),
            (429, r#"{"message":"Too Many Requests"}"#.to_owned(), busy),
            (
                503,
                says("temporarily_unavailable", "\"broker_unavailable\"", true),
                busy,
            ),
            (
                503,
                says("temporarily_unavailable", "\"token_rejected\"", true),
                Kind::Busy(None),
            ),
            (503, revoked, busy),
            (502, "<html>".to_owned(), busy),
            (500, String::new(), busy),
            (302, String::new(), Kind::Odd),
        ];
        for (status, body, expected) in rows {
            assert_eq!(refused(status, &body), expected, "{status} {body}");
        }
    }

    #[test]
    fn a_log_repeats_words_of_an_answer_and_nothing_else() {
        let rows = [
            (
                r#"{"error":"access_denied","request_id":"JKJaXmPLvHcESHA="}"#,
                "access_denied",
                "JKJaXmPLvHcESHA=",
            ),
            (r#"{"error":"a\nb","request_id":"a b"}"#, "", ""),
            (r#"{"error":{"code":1},"request_id":7}"#, "", ""),
            (r#"{"message":"Forbidden"}"#, "", ""),
            ("<html>", "", ""),
        ];
        for (body, error, id) in rows {
            let refusal = read(403, None, body.as_bytes(), asked_at())
                .map(|_| ())
                .unwrap_err();
            assert_eq!(
                (refusal.error.as_str(), refusal.request_id.as_str()),
                (error, id),
                "{body}"
            );
        }
    }
}
