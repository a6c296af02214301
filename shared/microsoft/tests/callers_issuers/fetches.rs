//! When keys are fetched, how much is read, and for how long it is believed.

use auth::ports::ProofError;
use futures::future::join_all;
use serde_json::json;

use crate::issuing::checker::Checker;
use crate::issuing::server::{CONFIGURATION, KEYS};
use crate::issuing::{AUDIENCE, NOW};

fn token_of_unknown_key(checker: &Checker, number: usize) -> String {
    let key = checker.key.named(&format!("unknown-{number}"));
    key.sign(&checker.claims())
}

#[tokio::test]
async fn keys_that_were_fetched_before_anybody_asked_are_not_fetched_again() {
    let checker = Checker::start().await;
    checker.callers.prepare().await;
    assert_eq!(checker.listed.asked(), [CONFIGURATION, KEYS]);
    assert_eq!(checker.verify(&checker.token()).await, Ok(()));
    checker.callers.prepare().await;
    assert_eq!(checker.listed.fetches(), 1);
    // What a token may cause is as ever: a look in a minute.
    for number in 0..10 {
        let unknown = token_of_unknown_key(&checker, number);
        assert!(matches!(
            checker.verify(&unknown).await,
            Err(ProofError::Refused(_))
        ));
    }
    assert_eq!(checker.listed.fetches(), 1);
    checker.clock.advance(60);
    assert!(
        checker
            .verify(&token_of_unknown_key(&checker, 10))
            .await
            .is_err()
    );
    assert_eq!(checker.listed.fetches(), 2);
}

/// A caller that comes at once must not pay for a failure that nobody asked for.
#[tokio::test]
async fn an_issuer_that_failed_before_anybody_asked_is_asked_again_at_once() {
    let checker = Checker::start().await;
    let good = checker.listed.body(KEYS);
    checker.listed.says(KEYS, 500, json!({}));
    checker.callers.prepare().await;
    assert_eq!(checker.listed.fetches(), 1);
    checker.listed.answers(KEYS, 200, "", good);
    assert_eq!(checker.verify(&checker.token()).await, Ok(()));
    assert_eq!(checker.listed.fetches(), 2);
}

#[tokio::test]
async fn what_an_issuer_publishes_is_read_up_to_a_limit() {
    let long = "x".repeat(600 * 1024);
    let rows = [
        (
            "too long",
            CONFIGURATION,
            json!({"issuer": long, "jwks_uri": "x"}),
        ),
        ("keys too long", KEYS, json!({"keys": [], "x": long})),
        ("keys that are none", KEYS, json!({"keys": {}})),
        ("no list", KEYS, json!("keys")),
    ];
    for (row, path, body) in rows {
        let checker = Checker::start().await;
        checker.listed.says(path, 200, body);
        let refused = checker.verify(&checker.token()).await;
        assert!(
            matches!(refused, Err(ProofError::Unavailable(_))),
            "{row}: {refused:?}"
        );
    }
    // Of its keys a hundred are taken.
    for (before, taken) in [(99, true), (100, false)] {
        let checker = Checker::start().await;
        let others = (0..before).map(|number| checker.key.named(&format!("other-{number}")));
        let keys: Vec<_> = others
            .map(|key| key.jwk())
            .chain([checker.key.jwk()])
            .collect();
        checker.listed.says(KEYS, 200, json!({"keys": keys}));
        let outcome = checker.verify(&checker.token()).await;
        assert_eq!(outcome.is_ok(), taken, "{before}: {outcome:?}");
    }
}

#[tokio::test]
async fn unknown_keys_cause_one_fetch_a_minute_however_many_come() {
    let checker = Checker::start().await;
    assert_eq!(checker.verify(&checker.token()).await, Ok(()));
    for (seconds, expected) in [(0, 1), (59, 1), (1, 2), (59, 2), (1, 3)] {
        checker.clock.advance(seconds);
        // A hundred at a time, ten times.
        for hundred in 0..10 {
            let tokens: Vec<_> = (0..100)
                .map(|number| token_of_unknown_key(&checker, 100 * hundred + number))
                .collect();
            let outcomes = join_all(tokens.iter().map(|token| checker.verify(token))).await;
            let refused = |one: &Result<_, _>| matches!(one, Err(ProofError::Refused(_)));
            assert!(outcomes.iter().all(refused), "{outcomes:?}");
        }
        assert_eq!(checker.listed.fetches(), expected, "after {seconds} s more");
        assert_eq!(
            checker.verify(&checker.token()).await,
            Ok(()),
            "nobody else suffers"
        );
    }
}

#[tokio::test]
async fn an_issuer_that_fails_is_asked_every_five_seconds_at_most() {
    let checker = Checker::start().await;
    checker.listed.says(CONFIGURATION, 503, json!({}));
    for (seconds, expected) in [(0, 1), (4, 1), (1, 2), (4, 2), (1, 3)] {
        checker.clock.advance(seconds);
        for _ in 0..100 {
            let refused = checker.verify(&checker.token()).await;
            assert!(
                matches!(refused, Err(ProofError::Unavailable(_))),
                "{refused:?}"
            );
        }
        assert_eq!(
            checker.listed.asked().len(),
            expected,
            "after {seconds} s more"
        );
    }
    checker.listed.names(
        &checker.listed.url,
        &format!("{}{KEYS}", checker.listed.url),
    );
    checker.clock.advance(5);
    assert_eq!(
        checker.verify(&checker.token()).await,
        Ok(()),
        "it answers again"
    );
}

/// Seconds after the fetch that worked, in order; whether a token is proven while its issuer
/// does not answer, and how often it was asked by then.
#[tokio::test]
async fn keys_are_fetched_again_after_a_quarter_of_an_hour_and_believed_for_six_hours() {
    let checker = Checker::start().await;
    assert_eq!(checker.verify(&checker.token()).await, Ok(()));
    let good = checker.listed.body(KEYS);
    checker.listed.says(KEYS, 503, json!({}));
    let rows = [
        (899, true, 1),
        (900, true, 2),
        // Whoever's key is believed waits for an issuer that fails once a minute at most.
        (905, true, 2),
        (959, true, 2),
        (960, true, 3),
        (3 * 3_600, true, 4),
        (6 * 3_600 - 1, true, 5),
        (6 * 3_600, false, 5),
        (6 * 3_600 + 4, false, 6),
        (6 * 3_600 + 9, false, 7),
    ];
    for (seconds, proven, fetches) in rows {
        checker.clock.set(NOW + seconds);
        let claims = json!({
            "iss": checker.listed.url, "sub": "workload", "aud": AUDIENCE, "exp": NOW + seconds + 60,
        });
        let outcome = checker.verify(&checker.key.sign(&claims)).await;
        assert_eq!(outcome.is_ok(), proven, "{seconds}: {outcome:?}");
        assert_eq!(checker.listed.fetches(), fetches, "{seconds}");
    }
    checker.listed.answers(KEYS, 200, "", good);
    checker.clock.advance(5);
    let claims = json!({
        "iss": checker.listed.url, "sub": "workload", "aud": AUDIENCE, "exp": NOW + 7 * 3_600,
    });
    assert_eq!(checker.verify(&checker.key.sign(&claims)).await, Ok(()));
}

/// Nothing was asked for hours: the key is looked up at the next token, and one that its
/// issuer took back meanwhile proves nothing, however young it is by the setting.
#[tokio::test]
async fn a_key_is_not_believed_longer_because_nothing_was_asked() {
    for seconds in [900, 3_600, 5 * 3_600] {
        let checker = Checker::start().await;
        assert_eq!(checker.verify(&checker.token()).await, Ok(()));
        checker.listed.says(KEYS, 200, json!({"keys": []}));
        checker.clock.set(NOW + seconds);
        let claims = json!({
            "iss": checker.listed.url, "sub": "workload", "aud": AUDIENCE, "exp": NOW + seconds + 60,
        });
        let refused = checker.verify(&checker.key.sign(&claims)).await;
        assert!(
            matches!(refused, Err(ProofError::Refused(_))),
            "{seconds}: {refused:?}"
        );
        assert_eq!(checker.listed.fetches(), 2, "{seconds}");
    }
    // A clock that was set back makes no key young again.
    let checker = Checker::start().await;
    assert_eq!(checker.verify(&checker.token()).await, Ok(()));
    checker.listed.says(KEYS, 200, json!({"keys": []}));
    checker.clock.set(NOW - 30);
    let refused = checker.verify(&checker.token()).await;
    assert!(
        matches!(refused, Err(ProofError::Refused(_))),
        "{refused:?}"
    );
}
