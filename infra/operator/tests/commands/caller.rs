//! `caller add`, `caller list`, `caller remove`: a key is shown once and taken back.

use auth::caller::CallerKey;
use auth::ports::{CallerKeys as _, Write};
use auth::{TenantStatus, Timestamp};
use operator::Exit;
use serde_json::json;

use crate::world::{TENANT, World, tenant};

const ADD: [&str; 3] = ["caller", "add", "collector-1"];
const REMOVE: [&str; 3] = ["caller", "remove", "collector-1"];
const LIST: [&str; 3] = ["caller", "list", "--json"];

#[tokio::test]
async fn a_key_is_shown_once_and_the_table_knows_its_hash() {
    let world = World::start().await;
    let outcome = world.run(&ADD).await;
    assert_eq!((outcome.exit, outcome.err.as_str()), (Exit::Done, ""));
    let key: CallerKey = outcome.out.lines().next().unwrap().parse().unwrap();
    assert_eq!(key.name().as_str(), "collector-1");
    let stored = world.control.find_key(key.name()).await.unwrap().unwrap();
    assert!(stored.hash.matches(&key.hash()));

    let refusal = world.run(&ADD).await;
    let told = refusal.refusal();
    assert!(
        told.contains("operator caller remove collector-1"),
        "{told}"
    );
    let stored = world.control.find_key(key.name()).await.unwrap().unwrap();
    assert!(stored.hash.matches(&key.hash()), "the first one stays");
    let listed = world.run(&["caller", "list"]).await;
    assert!(!format!("{listed:?}{refusal:?}").contains(key.expose()));
}

#[tokio::test]
async fn a_script_reads_the_key_and_when_it_was_used() {
    let world = World::start().await;
    // A tenant is no caller key.
    world
        .connect(&tenant(TENANT, TenantStatus::Active, None))
        .await;
    assert_eq!(world.run(&LIST).await.json(), json!([]));
    assert_eq!(world.run(&["caller", "list"]).await.out, "no caller keys\n");
    let added = world.run(&[&ADD[..], &["--json"]].concat()).await.json();
    assert_eq!(added["name"], "collector-1");
    let key: CallerKey = added["key"].as_str().unwrap().parse().unwrap();
    let listed = world.run(&LIST).await.json();
    assert_eq!(listed[0]["name"], "collector-1");
    assert_eq!(listed[0]["last_used_at"], json!(null));

    let stored = world.control.find_key(key.name()).await.unwrap().unwrap();
    let at = Timestamp::from_unix(1_431_655_194);
    let noted = world.control.touch_key(&stored, at).await.unwrap();
    assert_eq!(noted, Write::Done);
    let listed = world.run(&LIST).await.json();
    assert_eq!(listed[0]["last_used_at"], "2015-05-15T01:59:54Z");
    let table = world.run(&["caller", "list"]).await.out;
    assert!(table.contains("2015-05-15T01:59:54Z"), "{table}");
}

#[tokio::test]
async fn a_removed_key_is_gone_and_its_last_moments_are_told() {
    let world = World::start().await;
    let first = world.run(&[&ADD[..], &["--json"]].concat()).await.json();
    let no = world.run_typing(&REMOVE, "no\n").await;
    assert_eq!((no.exit, no.out.as_str()), (Exit::Failed, ""));
    for part in ["never used", "Type yes", "nothing was removed"] {
        assert!(no.err.contains(part), "{no:?}");
    }
    assert_eq!(world.run(&LIST).await.json().as_array().unwrap().len(), 1);
    let yes = world.run_typing(&REMOVE, "yes\n").await;
    assert_eq!(yes.exit, Exit::Done);
    assert!(yes.out.contains("VEND_STATE_MAX_AGE_SECONDS"), "{yes:?}");
    assert_eq!(world.run(&LIST).await.json(), json!([]));

    let second = world.run(&[&ADD[..], &["--json"]].concat()).await.json();
    assert_ne!(first["key"], second["key"]);
    let removed = [&REMOVE[..], &["--yes", "--json"]].concat();
    let removed = world.run(&removed).await.json();
    assert_eq!(removed, json!({"name": "collector-1", "removed": true}));
}

#[tokio::test]
async fn what_cannot_be_removed_says_what_to_do() {
    let world = World::start().await;
    let nobody = world.run(&REMOVE).await;
    assert_eq!((nobody.exit, nobody.out.as_str()), (Exit::Usage, ""));
    assert!(nobody.err.contains("add --yes"), "{nobody:?}");
    let unknown = world.run(&[&REMOVE[..], &["--yes"]].concat()).await;
    assert!(unknown.refusal().contains("operator caller list"));
}
