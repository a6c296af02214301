//! How SDKs say that the API refused a token: `claims` with the API's time, and at the
//! managed-identity route the token's hash. Each acts like `rejected`: another token, asked
//! for once a minute at most.

use auth::AccessToken;
use auth::encoding::{base64_standard, hex};
use auth::ports::Clock as _;
use serde_json::{Value, json};
use tests::{MovedRun, Vended, caller_key, connect_tenant};

const CAPABLE: &str = r#"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#;

/// What a caller is answered, beside the token that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Told {
    Same,
    Another,
    Malformed,
}
use Told::{Another, Malformed, Same};

async fn connected(directory: &tempfile::TempDir) -> MovedRun {
    // From now on: the operator's own program lives by the system's clock.
    let now = aws::SystemClock.now().unix();
    let run = MovedRun::start_at(directory.path(), 1, now, |_| None).await;
    connect_tenant(&run.broker.ready, 0).await;
    run
}

fn now(run: &MovedRun) -> i64 {
    run.clock.now().unix()
}

fn challenge(value: &Value) -> Value {
    json!({"access_token": {"nbf": {"essential": true, "value": value}}})
}

fn challenged_at(time: i64) -> String {
    challenge(&json!(time.to_string())).to_string()
}

async fn ask(run: &MovedRun, version: &str, claims: Option<&str>) -> Vended {
    let path = format!("/{}/{version}/token", run.tenant(0));
    let mut form = vec![
        ("grant_type", "client_credentials"),
        ("scope", "https://manage.office.com/.default"),
        ("resource", "https://manage.office.com"),
    ];
    form.extend(claims.map(|claims| ("claims", claims)));
    let token = Some(run.broker.ready.caller_token.as_str());
    run.broker.post(&path, &form, token).await
}

/// A token that was asked for 400 s ago is kept.
async fn kept(run: &MovedRun) -> String {
    run.clock.advance(400);
    let fresh = ask(run, "oauth2/v2.0", Some(&challenged_at(now(run)))).await;
    assert_eq!(fresh.status, 200, "{}", fresh.body);
    run.clock.advance(400);
    let kept = ask(run, "oauth2/v2.0", None).await;
    assert_eq!(kept.token(), fresh.token());
    kept.token().to_owned()
}

fn told(answer: &Vended, kept: &str) -> Told {
    match answer.status {
        200 if answer.token() == kept => Same,
        200 => Another,
        400 => Malformed,
        _ => panic!("{}: {}", answer.status, answer.body),
    }
}

/// What a caller sends, by the time that it is now, and what it is told.
type Row = (&'static str, fn(i64) -> String, Told);

const ROWS: [Row; 15] = [
    ("the API's challenge", challenged_at, Another),
    ("of a while ago", |now| challenged_at(now - 300), Another),
    (
        "a number",
        |now| challenge(&json!(now)).to_string(),
        Another,
    ),
    ("with capabilities", capable, Another),
    ("with other claims", moved, Another),
    ("before the token", |_| challenged_at(1_700_000_000), Same),
    ("capabilities alone", |_| CAPABLE.to_owned(), Same),
    ("nothing", |_| "{}".to_owned(), Same),
    (
        "of an ID token",
        |_| r#"{"id_token":{"acr":null}}"#.to_owned(),
        Same,
    ),
    ("no claims", |_| String::new(), Same),
    ("no JSON", |_| "nbf".to_owned(), Same),
    ("still in base64", in_base64, Another),
    ("milliseconds", |now| challenged_at(now * 1000), Malformed),
    ("in an hour", |now| challenged_at(now + 3600), Malformed),
    (
        "a date",
        |_| challenge(&json!("today")).to_string(),
        Malformed,
    ),
];

fn in_base64(now: i64) -> String {
    base64_standard(challenged_at(now).as_bytes())
}

fn capable(now: i64) -> String {
    let mut claims = challenge(&json!(now.to_string()));
    claims["access_token"]["xms_cc"] = json!({"values": ["CP1"]});
    claims.to_string()
}

/// As where a caller's address is why (Conditional Access for workload identities).
fn moved(now: i64) -> String {
    let mut claims = challenge(&json!(now.to_string()));
    claims["access_token"]["xms_rp_ipaddr"] = json!({"value": "203.0.113.7"});
    claims.to_string()
}

#[tokio::test]
async fn a_claims_challenge_brings_another_token_and_capabilities_do_not() {
    let directory = tempfile::tempdir().unwrap();
    let run = connected(&directory).await;
    for version in ["oauth2/v2.0", "oauth2"] {
        for (row, claims, expected) in ROWS {
            let kept = kept(&run).await;
            let before = run.app_only_requests().await;
            let claims = claims(now(&run));
            let answer = ask(&run, version, Some(&claims)).await;
            assert_eq!(told(&answer, &kept), expected, "{version} {row}");
            let asked = run.app_only_requests().await - before;
            assert_eq!(asked, u64::from(expected == Another), "{version} {row}");
        }
    }
}

#[tokio::test]
async fn callers_with_one_challenge_share_one_new_token_a_minute() {
    let directory = tempfile::tempdir().unwrap();
    let run = connected(&directory).await;
    let kept = kept(&run).await;
    let claims = challenged_at(now(&run));
    run.clock.advance(5);
    let before = run.app_only_requests().await;
    let first = ask(&run, "oauth2/v2.0", Some(&claims)).await;
    assert_eq!(told(&first, &kept), Another);
    for _ in 0..5 {
        run.clock.advance(10);
        let again = ask(&run, "oauth2", Some(&claims)).await;
        assert_eq!(told(&again, first.token()), Same);
    }
    assert_eq!(run.app_only_requests().await - before, 1);
    // The API refused that one as well, a moment after.
    let claims = challenged_at(now(&run));
    let refused = ask(&run, "oauth2/v2.0", Some(&claims)).await;
    assert_eq!(refused.status, 503, "{}", refused.body);
    assert_eq!(refused.body["cause"], "token_rejected");
    run.clock.advance(10);
    let another = ask(&run, "oauth2/v2.0", Some(&claims)).await;
    assert_eq!(told(&another, first.token()), Another);
    assert_eq!(run.app_only_requests().await - before, 2);
}

/// What is sent in place of the hash, by the token that is kept.
type HashRow<'a> = (&'a str, &'a dyn Fn(&str) -> String, Told);

async fn ask_identity(run: &MovedRun, key: &str, query: &str) -> Vended {
    let (broker, tenant) = (&run.broker, run.tenant(0));
    let url = format!(
        "{}/msi/token?resource=https://manage.office.com&client_id={tenant}&{query}",
        broker.ready.vending_url
    );
    let request = broker.client.get(url).header("x-identity-header", key);
    broker.send(request, None).await
}

#[tokio::test]
async fn a_hash_at_the_managed_identity_route_acts_like_rejected() {
    let directory = tempfile::tempdir().unwrap();
    let run = connected(&directory).await;
    let key = &caller_key(directory.path(), "sdk").await;
    let hash = |token: &str| hex(&AccessToken::new(token.to_owned()).fingerprint());
    let other = hash("another token");
    let rows: [HashRow<'_>; 12] = [
        ("its hash", &|kept| hash(kept), Another),
        ("upper case", &|kept| hash(kept).to_uppercase(), Another),
        (
            "with capabilities",
            &|kept| hash(kept) + "&xms_cc=cp1,cp2",
            Another,
        ),
        ("another's hash", &|_| other.clone(), Same),
        ("no hash", &|_| String::new(), Same),
        ("capabilities alone", &|_| "&xms_cc=cp1".to_owned(), Same),
        ("a wish", &|_| "&bypass_cache=true".to_owned(), Same),
        (
            "half a hash",
            &|kept| hash(kept)[..32].to_owned(),
            Malformed,
        ),
        ("no hex", &|_| "g".repeat(64), Malformed),
        (
            "two",
            &|kept| hash(kept) + "&token_sha256_to_refresh=x",
            Malformed,
        ),
        ("a token", &|kept| kept.to_owned(), Malformed),
        ("too long", &|kept| hash(kept) + "0", Malformed),
    ];
    for version in ["2019-08-01", "2025-03-30"] {
        for (row, value, expected) in &rows {
            let kept = kept(&run).await;
            let query = format!(
                "api-version={version}&token_sha256_to_refresh={}",
                value(&kept)
            );
            let answer = ask_identity(&run, key, &query).await;
            assert_eq!(told(&answer, &kept), *expected, "{version} {row}");
            assert!(!answer.body.to_string().contains(key), "{row}");
        }
    }
}
