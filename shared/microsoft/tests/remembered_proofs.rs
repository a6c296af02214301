//! Proofs of callers that are remembered: nobody may notice, but for the time that it
//! saves. A remembered proof ends when a check of the token itself would fail.

use std::sync::Arc;

use auth::caller::ClaimNames;
use serde_json::{Value, json};

use crate::issuing::checker::Checker;
use crate::issuing::server::KEYS;
use crate::issuing::{Key, NOW};

/// So long keys are believed without another look.
const KEEP: i64 = 15 * 60;

fn publish(checker: &Checker, keys: &[&Key]) {
    let keys: Vec<Value> = keys.iter().map(|key| key.jwk()).collect();
    checker.listed.says(KEYS, 200, json!({"keys": keys}));
}

/// A caller's token of an hour, from `NOW` on.
fn signed_by(checker: &Checker, key: &Key, subject: &str) -> String {
    let mut claims = checker.claims();
    claims["sub"] = json!(subject);
    key.sign(&claims)
}

fn at(checker: &Checker, seconds: i64) -> &Checker {
    checker.clock.set(NOW + seconds);
    checker
}

/// A token that names a key which nobody knows makes the keys be fetched again.
async fn provoke_a_fetch(checker: &Checker) {
    let before = checker.listed.fetches();
    let token = signed_by(checker, &Key::new("stranger"), "stranger");
    assert!(checker.verify(&token).await.is_err());
    assert_eq!(checker.listed.fetches(), before + 1);
}

#[tokio::test]
async fn a_remembered_proof_ends_with_its_token_and_holds_only_within_its_times() {
    let checker = Checker::start().await;
    let token = checker.token();
    // Seconds after NOW, in the order in which the clock moves; a minute is forgiven.
    let rows = [
        (0, true),
        (3_600, true),
        (3_659, true),
        (3_660, false),
        (0, true),
        (-61, false),
        (-60, true),
    ];
    for (seconds, proven) in rows {
        let outcome = at(&checker, seconds).verify(&token).await;
        assert_eq!(outcome.is_ok(), proven, "{seconds}: {outcome:?}");
    }
}

#[tokio::test]
async fn each_token_proves_its_own_caller_however_often_it_comes() {
    let checker = Checker::start().await;
    let tokens =
        ["one", "two"].map(|subject| (subject, signed_by(&checker, &checker.key, subject)));
    for _ in 0..3 {
        for (subject, token) in &tokens {
            let workload = checker.workload(token).await.unwrap();
            assert_eq!(workload.subject(), *subject);
        }
    }
    assert_eq!(checker.listed.fetches(), 1);
}

#[tokio::test]
async fn a_changed_signature_is_another_token_and_is_not_remembered() {
    let checker = Checker::start().await;
    let token = checker.token();
    checker.verify(&token).await.unwrap();
    let other = signed_by(&checker, &Key::new("1"), "workload");
    let (signed, _) = token.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    for forged in [format!("{signed}.{signature}"), format!("{signed}."), other] {
        for _ in 0..2 {
            assert!(checker.verify(&forged).await.is_err(), "{forged}");
        }
    }
}

/// The key is gone, or another one has taken its `kid`: either way what it signed is no
/// proof any more, as soon as the broker has seen it.
#[tokio::test]
async fn a_remembered_proof_ends_when_its_issuer_publishes_its_key_no_more() {
    for replacement in [Key::new("1"), Key::new("2")] {
        let checker = Checker::start().await;
        let token = checker.token();
        checker.verify(&token).await.unwrap();
        publish(&checker, &[&replacement]);
        assert!(
            checker.verify(&token).await.is_ok(),
            "nobody has looked yet"
        );
        provoke_a_fetch(at(&checker, 60)).await;
        assert!(checker.verify(&token).await.is_err(), "{}", replacement.kid);
        let token = signed_by(&checker, &replacement, "workload");
        assert!(checker.verify(&token).await.is_ok());
    }
}

#[tokio::test]
async fn another_key_beside_it_leaves_a_remembered_proof_what_it_is() {
    let checker = Checker::start().await;
    let token = checker.token();
    checker.verify(&token).await.unwrap();
    publish(&checker, &[&checker.key, &Key::new("2")]);
    provoke_a_fetch(at(&checker, 60)).await;
    assert!(checker.verify(&token).await.is_ok());
}

/// Keys are believed for a quarter of an hour: then they are looked up again, also for a
/// proof that is remembered.
#[tokio::test]
async fn a_remembered_proof_is_not_believed_longer_than_the_keys_behind_it() {
    let checker = Checker::start().await;
    let token = checker.token();
    checker.verify(&token).await.unwrap();
    publish(&checker, &[]);
    assert!(at(&checker, KEEP - 1).verify(&token).await.is_ok());
    assert!(at(&checker, KEEP).verify(&token).await.is_err());
    assert_eq!(checker.listed.fetches(), 2);
}

/// Of a remembered proof the claims are kept that policies read; when they read others, the
/// token is checked again and all of its claims are there.
#[tokio::test]
async fn a_remembered_proof_has_every_claim_that_policies_read() {
    let checker = Checker::start().await;
    let mut claims = checker.claims();
    claims["one"] = json!("1");
    claims["two"] = json!({"deep": [2]});
    claims["three"] = json!(3);
    let token = checker.key.sign(&claims);
    let whole = checker.workload(&token).await.unwrap();
    assert_eq!(whole.claim("two"), Some(&json!({"deep": [2]})));
    let rows: [&[&str]; 6] = [
        &[],
        &["one"],
        &["one", "two"],
        &["sub", "iss", "aud", "exp"],
        &["three", "absent"],
        &["one", "two", "three"],
    ];
    for names in rows {
        checker.reading.reads(names);
        let read: ClaimNames = names.iter().map(|name| (*name).to_owned()).collect();
        let read = Arc::new(read);
        for time in ["checked again", "remembered", "remembered"] {
            let found = checker.workload(&token).await.unwrap();
            assert!(found.knows(&read), "{names:?} {time}");
            for name in names {
                assert_eq!(found.claim(name), whole.claim(name), "{names:?} {time}");
            }
        }
    }
    // What is remembered is less than the whole.
    checker.reading.reads(&["one", "of another text"]);
    checker.workload(&token).await.unwrap();
    let kept = checker.workload(&token).await.unwrap();
    let all = Arc::new(["two".to_owned()].into_iter().collect());
    assert!(!kept.knows(&all) && kept.claim("two").is_none());
}
