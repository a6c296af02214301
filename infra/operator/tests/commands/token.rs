//! `token`: what the table holds, and every way of not getting one. Entra ID does not
//! answer in these tests.

use std::time::Duration;

use auth::{Cause, CauseCode, TenantStatus};
use operator::Exit;
use serde_json::json;

use crate::world::{CLIENT, OTHER, TENANT, World, tenant};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn prints_the_claims_of_the_token_that_the_table_holds() {
    let world = World::start().await;
    world
        .connect(&tenant(TENANT, TenantStatus::Active, None))
        .await;
    let text = world.hold_token(TENANT, HOUR).await;
    let outcome = world.run(&["token", TENANT]).await;
    let printed = outcome.json();
    assert_eq!(printed["claims"]["tid"], TENANT);
    assert_eq!(printed["claims"]["appid"], CLIENT);
    assert_eq!(printed["claims"]["roles"], json!(["ActivityFeed.Read"]));
    assert_eq!(printed["resource"], "https://manage.office.com");
    assert_eq!(printed["source"], "table");
    assert!(printed["expires_at"].as_str().unwrap().ends_with('Z'));
    assert!(
        outcome.out.contains("\n  \"claims\": {\n"),
        "{}",
        outcome.out
    );
    assert!(!outcome.out.contains(&text));
    assert_eq!(
        world.run(&["token", TENANT, "--json"]).await.json(),
        printed
    );
}

#[tokio::test]
async fn raw_is_the_token_and_nothing_else() {
    let world = World::start().await;
    world
        .connect(&tenant(TENANT, TenantStatus::Active, None))
        .await;
    let text = world.hold_token(TENANT, HOUR).await;
    let outcome = world.run(&["token", TENANT, "--raw"]).await;
    assert_eq!(outcome.exit, Exit::Done);
    assert_eq!(
        (outcome.out, outcome.err.as_str()),
        (format!("{text}\n"), "")
    );
}

#[tokio::test]
async fn the_default_resource_is_that_of_the_tenants_cloud() {
    let world = World::start().await;
    let gcc = auth::Tenant {
        cloud: auth::Cloud::Gcc,
        ..tenant(TENANT, TenantStatus::Active, None)
    };
    world.connect(&gcc).await;
    let outcome = world.run(&["token", TENANT]).await;
    // The record is for another cloud's API: told by the one that was asked for.
    let refusal = outcome.refusal();
    assert!(
        refusal.contains("https://manage-gcc.office.com"),
        "{refusal}"
    );
}

#[tokio::test]
async fn a_refusal_says_whose_fault_it_is_and_what_to_do() {
    let world = World::start().await;
    let outcome = world.run(&["token", TENANT]).await;
    assert!(
        outcome.refusal().contains("is not connected for"),
        "{outcome:?}"
    );

    world
        .connect(&tenant(TENANT, TenantStatus::Active, None))
        .await;
    let outcome = world
        .run(&["token", TENANT, "--resource", "https://graph.microsoft.com"])
        .await;
    assert!(
        outcome
            .refusal()
            .contains("name this one in ENTRA_RESOURCES"),
        "{outcome:?}"
    );

    let cause = Cause::with_aadsts(CauseCode::ApplicationDisabled, 7_000_112);
    world
        .connect(&tenant(OTHER, TenantStatus::Revoked, Some(cause)))
        .await;
    let outcome = world.run(&["token", OTHER, "--raw"]).await;
    let refusal = outcome.refusal();
    for part in ["is revoked", "AADSTS7000112", "fault: customer", "enables"] {
        assert!(refusal.contains(part), "{refusal}");
    }
}

#[tokio::test]
async fn without_a_token_entra_is_asked_and_a_closed_port_is_ours() {
    let world = World::start().await;
    world
        .connect(&tenant(TENANT, TenantStatus::Active, None))
        .await;
    let outcome = world.run(&["token", TENANT]).await;
    let refusal = outcome.refusal();
    for part in ["authority_unreachable", "fault: ours", "ENTRA_AUTHORITY"] {
        assert!(refusal.contains(part), "{refusal}");
    }
    let shown = world
        .run(&["tenants", "show", TENANT, "--json"])
        .await
        .json();
    assert_eq!(shown["tokens"][0]["failures"], 1);
    assert_eq!(
        shown["status"], "active",
        "a fault of ours changes no tenant"
    );
}

#[tokio::test]
async fn a_secret_that_is_missing_is_told_by_its_name() {
    let world = World::start().await;
    world
        .connect(&tenant(TENANT, TenantStatus::Active, None))
        .await;
    world.change_run("/settings/CERTIFICATE_SECRET_ID", json!("gone"));
    let outcome = world.run(&["token", TENANT]).await;
    let told = "secret gone (CERTIFICATE_SECRET_ID) does not exist";
    assert!(outcome.refusal().contains(told), "{outcome:?}");
}
