//! What is left of a proof: of a signature its session and its access key, of a token its id.

use std::sync::Arc;

use async_trait::async_trait;
use auth::Caller;
use auth::caller::Workload;
use auth::ports::{CallerProof, ProofError};
use serde_json::{Value, json};
use tests::gateway_event::request;

use super::stage::Stage;

const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9.c2lnbmF0dXJl";

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
        let found = stage.line(&row, &event, status).await;
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
        let found = stage.line("jti", &event, 200).await;
        assert_eq!(found["jti"], json!(expected), "{id}");
    }
    // Of what is not proven nothing is repeated but what the reason says.
    stage.put_policy(&[]).await;
    let mut event = request("GET", "/tenants");
    let claims = json!({"iss": "https://a.example", "sub": "s", "jti": "forged"});
    let token = tests::jwt::compact(&json!({"alg": "none"}), &claims, "c2ln");
    event["headers"]["authorization"] = json!(format!("Bearer {token}"));
    let found = stage.line("unproven", &event, 401).await;
    assert!(!found.to_string().contains("forged"), "{found}");
}
