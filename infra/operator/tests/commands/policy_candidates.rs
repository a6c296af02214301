//! `policy put --candidate`, `policy drop-candidate`, and what `put`, `show` and `explain`
//! make of a candidate: it is checked like any other text, and the one in force stays.

use auth::TenantStatus;
use auth::policy::{CandidatePolicy, StoredPolicy};
use auth::ports::{PolicySource as _, PolicyStore as _};
use operator::Exit;
use serde_json::json;

use crate::policy::{TEXT, WIDE, WRONG, put, stored};
use crate::policy_explain::explain;
use crate::world::{TENANT, World, tenant};

/// Permits another key than `TEXT`.
const OTHER_KEY: &str = r#"@id("other") permit (principal == Key::"collector-2", action, resource in Customer::"Contoso, Inc.");"#;

async fn tried(world: &World) -> Option<CandidatePolicy> {
    world.control.current().await.unwrap().candidate.unwrap()
}

async fn digest_tried(world: &World) -> Option<String> {
    tried(world).await.map(|candidate| candidate.digest)
}

/// In place of what is stored: a candidate whose text is not the one of its digest.
async fn damage(world: &World) {
    let damaged = CandidatePolicy {
        text: TEXT.to_owned(),
        ..tried(world).await.unwrap()
    };
    world.control.put_candidate(&damaged).await.unwrap();
}

#[tokio::test]
async fn a_candidate_is_checked_and_confirmed_like_any_text_and_changes_nothing_in_force() {
    let world = World::start().await;
    put(&world, TEXT, &[]).await;
    let before = stored(&world).await;
    let rows: [(&str, &[&str], Exit); 8] = [
        (WRONG, &[], Exit::Failed),
        (WRONG, &["--confirm"], Exit::Failed),
        ("", &[], Exit::Failed),
        ("permit (", &[], Exit::Failed),
        (WIDE, &[], Exit::Failed),
        (WIDE, &["--confirm"], Exit::Done),
        (OTHER_KEY, &[], Exit::Done),
        (WRONG, &[], Exit::Failed),
    ];
    let mut expected = None;
    for (text, more, exit) in rows {
        let outcome = put(&world, text, &[&["--candidate"], more].concat()).await;
        assert_eq!(outcome.exit, exit, "{text} {more:?}: {outcome:?}");
        if exit == Exit::Done {
            expected = Some(StoredPolicy::digest_of(text));
            assert!(outcome.out.contains("Nothing opens"), "{outcome:?}");
        }
        assert_eq!(digest_tried(&world).await, expected, "{text} {more:?}");
        assert_eq!(stored(&world).await, before, "{text} {more:?}");
    }
    let again = put(&world, TEXT, &["--candidate", "--json"]).await.json();
    let digest = StoredPolicy::digest_of(TEXT);
    assert_eq!(again, json!({"candidate": digest, "changed": false}));
    assert_eq!(digest_tried(&world).await, expected, "it is in force");
}

#[tokio::test]
async fn a_candidate_that_is_put_in_force_is_none_any_more_and_another_one_stays() {
    let world = World::start().await;
    put(&world, TEXT, &[]).await;
    put(&world, OTHER_KEY, &["--candidate"]).await;
    let other = put(&world, WIDE, &["--confirm", "--json"]).await.json();
    assert_eq!(other["promoted"], false);
    assert!(tried(&world).await.is_some());
    let promoted = put(&world, OTHER_KEY, &["--json"]).await.json();
    assert_eq!(
        (&promoted["version"], &promoted["promoted"]),
        (&json!(3), &json!(true))
    );
    assert_eq!(tried(&world).await, None);
    // The second write of a command that did not come to its end.
    let left = CandidatePolicy::new(OTHER_KEY.to_owned(), stored(&world).await.unwrap().put_at);
    world.control.put_candidate(&left).await.unwrap();
    let again = put(&world, OTHER_KEY, &[]).await;
    for part in ["version 3 is this very text", "It was the candidate"] {
        assert!(again.out.contains(part), "{again:?}");
    }
    assert_eq!(tried(&world).await, None);
}

#[tokio::test]
async fn both_texts_are_shown_and_the_candidate_is_dropped() {
    let world = World::start().await;
    put(&world, TEXT, &[]).await;
    let none = world.run(&["policy", "show", "--candidate"]).await;
    assert!(none.refusal().contains("policy put FILE --candidate"));
    put(&world, OTHER_KEY, &["--candidate"]).await;
    let digest = StoredPolicy::digest_of(OTHER_KEY);

    let shown = world.run(&["policy", "show"]).await;
    assert_eq!(shown.out, TEXT);
    assert!(
        shown.err.contains(&format!("candidate {digest}")),
        "{shown:?}"
    );
    let shown = world.run(&["policy", "show", "--json"]).await.json();
    assert_eq!(shown["text"], json!(TEXT));
    assert_eq!(shown["candidate"]["text"], json!(OTHER_KEY));
    let shown = world.run(&["policy", "show", "--candidate"]).await;
    assert_eq!(shown.out, OTHER_KEY, "to the letter");
    assert!(shown.err.starts_with(&format!("candidate {digest}")));

    let drop = ["policy", "drop-candidate"];
    let dropped = world.run(&drop).await;
    assert_eq!((dropped.exit, tried(&world).await), (Exit::Done, None));
    let again = world.run(&[&drop[..], &["--json"]].concat()).await.json();
    assert_eq!(again, json!({"dropped": false}));
    assert!(stored(&world).await.is_some());
}

#[tokio::test]
async fn explain_says_what_the_candidate_would_decide() {
    let world = World::start().await;
    put(&world, TEXT, &[]).await;
    put(&world, OTHER_KEY, &["--candidate"]).await;
    world
        .connect(&tenant(TENANT, TenantStatus::Active, None))
        .await;
    let explained = explain(&world, &["--tenant", TENANT]).await;
    assert_eq!(explained["decision"], "allow");
    let digest = StoredPolicy::digest_of(OTHER_KEY);
    let expected = json!({"decision": "deny", "decided_by": [], "digest": digest});
    assert_eq!(explained["candidate"], expected);
    let asked = [
        "policy",
        "explain",
        "--caller",
        "Key::collector-2",
        "--tenant",
        TENANT,
    ];
    let told = world.run(&asked).await.out;
    assert!(told.starts_with("deny: vend by"), "{told}");
    assert!(told.contains("the candidate: allow (other)"), "{told}");
    damage(&world).await;
    let explained = explain(&world, &["--tenant", TENANT]).await;
    assert_eq!(explained["candidate"], json!(null), "no function tries it");
}

/// What older versions took, and what opened everything.
#[tokio::test]
async fn mode_is_a_usage_error_that_says_what_to_write() {
    let world = World::start().await;
    put(&world, TEXT, &[]).await;
    let before = stored(&world).await;
    for mode in ["audit", "enforce", "watch", ""] {
        let refused = put(&world, OTHER_KEY, &["--mode", mode]).await;
        assert_eq!(
            (refused.exit, refused.out.as_str()),
            (Exit::Usage, ""),
            "{mode}"
        );
        assert!(refused.err.contains("--candidate"), "{refused:?}");
        assert_eq!(
            (stored(&world).await, tried(&world).await),
            (before.clone(), None)
        );
    }
}
