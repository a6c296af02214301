//! What looks like a proof and stands where none is read: headers that gateways and other
//! clouds' proxies write, fields of an event, a token in a place where nobody looks. Alone
//! it gains nothing, and beside a proof it changes nothing.

use reqwest::{Method, RequestBuilder};
use serde_json::json;
use url::form_urlencoded;

use super::stage::{Answer, MALFORMED, Stage, UNPROVEN, Version, answer};

/// The run's own role, which its policy permits everything, as a gateway would write it.
const CONTEXT: &str = r#"{"authorizer":{"iam":{"accountId":"000000000000","userArn":"arn:aws:sts::000000000000:assumed-role/local-caller/one-machine","userId":"AROAIOSFODNN7EXAMPLE1:one-machine"}}}"#;
const ARN: &str = "arn:aws:sts::000000000000:assumed-role/local-caller/one-machine";

/// Headers that somebody may believe.
fn headers(token: &str) -> Vec<(&'static str, String)> {
    let signature = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260807/us-east-1/lambda/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature=00";
    let rows = [
        ("x-amzn-request-context", CONTEXT),
        ("x-amzn-lambda-context", CONTEXT),
        ("x-amzn-requestcontext", CONTEXT),
        ("requestcontext", CONTEXT),
        ("authorizer", CONTEXT),
        ("lambda-runtime-cognito-identity", CONTEXT),
        ("x-amz-user-arn", ARN),
        ("x-amzn-iam-user-arn", ARN),
        ("x-forwarded-user-arn", ARN),
        ("x-amz-security-token", "x"),
        ("x-forwarded-user", "developer"),
        ("x-ms-client-principal-name", "developer"),
        ("authorization", signature),
        // A good token, in a place where nobody looks.
        ("x-authorization", token),
        ("proxy-authorization", token),
        ("x-amzn-oidc-data", token),
        ("x-ms-token-aad-access-token", token),
        ("x-goog-iap-jwt-assertion", token),
        ("cookie", token),
    ];
    rows.map(|(name, value)| (name, value.to_owned())).to_vec()
}

/// Fields of a form, or of a query, that somebody may read.
fn fields(token: &str) -> Vec<(&'static str, String)> {
    let rows = [
        ("requestContext", CONTEXT),
        ("requestContext.authorizer.iam.userArn", ARN),
        ("requestContext[authorizer][iam][userArn]", ARN),
        ("iam", CONTEXT),
        ("authorization", token),
        // RFC 6750 §2.2 and §2.3, which this endpoint does not take.
        ("access_token", token),
        ("assertion", token),
        ("token", token),
        ("client_secret", token),
        ("Client_Assertion", token),
    ];
    rows.map(|(name, value)| (name, value.to_owned())).to_vec()
}

/// A path with a query.
fn path(path: &str, query: &[(&str, &str)]) -> String {
    let mut fields = form_urlencoded::Serializer::new(format!("{path}?"));
    fields.extend_pairs(query).finish()
}

/// The vend of the connected tenant, without a proof.
fn vend(stage: &Stage, query: &[(&str, &str)], more: &[(&str, &str)]) -> RequestBuilder {
    let mut form = Version::V2.form();
    form.extend(more);
    let path = path(&stage.token_path(Version::V2), query);
    stage.request(Method::POST, &path).form(&form)
}

async fn check_unproven(stage: &Stage, row: &str, request: RequestBuilder) {
    let refused: Answer = answer(request).await;
    stage.check(row, &refused, UNPROVEN).await;
}

#[tokio::test]
async fn alone_it_gains_nothing() {
    let stage = Stage::start().await;
    let token = stage.caller_token();
    for (name, value) in headers(token) {
        let bare = vend(&stage, &[], &[]);
        check_unproven(&stage, name, bare.header(name, &value)).await;
        let listing = stage.request(Method::GET, "/tenants");
        check_unproven(&stage, name, listing.header(name, value)).await;
    }
    for (name, value) in fields(token) {
        let field = [(name, value.as_str())];
        check_unproven(&stage, name, vend(&stage, &[], &field)).await;
        check_unproven(&stage, name, vend(&stage, &field, &[])).await;
        let listing = stage.request(Method::GET, &path("/tenants", &field));
        check_unproven(&stage, name, listing).await;
    }
    // An event as body, as if the function were invoked with it.
    let context: serde_json::Value = serde_json::from_str(CONTEXT).unwrap();
    let event = json!({"version": "2.0", "requestContext": context, "body": "grant_type=x"});
    let request = stage.request(Method::POST, &stage.token_path(Version::V2));
    let refused = answer(request.json(&event)).await;
    stage.check("an event as body", &refused, MALFORMED).await;
}

#[tokio::test]
async fn beside_a_proof_it_changes_nothing() {
    let stage = Stage::start().await;
    let token = stage.caller_token();
    let person = stage.issuer.with("sub", json!("somebody else"));
    for (name, value) in headers(&person) {
        if name == "authorization" {
            continue;
        }
        for (bearer, status) in [(token, 200), (person.as_str(), 403)] {
            let request = vend(&stage, &[], &[]).header(name, &value);
            let answered = answer(request.bearer_auth(bearer)).await;
            assert_eq!(answered.status, status, "{name}: {}", answered.body);
        }
    }
    for (name, value) in fields(&person) {
        let field = [(name, value.as_str())];
        for (bearer, status) in [(token, 200), (person.as_str(), 403)] {
            let request = vend(&stage, &field, &field);
            let answered = answer(request.bearer_auth(bearer)).await;
            assert_eq!(answered.status, status, "{name}: {}", answered.body);
        }
    }
    stage.unchanged("served from what is kept").await;
}
