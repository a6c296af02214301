//! Entra ID is off: who has a living token is served, the others are told to ask again
//! within five seconds, which is as long as each client waits before it does.

use serde_json::json;

use super::stage::{Sent, Stage, Told, ask};

const RAISES: &str = "azure.core.exceptions.ClientAuthenticationError";
/// Those that ask again by themselves.
const PATIENT: [&str; 2] = [
    "azure-identity, client assertion",
    "azure-identity, managed identity",
];

#[tokio::test]
async fn while_entra_is_off_clients_are_told_to_wait_five_seconds_at_most() {
    let stage = Stage::start(2).await;
    let [living, without] = [&stage.tenants[0], &stage.tenants[1]];
    assert_eq!(stage.broker.vend(living).await.status, 200);
    stage.broker.fault("status", None, json!(503)).await;
    let mut judge = stage.clients("caller-token", &stage.key).await;
    for client in super::clients::CLIENTS.map(|(client, _)| client) {
        let told = ask(&mut judge, client, living).await;
        assert_eq!(told.claims()["tid"], living.as_str(), "{client}");
    }
    // msal leaves it to its user when to ask again.
    let told = ask(&mut judge, "msal", without).await;
    println!("msal: {} {}", told.0["raised"][0], told.0["message"]);
    assert_eq!(told.0["raised"][0], "msal.exceptions.MsalServiceError");
    let told = ask(&mut judge, "msal, managed identity", without).await;
    let message = told.0["refused"]["error_description"].as_str().unwrap();
    assert!(
        message.starts_with("503, Microsoft's sign-in service"),
        "{message}"
    );
    // The others wait, each in a process of its own.
    let patient = PATIENT.map(async |client| {
        let mut judge = stage.clients("caller-token", &stage.key).await;
        (client, ask(&mut judge, client, without).await)
    });
    for (client, told) in futures::future::join_all(patient).await {
        check_waited(client, &told);
        let raised = told.0["raised"].as_array().expect(client);
        assert!(raised.contains(&json!(RAISES)), "{client}: {told:?}");
        let message = told.0["message"].as_str().unwrap();
        assert!(message.contains("Microsoft's sign-in service"), "{message}");
    }
    stage.stop().await;
}

/// It asked four times, and between them waited as long as it was told.
fn check_waited(client: &str, told: &Told) {
    let sent = told.token_requests();
    assert_eq!(sent.len(), 4, "{client}: {told:?}");
    let told_to_wait = |sent: &Sent| sent.retry_after.expect("Retry-After");
    assert!(
        sent.iter()
            .all(|sent| sent.status == 503 && (1..=5).contains(&told_to_wait(sent)))
    );
    let waited: u64 = sent[..3].iter().map(told_to_wait).sum();
    let seconds = told.0["seconds"].as_f64().unwrap();
    println!("{client}: {seconds:.1} s for {waited} s of Retry-After");
    assert!(seconds >= waited as f64, "{client}: {told:?}");
}

/// The outage ends while the clients wait: they get their token, and nobody has to do
/// anything.
#[tokio::test]
async fn an_outage_that_ends_is_survived_by_clients_that_wait() {
    let stage = Stage::start(2).await;
    let before = stage.app_only_requests().await;
    let fault = stage.broker.fault("status", None, json!(503)).await;
    let patient = PATIENT
        .iter()
        .zip(&stage.tenants)
        .map(async |(client, tenant)| {
            let mut judge = stage.clients("caller-token", &stage.key).await;
            (client, tenant, ask(&mut judge, client, tenant).await)
        });
    let ended = async {
        while stage.app_only_requests().await < before + 2 {
            tokio::task::yield_now().await;
        }
        // One request at a time for each tenant: theirs have failed when ours are answered.
        for tenant in &stage.tenants {
            assert_eq!(stage.broker.vend(tenant).await.status, 503);
        }
        assert!(stage.broker.end_fault(&fault).await);
        stage.clock.advance(60);
    };
    let (asked, ()) = tokio::join!(futures::future::join_all(patient), ended);
    for (client, tenant, told) in asked {
        assert_eq!(told.claims()["tid"], tenant.as_str(), "{client}");
        let statuses: Vec<u64> = told
            .token_requests()
            .iter()
            .map(|sent| sent.status)
            .collect();
        println!("{client}: {statuses:?}");
        assert_eq!(statuses.first(), Some(&503), "{client}");
        assert_eq!(statuses.last(), Some(&200), "{client}");
    }
    stage.stop().await;
}

/// However long Entra ID wants us to wait, no client is blocked for longer than five
/// seconds; msal tells its user at once.
#[tokio::test]
async fn throttling_is_told_as_429_with_the_time_to_wait() {
    let stage = Stage::start(1).await;
    let tenant = &stage.tenants[0];
    let fault = stage
        .broker
        .fault("throttle", Some(tenant), json!(60))
        .await;
    let mut judge = stage.clients("caller-token", &stage.key).await;
    let told = ask(&mut judge, "msal", tenant).await;
    assert_eq!(
        told.0["refused"]["error"], "temporarily_unavailable",
        "{told:?}"
    );
    assert_eq!(told.0["refused"]["cause"], "throttled", "{told:?}");
    let told = ask(&mut judge, "msal, managed identity", tenant).await;
    let message = told.0["refused"]["error_description"].as_str().unwrap();
    assert!(message.starts_with("429, "), "{message}");
    for sent in told.token_requests() {
        assert_eq!((sent.status, sent.retry_after), (429, Some(5)), "{told:?}");
    }
    assert!(stage.broker.end_fault(&fault).await);
    stage.clock.advance(120);
    let told = ask(&mut judge, "msal", tenant).await;
    assert_eq!(told.claims()["tid"], tenant.as_str());
    stage.stop().await;
}
