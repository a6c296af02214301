//! `policy check`, `policy put`, `policy show`, `policy explain`: a text is judged before
//! it is in force, none is overwritten unseen, and a decision says how it came about. What
//! candidates are about stands in `policy_candidates`.

use std::fs;

use auth::policy::StoredPolicy;
use auth::ports::{PolicySource as _, PolicyStore as _, Write};
use operator::Exit;
use serde_json::json;

use crate::world::{Ran, World, run};

/// Keys for one customer, and nobody while a tenant is suspended.
pub(crate) const TEXT: &str = r#"
@id("collector")
permit (
    principal == Key::"collector-1",
    action == Action::"vend",
    resource in Customer::"Contoso, Inc."
) when { context.resource == "https://manage.office.com" };

@id("not-while-suspended")
forbid (principal, action == Action::"vend", resource)
when { resource.status == Status::"suspended" };
"#;

/// Every key for every tenant: it can be meant so.
pub(crate) const WIDE: &str = r#"@id("wide") permit (principal is Key, action, resource);"#;

/// A permit for everybody, and an attribute that there is not.
pub(crate) const WRONG: &str = r#"@id("all") permit (principal, action, resource);
@id("odd") permit (principal == Key::"a", action == Action::"vend", resource)
when { resource.colour == "blue" };"#;

pub(crate) async fn put(world: &World, text: &str, more: &[&str]) -> Ran {
    let command = [&["policy", "put", "-"], more].concat();
    world.run_piping(&command, text.as_bytes()).await
}

pub(crate) async fn stored(world: &World) -> Option<StoredPolicy> {
    world.control.current().await.unwrap().in_force
}

#[tokio::test]
async fn a_text_is_checked_without_any_place_and_every_problem_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let check = async |text: &str| {
        let file = directory.path().join("text.cedar");
        fs::write(&file, text).unwrap();
        run(
            &["operator", "policy", "check", file.to_str().unwrap()],
            None,
        )
        .await
    };
    let good = check(TEXT).await;
    assert_eq!((good.exit, good.err.as_str()), (Exit::Done, ""));
    assert!(good.out.contains("collector, not-while-suspended"));
    assert!(good.out.contains(&StoredPolicy::digest_of(TEXT)));

    let wrong = check(WRONG).await;
    assert_eq!((wrong.exit, wrong.out.as_str()), (Exit::Failed, ""));
    for part in ["line 1, policy all", "line 3, policy odd", "is not taken"] {
        assert!(wrong.err.contains(part), "{part}: {}", wrong.err);
    }
    let wide = check(WIDE).await;
    assert_eq!(wide.exit, Exit::Done);
    assert!(wide.out.contains("--confirm"), "{}", wide.out);
}

#[tokio::test]
async fn versions_follow_each_other_and_the_same_text_is_not_put_twice() {
    let world = World::start().await;
    let none = world.run(&["policy", "show"]).await;
    assert!(none.refusal().contains("operator policy put FILE"));

    let first = put(&world, TEXT, &["--json"]).await.json();
    let digest = StoredPolicy::digest_of(TEXT);
    let expected = json!({"version": 1, "digest": digest, "changed": true, "promoted": false});
    assert_eq!(first, expected);
    let again = put(&world, TEXT, &["--json"]).await.json();
    assert_eq!(
        (&again["version"], &again["changed"]),
        (&json!(1), &json!(false))
    );
    let next = format!("{TEXT}\n");
    let put_again = put(&world, &next, &[]).await;
    assert!(
        put_again.out.contains("version 2 is stored"),
        "{put_again:?}"
    );

    let shown = world.run(&["policy", "show"]).await;
    assert_eq!(shown.out, next, "to the letter");
    assert!(shown.err.starts_with("version 2, put at"), "{}", shown.err);
    assert_eq!(shown.err.lines().count(), 1, "{}", shown.err);
    let shown = world.run(&["policy", "show", "--json"]).await.json();
    assert_eq!(
        (&shown["text"], &shown["version"]),
        (&json!(next), &json!(2))
    );
    assert_eq!(shown["candidate"], json!(null));
}

#[tokio::test]
async fn what_is_wrong_or_too_wide_leaves_the_text_in_force_alone() {
    let world = World::start().await;
    put(&world, TEXT, &[]).await;
    let before = stored(&world).await;
    for (text, more) in [
        (WRONG, &[][..]),
        (WRONG, &["--confirm"]),
        (WIDE, &[]),
        ("", &[]),
        ("permit (", &[]),
    ] {
        let outcome = put(&world, text, more).await;
        assert_eq!(
            (outcome.exit, outcome.out.as_str()),
            (Exit::Failed, ""),
            "{text}"
        );
        assert_eq!(stored(&world).await, before, "{text}");
    }
    let confirmed = put(&world, WIDE, &["--confirm"]).await;
    assert_eq!(confirmed.exit, Exit::Done, "{confirmed:?}");
    assert_eq!(stored(&world).await.unwrap().version, 2);
}

#[tokio::test]
async fn a_writer_who_was_overtaken_overwrites_nothing() {
    let world = World::start().await;
    put(&world, TEXT, &[]).await;
    let before = stored(&world).await.unwrap();
    put(&world, WIDE, &["--confirm"]).await;
    let late = StoredPolicy::following(Some(&before), TEXT.to_owned(), before.put_at);
    assert_ne!(world.control.put(&late).await.unwrap(), Write::Done);
    assert_eq!(stored(&world).await.unwrap().text, WIDE);
}

#[tokio::test]
async fn a_text_is_piped_in_or_typed() {
    let world = World::start().await;
    let check = ["policy", "check", "-"];
    for outcome in [
        world.run_piping(&check, TEXT.as_bytes()).await,
        world.run_typing(&check, TEXT).await,
    ] {
        assert_eq!((outcome.exit, outcome.err.as_str()), (Exit::Done, ""));
        assert!(outcome.out.contains("collector"), "{outcome:?}");
    }
}
