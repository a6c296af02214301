//! Where a request came from, and whose a wrong key claims to be: in the line of every request,
//! also of one that proved no caller and of one that came too early.

use std::sync::Arc;

use async_trait::async_trait;
use auth::Caller;
use auth::caller::{CallerLimits, Workload, caller_rate};
use auth::ports::{CallerProof, ProofError};
use lambda::function::{AnswersRequests as _, TooEarly};
use serde_json::{Value, json};
use tests::broker::SCOPE;
use tests::gateway_event::{self, post, request};
use tests::neighbour::Neighbour;
use vending::Vending;

use super::stage::Stage;

const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl";
/// What the fields of a line are about a request that has all of them.
const FIELDS: [&str; 6] = [
    "source_ip",
    "user_agent",
    "session",
    "access_key_id",
    "jti",
    "claimed_key",
];

fn token_event(tenant: &str) -> Value {
    let form = format!("grant_type=client_credentials&scope={SCOPE}");
    post(&format!("/{tenant}/oauth2/v2.0/token"), &form)
}

/// The fields that say where a request came from.
fn evidence(line: &Value) -> Value {
    let fields = FIELDS
        .iter()
        .filter_map(|field| Some((*field, line.get(field)?)));
    json!(fields.collect::<std::collections::BTreeMap<_, _>>())
}

async fn line(stage: &Stage, row: &str, event: &Value, status: u16) -> Value {
    let response = stage.vending.handle(gateway_event::read(event)).await;
    assert_eq!(response.status(), status, "{row}: {:?}", response.body());
    stage.lines.one(row)
}

fn from_address(address: Value) -> Value {
    let mut event = request("GET", "/tenants");
    event["headers"]["x-forwarded-for"] = json!("198.51.100.99");
    event["headers"]["forwarded"] = json!("for=198.51.100.99");
    event["requestContext"]["http"]["sourceIp"] = address;
    event
}

fn by_agent(agent: Value) -> Value {
    let mut event = request("GET", "/tenants");
    event["headers"]["user-agent"] = json!("a header");
    event["requestContext"]["http"]["userAgent"] = agent;
    event
}

fn by_key(key: &Value) -> Value {
    let mut event = request("GET", "/msi/token");
    event["rawQueryString"] = json!("api-version=2019-08-01&resource=https://manage.office.com");
    event["headers"]["x-identity-header"] = key.clone();
    event
}

#[tokio::test]
async fn an_address_and_a_user_agent_are_the_gateways_word() {
    let stage = Stage::start().await;
    let word = "w".repeat(10_240);
    let words = "word ".repeat(2_000);
    let kept = format!("{}…", "word ".repeat(40).strip_suffix(' ').unwrap());
    let addresses = [
        (json!("203.0.113.7"), json!("203.0.113.7")),
        (json!("0.0.0.0"), json!("0.0.0.0")),
        (json!("2001:db8::1"), json!("2001:db8::1")),
        (json!("2001:0DB8:0:0:0:0:0:1"), json!("2001:db8::1")),
        (json!("::ffff:203.0.113.7"), json!("::ffff:203.0.113.7")),
        (json!("::1"), json!("::1")),
        (json!("203.0.113.7, 198.51.100.1"), Value::Null),
        (json!("203.0.113.7:443"), Value::Null),
        (json!("[2001:db8::1]"), Value::Null),
        (json!("unknown"), Value::Null),
        (json!("203.0.113.7\n"), Value::Null),
        (json!(TOKEN), Value::Null),
        (json!(""), Value::Null),
        (Value::Null, Value::Null),
    ];
    for (address, expected) in addresses {
        let found = line(&stage, "address", &from_address(address.clone()), 401).await;
        assert_eq!(found["source_ip"], expected, "{address}");
    }
    let agents = [
        (json!("curl/8.5.0"), json!("curl/8.5.0")),
        (
            json!(
                "azsdk-python-identity/1.15.0 Python/3.11.6 (Linux-5.15.0-x86_64-with-glibc2.31)"
            ),
            json!(
                "azsdk-python-identity/1.15.0 Python/3.11.6 (Linux-5.15.0-x86_64-with-glibc2.31)"
            ),
        ),
        (json!("Zoë's 漢字"), json!("Zoë's 漢字")),
        (
            json!("a\n{\"event\":\"token_v2\"}"),
            json!("a?{\"event\":\"token_v2\"}"),
        ),
        (json!("\u{1b}[2J\u{202e}b\u{0}"), json!("?[2J?b?")),
        (json!(word), json!("[401 characters not shown]…")),
        (json!(words), json!(kept)),
        (json!(TOKEN), json!("[49 characters not shown]")),
        (
            json!(format!("x {TOKEN} y")),
            json!("x [49 characters not shown] y"),
        ),
        (
            json!("m365tb_collector_AAAA"),
            json!("[21 characters not shown]"),
        ),
        (json!("\u{1f600}"), json!("\u{1f600}")),
        (json!(""), Value::Null),
        (Value::Null, Value::Null),
    ];
    for (agent, expected) in agents {
        let found = line(&stage, "agent", &by_agent(agent.clone()), 401).await;
        assert_eq!(found["user_agent"], expected, "{agent}");
    }
}

#[tokio::test]
async fn a_wrong_key_is_found_by_its_name_and_the_caller_learns_no_other() {
    let stage = Stage::start().await;
    let random = "A".repeat(43);
    let named = |name: &str| format!("the caller key of {name} is not known");
    let malformed = "has not the form of one";
    let rows = [
        // There is a key of that name, and there is none: the same words.
        (
            json!(format!("m365tb_collector_{random}")),
            Some("collector"),
            named("collector"),
        ),
        (
            json!(format!("m365tb_nobody_{random}")),
            Some("nobody"),
            named("nobody"),
        ),
        (
            json!(format!("m365tb_collector_{}", &random[1..])),
            Some("collector"),
            malformed.into(),
        ),
        (
            json!("m365tb_collector_"),
            Some("collector"),
            malformed.into(),
        ),
        (json!("m365tb_collector"), None, malformed.into()),
        (json!("m365tb_"), None, malformed.into()),
        (
            json!(format!("m365tb_Collector_{random}")),
            None,
            malformed.into(),
        ),
        (json!(format!("m365tb_{random}")), None, malformed.into()),
        (
            json!(format!("M365TB_collector_{random}")),
            None,
            malformed.into(),
        ),
        (json!("ghp_collector_AAAA"), None, malformed.into()),
        (
            json!(format!("m365tb_a_{random},m365tb_b_{random}")),
            Some("a"),
            malformed.into(),
        ),
        (json!(TOKEN), None, "no token".into()),
        (json!(""), None, malformed.into()),
    ];
    for (key, claimed, reason) in rows {
        let found = line(&stage, "key", &by_key(&key), 401).await;
        let text = found["reason"].as_str().unwrap();
        assert_eq!(found["claimed_key"], json!(claimed), "{key}");
        assert_eq!(found["caller"], "nobody proven", "{key}");
        assert!(text.contains(&reason), "{key}: {text}");
        assert!(!found.to_string().contains(&random[..20]), "{key}");
    }
    // Where a token belongs.
    let mut event = token_event(&stage.person(0).tenant_id);
    event["headers"]["authorization"] = json!(format!("Bearer m365tb_collector_{random}"));
    let found = line(&stage, "as a bearer", &event, 401).await;
    assert_eq!(found["claimed_key"], "collector");
    // A caller that is proven is named by what proved it.
    let mut event = stage.by_workload(request("GET", "/tenants"));
    event["headers"]["x-identity-header"] = json!(format!("m365tb_other_{random}"));
    let found = line(&stage, "two proofs", &event, 400).await;
    assert_eq!(found["claimed_key"], "other");
}

/// What AWS says of a signature, also where the signer is refused.
#[tokio::test]
async fn a_signature_leaves_its_session_and_its_access_key() {
    let stage = Stage::start().await;
    let (account, id) = ("123456789012", "AROAIOSFODNN7EXAMPLE1");
    let signed = |arn: &str, user: &str, key: Value| {
        let mut event = request("GET", "/tenants");
        event["requestContext"]["authorizer"]["iam"] = json!({
            "accessKey": key, "accountId": account, "userArn": arn, "userId": user,
        });
        event
    };
    let arn = |session: &str| format!("arn:aws:sts::{account}:assumed-role/collector/{session}");
    let user = |session: &str| format!("{id}:{session}");
    let (key, long) = ("ASIAIOSFODNN7EXAMPLE", "s ".repeat(100));
    let rows = [
        (
            signed(&arn("i-0abc"), &user("i-0abc"), json!(key)),
            200,
            Some("i-0abc"),
            Some(key),
        ),
        (
            signed(&arn("ada@b.example"), &user("ada@b.example"), json!(key)),
            200,
            Some("ada@b.example"),
            Some(key),
        ),
        (
            signed(&arn("s"), &user("s"), Value::Null),
            200,
            Some("s"),
            None,
        ),
        (
            signed(&arn("s"), &user("s"), json!("")),
            200,
            Some("s"),
            None,
        ),
        (
            signed(
                "arn:aws:iam::123456789012:user/me",
                "AIDAEXAMPLE",
                json!("AKIAIOSFODNN7EXAMPLE"),
            ),
            401,
            None,
            Some("AKIAIOSFODNN7EXAMPLE"),
        ),
        (
            signed(&arn("s"), &user("other"), json!(key)),
            401,
            Some("other"),
            Some(key),
        ),
        (signed(&arn("s"), id, json!(key)), 401, None, Some(key)),
        (
            signed(&arn("s"), &user(""), json!(key)),
            401,
            None,
            Some(key),
        ),
        (signed("", "", json!(key)), 401, None, Some(key)),
        (
            signed(&arn("a\nb"), &user("a\nb"), json!(key)),
            200,
            Some("a?b"),
            Some(key),
        ),
        (
            signed(&arn(TOKEN), &user(TOKEN), json!(key)),
            200,
            Some("[49 characters not shown]"),
            Some(key),
        ),
        (
            signed(&arn(&long), &user(&long), json!(key)),
            200,
            Some(&*format!("{}…", "s ".repeat(64).strip_suffix(' ').unwrap())),
            Some(key),
        ),
    ];
    for (number, (event, status, session, access_key)) in rows.into_iter().enumerate() {
        let row = format!("row {number}");
        let found = line(&stage, &row, &event, status).await;
        assert_eq!(found["session"], json!(session), "{row}");
        assert_eq!(found["access_key_id"], json!(access_key), "{row}");
        // It is in no name that policies read.
        assert!(!found["caller"].to_string().contains("i-0abc"), "{row}");
    }
}

/// A workload whose token has this id.
struct WithId(Value);

#[async_trait]
impl CallerProof for WithId {
    async fn verify(&self, _: &str) -> Result<Caller, ProofError> {
        let payload = json!({"iss": "https://issuer.example", "sub": "s", "jti": self.0});
        let Value::Object(members) = payload else {
            unreachable!("an object")
        };
        Ok(Caller::Workload(
            Workload::from_payload(members.into()).unwrap(),
        ))
    }
}

#[tokio::test]
async fn a_token_of_a_caller_is_named_by_its_id_once_it_is_proven() {
    let mut stage = Stage::start().await;
    let event = stage.by_workload(request("GET", "/tenants"));
    let rows = [
        (json!("6f1b9c7e-0a51"), Some("6f1b9c7e-0a51")),
        (json!("a\u{202e}b"), Some("a?b")),
        (json!(7), None),
        (json!(null), None),
        (json!("x".repeat(10_240)), None),
    ];
    for (id, expected) in rows {
        stage.vending.proof = Arc::new(WithId(id.clone()));
        let found = line(&stage, "jti", &event, 200).await;
        assert_eq!(found["jti"], json!(expected), "{id}");
    }
    // Of what is not proven nothing is repeated but what the reason says.
    stage.put_policy(&[]).await;
    let mut event = request("GET", "/tenants");
    let claims = json!({"iss": "https://a.example", "sub": "s", "jti": "forged"});
    let token = tests::jwt::compact(&json!({"alg": "none"}), &claims, "c2ln");
    event["headers"]["authorization"] = json!(format!("Bearer {token}"));
    let found = line(&stage, "unproven", &event, 401).await;
    assert!(!found.to_string().contains("forged"), "{found}");
}

#[tokio::test]
async fn a_request_that_comes_too_early_leaves_the_same() {
    let stage = Stage::start().await;
    let clock: Arc<dyn auth::ports::Clock> = stage.clock.clone();
    let neighbour = Neighbour::of(stage.directory.path(), Arc::clone(&clock)).await;
    let basis = neighbour.basis();
    let mut event = Stage::by_role(by_key(&json!("m365tb_collector_AAAA")));
    event["requestContext"]["authorizer"]["iam"]["accessKey"] = json!("ASIAIOSFODNN7EXAMPLE");
    let early = gateway_event::read(&event);
    let response = Vending::come_again(&TooEarly {
        request: &early,
        id: "request-1",
        settings: &basis.settings,
        clock: clock.as_ref(),
        began: clock.since_start(),
    });
    assert_eq!(response.status(), 503);
    let expected = json!({
        "source_ip": "203.0.113.7", "user_agent": "test", "session": "session",
        "access_key_id": "ASIAIOSFODNN7EXAMPLE", "claimed_key": "collector",
    });
    assert_eq!(evidence(&stage.lines.one("early")), expected);
}

/// The one is held back, the others are not, and neither policy nor table is asked.
#[tokio::test]
async fn a_caller_that_asks_too_often_is_refused_and_no_other() {
    let mut stage = Stage::start().await;
    stage.vending.limits = CallerLimits::new(caller_rate(3, 1));
    let tenant = stage.person(0).tenant_id.clone();
    let listing = request("GET", "/tenants");
    let workload = stage.by_workload(token_event(&tenant));
    let role = Stage::by_role(listing.clone());
    let of_role = |session: &str| {
        let mut event = role.clone();
        let iam = &mut event["requestContext"]["authorizer"]["iam"];
        iam["userArn"] = json!(format!(
            "arn:aws:sts::123456789012:assumed-role/nightly-collector/{session}"
        ));
        iam["userId"] = json!(format!("AROAIOSFODNN7EXAMPLE1:{session}"));
        event
    };
    let key = stage.by_key(&tenant);
    // What is asked, after how many seconds, and the status.
    let rows = [
        (&workload, 0, 200),
        (&workload, 0, 200),
        (&workload, 0, 200),
        (&workload, 0, 429),
        (&role, 0, 200),
        (&of_role("a"), 0, 200),
        (&of_role("b"), 0, 200),
        (&of_role("c"), 0, 429),
        (&key, 0, 200),
        (&key, 0, 200),
        (&key, 0, 200),
        (&key, 0, 429),
        (&listing, 0, 401),
        (&listing, 0, 401),
        (&workload, 1, 200),
        (&workload, 0, 429),
        (&of_role("d"), 0, 200),
        (&key, 2, 200),
    ];
    for (number, (event, seconds, status)) in rows.into_iter().enumerate() {
        stage.clock.advance(seconds);
        let response = stage.vending.handle(gateway_event::read(event)).await;
        assert_eq!(response.status(), status, "row {number}");
        let line = stage.lines.one(&format!("row {number}"));
        if status != 429 {
            continue;
        }
        assert_eq!(response.headers()["retry-after"], "2", "row {number}");
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        let told = ["error", "cause", "fault", "retryable"].map(|field| body[field].clone());
        let expected = [
            json!("temporarily_unavailable"),
            json!("too_many_requests"),
            json!("caller"),
            json!(true),
        ];
        assert_eq!(told, expected, "row {number}");
        let refused = (&line["status"], &line["cause"], line.get("policies"));
        assert_eq!(
            refused,
            (&json!(429), &json!("too_many_requests"), None),
            "row {number}"
        );
        assert_ne!(line["caller"], "nobody proven", "row {number}");
    }
}
