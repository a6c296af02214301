//! Callers' tokens that are signed as they should be, and say what proves nothing: for how
//! long they live, what is missing, and what stands twice.

use auth::encoding::base64url;
use auth::ports::ProofError;
use serde_json::{Value, json};

use crate::issuing::checker::Checker;
use crate::issuing::{AUDIENCE, NOW};

const DAY: i64 = 24 * 60 * 60;
const MALFORMED: &str = "the token's payload is not a JSON object in which each name stands once, \
                         with claims of the types of RFC 7519";

/// The claims of a good token, without those that need not be there.
fn good_claims(checker: &Checker) -> Value {
    json!({"iss": checker.listed.url, "sub": "workload", "aud": AUDIENCE, "exp": NOW + 600})
}

/// Why a token proves nothing; `None` where it does, both times.
async fn refusal(checker: &Checker, token: &str) -> Option<String> {
    let mut refused = None;
    for _ in 0..2 {
        refused = match checker.workload(token).await {
            Ok(workload) => {
                assert_eq!(workload.subject(), "workload");
                None
            }
            Err(ProofError::Refused(reason)) => Some(reason.into_owned()),
            Err(other) => panic!("{other}"),
        };
    }
    refused
}

#[tokio::test]
async fn a_token_lives_a_day_at_most() {
    let checker = Checker::start().await;
    let long = "the token lives longer than a caller's token may, 86400 s from its iat, or from \
                now (CALLER_TOKEN_MAX_LIFE_SECONDS): exp ";
    let over = "the token has expired: exp 2027-01-15T07:58:59Z, nbf none, iat 2027-01-12T08:00:00Z; \
                here it is 2027-01-15T08:00:00Z, and clocks may differ by 60 s";
    let early = "the token is not valid yet: exp 2027-01-15T08:10:00Z, nbf 2027-01-15T08:01:01Z";
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
        (json!({"nbf": NOW + 61}), Some(early)),
    ];
    for (more, expected) in rows {
        let mut claims = good_claims(&checker);
        for (name, value) in more.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let refused = refusal(&checker, &checker.key.sign(&claims)).await;
        told(refused, expected, &more.to_string());
    }
}

/// A refusal begins with these words, and there is none where none are expected.
fn told(refused: Option<String>, expected: Option<&str>, row: &str) {
    match (&refused, expected) {
        (None, None) => {}
        (Some(refused), Some(words)) => assert!(refused.starts_with(words), "{row}: {refused}"),
        _ => panic!("{row}: {refused:?}"),
    }
}

#[tokio::test]
async fn a_token_that_lacks_something_is_told_what() {
    let checker = Checker::start().await;
    let place = &checker.listed.url;
    let must = format!("in tokens of \"{place}\" it must be \"broker\"");
    let aud = |came: &str| format!("the token is for another audience: its aud is {came}; {must}");
    let no_list = aud("no text and no list of texts (RFC 7519 §4.1.3)");
    let no_aud = format!("the token has no aud: {must}");
    let another = aud("\"another\"");
    let many = aud("the list [\"a\", \"b\", \"c\", \"d\", \"e\"] and 2 more");
    // Neither a log line nor a terminal is written to by a token.
    let steers = aud("\"a?[2Jb\"");
    let long = aud("a value of 300 characters that is not shown");
    let iss = "the token's issuer is not on the list: its iss is ";
    let stranger = format!(
        "{iss}\"https://evil.example\", and expected is one that the operator of the broker has \
         listed (operator issuer list)"
    );
    let slash = format!("{iss}\"{place}/\", and the list has \"{place}\"; they are compared");
    let rows = [
        ("exp", None, "the token has no exp"),
        ("exp", Some(json!(null)), "the token's exp is not a time"),
        ("exp", Some(json!("never")), "the token's exp is not a time"),
        ("nbf", Some(json!("soon")), "the token's nbf is not a time"),
        ("iat", Some(json!({})), "the token's iat is not a time"),
        ("nbf", Some(json!(null)), "the token's nbf is not a time"),
        ("sub", None, "the token has no sub"),
        ("sub", Some(json!("")), "the token's sub is empty"),
        ("sub", Some(json!(7)), "the token's sub is not text"),
        ("sub", Some(json!(["workload"])), MALFORMED),
        ("iss", None, "the token has no iss"),
        ("iss", Some(json!(null)), "the token has no iss"),
        ("iss", Some(json!([place])), "the token's iss is not text"),
        ("iss", Some(json!("https://evil.example")), &stranger),
        ("iss", Some(json!(format!("{place}/"))), &slash),
        ("aud", None, &no_aud),
        ("aud", Some(json!("another")), &another),
        (
            "aud",
            Some(json!(["a", "b", "c", "d", "e", "f", "g"])),
            &many,
        ),
        ("aud", Some(json!("a\u{1b}[2Jb")), &steers),
        ("aud", Some(json!("a".repeat(300))), &long),
        ("aud", Some(json!([AUDIENCE, 7])), &no_list),
        ("aud", Some(json!({"broker": true})), &no_list),
    ];
    for (name, value, expected) in rows {
        let mut claims = good_claims(&checker);
        match value {
            Some(value) => claims[name] = value,
            None => drop(claims.as_object_mut().unwrap().remove(name)),
        }
        let refused = refusal(&checker, &checker.key.sign(&claims)).await;
        let words = refused.as_deref().unwrap_or_default();
        assert!(
            !words.contains("workload"),
            "a subject is not repeated: {words}"
        );
        told(refused, Some(expected), &claims.to_string());
    }
    for audiences in [json!(AUDIENCE), json!([AUDIENCE]), json!(["a", AUDIENCE])] {
        let mut claims = good_claims(&checker);
        claims["aud"] = audiences;
        assert_eq!(
            refusal(&checker, &checker.key.sign(&claims)).await,
            None,
            "{claims}"
        );
    }
}

/// Two readers could take different ones of a name that stands twice (RFC 7519 §4).
#[tokio::test]
async fn a_name_that_stands_twice_proves_nothing() {
    let checker = Checker::start().await;
    let good = good_claims(&checker).to_string();
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
        (with(r#""iss": "x""#), Some(MALFORMED)),
        ("[]".to_owned(), Some(MALFORMED)),
    ];
    for (payload, expected) in rows {
        let token = checker.key.sign_bytes(payload.as_bytes());
        let refused = refusal(&checker, &token).await;
        assert_eq!(refused.as_deref(), expected, "{payload}");
    }
    let unsigned = format!("e30.{}.c2ln", base64url(good.as_bytes()));
    assert!(refusal(&checker, &unsigned).await.is_some());
}

#[tokio::test]
async fn what_is_no_signed_token_is_told_so() {
    let checker = Checker::start().await;
    let jwt = "the token is not a JWT: three parts in base64url with dots between them";
    let encrypted = "the token is encrypted (five parts, RFC 7516): send one that is signed alone";
    let good = checker.key.sign(&good_claims(&checker));
    let long = "a".repeat(16 * 1024 + 1);
    let unsigned = format!(
        "e30.{}.c2ln",
        base64url(good_claims(&checker).to_string().as_bytes())
    );
    let of_text = |payload: &str| format!("e30.{}.c2ln", base64url(payload.as_bytes()));
    let rows = [
        (String::new(), jwt),
        ("garbage".to_owned(), jwt),
        ("a.b".to_owned(), jwt),
        ("e30.e30.AAAA.e30".to_owned(), jwt),
        (format!("{good}.{good}"), jwt),
        ("e30.=.c2ln".to_owned(), jwt),
        ("e30..AAAA.BBBB.CCCC".to_owned(), encrypted),
        (of_text("{"), MALFORMED),
        (of_text("\"text\""), MALFORMED),
        (of_text("{}"), "the token has no iss"),
        (
            unsigned,
            "the token's header names no algorithm (alg) that is taken here: RS256",
        ),
        (long, "the token is too long: it may have 16 KB"),
    ];
    for (token, expected) in rows {
        told(refusal(&checker, &token).await, Some(expected), &token);
    }
}
