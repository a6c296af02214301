//! The words in which a caller's token is refused: what was expected and what came, so that
//! whoever reads them can mend one of the two.
//!
//! A token's words are its sender's: of its claims only `iss`, `aud` and the times are
//! repeated, as `auth::text` shows values from outside, and never the token or its subject.
//! Of the list of issuers a stranger is told those alone that everybody knows. The audience
//! is no secret: it is named to those who hold a token of a listed issuer (decision 0042).

use std::borrow::Cow;
use std::time::Duration;

use auth::Timestamp;
use auth::caller::{Payload, known_issuer};
use auth::ports::ProofError;
use auth::text::{hides, is_certainly_secret, printable, shown};
use serde_json::Value;

use crate::oidc::token_times::{CALLERS_LEEWAY_SECONDS as LEEWAY_SECONDS, TokenTimes};
use crate::oidc::wire::Seconds;

/// So many issuers, or audiences of one token, are named.
const NAMED_MAX: usize = 5;

/// What the payload must be; what is signed is read by us, and by the library, which
/// stumbles over a `sub` that is a list.
pub(super) const PAYLOAD: &str = "the token's payload is not a JSON object in which each name \
                                  stands once, with claims of the types of RFC 7519";

pub(super) fn refused(reason: impl Into<Cow<'static, str>>) -> ProofError {
    ProofError::Refused(reason.into())
}

/// Not three parts with a dot between them.
pub(super) fn form(parts: usize) -> ProofError {
    refused(match parts {
        5 => "the token is encrypted (five parts, RFC 7516): send one that is signed alone",
        _ => "the token is not a JWT: three parts in base64url with dots between them",
    })
}

/// `received` is not on the list, to the letter.
pub(super) fn issuer<'a>(received: &str, listed: impl Iterator<Item = &'a str>) -> ProofError {
    let listed: Vec<&str> = listed.collect();
    let came = quoted(received);
    let bare = |issuer: &str| issuer.trim_end_matches('/').to_ascii_lowercase();
    if let Some(near) = listed.iter().find(|one| bare(one) == bare(received)) {
        return refused(format!(
            "the token's issuer is not on the list: its iss is {came}, and the list has {}; they \
             are compared to the letter",
            quoted(near)
        ));
    }
    refused(format!(
        "the token's issuer is not on the list: its iss is {came}, and expected is {}",
        expected_issuers(&listed)
    ))
}

/// Issuers of which anybody can have a token are named, unless their URL has a path, which
/// can hold a name of the operator's; which others there are is the operator's to say.
fn expected_issuers(listed: &[&str]) -> String {
    let is_public = |issuer: &&&str| {
        let shared = known_issuer(issuer).is_some_and(|known| known.shared);
        shared && issuer.matches('/').count() == 2
    };
    let mut known: Vec<String> = listed
        .iter()
        .filter(is_public)
        .map(|one| quoted(one))
        .collect();
    known.sort_unstable();
    known.truncate(NAMED_MAX);
    match known.is_empty() {
        true => "one that the operator of the broker has listed (operator issuer list)".to_owned(),
        false => format!(
            "{} or another one that the operator of the broker has listed (operator issuer list)",
            known.join(", ")
        ),
    }
}

/// `aud` is not, and does not hold, the audience of this issuer.
pub(super) fn audience(payload: &Payload, issuer: &str, expected: &str) -> ProofError {
    let came = match payload.get("aud") {
        None => {
            return refused(format!(
                "the token has no aud: {}",
                must_be(issuer, expected)
            ));
        }
        Some(aud) => audiences(aud),
    };
    refused(format!(
        "the token is for another audience: its aud is {came}; {}",
        must_be(issuer, expected)
    ))
}

fn must_be(issuer: &str, expected: &str) -> String {
    format!(
        "in tokens of {} it must be {}",
        quoted(issuer),
        quoted(expected)
    )
}

fn audiences(aud: &Value) -> String {
    let no_text = "no text and no list of texts (RFC 7519 §4.1.3)";
    let Value::Array(many) = aud else {
        return aud.as_str().map_or_else(|| no_text.to_owned(), quoted);
    };
    let texts: Option<Vec<&str>> = many.iter().map(Value::as_str).collect();
    match texts {
        None => no_text.to_owned(),
        Some(texts) => {
            let named: Vec<String> = texts
                .iter()
                .take(NAMED_MAX)
                .map(|text| quoted(text))
                .collect();
            let more = texts.len().saturating_sub(NAMED_MAX);
            match more {
                0 => format!("the list [{}]", named.join(", ")),
                _ => format!("the list [{}] and {more} more", named.join(", ")),
            }
        }
    }
}

/// Over, or not begun.
pub(super) fn outside(times: &TokenTimes, now: Timestamp) -> ProofError {
    let is_over = times
        .exp
        .0
        .is_none_or(|exp| now.unix() >= exp.saturating_add(LEEWAY_SECONDS));
    let how = match is_over {
        true => "the token has expired",
        false => "the token is not valid yet",
    };
    refused(format!("{how}: {}", told(times, now)))
}

/// It lives longer than `longest`.
pub(super) fn too_long(times: &TokenTimes, longest: Duration, now: Timestamp) -> ProofError {
    refused(format!(
        "the token lives longer than a caller's token may, {} s from its iat, or from now \
         (CALLER_TOKEN_MAX_LIFE_SECONDS): {}",
        longest.as_secs(),
        told(times, now)
    ))
}

fn told(times: &TokenTimes, now: Timestamp) -> String {
    format!(
        "exp {}, nbf {}, iat {}; here it is {now}, and clocks may differ by {LEEWAY_SECONDS} s",
        time(times.exp),
        time(times.nbf),
        time(times.iat)
    )
}

fn time(seconds: Seconds) -> String {
    let Seconds(seconds) = seconds;
    seconds.map_or_else(
        || "none".to_owned(),
        |seconds| Timestamp::from_unix(seconds).to_string(),
    )
}

/// The subject is missing, or none that can be one.
pub(super) fn subject(sub: Option<&Value>) -> &'static str {
    match sub {
        None => "the token has no sub",
        Some(Value::String(_)) => "the token's sub is empty",
        Some(_) => "the token's sub is not text",
    }
}

/// A value from outside, as one line. The ids in the URLs of issuers (EKS, Okta) look random
/// and are no secret.
fn quoted(value: &str) -> String {
    let is_hidden = match value.starts_with("https://") {
        true => is_certainly_secret(value),
        false => hides(value),
    };
    match is_hidden {
        true => printable(&shown(value).to_string()),
        false => format!("\"{}\"", printable(value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GITHUB: &str = "https://token.actions.githubusercontent.com";
    /// Of the first two everybody knows; the others say whose the broker is.
    const LISTED: [&str; 5] = [
        GITHUB,
        "https://gitlab.com",
        "https://token.actions.githubusercontent.com/contoso-enterprise",
        "https://oidc.eks.eu-central-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF",
        "https://issuer.contoso.example",
    ];

    #[test]
    fn a_stranger_hears_of_issuers_that_everybody_knows_alone() {
        let near = "compared to the letter";
        let public = "expected is \"https://gitlab.com\", \"https://token.actions.githubusercontent.com\" \
                      or another one that the operator of the broker has listed";
        let rows = [
            ("https://evil.example", public),
            ("https://issuer.contoso.example.evil.example", public),
            ("https://oidc.eks.eu-central-1.amazonaws.com/id/0", public),
            ("http://issuer.contoso.example", public),
            ("issuer.contoso.example", public),
            ("", public),
            ("https://gitlab.com.evil.example/", public),
            // Who writes it so knows it already.
            ("https://gitlab.com/", near),
            ("HTTPS://GitLab.com", near),
            ("https://issuer.contoso.example//", near),
        ];
        for (received, words) in rows {
            let told = issuer(received, LISTED.into_iter()).to_string();
            assert!(told.contains(words), "{received}: {told}");
            let private = LISTED.iter().skip(2);
            let named: Vec<_> = private.filter(|one| told.contains(&quoted(one))).collect();
            let is_near = words == near && received.contains("contoso");
            assert_eq!(named.len(), usize::from(is_near), "{received}: {told}");
        }
    }

    #[test]
    fn what_a_token_says_is_repeated_as_one_short_line_or_not_at_all() {
        let rows = [
            ("https://a.example", "\"https://a.example\""),
            // Ids that look random.
            (
                "https://oidc.eks.eu-central-1.amazonaws.com/id/D4A8C6F5E3B2917A0C1D2E3F4A5B6C7D",
                "\"https://oidc.eks.eu-central-1.amazonaws.com/id/D4A8C6F5E3B2917A0C1D2E3F4A5B6C7D\"",
            ),
            (
                "https://dev-1.okta.com/oauth2/aus1x2Y3z4A5b6C7d8E9",
                "\"https://dev-1.okta.com/oauth2/aus1x2Y3z4A5b6C7d8E9\"",
            ),
            (
                "https://a.example/m365tb_collector_x",
                "a value of 36 characters that is not shown",
            ),
            ("", "\"\""),
            ("a\u{1b}[2J", "\"a?[2J\""),
            ("a\u{202e}b", "\"a?b\""),
            ("a\nb", "a value of 3 characters that is not shown"),
            (
                "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.c2ln",
                "a value of 41 characters that is not shown",
            ),
            (
                "m365tb_collector_x",
                "a value of 18 characters that is not shown",
            ),
            (
                "-----BEGIN PRIVATE KEY-----",
                "a value of 27 characters that is not shown",
            ),
            ("Müller", "\"Müller\""),
            ("ä\"b", "\"ä\"b\""),
        ];
        for (value, expected) in rows {
            assert_eq!(quoted(value), expected, "{value:?}");
        }
    }
}
