//! msal and azure-identity take our host as their authority, with the workload's token as
//! a federated assertion, and as App Service's identity endpoint, with a caller key: each
//! gets each tenant's own token, in one process, over TLS.

use super::stage::{Stage, ask};

/// Each way, and how it asks.
pub(super) const CLIENTS: [(&str, &str); 7] = [
    ("msal", "POST"),
    ("msal, OpenID Connect authority", "POST"),
    ("azure-identity, client assertion", "POST"),
    ("azure-identity, workload identity", "POST"),
    ("msal, managed identity", "GET"),
    ("azure-identity, managed identity", "GET"),
    ("azure-identity, default", "GET"),
];

#[tokio::test]
async fn each_client_gets_each_tenants_own_token() {
    let stage = Stage::start(2).await;
    let mut judge = stage.clients("caller-token", &stage.key).await;
    let before = stage.app_only_requests().await;
    for (client, method) in CLIENTS {
        // One process, two tenants: what it caches of the first is not the second's.
        for tenant in &stage.tenants {
            let told = ask(&mut judge, client, tenant).await;
            let claims = told.claims();
            assert_eq!(claims["tid"], tenant.as_str(), "{client}");
            assert_eq!(claims["aud"], super::stage::RESOURCE, "{client}");
            let expires_in = told.0["answer"]["expires_in"].as_i64().unwrap();
            assert!((3000..=3600).contains(&expires_in), "{client}: {told:?}");
            let [sent] = &told.token_requests()[..] else {
                panic!("{client}: one request for a token: {told:?}");
            };
            let path = match method {
                "GET" => "/msi/token".to_owned(),
                _ => format!("/{tenant}/oauth2/v2.0/token"),
            };
            assert_eq!((sent.method.as_str(), &sent.path), (method, &path));
        }
    }
    let asked = stage.app_only_requests().await - before;
    assert_eq!(asked, 2, "one for each tenant");
    stage.stop().await;
}
