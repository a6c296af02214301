//! The function as it is deployed before there is a policy: it permits nobody, and tells
//! nobody which tenants there are.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use auth::caller::issuers_from_json;
use auth::policy::StoredPolicy;
use auth::ports::{Clock as _, HeldIssuers, PolicySource, StoreError, StoredPolicies};
use aws::SystemClock;
use lambda::function::AnswersRequests as _;
use lambda_http::Request;
use microsoft::{CallersParts, OidcCallers, TrustRoots};
use policy::Policies;
use serde_json::{Value, json};
use tests::neighbour::Neighbour;
use vending::Vending;

use super::stage::{Stage, Version};

/// The vending function over the table and the secrets of a run, as `main` builds it, with
/// the issuers of the run and these policies.
async fn deployed(stage: &Stage, source: impl PolicySource + 'static) -> Vending {
    let neighbour = Neighbour::of(stage.directory.path(), Arc::new(SystemClock)).await;
    let clock = Arc::clone(&neighbour.platform.clock);
    let listed = neighbour.setting("VENDING_ISSUERS").unwrap();
    let allowed = issuers_from_json(&listed).unwrap();
    let policies = Policies::new(Arc::new(source), Arc::clone(&clock));
    let issuers = Arc::new(HeldIssuers::of(&allowed));
    let policies = Arc::new(policies.with_issuers(issuers.clone()));
    let proof = OidcCallers::new(CallersParts {
        issuers,
        roots: TrustRoots::default(),
        clock,
        claims_read: policies.clone(),
        keys_max_age: Duration::from_secs(3_600),
        token_max_life: Duration::from_secs(86_400),
    });
    Vending {
        proof: Arc::new(proof.unwrap()),
        authorizer: policies,
        ..neighbour.vending().await
    }
}

/// A table into which nobody has put a policy.
struct NoPolicy;

#[async_trait]
impl PolicySource for NoPolicy {
    async fn current(&self) -> Result<StoredPolicies, StoreError> {
        Ok(stored(None))
    }
}

/// The same under one policy.
pub(super) async fn with_policy(stage: &Stage, text: &str) -> Vending {
    let now = SystemClock.now();
    let policy = StoredPolicy::following(None, text.to_owned(), now);
    deployed(stage, OnePolicy(policy)).await
}

/// A table with this policy.
struct OnePolicy(StoredPolicy);

#[async_trait]
impl PolicySource for OnePolicy {
    async fn current(&self) -> Result<StoredPolicies, StoreError> {
        Ok(stored(Some(self.0.clone())))
    }
}

fn stored(in_force: Option<StoredPolicy>) -> StoredPolicies {
    StoredPolicies {
        in_force,
        candidate: Ok(None),
    }
}

/// An event of an HTTP API (payload format 2.0).
pub(super) fn event(method: &str, path: &str, token: &str, body: &str) -> Request {
    let event = json!({
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {"authorization": format!("Bearer {token}"), "host": "broker.example"},
        "requestContext": {
            "accountId": "000000000000",
            "apiId": "local",
            "domainName": "broker.example",
            "domainPrefix": "broker",
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "test",
            },
            "requestId": "request-1",
            "routeKey": "$default",
            "stage": "$default",
            "time": "07/Aug/2026:01:37:53 +0000",
            "timeEpoch": 1_786_066_673_000u64,
        },
        "body": body,
        "isBase64Encoded": false,
    });
    tests::gateway_event::read(&event)
}

#[tokio::test]
async fn without_a_policy_nobody_gets_or_learns_anything() {
    let stage = Stage::start().await;
    let vending = deployed(&stage, NoPolicy).await;
    let connected = stage.person(0).tenant_id.clone();
    let unknown = "41463f53-8812-40f4-890f-865bf6e35190".to_owned();
    let ask = async |method: &str, path: &str, body: &str| {
        let request = event(method, path, stage.caller_token(), body);
        let response = vending.handle(request).await;
        let status = response.status().as_u16();
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        (status, body)
    };
    let mut refusals = Vec::new();
    for tenant in [&connected, &unknown] {
        for version in Version::BOTH {
            let (name, value) = version.resource();
            let form = format!("grant_type=client_credentials&{name}={value}");
            refusals.push(ask("POST", &version.path(tenant), &form).await);
        }
        refusals.push(ask("GET", &format!("/tenants/{tenant}"), "").await);
    }
    for (status, body) in &refusals {
        assert_eq!((*status, &body["error"]), (403, &json!("access_denied")));
        // To the letter the same, whether the tenant is there or not.
        assert_eq!(body, &refusals[0].1);
    }
    let (status, listed) = ask("GET", "/tenants", "").await;
    assert_eq!(
        (status, listed),
        (200, json!({"tenants": [], "next": null}))
    );
    let (status, _) = ask("GET", "/health", "").await;
    assert_eq!(status, 200);
    stage.unchanged("nobody").await;
}
