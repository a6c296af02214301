//! `policy history`, `policy show --version` and `policy rollback`.

use operator::Exit;
use serde_json::{Value, json};

use crate::policy::{TEXT, WIDE, put, stored};
use crate::world::World;

const NOBODY: &str = "@id(\"nobody\") forbid (principal, action, resource);\n";

async fn versions(world: &World) -> Vec<(u64, bool)> {
    let listed = world.run(&["policy", "history", "--json"]).await.json();
    let listed = listed.as_array().unwrap().iter();
    let facts = |row: &Value| (row["version"].as_u64().unwrap(), row["in_force"] == true);
    listed.map(facts).collect()
}

#[tokio::test]
async fn what_was_in_force_is_listed_shown_and_put_back_as_a_version_of_its_own() {
    let world = World::start().await;
    let nothing = world.run(&["policy", "history"]).await;
    assert_eq!(nothing.out, "no policy was stored yet\n");
    let refused = world.run(&["policy", "rollback"]).await;
    assert!(refused.refusal().contains("nothing to go back to"));

    for text in [TEXT, NOBODY] {
        assert_eq!(put(&world, text, &[]).await.exit, Exit::Done);
    }
    assert_eq!(versions(&world).await, [(2, true), (1, false)]);
    let shown = world.run(&["policy", "show", "--version", "1"]).await;
    assert_eq!((shown.exit, shown.out.as_str()), (Exit::Done, TEXT));

    let back = world.run(&["policy", "rollback", "--json"]).await.json();
    assert_eq!(
        (&back["version"], &back["changed"]),
        (&json!(3), &json!(true))
    );
    assert_eq!(stored(&world).await.unwrap().text, TEXT);
    assert_eq!(versions(&world).await, [(3, true), (2, false), (1, false)]);
    // Back from that is the one before it.
    assert_eq!(world.run(&["policy", "rollback"]).await.exit, Exit::Done);
    assert_eq!(stored(&world).await.unwrap().text, NOBODY);
    let first = ["policy", "rollback", "--version", "1"];
    assert_eq!(world.run(&first).await.exit, Exit::Done);
    assert_eq!(stored(&world).await.unwrap().text, TEXT);
    // The text that is in force already is not a version more.
    assert_eq!(world.run(&first).await.exit, Exit::Done);
    assert_eq!(versions(&world).await.len(), 5);
}

#[tokio::test]
async fn an_old_text_is_checked_as_a_new_one_is() {
    let world = World::start().await;
    assert_eq!(put(&world, WIDE, &["--confirm"]).await.exit, Exit::Done);
    assert_eq!(put(&world, TEXT, &[]).await.exit, Exit::Done);
    let refused = world.run(&["policy", "rollback"]).await;
    assert_eq!(refused.exit, Exit::Failed);
    assert!(refused.err.contains("add --confirm"), "{}", refused.err);
    assert_eq!(stored(&world).await.unwrap().text, TEXT);
    let confirmed = world.run(&["policy", "rollback", "--confirm"]).await;
    assert_eq!(confirmed.exit, Exit::Done, "{confirmed:?}");
    for line in [
        ["policy", "rollback", "--version", "9"],
        ["policy", "show", "--version", "9"],
    ] {
        let missing = world.run(&line).await;
        assert!(missing.refusal().contains("`operator policy history`"));
    }
}
