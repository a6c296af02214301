//! Proofs of callers that are remembered: nobody may notice, but for the time that it
//! saves. A remembered proof ends when a check of the token itself would fail.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

mod issuing;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use auth::Caller;
use auth::caller::{ClaimNames, Workload};
use auth::ports::{CallerProof as _, HeldClock, ProofError};
use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use entra::OidcCallers;
use issuing::{Key, Reading};
use serde_json::{Value, json};

const NOW: i64 = 1_800_000_000;
const AUDIENCE: &str = "broker";
/// So long keys are believed without another look.
const KEEP: i64 = 15 * 60;

/// What the issuer publishes at the moment, and how often it was asked.
#[derive(Default)]
struct Published {
    issuer: Mutex<String>,
    keys: Mutex<Vec<Value>>,
    fetches: AtomicU32,
}

/// A broker's checker with the one issuer that it knows.
struct Stage {
    published: Arc<Published>,
    clock: Arc<HeldClock>,
    reading: Arc<Reading>,
    callers: OidcCallers,
}

impl Stage {
    async fn with(key: &Key) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let published = Arc::new(Published::default());
        *published.issuer.lock().unwrap() = issuer.clone();
        let app = Router::new()
            .fallback(answer)
            .with_state(Arc::clone(&published));
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let (clock, reading) = (Arc::new(HeldClock::at(NOW)), Arc::new(Reading::default()));
        let callers = issuing::callers(&issuer, AUDIENCE, clock.clone(), reading.clone());
        let stage = Self {
            published,
            clock,
            reading,
            callers,
        };
        stage.publish(&[key]);
        stage
    }

    fn publish(&self, keys: &[&Key]) {
        *self.published.keys.lock().unwrap() = keys.iter().map(|key| key.jwk()).collect();
    }

    /// A caller's token of an hour, from `NOW` on.
    fn token(&self, key: &Key, subject: &str) -> String {
        let issuer = self.published.issuer.lock().unwrap().clone();
        let claims = json!({
            "iss": issuer, "sub": subject, "aud": AUDIENCE, "nbf": NOW, "exp": NOW + 3600,
        });
        key.sign(&claims)
    }

    async fn verify(&self, token: &str) -> Result<String, ProofError> {
        Ok(self.workload(token).await?.subject().to_owned())
    }

    async fn workload(&self, token: &str) -> Result<Workload, ProofError> {
        match self.callers.verify(token).await? {
            Caller::Workload(workload) => Ok(workload),
            other => panic!("a token proves a workload: {other}"),
        }
    }

    fn at(&self, seconds: i64) -> &Self {
        self.clock.set(NOW + seconds);
        self
    }

    /// A token that names a key which nobody knows makes the keys be fetched again.
    async fn provoke_a_fetch(&self) {
        let before = self.published.fetches.load(Ordering::SeqCst);
        let stranger = Key::new("stranger");
        let token = self.token(&stranger, "stranger");
        assert!(self.verify(&token).await.is_err());
        assert_eq!(self.published.fetches.load(Ordering::SeqCst), before + 1);
    }
}

async fn answer(State(published): State<Arc<Published>>, uri: Uri) -> String {
    let issuer = published.issuer.lock().unwrap().clone();
    if uri.path() == "/keys" {
        published.fetches.fetch_add(1, Ordering::SeqCst);
        return json!({"keys": *published.keys.lock().unwrap()}).to_string();
    }
    json!({"issuer": issuer, "jwks_uri": format!("{issuer}/keys")}).to_string()
}

#[tokio::test]
async fn a_remembered_proof_ends_with_its_token_and_holds_only_within_its_times() {
    let key = Key::new("1");
    let stage = Stage::with(&key).await;
    let token = stage.token(&key, "workload");
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
        let outcome = stage.at(seconds).verify(&token).await;
        assert_eq!(outcome.is_ok(), proven, "{seconds}: {outcome:?}");
    }
}

#[tokio::test]
async fn each_token_proves_its_own_caller_however_often_it_comes() {
    let key = Key::new("1");
    let stage = Stage::with(&key).await;
    let tokens = ["one", "two"].map(|subject| (subject, stage.token(&key, subject)));
    for _ in 0..3 {
        for (subject, token) in &tokens {
            assert_eq!(stage.verify(token).await.as_deref(), Ok(*subject));
        }
    }
    assert_eq!(stage.published.fetches.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_changed_signature_is_another_token_and_is_not_remembered() {
    let key = Key::new("1");
    let stage = Stage::with(&key).await;
    let token = stage.token(&key, "workload");
    stage.verify(&token).await.unwrap();
    let other = stage.token(&Key::new("1"), "workload");
    let (signed, _) = token.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    for forged in [format!("{signed}.{signature}"), format!("{signed}."), other] {
        for _ in 0..2 {
            assert!(stage.verify(&forged).await.is_err(), "{forged}");
        }
    }
}

/// The key is gone, or another one has taken its `kid`: either way what it signed is no
/// proof any more, as soon as the broker has seen it.
#[tokio::test]
async fn a_remembered_proof_ends_when_its_issuer_publishes_its_key_no_more() {
    let key = Key::new("1");
    for replacement in [Key::new("1"), Key::new("2")] {
        let stage = Stage::with(&key).await;
        let token = stage.token(&key, "workload");
        stage.verify(&token).await.unwrap();
        stage.publish(&[&replacement]);
        assert!(stage.verify(&token).await.is_ok(), "nobody has looked yet");
        stage.at(60).provoke_a_fetch().await;
        assert!(stage.verify(&token).await.is_err(), "{}", replacement.kid);
        let token = stage.token(&replacement, "workload");
        assert!(stage.verify(&token).await.is_ok());
    }
}

#[tokio::test]
async fn another_key_beside_it_leaves_a_remembered_proof_what_it_is() {
    let key = Key::new("1");
    let stage = Stage::with(&key).await;
    let token = stage.token(&key, "workload");
    stage.verify(&token).await.unwrap();
    stage.publish(&[&key, &Key::new("2")]);
    stage.at(60).provoke_a_fetch().await;
    assert!(stage.verify(&token).await.is_ok());
}

/// Keys are believed for a quarter of an hour: then they are looked up again, also for a
/// proof that is remembered.
#[tokio::test]
async fn a_remembered_proof_is_not_believed_longer_than_the_keys_behind_it() {
    let key = Key::new("1");
    let stage = Stage::with(&key).await;
    let token = stage.token(&key, "workload");
    stage.verify(&token).await.unwrap();
    stage.publish(&[]);
    assert!(stage.at(KEEP - 1).verify(&token).await.is_ok());
    assert!(stage.at(KEEP).verify(&token).await.is_err());
    assert_eq!(stage.published.fetches.load(Ordering::SeqCst), 2);
}

/// Of a remembered proof the claims are kept that policies read; when they read others, the
/// token is checked again and all of its claims are there.
#[tokio::test]
async fn a_remembered_proof_has_every_claim_that_policies_read() {
    let key = Key::new("1");
    let stage = Stage::with(&key).await;
    let issuer = stage.published.issuer.lock().unwrap().clone();
    let token = key.sign(&json!({
        "iss": issuer, "sub": "workload", "aud": AUDIENCE, "exp": NOW + 3600,
        "one": "1", "two": {"deep": [2]}, "three": 3,
    }));
    let whole = stage.workload(&token).await.unwrap();
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
        stage.reading.reads(names);
        let read: ClaimNames = names.iter().map(|name| (*name).to_owned()).collect();
        let read = Arc::new(read);
        for time in ["checked again", "remembered", "remembered"] {
            let found = stage.workload(&token).await.unwrap();
            assert!(found.knows(&read), "{names:?} {time}");
            for name in names {
                assert_eq!(found.claim(name), whole.claim(name), "{names:?} {time}");
            }
        }
    }
    // What is remembered is less than the whole.
    stage.reading.reads(&["one", "of another text"]);
    stage.workload(&token).await.unwrap();
    let kept = stage.workload(&token).await.unwrap();
    let all = Arc::new(["two".to_owned()].into_iter().collect());
    assert!(!kept.knows(&all) && kept.claim("two").is_none());
}
