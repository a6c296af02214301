//! PyPI's `msal` and `azure-identity` as callers of the vending endpoint: told that they
//! run on App Service, they get a tenant's token with a caller key and no code of ours, and
//! tell their user what we say where there is none.

use serde_json::{Value, json};
use tests::process::Start;
use tests::{Broker, Browser, Flow, operate};

use super::judge::{Judge, installed};
use super::jwt::part;

const MACHINE: &str = env!("CARGO_BIN_EXE_machine");
const CLIENTS: [&str; 2] = ["msal", "azure-identity"];

async fn ask(judge: &mut Judge, client: &str, tenant: &str) -> Value {
    let resource = "https://manage.office.com";
    let question = json!({"client": client, "tenant": tenant, "resource": resource});
    judge.tell(&question).await;
    judge.hear().await
}

#[tokio::test]
async fn clients_that_know_managed_identity_alone_get_each_tenants_own_token() {
    let directory = tempfile::tempdir().unwrap();
    let process = Start::new(MACHINE, directory.path()).run().await;
    let broker = Broker::of(&process.ready);
    let tenants = &process.ready.simulated_tenants;
    for person in &tenants[..2] {
        let (browser, url) = (&mut Browser::default(), &process.ready.consent_url);
        tests::connect(browser, url, &person.admin, Flow::V2).await;
        assert_eq!(broker.vend(&person.tenant_id).await.status, 200);
    }
    let added = operate(
        directory.path(),
        &["--json", "caller", "add", "legacy-tool"],
    )
    .await;
    let added: Value = serde_json::from_str(&added).unwrap();
    let endpoint = format!("{}/msi/token", process.ready.vending_url);
    let asked = broker.stats().await;

    let key = added["key"].as_str().unwrap();
    let variables = [
        ("IDENTITY_ENDPOINT", endpoint.as_str()),
        ("IDENTITY_HEADER", key),
    ];
    let python = installed("JUDGES_PYTHON");
    let mut judge = Judge::start(&python, "managed_identity.py", &variables).await;
    for client in CLIENTS {
        // One process, two tenants: what it caches of the first is not the second's.
        for person in &tenants[..2] {
            let told = ask(&mut judge, client, &person.tenant_id).await;
            let token = told["answer"]["access_token"].as_str();
            let token = token.unwrap_or_else(|| panic!("{client}: {told}"));
            assert_eq!(part(token, 1)["tid"], json!(person.tenant_id), "{client}");
            assert!(
                told["answer"]["expires_in"].as_i64().unwrap() > 300,
                "{told}"
            );
        }
        let told = ask(&mut judge, client, "f0b8b5a9-784f-49db-8016-7df345ccdb92").await;
        let message = told["message"].to_string();
        assert!(message.contains("consent link"), "{client}: {told}");
    }
    assert_eq!(
        broker.stats().await,
        asked,
        "all were served from what is kept"
    );

    let other = [
        ("IDENTITY_ENDPOINT", endpoint.as_str()),
        ("IDENTITY_HEADER", "nobodys-key"),
    ];
    let mut judge = Judge::start(&python, "managed_identity.py", &other).await;
    for client in CLIENTS {
        let told = ask(&mut judge, client, &tenants[0].tenant_id).await;
        assert!(told["raised"].is_string(), "{client}: {told}");
        assert!(
            !told.to_string().contains("nobodys-key"),
            "{client}: {told}"
        );
    }
}
