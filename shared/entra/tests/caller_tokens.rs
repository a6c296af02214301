//! Callers' tokens that are signed as they should be, and say what proves nothing: for how
//! long they live, what is missing, and what stands twice.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

mod clock;
mod issuing;

use std::sync::Arc;

use auth::Caller;
use auth::encoding::base64url;
use auth::ports::{CallerProof as _, ProofError};
use clock::MovedClock;
use entra::OidcCallers;
use issuing::place::Place;
use issuing::{Key, Reading};
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000;
const AUDIENCE: &str = "broker";
const DAY: i64 = 24 * 60 * 60;
const MALFORMED: &str = "the token's payload is not a JSON object in which each name stands once, \
                         with claims of the types of RFC 7519";

struct Stage {
    key: Key,
    place: Arc<Place>,
    callers: OidcCallers,
}

impl Stage {
    async fn start() -> Self {
        let key = Key::new("1");
        let place = Place::start(&key).await;
        let (clock, reading) = (MovedClock::at(NOW), Arc::new(Reading::default()));
        let callers = issuing::callers(&place.url, AUDIENCE, clock, reading);
        Self {
            key,
            place,
            callers,
        }
    }

    fn good(&self) -> Value {
        json!({"iss": self.place.url, "sub": "workload", "aud": AUDIENCE, "exp": NOW + 600})
    }

    /// Why a token proves nothing; `None` where it does, both times.
    async fn refusal(&self, token: &str) -> Option<String> {
        let mut refused = None;
        for _ in 0..2 {
            refused = match self.callers.verify(token).await {
                Ok(Caller::Workload(workload)) => {
                    assert_eq!(workload.subject(), "workload");
                    None
                }
                Ok(other) => panic!("{other}"),
                Err(ProofError::Refused(reason)) => Some(reason.to_owned()),
                Err(other) => panic!("{other}"),
            };
        }
        refused
    }
}

#[tokio::test]
async fn a_token_lives_a_day_at_most() {
    let stage = Stage::start().await;
    let long = "the token lives longer than a caller's token may (CALLER_TOKEN_MAX_LIFE_SECONDS)";
    let over = "the token is outside its validity";
    let rows = [
        // As the one-machine run makes it: 24 hours to the second.
        (json!({"iat": NOW, "nbf": NOW, "exp": NOW + DAY}), None),
        (json!({"iat": NOW, "exp": NOW + DAY + 60}), None),
        (json!({"iat": NOW, "exp": NOW + DAY + 61}), Some(long)),
        (json!({"iat": NOW - DAY + 10, "exp": NOW + 10}), None),
        (json!({"iat": NOW - 2 * DAY, "exp": NOW + 10}), Some(long)),
        (json!({"exp": NOW + DAY}), None),
        (json!({"exp": NOW + DAY + 61}), Some(long)),
        (json!({"exp": NOW + 365 * DAY}), Some(long)),
        (
            json!({"iat": NOW + 365 * DAY, "exp": NOW + 366 * DAY}),
            Some(long),
        ),
        (json!({"iat": NOW, "exp": 9e14}), Some(long)),
        (json!({"iat": NOW - 3 * DAY, "exp": NOW - 61}), Some(over)),
        (json!({"nbf": NOW + 61}), Some(over)),
    ];
    for (more, expected) in rows {
        let mut claims = stage.good();
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let refused = stage.refusal(&stage.key.sign(&claims)).await;
        assert_eq!(refused.as_deref(), expected, "{more}");
    }
}

#[tokio::test]
async fn a_token_that_lacks_something_is_told_what() {
    let stage = Stage::start().await;
    let audience = "the token is for another audience";
    let rows = [
        ("exp", None, "the token has no exp"),
        ("exp", Some(json!(null)), "the token's exp is not a time"),
        ("exp", Some(json!("never")), "the token's exp is not a time"),
        ("nbf", Some(json!("soon")), "the token's nbf is not a time"),
        ("iat", Some(json!({})), "the token's iat is not a time"),
        ("sub", None, "the token has no subject"),
        ("sub", Some(json!("")), "the token has no subject"),
        ("sub", Some(json!(7)), "the token has no subject"),
        ("sub", Some(json!(["workload"])), MALFORMED),
        ("aud", None, audience),
        ("aud", Some(json!("another")), audience),
        ("aud", Some(json!([AUDIENCE, 7])), audience),
        ("aud", Some(json!({"broker": true})), audience),
    ];
    for (name, value, expected) in rows {
        let mut claims = stage.good();
        match value {
            Some(value) => claims[name] = value,
            None => drop(claims.as_object_mut().unwrap().remove(name)),
        }
        let refused = stage.refusal(&stage.key.sign(&claims)).await;
        assert_eq!(refused.as_deref(), Some(expected), "{claims}");
    }
    for audiences in [json!(AUDIENCE), json!([AUDIENCE]), json!(["a", AUDIENCE])] {
        let mut claims = stage.good();
        claims["aud"] = audiences;
        assert_eq!(
            stage.refusal(&stage.key.sign(&claims)).await,
            None,
            "{claims}"
        );
    }
}

/// Two readers could take different ones of a name that stands twice (RFC 7519 §4).
#[tokio::test]
async fn a_name_that_stands_twice_proves_nothing() {
    let stage = Stage::start().await;
    let good = stage.good().to_string();
    let with = |more: &str| format!("{},{more}}}", &good[..good.len() - 1]);
    let rows = [
        (good.clone(), None),
        (with(r#""more": {"a": 1}, "other": {"a": 1}"#), None),
        (with(r#""sub": "workload""#), Some(MALFORMED)),
        (with(r#""sub": "admin""#), Some(MALFORMED)),
        (with(r#""s\u0075b": "admin""#), Some(MALFORMED)),
        (with(r#""aud": "broker""#), Some(MALFORMED)),
        (with(r#""exp": 1"#), Some(MALFORMED)),
        (with(r#""team": "a", "team": "b""#), Some(MALFORMED)),
        (with(r#""more": {"a": 1, "a": 2}"#), Some(MALFORMED)),
        (
            with(r#""more": [{"a": [{"b": 1, "b": 1}]}]"#),
            Some(MALFORMED),
        ),
        // The issuer is looked for first, and is none that stands twice.
        (with(r#""iss": "x""#), Some("the token is not a JWT")),
        ("[]".to_owned(), Some("the token is not a JWT")),
    ];
    for (payload, expected) in rows {
        let token = stage.key.sign_bytes(payload.as_bytes());
        let refused = stage.refusal(&token).await;
        assert_eq!(refused.as_deref(), expected, "{payload}");
    }
    let unsigned = format!("e30.{}.c2ln", base64url(good.as_bytes()));
    assert!(stage.refusal(&unsigned).await.is_some());
}
