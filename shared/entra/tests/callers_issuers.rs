//! What is asked of callers' issuers: who is on the list alone, no oftener than promised,
//! and nowhere to which anybody else leads. A second place on this machine listens all the
//! time and must hear of nothing.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

mod clock;
mod issuing;

use std::sync::Arc;

use auth::ports::{CallerProof as _, ProofError};
use clock::MovedClock;
use entra::OidcCallers;
use futures::future::join_all;
use issuing::place::{CONFIGURATION, KEYS, Place};
use issuing::{Key, Reading};
use serde_json::json;

const NOW: i64 = 1_800_000_000;
const AUDIENCE: &str = "broker";

/// What the listed place says in order to lead us to the other one.
type Lead = fn(&Place, &Place);

/// A checker with one issuer on its list, and a place that is not on it and would do.
struct Stage {
    key: Key,
    listed: Arc<Place>,
    other: Arc<Place>,
    clock: Arc<MovedClock>,
    callers: OidcCallers,
}

impl Stage {
    async fn start() -> Self {
        let key = Key::new("1");
        let (listed, other) = (Place::start(&key).await, Place::start(&key).await);
        let clock = MovedClock::at(NOW);
        let reading = Arc::new(Reading::default());
        let callers = issuing::callers(&listed.url, AUDIENCE, clock.clone(), reading);
        Self {
            key,
            listed,
            other,
            clock,
            callers,
        }
    }

    /// A token that is good for whoever has this issuer on the list.
    fn token_of(&self, issuer: &str, key: &Key) -> String {
        key.sign(&claims_of(issuer))
    }

    fn token(&self) -> String {
        self.token_of(&self.listed.url, &self.key)
    }

    fn token_of_unknown_key(&self, number: usize) -> String {
        let key = self.key.named(&format!("unknown-{number}"));
        self.token_of(&self.listed.url, &key)
    }

    async fn verify(&self, token: &str) -> Result<(), ProofError> {
        self.callers.verify(token).await.map(drop)
    }

    fn advance(&self, seconds: i64) {
        self.clock.advance(seconds);
    }
}

fn claims_of(issuer: &str) -> serde_json::Value {
    json!({
        "iss": issuer, "sub": "workload", "aud": AUDIENCE, "nbf": NOW, "exp": NOW + 3600,
    })
}

#[tokio::test]
async fn who_is_not_on_the_list_to_the_letter_is_never_asked() {
    let stage = Stage::start().await;
    let listed = &stage.listed.url;
    let rows = [
        stage.other.url.clone(),
        stage.other.url.replace("127.0.0.1", "localhost"),
        listed.replace("127.0.0.1", "localhost"),
        listed.replace("http:", "https:"),
        listed.replace("http:", "HTTP:"),
        format!("{listed}/"),
        format!("{listed}/."),
        format!("{listed}?x"),
        format!("{listed}#"),
        format!("{listed}@evil.example"),
        format!("{listed}{CONFIGURATION}"),
        listed.replace("http://", "http://x@"),
        "http://169.254.169.254/latest/meta-data".to_owned(),
        "http://[fd00:ec2::254]/latest".to_owned(),
        "http://[fe80::1]".to_owned(),
        "http://0.0.0.0".to_owned(),
        "https://[::1]".to_owned(),
        "file:///etc/passwd".to_owned(),
        "ftp://issuer.example".to_owned(),
        "gopher://127.0.0.1:70/_x".to_owned(),
        "unix:/run/issuer.sock".to_owned(),
        "data:application/json,{}".to_owned(),
        "../../issuer".to_owned(),
        String::new(),
    ];
    for issuer in rows {
        let token = stage.token_of(&issuer, &stage.key);
        let refused = stage.verify(&token).await;
        let expected = ProofError::Refused("the token's issuer is not on the list");
        assert_eq!(refused, Err(expected), "{issuer}");
    }
    assert!(stage.listed.asked().is_empty() && stage.other.asked().is_empty());
    assert_eq!(stage.verify(&stage.token()).await, Ok(()));
}

#[tokio::test]
async fn who_is_on_the_list_leads_nowhere_else() {
    let leads: [(&str, Lead); 14] = [
        ("moved for good", |listed, other| {
            listed.answers(
                CONFIGURATION,
                301,
                &format!("{}{CONFIGURATION}", other.url),
                String::new(),
            );
        }),
        ("found elsewhere", |listed, other| {
            let document =
                json!({"issuer": listed.url, "jwks_uri": format!("{}{KEYS}", listed.url)});
            listed.answers(CONFIGURATION, 302, &other.url, document.to_string());
        }),
        ("moved to itself", |listed, _| {
            listed.answers(CONFIGURATION, 307, KEYS, String::new());
        }),
        ("keys moved", |listed, other| {
            listed.answers(KEYS, 308, &format!("{}{KEYS}", other.url), String::new());
        }),
        ("keys see other", |listed, other| {
            let keys = other.body(KEYS);
            listed.answers(KEYS, 303, &format!("{}{KEYS}", other.url), keys);
        }),
        ("keys of another place of this machine", |listed, other| {
            listed.names(&listed.url, &format!("{}{KEYS}", other.url));
        }),
        ("keys of the same by another name", |listed, _| {
            let named = listed.url.replace("127.0.0.1", "localhost");
            listed.names(&listed.url, &format!("{named}{KEYS}"));
        }),
        ("keys of a link-local address", |listed, _| {
            listed.names(&listed.url, "http://169.254.169.254/keys");
        }),
        ("keys over another scheme", |listed, other| {
            listed.names(&listed.url, &other.url.replace("http:", "https:"));
        }),
        ("keys in a file", |listed, _| {
            listed.names(&listed.url, "file:///etc/passwd");
        }),
        ("keys within the document", |listed, _| {
            listed.names(&listed.url, r#"data:application/json,{"keys":[]}"#);
        }),
        ("keys at no URL", |listed, _| {
            listed.names(&listed.url, KEYS);
        }),
        ("the document of another issuer", |listed, other| {
            listed.names(&other.url, &format!("{}{KEYS}", listed.url));
        }),
        ("no document", |listed, _| {
            listed.says(CONFIGURATION, 404, json!({}));
        }),
    ];
    for (row, lead) in leads {
        let stage = Stage::start().await;
        lead(&stage.listed, &stage.other);
        let refused = stage.verify(&stage.token()).await;
        assert!(
            matches!(refused, Err(ProofError::Unavailable(_))),
            "{row}: {refused:?}"
        );
        assert!(stage.other.asked().is_empty(), "{row}");
        assert!(
            stage.listed.asked().len() <= 2,
            "{row}: {:?}",
            stage.listed.asked()
        );
    }
}

#[tokio::test]
async fn a_signed_header_that_has_to_be_understood_or_is_of_another_kind_proves_nobody() {
    let stage = Stage::start().await;
    let claims = claims_of(&stage.listed.url);
    let rows = [
        ("", true),
        (r#","typ":"JWT""#, true),
        (r#","typ":"at+jwt""#, true),
        (r#","cty":"JWT","x5t":"AAAA","unheard-of":1"#, true),
        (r#","crit":["exp"],"exp":1"#, false),
        (r#","crit":["b64"],"b64":false"#, false),
        (r#","crit":["unheard-of"],"unheard-of":1"#, false),
        (r#","crit":["kid"]"#, false),
        (r#","crit":[]"#, false),
        (r#","crit":null"#, false),
        (r#","crit":"exp""#, false),
        (r#","crit":{}"#, false),
        (r#","b64":false"#, false),
        (r#","typ":"dpop+jwt""#, false),
        (r#","typ":"logout+jwt""#, false),
        (r#","typ":"secevent+jwt""#, false),
        (r#","typ":null"#, false),
        (r#","kid":"1""#, false),
        (r#","alg":"ES256""#, false),
    ];
    for (more, proven) in rows {
        let header = format!(r#"{{"alg":"ES256","kid":"1"{more}}}"#);
        let outcome = stage.verify(&stage.key.sign_under(&header, &claims)).await;
        let refused = matches!(outcome, Err(ProofError::Refused(_)));
        assert_eq!((outcome.is_ok(), refused), (proven, !proven), "{header}");
    }
}

#[tokio::test]
async fn a_published_key_checks_what_its_issuer_publishes_it_for_and_nothing_else() {
    let rows = [
        ("alg", json!("ES256"), true),
        ("alg", serde_json::Value::Null, true),
        ("alg", json!("ES384"), false),
        ("alg", json!("RS256"), false),
        ("alg", json!("HS256"), false),
        ("alg", json!("none"), false),
        ("alg", json!("es256"), false),
        ("alg", json!(["ES256"]), false),
        ("use", json!("sig"), true),
        ("use", json!("enc"), false),
        ("use", json!("tls"), false),
        ("use", json!(""), false),
        ("use", json!(1), false),
        ("key_ops", json!(["verify"]), true),
        ("key_ops", json!(["sign", "verify"]), true),
        ("key_ops", json!(["sign"]), false),
        ("key_ops", json!(["encrypt", "wrapKey"]), false),
        ("key_ops", json!([]), false),
        ("key_ops", json!("verify"), false),
        ("kty", json!("RSA"), false),
    ];
    for (name, value, proven) in rows {
        let stage = Stage::start().await;
        let mut jwk = stage.key.jwk();
        jwk.as_object_mut().unwrap().remove("alg");
        jwk[name] = value;
        stage.listed.says(KEYS, 200, json!({"keys": [&jwk]}));
        let outcome = stage.verify(&stage.token()).await;
        let refused = matches!(outcome, Err(ProofError::Refused(_)));
        assert_eq!((outcome.is_ok(), refused), (proven, !proven), "{jwk}");
    }
}

#[tokio::test]
async fn keys_that_were_fetched_before_anybody_asked_are_not_fetched_again() {
    let stage = Stage::start().await;
    stage.callers.prepare().await;
    assert_eq!(stage.listed.asked(), [CONFIGURATION, KEYS]);
    assert_eq!(stage.verify(&stage.token()).await, Ok(()));
    stage.callers.prepare().await;
    assert_eq!(stage.listed.fetches(), 1);
    // What a token may cause is as ever: a look in a minute.
    for number in 0..10 {
        let unknown = stage.token_of_unknown_key(number);
        assert!(matches!(
            stage.verify(&unknown).await,
            Err(ProofError::Refused(_))
        ));
    }
    assert_eq!(stage.listed.fetches(), 1);
    stage.advance(60);
    assert!(stage.verify(&stage.token_of_unknown_key(10)).await.is_err());
    assert_eq!(stage.listed.fetches(), 2);
}

/// A caller that comes at once must not pay for a failure that nobody asked for.
#[tokio::test]
async fn an_issuer_that_failed_before_anybody_asked_is_asked_again_at_once() {
    let stage = Stage::start().await;
    let good = stage.listed.body(KEYS);
    stage.listed.says(KEYS, 500, json!({}));
    stage.callers.prepare().await;
    assert_eq!(stage.listed.fetches(), 1);
    stage.listed.answers(KEYS, 200, "", good);
    assert_eq!(stage.verify(&stage.token()).await, Ok(()));
    assert_eq!(stage.listed.fetches(), 2);
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
        let stage = Stage::start().await;
        stage.listed.says(path, 200, body);
        let refused = stage.verify(&stage.token()).await;
        assert!(
            matches!(refused, Err(ProofError::Unavailable(_))),
            "{row}: {refused:?}"
        );
    }
    // Of its keys a hundred are taken.
    for (before, taken) in [(99, true), (100, false)] {
        let stage = Stage::start().await;
        let others = (0..before).map(|number| stage.key.named(&format!("other-{number}")));
        let keys: Vec<_> = others
            .map(|key| key.jwk())
            .chain([stage.key.jwk()])
            .collect();
        stage.listed.says(KEYS, 200, json!({"keys": keys}));
        let outcome = stage.verify(&stage.token()).await;
        assert_eq!(outcome.is_ok(), taken, "{before}: {outcome:?}");
    }
}

#[tokio::test]
async fn unknown_keys_cause_one_fetch_a_minute_however_many_come() {
    let stage = Stage::start().await;
    assert_eq!(stage.verify(&stage.token()).await, Ok(()));
    for (seconds, expected) in [(0, 1), (59, 1), (1, 2), (59, 2), (1, 3)] {
        stage.advance(seconds);
        // A hundred at a time, ten times.
        for hundred in 0..10 {
            let tokens: Vec<_> = (0..100)
                .map(|number| stage.token_of_unknown_key(100 * hundred + number))
                .collect();
            let outcomes = join_all(tokens.iter().map(|token| stage.verify(token))).await;
            let refused = |one: &Result<_, _>| matches!(one, Err(ProofError::Refused(_)));
            assert!(outcomes.iter().all(refused), "{outcomes:?}");
        }
        assert_eq!(stage.listed.fetches(), expected, "after {seconds} s more");
        assert_eq!(
            stage.verify(&stage.token()).await,
            Ok(()),
            "nobody else suffers"
        );
    }
}

#[tokio::test]
async fn an_issuer_that_fails_is_asked_every_five_seconds_at_most() {
    let stage = Stage::start().await;
    stage.listed.says(CONFIGURATION, 503, json!({}));
    for (seconds, expected) in [(0, 1), (4, 1), (1, 2), (4, 2), (1, 3)] {
        stage.advance(seconds);
        for _ in 0..100 {
            let refused = stage.verify(&stage.token()).await;
            assert!(
                matches!(refused, Err(ProofError::Unavailable(_))),
                "{refused:?}"
            );
        }
        assert_eq!(
            stage.listed.asked().len(),
            expected,
            "after {seconds} s more"
        );
    }
    stage
        .listed
        .names(&stage.listed.url, &format!("{}{KEYS}", stage.listed.url));
    stage.advance(5);
    assert_eq!(
        stage.verify(&stage.token()).await,
        Ok(()),
        "it answers again"
    );
}

/// Seconds after the fetch that worked, in order; whether a token is proven while its issuer
/// does not answer, and how often it was asked by then.
#[tokio::test]
async fn keys_are_fetched_again_after_a_quarter_of_an_hour_and_believed_for_six_hours() {
    let stage = Stage::start().await;
    assert_eq!(stage.verify(&stage.token()).await, Ok(()));
    let good = stage.listed.body(KEYS);
    stage.listed.says(KEYS, 503, json!({}));
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
        stage.clock.set(NOW + seconds);
        let claims = json!({
            "iss": stage.listed.url, "sub": "workload", "aud": AUDIENCE, "exp": NOW + seconds + 60,
        });
        let outcome = stage.verify(&stage.key.sign(&claims)).await;
        assert_eq!(outcome.is_ok(), proven, "{seconds}: {outcome:?}");
        assert_eq!(stage.listed.fetches(), fetches, "{seconds}");
    }
    stage.listed.answers(KEYS, 200, "", good);
    stage.advance(5);
    let claims = json!({
        "iss": stage.listed.url, "sub": "workload", "aud": AUDIENCE, "exp": NOW + 7 * 3_600,
    });
    assert_eq!(stage.verify(&stage.key.sign(&claims)).await, Ok(()));
}

/// Nothing was asked for hours: the key is looked up at the next token, and one that its
/// issuer took back meanwhile proves nothing, however young it is by the setting.
#[tokio::test]
async fn a_key_is_not_believed_longer_because_nothing_was_asked() {
    for seconds in [900, 3_600, 5 * 3_600] {
        let stage = Stage::start().await;
        assert_eq!(stage.verify(&stage.token()).await, Ok(()));
        stage.listed.says(KEYS, 200, json!({"keys": []}));
        stage.clock.set(NOW + seconds);
        let claims = json!({
            "iss": stage.listed.url, "sub": "workload", "aud": AUDIENCE, "exp": NOW + seconds + 60,
        });
        let refused = stage.verify(&stage.key.sign(&claims)).await;
        assert!(
            matches!(refused, Err(ProofError::Refused(_))),
            "{seconds}: {refused:?}"
        );
        assert_eq!(stage.listed.fetches(), 2, "{seconds}");
    }
    // A clock that was set back makes no key young again.
    let stage = Stage::start().await;
    assert_eq!(stage.verify(&stage.token()).await, Ok(()));
    stage.listed.says(KEYS, 200, json!({"keys": []}));
    stage.clock.set(NOW - 30);
    let refused = stage.verify(&stage.token()).await;
    assert!(
        matches!(refused, Err(ProofError::Refused(_))),
        "{refused:?}"
    );
}
