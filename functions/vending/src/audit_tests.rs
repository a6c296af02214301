//! A line as it goes into the log, of a usual vend: the cost page counts its bytes.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use auth::AccessToken;
use auth::caller::Ruling;
use auth::vend::{Source, TokenNames};
use lambda::telemetry;
use serde_json::{Value, json};

use super::*;

const LINE: &str = include_str!("../../../infra/costing/vend_line.json");
const COSTS: &str = include_str!("../../../infra/cost.toml");
const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";
const ISSUER: &str = "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE";
const USER_AGENT: &str =
    "azsdk-python-identity/1.19.0 Python/3.12.7 (Linux-6.1.0-x86_64-with-glibc2.36)";

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What API Gateway hands on of it.
fn request() -> Request {
    let event = json!({
        "version": "2.0", "routeKey": "$default", "rawPath": "/", "rawQueryString": "",
        "headers": {"host": "broker.example"}, "isBase64Encoded": false,
        "requestContext": {
            "accountId": "000000000000", "apiId": "api", "domainName": "broker.example",
            "domainPrefix": "broker", "requestId": "JKJaXmPLvHcESHA=", "routeKey": "$default",
            "stage": "$default", "time": "15/Jan/2027:08:00:00 +0000", "timeEpoch": 1_800_000_000,
            "http": {
                "method": "POST", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "203.0.113.7",
                "userAgent": USER_AGENT,
            },
        },
    });
    lambda_http::request::from_str(&event.to_string()).unwrap()
}

/// A workload of Kubernetes.
fn workload() -> Caller {
    let claims = json!({
        "iss": ISSUER, "sub": "system:serviceaccount:audit:collector",
        "jti": "f47ac10b-58cc-4372-a567-0e02b2c3d479",
    });
    let Value::Object(claims) = claims else {
        unreachable!("an object")
    };
    Caller::Workload(Workload::from_payload(claims.into()).unwrap())
}

fn vended() -> Vended {
    let expires_at = Timestamp::from_unix(1_800_003_599);
    Vended {
        access_token: AccessToken::new("t".to_owned()),
        expires_at,
        refresh_at: expires_at,
        customer: "Contoso, Inc.".parse().unwrap(),
        source: Source::Table,
        names: TokenNames {
            digest: [0xab; 32],
            uti: Some("dGhpcyBpcyBubyB0b2tlbg".to_owned()),
        },
    }
}

fn write(request: &Request) {
    let began = Duration::from_millis(100);
    let mut entry = Entry::new(Route::TokenV2, request, "JKJaXmPLvHcESHA=", began);
    entry.by(&workload(), "oidc");
    entry.of(TENANT.parse().unwrap());
    entry.asking_for(&auth::Cloud::Public.management_resource());
    entry.decided(Decision {
        ruling: Ruling::Allow,
        policies: vec!["collector".to_owned()],
        digest: Some("0123456789abcdef".repeat(4).into()),
        candidate: None,
    });
    entry.handed(&vended());
    entry.write(Duration::from_millis(106), Ok(StatusCode::OK));
}

/// Every field at its usual length. What changes the line changes the cost of every vend.
#[test]
fn a_usual_vend_leaves_the_line_that_the_cost_page_counts() {
    let (written, request) = (Written::default(), request());
    let writer = written.clone();
    let subscriber = telemetry::json_lines(Some("off"), move || writer.clone());
    tracing::subscriber::with_default(subscriber, || write(&request));
    let text = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
    let line: Value = serde_json::from_str(&text).unwrap();
    let at = line["timestamp"].as_str().unwrap();
    let text = text.replace(at, "2027-01-15T08:00:00.123456Z");
    assert_eq!(text, LINE);
    let said = format!("audit_bytes = {{ value = {},", LINE.len());
    assert!(COSTS.contains(&said), "infra/cost.toml has to say: {said}");
}
