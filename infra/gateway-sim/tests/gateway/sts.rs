//! STS: whom it names, and what it refuses. The requests are signed by hand.

use gateway_sim::SecurityTokenService;

use super::function_url::{
    attempt::{Attempt, Sent},
    key,
};
use super::*;

const BODY: &[u8] = b"Action=GetCallerIdentity&Version=2011-06-15";
const HOST: &str = "sts.us-east-1.amazonaws.com";

/// One that is all right.
fn attempt() -> Attempt {
    let mut attempt = Attempt::at(HOST);
    attempt.path = "/".to_owned();
    attempt.query.clear();
    attempt.body = BODY.to_vec();
    attempt.remove("x-mark");
    attempt.set("x-m365tb-server-id", "localhost:8080");
    attempt.set("accept", "application/json");
    attempt.scope = "20260807/us-east-1/sts/aws4_request".to_owned();
    attempt.signed_headers = "content-type;host;x-amz-date;x-m365tb-server-id".to_owned();
    attempt
}

async fn start() -> Running {
    let sts = SecurityTokenService::new(key(), Arc::new(|| NOW), numbered_requests());
    Running::serving(sts, Scheme::Http).await
}

fn json_of(answer: &Answer) -> Value {
    assert_eq!(answer.header("content-type"), Some("application/json"));
    serde_json::from_slice(&answer.body).expect("JSON")
}

#[tokio::test]
async fn the_holder_of_the_key_is_named_in_the_form_that_is_asked_for() {
    let running = start().await;
    let answer = running.exchange(attempt().sign().bytes()).await;
    assert_eq!(answer.status, 200);
    let session = "AROAIOSFODNN7EXAMPLE1:one-machine";
    let arn = "arn:aws:sts::000000000000:assumed-role/local-caller/one-machine";
    let expected = json!({"GetCallerIdentityResponse": {
        "GetCallerIdentityResult": {"Account": "000000000000", "Arn": arn, "UserId": session},
        "ResponseMetadata": {"RequestId": "request-1"},
    }});
    assert_eq!(json_of(&answer), expected);

    let mut global = attempt();
    global.set("host", "sts.amazonaws.com");
    global.remove("accept");
    let answer = running.exchange(global.sign().bytes()).await;
    let said = String::from_utf8(answer.body.clone()).unwrap();
    assert_eq!(
        (answer.status, answer.header("content-type")),
        (200, Some("text/xml"))
    );
    assert!(
        said.contains(&format!("<Arn>{arn}</Arn><UserId>{session}</UserId>")),
        "{said}"
    );
}

#[tokio::test]
async fn each_of_several_keys_is_named_by_its_own_secret_alone() {
    let mut collector = key();
    collector.id = "AKIAI44QH8DHBEXAMPLE".to_owned();
    collector.secret = "another/secret/of/forty/characters/here/".to_owned().into();
    collector.role.name = "collector".to_owned();
    let sts = SecurityTokenService::new(key(), Arc::new(|| NOW), numbered_requests());
    let running = Running::serving(sts.knowing(vec![collector]), Scheme::Http).await;
    let (own, other) = (key().id, "AKIAI44QH8DHBEXAMPLE");
    let secret = "another/secret/of/forty/characters/here/";
    let rows = [
        (own.as_str(), None, Some("local-caller")),
        (other, Some(secret), Some("collector")),
        (other, None, None),
        (own.as_str(), Some(secret), None),
    ];
    for (id, secret, named) in rows {
        let mut attempt = attempt();
        attempt.key_id = id.to_owned();
        if let Some(secret) = secret {
            attempt.secret = secret.to_owned();
        }
        let answer = running.exchange(attempt.sign().bytes()).await;
        let said = json_of(&answer);
        let arn = &said["GetCallerIdentityResponse"]["GetCallerIdentityResult"]["Arn"];
        let arn = arn.as_str().and_then(|arn| arn.split('/').nth(1));
        assert_eq!(arn, named, "{id}: {said}");
    }
}

/// What a row does before it is signed, and how STS refuses it.
type Row = (&'static str, fn(&mut Attempt), (u16, &'static str));

#[tokio::test]
async fn nothing_else_is_answered() {
    let (mismatch, action) = ((403, "SignatureDoesNotMatch"), (400, "InvalidAction"));
    let (incomplete, invalid) = ((400, "IncompleteSignature"), (400, "ValidationError"));
    let unknown = (403, "InvalidClientTokenId");
    let rows: [Row; 22] = [
        ("another secret", |a| a.secret.push('x'), mismatch),
        (
            "another key",
            |a| a.key_id = "AKIAI44QH8DHBEXAMPLE".into(),
            unknown,
        ),
        (
            "a session token",
            |a| {
                a.set("x-amz-security-token", "x");
                a.signed_headers =
                    "content-type;host;x-amz-date;x-amz-security-token;x-m365tb-server-id".into();
            },
            unknown,
        ),
        (
            "another region",
            |a| a.scope = "20260807/eu-west-1/sts/aws4_request".into(),
            mismatch,
        ),
        (
            "the scope of a function URL",
            |a| a.scope = "20260807/us-east-1/lambda/aws4_request".into(),
            mismatch,
        ),
        (
            "another day",
            |a| a.scope = "20260806/us-east-1/sts/aws4_request".into(),
            mismatch,
        ),
        (
            "too old",
            |a| a.set("x-amz-date", "20260807T013252Z"),
            mismatch,
        ),
        (
            "in the future",
            |a| a.set("x-amz-date", "20260807T014254Z"),
            mismatch,
        ),
        (
            "no date",
            |a| {
                a.remove("x-amz-date");
                a.signed_headers = "content-type;host;x-m365tb-server-id".into();
            },
            incomplete,
        ),
        (
            "host unsigned",
            |a| a.signed_headers = "content-type;x-amz-date;x-m365tb-server-id".into(),
            mismatch,
        ),
        (
            "an x-amz- header unsigned",
            |a| a.set("x-amz-target", "x"),
            mismatch,
        ),
        (
            "a signed header that is not there",
            |a| a.signed_headers = "a;content-type;host;x-amz-date;x-m365tb-server-id".into(),
            mismatch,
        ),
        (
            "another host",
            |a| a.set("host", "sts.eu-west-1.amazonaws.com"),
            invalid,
        ),
        (
            "the machine's own host",
            |a| a.set("host", "localhost"),
            invalid,
        ),
        (
            "a port behind the host",
            |a| a.set("host", "sts.us-east-1.amazonaws.com:443"),
            invalid,
        ),
        ("another path", |a| a.path = "/x".into(), action),
        (
            "a query",
            |a| a.query = "Action=GetCallerIdentity".into(),
            action,
        ),
        ("GET", |a| a.method = "GET", action),
        (
            "another operation",
            |a| a.body = b"Action=GetSessionToken&Version=2011-06-15".to_vec(),
            action,
        ),
        (
            "one more parameter",
            |a| a.body.extend_from_slice(b"&x=1"),
            action,
        ),
        ("no body", |a| a.body.clear(), action),
        ("a long body", |a| a.body.resize(2000, b'x'), invalid),
    ];
    let running = start().await;
    for (row, change, (status, code)) in rows {
        let mut attempt = attempt();
        change(&mut attempt);
        let answer = running.exchange(attempt.sign().bytes()).await;
        let said = json_of(&answer);
        assert_eq!(said["Error"]["Code"], code, "{row}: {said}");
        assert_eq!(
            (answer.status, &said["Error"]["Type"]),
            (status, &json!("Sender")),
            "{row}"
        );
    }
}

/// What a row does after it was signed.
type Change = fn(&mut Sent);

#[tokio::test]
async fn what_was_changed_after_it_was_signed_is_refused() {
    let rows: [(&str, Change); 4] = [
        ("the server id", |s| {
            s.change("x-m365tb-server-id", |_| "other.example".to_owned())
        }),
        ("the date", |s| {
            s.change("x-amz-date", |_| "20260807T013754Z".to_owned())
        }),
        ("the media type", |s| {
            s.change("content-type", |old| format!("{old}; x"))
        }),
        ("the signature", |s| {
            s.change("authorization", |old| {
                old.replace("Signature=", "Signature=0")
            })
        }),
    ];
    let running = start().await;
    for (row, change) in rows {
        let mut sent = attempt().sign();
        change(&mut sent);
        let said = json_of(&running.exchange(sent.bytes()).await);
        assert_eq!(
            said["Error"]["Code"], "SignatureDoesNotMatch",
            "{row}: {said}"
        );
    }
    let mut unsigned = attempt().sign();
    unsigned.headers.retain(|(name, _)| name != "authorization");
    let said = json_of(&running.exchange(unsigned.bytes()).await);
    assert_eq!(said["Error"]["Code"], "MissingAuthenticationToken");
}
