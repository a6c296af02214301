//! The least that makes the same calls as the vending function from exec to its first
//! token, by hand: one HTTP client for everything, the AWS requests signed here
//! (Signature Version 4), no SDK, no runtime crate, no checks of settings, no audit, no
//! policies. It reads the ring, the policies' row and the issuer's keys, side by side,
//! proves the caller, reads the token's row, opens it, and answers. A yardstick: it refuses
//! nothing politely.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a yardstick that cannot go on ends"
)]

use auth::encoding::from_base64_standard;
use auth::ports::Clock as _;
use auth::sealing::KeyRing;
use aws::{SystemClock, environment};
use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::hmac;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use reqwest::Client;
use serde_json::{Value, json};
use url::form_urlencoded;

const RESOURCE: &str = "https://manage.office.com";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let client = Client::builder().http1_only().build().unwrap();
    let secret = |name: &str| {
        let body = json!({"SecretId": variable(name)});
        aws(
            &client,
            "secretsmanager",
            "secretsmanager.GetSecretValue",
            body,
        )
    };
    let (ring, policies, keys) = tokio::join!(
        secret("SEALING_KEYS_SECRET_ID"),
        row(&client, "CONTROL_TABLE_NAME", "POLICY", "POLICY"),
        published_keys(&client),
    );
    assert!(policies["policy_text"]["S"].is_string(), "no policies");
    let ring = KeyRing::from_json(ring["SecretString"].as_str().unwrap()).unwrap();
    serve(&client, &ring, &keys).await;
}

async fn serve(client: &Client, ring: &KeyRing, keys: &JwkSet) {
    let runtime = variable("AWS_LAMBDA_RUNTIME_API");
    let base = format!("http://{runtime}/2018-06-01/runtime/invocation");
    let next = client.get(format!("{base}/next")).send().await.unwrap();
    let id = next.headers()["lambda-runtime-aws-request-id"].clone();
    let event: Value = next.json().await.unwrap();
    let answer = vend(client, ring, keys, &event).await;
    let response = json!({
        "statusCode": 200,
        "headers": {"content-type": "application/json", "cache-control": "no-store"},
        "body": answer.to_string(),
        "isBase64Encoded": false,
    });
    let url = format!("{base}/{}/response", id.to_str().unwrap());
    let posted = client.post(url).json(&response).send().await;
    posted.unwrap().error_for_status().unwrap();
}

async fn vend(client: &Client, ring: &KeyRing, keys: &JwkSet, event: &Value) -> Value {
    let form = from_base64_standard(event["body"].as_str().unwrap()).unwrap();
    let asked = form_urlencoded::parse(&form)
        .any(|(name, value)| name == "scope" && value == format!("{RESOURCE}/.default"));
    assert!(asked, "another resource");
    let bearer = event["headers"]["authorization"].as_str().unwrap();
    prove(keys, bearer.strip_prefix("Bearer ").unwrap());
    let tenant = event["rawPath"]
        .as_str()
        .unwrap()
        .split('/')
        .nth(1)
        .unwrap();
    let key = [format!("T#{tenant}"), format!("TOKEN#{RESOURCE}")];
    let item = row(client, "TABLE_NAME", &key[0], &key[1]).await;
    let expires_at: i64 = item["expires_at"]["N"].as_str().unwrap().parse().unwrap();
    let left = expires_at - SystemClock.now().unix();
    json!({
        "token_type": "Bearer",
        "expires_in": left,
        "ext_expires_in": left,
        "refresh_in": left / 2,
        "expires_on": expires_at,
        "access_token": open(ring, tenant, &item, expires_at),
    })
}

/// A row of the table that a variable names.
async fn row(client: &Client, table: &str, pk: &str, sk: &str) -> Value {
    let key = json!({"pk": {"S": pk}, "sk": {"S": sk}});
    let body = json!({"TableName": variable(table), "Key": key, "ConsistentRead": true});
    let mut read = aws(client, "dynamodb", "DynamoDB_20120810.GetItem", body).await;
    read["Item"].take()
}

/// The one issuer and its audience.
fn issuer() -> (String, String) {
    let issuers: Value = serde_json::from_str(&variable("VENDING_ISSUERS")).unwrap();
    ["issuer", "audience"]
        .map(|name| issuers[0][name].as_str().unwrap().to_owned())
        .into()
}

async fn published_keys(client: &Client) -> JwkSet {
    let get = async |url: &str| -> Value {
        let answer = client.get(url).send().await.unwrap();
        answer.json().await.unwrap()
    };
    let (issuer, _) = issuer();
    let configuration = get(&format!("{issuer}/.well-known/openid-configuration")).await;
    let keys = get(configuration["jwks_uri"].as_str().unwrap()).await;
    serde_json::from_value(keys).unwrap()
}

/// The caller's token is from the one issuer, signed with a key that it publishes.
fn prove(keys: &JwkSet, token: &str) {
    let (issuer, audience) = issuer();
    let kid = jsonwebtoken::decode_header(token).unwrap().kid.unwrap();
    let key = DecodingKey::from_jwk(keys.find(&kid).unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[audience]);
    validation.set_issuer(&[issuer]);
    jsonwebtoken::decode::<Value>(token, &key, &validation).unwrap();
}

/// As `shared/aws/src/table/sealer.rs` binds a token to its row.
fn open(ring: &KeyRing, tenant: &str, item: &Value, expires_at: i64) -> String {
    let sealed = from_base64_standard(item["sealed"]["B"].as_str().unwrap()).unwrap();
    let tenant: auth::TenantId = tenant.parse().unwrap();
    let client_id = variable("ENTRA_CLIENT_ID");
    let fields: [&[u8]; 4] = [
        tenant.as_bytes(),
        RESOURCE.as_bytes(),
        client_id.as_bytes(),
        &expires_at.to_be_bytes(),
    ];
    let opened = ring.open("app-only token", &fields, &sealed).unwrap();
    String::from_utf8(opened).unwrap()
}

/// One signed request of an AWS service that speaks JSON.
async fn aws(client: &Client, service: &str, target: &str, body: Value) -> Value {
    let endpoint = variable("AWS_ENDPOINT_URL");
    let host = endpoint.strip_prefix("http://").unwrap();
    let body = body.to_string();
    let date = SystemClock.now().to_string().replace(['-', ':'], "");
    let signed = "content-type;host;x-amz-date;x-amz-target";
    let content_type = "application/x-amz-json-1.0";
    let canonical = format!(
        "POST\n/\n\ncontent-type:{content_type}\nhost:{host}\nx-amz-date:{date}\n\
         x-amz-target:{target}\n\n{signed}\n{}",
        hex(digest(&SHA256, body.as_bytes()).as_ref())
    );
    let scope = format!("{}/us-east-1/{service}/aws4_request", &date[..8]);
    let hash = hex(digest(&SHA256, canonical.as_bytes()).as_ref());
    let signature = signature(
        &scope,
        &format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{hash}"),
    );
    let id = variable("AWS_ACCESS_KEY_ID");
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential={id}/{scope}, SignedHeaders={signed}, Signature={signature}"
    );
    let request = client
        .post(&endpoint)
        .header("content-type", content_type)
        .header("x-amz-date", date)
        .header("x-amz-target", target)
        .header("authorization", authorization)
        .body(body);
    let answer = request.send().await.unwrap().error_for_status().unwrap();
    answer.json().await.unwrap()
}

fn signature(scope: &str, text: &str) -> String {
    let secret = format!("AWS4{}", variable("AWS_SECRET_ACCESS_KEY"));
    let keyed = |key: &[u8], text: &str| {
        hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key), text.as_bytes())
    };
    let parts = scope.split('/');
    let key = parts.fold(secret.into_bytes(), |key, part| {
        keyed(&key, part).as_ref().to_vec()
    });
    hex(keyed(&key, text).as_ref())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn variable(name: &str) -> String {
    environment(name).unwrap_or_else(|| panic!("{name} is not set"))
}
