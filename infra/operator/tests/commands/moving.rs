//! `tenants move`: a tenant comes to another account by the operator's word.

use std::time::Duration;

use auth::{CauseCode, TenantStatus};
use operator::Exit;

use crate::world::{OTHER, TENANT, World, tenant};

const MOVE: [&str; 5] = ["tenants", "move", TENANT, "--to", "Fabrikam"];

#[tokio::test]
async fn a_moved_tenant_keeps_its_tokens_and_both_accounts_are_named() {
    let world = World::start().await;
    world
        .connect(&tenant(TENANT, TenantStatus::Active, None))
        .await;
    let token = world.hold_token(TENANT, Duration::from_secs(3600)).await;
    let outcome = world.run(&[&MOVE[..], &["--yes"]].concat()).await;
    assert_eq!((outcome.exit, outcome.err.as_str()), (Exit::Done, ""));
    for part in [
        "from customer account Contoso, Inc. to Fabrikam",
        "tokens stay",
        "VEND_STATE_MAX_AGE_SECONDS",
    ] {
        assert!(outcome.out.contains(part), "{outcome:?}");
    }
    let found = world.find(TENANT).await;
    assert_eq!(found.customer.as_str(), "Fabrikam");
    assert_eq!(found.status, TenantStatus::Active);
    assert_eq!(found.since.unix(), 1_431_655_194);
    let vended = world.run(&["token", TENANT, "--raw"]).await;
    assert_eq!(vended.out.trim_end(), token);
}

#[tokio::test]
async fn a_script_reads_where_it_came_from_and_that_a_second_move_is_none() {
    let world = World::start().await;
    let cause = Some(CauseCode::Suspended.into());
    world
        .connect(&tenant(TENANT, TenantStatus::Suspended, cause))
        .await;
    let line = [&MOVE[..], &["--yes", "--json"]].concat();
    let moved = world.run(&line).await.json();
    assert_eq!(moved["customer"], "Fabrikam");
    assert_eq!(moved["previous_customer"], "Contoso, Inc.");
    assert_eq!(
        (&moved["changed"], &moved["status"]),
        (&true.into(), &"suspended".into())
    );
    let again = world.run(&line).await.json();
    assert_eq!(again["changed"], false);
    assert_eq!(again.get("previous_customer"), None);
    // Nothing to do is nothing to ask.
    let typed = world.run_typing(&MOVE, "").await;
    assert!(
        typed
            .out
            .contains("is bound to customer account Fabrikam already")
    );
}

#[tokio::test]
async fn a_removed_tenant_is_moved_and_stays_removed() {
    let world = World::start().await;
    world
        .connect(&tenant(TENANT, TenantStatus::Removed, None))
        .await;
    let invite = ["invite", "Fabrikam", "--tenant", TENANT];
    assert_eq!(world.run(&invite).await.exit, Exit::Failed);
    let outcome = world.run(&[&MOVE[..], &["--yes"]].concat()).await;
    assert!(outcome.out.contains("stays removed"), "{outcome:?}");
    let found = world.find(TENANT).await;
    assert_eq!(found.status, TenantStatus::Removed);
    assert_eq!(found.customer.as_str(), "Fabrikam");
    assert_eq!(world.run(&invite).await.exit, Exit::Done);
}

#[tokio::test]
async fn a_person_is_asked_with_both_names_and_can_say_no() {
    let world = World::start().await;
    world
        .connect(&tenant(TENANT, TenantStatus::Active, None))
        .await;
    let no = world.run_typing(&MOVE, "\n").await;
    assert_eq!((no.exit, no.out.as_str()), (Exit::Failed, ""));
    for part in ["Contoso, Inc.", "Fabrikam", "Type yes", "nothing was moved"] {
        assert!(no.err.contains(part), "{no:?}");
    }
    let nobody = world.run(&MOVE).await;
    assert_eq!(nobody.exit, Exit::Usage);
    assert!(nobody.err.contains("add --yes"), "{nobody:?}");
    assert_eq!(world.find(TENANT).await.customer.as_str(), "Contoso, Inc.");
    let unknown = ["tenants", "move", OTHER, "--to", "Fabrikam", "--yes"];
    let unknown = world.run(&unknown).await;
    assert!(
        unknown.refusal().contains("is not connected"),
        "{unknown:?}"
    );
}
