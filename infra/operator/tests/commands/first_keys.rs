//! `keys create`: what it makes where there is nothing, and what it leaves as it is.

use std::fs;

use auth::consent::ConsentKeys;
use auth::sealing::KeyRing;
use feed::auth_id::AuthKeys;
use operator::Exit;
use serde_json::json;

use crate::world::{World, run};

const CREATE: [&str; 2] = ["keys", "create"];
const JSON: [&str; 3] = ["keys", "create", "--json"];

/// A world in which no secret has a value.
async fn empty() -> World {
    let world = World::start().await;
    world.change_run("/settings/SEALING_KEYS_SECRET_ID", json!("ring"));
    world.change_run("/settings/CONSENT_KEYS_SECRET_ID", json!("consent"));
    world.change_run("/settings/FEED_WEBHOOK_KEYS_SECRET_ID", json!("webhook"));
    world
}

fn read(world: &World, name: &str) -> String {
    fs::read_to_string(world.directory().join("secrets").join(name)).unwrap()
}

#[tokio::test]
async fn empty_secrets_are_filled_once_with_what_the_functions_read() {
    let world = empty().await;
    let made = world.run(&JSON).await.json();
    assert_eq!(
        made,
        json!({"consent_keys": "made", "sealing_ring": "made", "webhook_keys": "made"})
    );
    let secrets = || ["consent", "ring", "webhook"].map(|name| read(&world, name));
    let [consent, ring, webhook] = secrets();
    AuthKeys::from_json(&webhook).unwrap();
    assert_ne!(ring, webhook);
    ConsentKeys::from_json(&consent).unwrap();
    KeyRing::from_json(&ring).unwrap();
    let keys: serde_json::Value = serde_json::from_str(&consent).unwrap();
    assert_ne!(keys["state_key"], keys["cookie_key"]);

    let again = world.run(&JSON).await.json();
    let present = json!({
        "consent_keys": "present", "sealing_ring": "present", "webhook_keys": "present"
    });
    assert_eq!(again, present);
    let told = world.run(&CREATE).await;
    assert_eq!((told.exit, told.err.as_str()), (Exit::Done, ""));
    assert_eq!(told.out.matches("left as it is").count(), 3, "{told:?}");
    assert_eq!(secrets(), [consent, ring, webhook]);
    let status = world.run(&["keys", "status", "--json"]).await;
    let status = status.json();
    assert_eq!(status["keys"].as_array().unwrap().len(), 1);
    assert_eq!(status["keys"][0]["role"], "primary");
}

/// Interrupted between two, it does the rest.
#[tokio::test]
async fn those_that_are_filled_keep_nobody_from_the_other() {
    let world = empty().await;
    world.run(&CREATE).await;
    let ring = read(&world, "ring");
    fs::remove_file(world.directory().join("secrets/consent")).unwrap();
    let told = world.run(&CREATE).await;
    assert_eq!((told.exit, told.err.as_str()), (Exit::Done, ""));
    for (part, count) in [("made", 1), ("left as it is", 2)] {
        assert_eq!(told.out.matches(part).count(), count, "{told:?}");
    }
    ConsentKeys::from_json(&read(&world, "consent")).unwrap();
    assert_eq!(read(&world, "ring"), ring);
}

#[tokio::test]
async fn what_no_function_could_read_is_told_and_left_as_it_is() {
    let world = empty().await;
    let wrong = json!({"state_key": "c2hvcnQ=", "cookie_key": "c2hvcnQ="});
    world.write_secret("consent", &wrong);
    let failed = world.run(&JSON).await;
    assert_eq!((failed.exit, failed.err.lines().count()), (Exit::Failed, 1));
    for part in ["CONSENT_KEYS_SECRET_ID", "left as it is", "run it again"] {
        assert!(failed.err.contains(part), "{failed:?}");
    }
    assert!(!failed.err.contains("c2hvcnQ"), "{failed:?}");
    let shown: serde_json::Value = serde_json::from_str(&failed.out).unwrap();
    assert_eq!(
        shown,
        json!({"consent_keys": null, "sealing_ring": "made", "webhook_keys": "made"})
    );
    assert_eq!(read(&world, "consent"), wrong.to_string());

    let ring = json!({"primary": "1", "keys": {}});
    world.write_secret("ring", &ring);
    let failed = world.run(&CREATE).await;
    for part in ["CONSENT_KEYS_SECRET_ID", "SEALING_KEYS_SECRET_ID"] {
        assert!(failed.err.contains(part), "{failed:?}");
    }
    assert_eq!(failed.exit, Exit::Failed);
    assert_eq!(read(&world, "ring"), ring.to_string());
}

#[tokio::test]
async fn every_name_has_to_be_known() {
    // The table first: nothing is made that is not written down there.
    let refused = run(&["operator", "keys", "create"], None).await;
    for part in [
        "TABLE_NAME is not set",
        "--table",
        "--consent-secret",
        "--webhook-secret",
    ] {
        assert!(refused.refusal().contains(part), "{refused:?}");
    }
    let world = World::start().await;
    let names = [
        "CONSENT_KEYS_SECRET_ID",
        "SEALING_KEYS_SECRET_ID",
        "FEED_WEBHOOK_KEYS_SECRET_ID",
    ];
    for name in names {
        world.change_run(&format!("/settings/{name}"), json!(""));
    }
    let refused = world.run(&CREATE).await;
    for part in names.map(|name| format!("{name} is not set")) {
        assert!(refused.refusal().contains(&part), "{refused:?}");
    }
}
