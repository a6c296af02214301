//! `keys rotate`: step by step on the secret of a one-machine run, and tokens that open
//! all the while.

use std::process::Stdio;
use std::time::Duration;

use auth::TenantStatus;
use auth::ports::Clock as _;
use aws::SystemClock;
use operator::Exit;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::world::{TENANT, World, tenant};

const ROTATE: [&str; 3] = ["keys", "rotate", "--yes"];
const STATUS: [&str; 3] = ["keys", "status", "--json"];

async fn connected() -> (World, String) {
    let world = World::start().await;
    world
        .connect(&tenant(TENANT, TenantStatus::Active, None))
        .await;
    let token = world.hold_token(TENANT, Duration::from_secs(3600)).await;
    (world, token)
}

fn ring(world: &World) -> Value {
    let path = world.directory().join("secrets/sealing-keys");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// As if `seconds` had passed since what the ring's books say.
fn pass(world: &World, seconds: i64) {
    let mut ring = ring(world);
    let ago = |value: &mut Value| *value = json!(value.as_i64().unwrap() - seconds);
    let books = ring["rotation"].as_object_mut().unwrap();
    for added_at in books["added_at"].as_object_mut().unwrap().values_mut() {
        ago(added_at);
    }
    if let Some(since) = books.get_mut("primary_since") {
        ago(since);
    }
    world.write_secret("sealing-keys", &ring);
}

async fn vends(world: &World, token: &str) {
    let vended = world.run(&["token", TENANT, "--raw"]).await;
    assert_eq!(vended.out.trim_end(), token, "{vended:?}");
}

#[tokio::test]
async fn a_rotation_goes_on_where_it_stood_and_tokens_open_all_the_while() {
    let (world, token) = connected().await;
    let step = [&ROTATE[..], &["--no-wait", "--json"]].concat();
    let pending = world.run(&step).await.json();
    assert_eq!(pending["state"], "pending");
    let (id, promote_at) = (pending["key"].clone(), pending["promote_at"].clone());
    assert_eq!(world.run(&step).await.json(), pending, "no second key");
    assert_eq!(ring(&world)["primary"], "k1");
    vends(&world, &token).await;
    let status = world.run(&STATUS).await.json();
    assert_eq!(
        (&status["primary"], &status["pending"]),
        (&json!("k1"), &id)
    );
    assert_eq!(status["promote_at"], promote_at);

    pass(&world, 17 * 60 - 60);
    assert_eq!(world.run(&step).await.json()["state"], "pending");
    pass(&world, 60);
    let done = world.run(&ROTATE).await;
    assert_eq!((done.exit, done.err.as_str()), (Exit::Done, ""), "no wait");
    assert!(done.out.contains("seals from now on"), "{done:?}");
    let ring = ring(&world);
    assert_eq!(ring["primary"], id);
    assert_eq!(ring["keys"].as_object().unwrap().len(), 2);
    vends(&world, &token).await;
    let status = world.run(&["keys", "status"]).await.out;
    for part in ["2 keys", "older: opens only", "less than a day"] {
        assert!(status.contains(part), "{status}");
    }
    for key in ring["keys"].as_object().unwrap().values() {
        assert!(!status.contains(key.as_str().unwrap()));
    }
}

/// The program is killed while it waits; what it did stands in the secret.
#[tokio::test]
async fn a_wait_says_how_long_it_is_and_can_be_interrupted() {
    let (world, token) = connected().await;
    let mut program = tokio::process::Command::new(env!("CARGO_BIN_EXE_operator"))
        .args(["--data-dir", world.directory().to_str().unwrap()])
        .args(ROTATE)
        .env_clear()
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut told = BufReader::new(program.stderr.take().unwrap()).lines();
    let line = told.next_line().await.unwrap().unwrap();
    for part in ["every 15 minutes", "the next run goes on"] {
        assert!(line.contains(part), "{line}");
    }
    program.kill().await.unwrap();
    let status = world.run(&STATUS).await.json();
    assert!(line.contains(status["pending"].as_str().unwrap()), "{line}");
    assert!(line.contains(status["promote_at"].as_str().unwrap()));
    vends(&world, &token).await;
    pass(&world, 17 * 60);
    assert_eq!(world.run(&ROTATE).await.exit, Exit::Done);
    assert_eq!(ring(&world)["primary"], status["pending"]);
}

#[tokio::test]
async fn an_old_key_is_retired_a_day_after_the_promotion() {
    let (world, _) = connected().await;
    let retire = ["keys", "retire", "k1", "--yes"];
    let primary = world.run(&retire).await;
    assert!(primary.refusal().contains("rotate first"), "{primary:?}");
    world.run(&[&ROTATE[..], &["--no-wait"]].concat()).await;
    pass(&world, 17 * 60);
    world.run(&ROTATE).await;
    let early = world.run(&retire).await;
    assert!(early.refusal().contains("retire it then"), "{early:?}");
    let before = SystemClock.now().unix();
    pass(&world, 24 * 60 * 60 + 17 * 60);
    let typed = world.run_typing(&["keys", "retire", "k1"], "no\n").await;
    assert!(typed.err.contains("was not changed"), "{typed:?}");
    let json = world.run(&[&retire[..], &["--json"]].concat()).await.json();
    assert_eq!((&json["retired"], &json["keys"]), (&json!("k1"), &json!(1)));
    let since = ring(&world)["rotation"]["primary_since"].as_i64().unwrap();
    assert!(since < before);
    assert_eq!(ring(&world)["keys"]["k1"], Value::Null);
}

#[tokio::test]
async fn a_person_is_asked_and_a_script_has_to_say_yes() {
    let (world, _) = connected().await;
    let before = ring(&world);
    let nobody = world.run(&["keys", "rotate"]).await;
    assert_eq!((nobody.exit, nobody.out.as_str()), (Exit::Usage, ""));
    assert!(nobody.err.contains("add --yes"), "{nobody:?}");
    let no = world.run_typing(&["keys", "rotate"], "no\n").await;
    assert_eq!((no.exit, no.out.as_str()), (Exit::Failed, ""));
    assert!(no.err.contains("17 minutes"), "{no:?}");
    let unknown = world.run(&["keys", "retire", "k9", "--yes"]).await;
    assert!(unknown.refusal().contains("keys status"), "{unknown:?}");
    assert_eq!(ring(&world), before);
    let status = world.run(&STATUS).await.json();
    let keys = json!([{"id": "k1", "role": "primary", "added_at": null}]);
    assert_eq!(
        (&status["keys"], &status["primary_since"]),
        (&keys, &json!(null))
    );
}

/// Its words are of AuthIDs, and the sealing ring stays as it is.
#[tokio::test]
async fn the_webhooks_ring_is_rotated_by_itself() {
    let (world, _) = connected().await;
    let sealing = ring(&world);
    let webhook = |more: &[&'static str]| [&ROTATE[..], &["--webhook"], more].concat();
    let first = world.run(&webhook(&[])).await;
    assert!(first.out.contains("makes AuthIDs"), "{first:?}");
    let pending = world.run(&webhook(&["--no-wait"])).await;
    for part in ["makes no AuthID", "Run this command again"] {
        assert!(pending.out.contains(part), "{pending:?}");
    }
    let status = world.run(&["keys", "status", "--webhook"]).await;
    for part in ["2 keys", "pending: makes nothing yet", "rotate --webhook`"] {
        assert!(status.out.contains(part), "{status:?}");
    }
    let typed = world
        .run_typing(&["keys", "rotate", "--webhook"], "no\n")
        .await;
    assert!(typed.err.contains("the webhook's ring was not changed"));
    let unknown = world
        .run(&["keys", "retire", "k9", "--webhook", "--yes"])
        .await;
    let advice = "`operator keys status --webhook`";
    assert!(unknown.refusal().contains(advice), "{unknown:?}");
    assert_eq!(ring(&world), sealing);
}

#[tokio::test]
async fn a_ring_that_is_not_there_yet_is_made() {
    let world = World::start().await;
    world.change_run("/settings/SEALING_KEYS_SECRET_ID", json!("new-ring"));
    let missing = world.run(&STATUS).await;
    assert!(missing.refusal().contains("new-ring"), "{missing:?}");
    let made = world.run(&ROTATE).await;
    assert!(made.out.contains("there was no ring"), "{made:?}");
    let status = world.run(&STATUS).await.json();
    assert_eq!(status["keys"][0]["role"], "primary");
}
