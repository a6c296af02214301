//! Changes of the list of issuers that meet something: another operator, damage, the policy in
//! force.

use auth::Timestamp;
use auth::caller::entries_from_json;
use auth::issuers::StoredIssuers;
use auth::ports::{IssuerSource as _, IssuerStore as _, Write};
use futures::future::join_all;
use operator::Exit;

use crate::issuer::{A, B, listed, put};
use crate::policy;
use crate::world::World;

async fn stored(world: &World) -> StoredIssuers {
    world.control.current_issuers().await.unwrap().unwrap()
}

#[tokio::test]
async fn of_operators_at_once_none_overwrites_another_unseen() {
    let world = World::start().await;
    let lists: Vec<_> = (0..6)
        .map(|n| format!(r#"[{{"issuer":"https://{n}.example","audience":"broker"}}]"#))
        .collect();
    let all = join_all(lists.iter().map(|list| put(&world, list, &[]))).await;
    let done = all.iter().filter(|ran| ran.exit == Exit::Done).count();
    assert!(done > 0);
    for ran in all.iter().filter(|ran| ran.exit != Exit::Done) {
        assert!(ran.refusal().contains("another operator"), "{ran:?}");
    }
    // Whoever was told that it is done finds its issuer, and no other is there.
    assert_eq!(listed(&world).await.len(), done);
    assert_eq!(stored(&world).await.version, done as u64);
}

#[tokio::test]
async fn a_list_that_was_changed_behind_its_digest_is_replaced_as_a_whole() {
    let world = World::start().await;
    put(&world, A, &[]).await;
    let good = stored(&world).await;
    let changed = StoredIssuers {
        text: good.text.replace("broker", "another"),
        version: 2,
        ..good.clone()
    };
    let written = world.control.put_issuers(&changed).await.unwrap();
    assert_eq!(written, Write::Done);
    let list = world.run(&["issuer", "list"]).await;
    assert_eq!(list.exit, Exit::Failed);
    assert!(list.err.contains("has not the digest"), "{}", list.err);
    let over = put(&world, B, &[]).await;
    assert!(
        over.refusal().contains("issuer put FILE --only"),
        "{over:?}"
    );
    let remove = ["issuer", "remove", "https://a.example", "--yes"];
    assert_eq!(world.run(&remove).await.exit, Exit::Failed);
    // The list to which the digest belongs, too.
    let only = put(&world, A, &["--only"]).await;
    assert_eq!(only.exit, Exit::Done, "{only:?}");
    assert_eq!(listed(&world).await, ["https://a.example"]);
    assert_eq!(stored(&world).await.version, 3);
}

/// By the rules of this version, which may be younger than the list.
#[tokio::test]
async fn a_stored_entry_that_functions_refuse_is_shown_and_can_be_replaced() {
    let world = World::start().await;
    let text = r#"[{"issuer":"https://a.example","audience":"broker"},
                   {"issuer":"https://gitlab.com","audience":"broker","private":true}]"#;
    let entries = entries_from_json(text).unwrap();
    let list = StoredIssuers::following(None, &entries, Timestamp::from_unix(1));
    let written = world.control.put_issuers(&list).await.unwrap();
    assert_eq!(written, Write::Done);
    let shown = world.run(&["issuer", "list"]).await;
    assert_eq!(shown.exit, Exit::Failed);
    assert!(shown.out.contains("https://gitlab.com"), "{shown:?}");
    assert!(shown.err.contains("GitLab.com"), "{shown:?}");
    let still = put(&world, B, &[]).await;
    assert_eq!(still.exit, Exit::Failed, "{still:?}");
    let sound = r#"[{"issuer":"https://gitlab.com","audience":"broker"}]"#;
    let healed = put(&world, sound, &[]).await;
    assert_eq!(healed.exit, Exit::Done, "{healed:?}");
    assert_eq!(world.run(&["issuer", "list"]).await.exit, Exit::Done);
}

/// Permits every workload of a private issuer that has a claim.
const OF_B: &str = r#"@id("b") permit (principal is Workload, action, resource in Customer::"C")
    when { principal.issuer == "https://b.example" &&
           principal.hasTag("team") && principal.getTag("team") == "a" };"#;
const OF_A: &str = r#"@id("a") permit (principal == Workload::"https://a.example x", action,
    resource in Customer::"C");"#;

#[tokio::test]
async fn a_change_that_would_take_the_policy_out_of_force_is_refused() {
    let world = World::start().await;
    put(&world, A, &[]).await;
    // The check learns from the stored list which issuers are private.
    let unlisted = policy::put(&world, OF_B, &[]).await;
    assert_eq!(unlisted.exit, Exit::Failed, "{unlisted:?}");
    put(&world, B, &[]).await;
    let taken = policy::put(&world, OF_B, &[]).await;
    assert_eq!(taken.exit, Exit::Done, "{taken:?}");
    let before = stored(&world).await;

    let public = B.replace("true", "false");
    let refused = [
        put(&world, &public, &[]).await,
        put(&world, A, &["--only"]).await,
        world
            .run(&["issuer", "remove", "https://b.example", "--yes"])
            .await,
    ];
    for ran in refused {
        assert_eq!((ran.exit, ran.out.as_str()), (Exit::Failed, ""), "{ran:?}");
        assert!(ran.err.contains("policy b"), "{ran:?}");
        assert!(ran.err.contains("nothing was stored"), "{ran:?}");
    }
    assert_eq!(stored(&world).await, before);
    // What does not touch it goes on.
    let other = A.replace("broker", "another");
    assert_eq!(put(&world, &other, &[]).await.exit, Exit::Done);

    assert_eq!(policy::put(&world, OF_A, &[]).await.exit, Exit::Done);
    let removed = world
        .run(&["issuer", "remove", "https://b.example", "--yes"])
        .await;
    assert_eq!(removed.exit, Exit::Done, "{removed:?}");
}

/// As far as they can be read: a text can be checked where no run answers.
#[tokio::test]
async fn a_check_without_the_stored_list_says_so_and_takes_none_for_private() {
    let world = World::start().await;
    put(&world, B, &[]).await;
    let check = ["policy", "check", "-"];
    let checked = world.run_piping(&check, OF_B.as_bytes()).await;
    assert_eq!(checked.exit, Exit::Done, "{checked:?}");
    world.kill_the_run();
    let checked = world.run_piping(&check, OF_B.as_bytes()).await;
    assert_eq!(checked.exit, Exit::Failed);
    let words = "the stored issuers cannot be read";
    assert!(checked.err.contains(words), "{}", checked.err);
    let sound = world.run_piping(&check, OF_A.as_bytes()).await;
    assert_eq!(sound.exit, Exit::Done, "{sound:?}");
}
