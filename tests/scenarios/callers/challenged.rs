//! An API refuses a token by a claims challenge (continuous access evaluation): msal and
//! azure-identity hand it on to our token route, whether they say that they understand
//! challenges or not, and get another token. By the managed-identity route of App Service
//! they hand on nothing.

use auth::ports::Clock as _;
use serde_json::json;

use super::stage::{Stage, ask, ask_again};

/// A token is asked for anew once a minute at most, in seconds.
const BETWEEN_RENEWALS: i64 = 61;

/// Each way, and whether the challenge reaches us.
const CLIENTS: [(&str, bool); 7] = [
    ("msal", true),
    ("msal, OpenID Connect authority", true),
    ("azure-identity, client assertion", true),
    ("azure-identity, workload identity", true),
    ("msal, managed identity", false),
    ("azure-identity, managed identity", false),
    ("azure-identity, default", false),
];

#[tokio::test]
async fn a_claims_challenge_reaches_us_and_brings_another_token() {
    let stage = Stage::start(1).await;
    let tenant = stage.tenants[0].as_str();
    let mut judge = stage.clients("caller-token", &stage.key).await;
    for (client, reaches) in CLIENTS {
        for capable in [false, true] {
            let row = format!("{client}, capable: {capable}");
            let kept = ask(&mut judge, client, tenant).await;
            stage.clock.advance(BETWEEN_RENEWALS);
            let before = stage.app_only_requests().await;
            let refused_at = stage.clock.now().unix().to_string();
            let nbf = json!({"essential": true, "value": refused_at});
            let claims = json!({"access_token": {"nbf": nbf}}).to_string();
            let told = ask_again(&mut judge, client, tenant, (&claims, capable)).await;
            let token = |told: &serde_json::Value| told["answer"]["access_token"].clone();
            // Capabilities alone change nothing.
            let first = token(&told.0["first"]);
            assert_eq!(first, token(&kept.0), "{row}: {told:?}");
            let again = token(&told.0);
            assert!(again.is_string(), "{row}: {told:?}");
            assert_eq!(again != first, reaches, "{row}");
            let asked = stage.app_only_requests().await - before;
            assert_eq!(asked, u64::from(reaches), "{row}");
            let statuses: Vec<_> = told
                .token_requests()
                .iter()
                .map(|sent| sent.status)
                .collect();
            assert_eq!(statuses, [200, 200], "{row}: no cache of the client's");
        }
    }
    stage.stop().await;
}
