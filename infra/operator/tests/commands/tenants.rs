//! `tenants list`, `show` and `remove` on a table.

use std::time::Duration;

use auth::{Cause, CauseCode, TenantStatus};
use feed::ContentType;
use feed::ledger::TenantFeed;
use operator::Exit;
use serde_json::json;

use crate::feed::{ago, log, type_feed};
use crate::world::{OTHER, TENANT, World, tenant};

const HELD: &str = "6babcaad-604b-40ac-a9d7-9fd97c0b779f";
const HOUR: Duration = Duration::from_secs(3600);

fn revoked() -> auth::Tenant {
    let cause = Cause::with_aadsts(CauseCode::NotConsented, 700_016);
    tenant(OTHER, TenantStatus::Revoked, Some(cause))
}

#[tokio::test]
async fn an_empty_table_lists_nobody() {
    let world = World::start().await;
    let outcome = world.run(&["tenants", "list"]).await;
    assert_eq!(
        (outcome.exit, outcome.out.as_str()),
        (Exit::Done, "no tenants\n")
    );
    assert_eq!(
        world.run(&["tenants", "list", "--json"]).await.json(),
        json!([])
    );
}

#[tokio::test]
async fn lists_those_that_the_filter_lets_through() {
    let world = World::connected().await;
    world.connect(&revoked()).await;
    let cause = Some(CauseCode::Suspended.into());
    let held = tenant(HELD, TenantStatus::Suspended, cause);
    world.connect(&held).await;
    let rows: &[(&[&str], &[&str])] = &[
        (&[], &[OTHER, TENANT, HELD]),
        (&["--status", "revoked"], &[OTHER]),
        (&["--status", "pending"], &[]),
        (&["--status", "suspended"], &[HELD]),
        (&["--customer", "Contoso, Inc."], &[OTHER, TENANT, HELD]),
        (&["--customer", "Contoso"], &[]),
        (
            &["--customer", "Contoso, Inc.", "--status", "active"],
            &[TENANT],
        ),
    ];
    for (filter, expected) in rows {
        let listed = world
            .run(&[&["tenants", "list", "--json"], *filter].concat())
            .await
            .json();
        let listed: Vec<_> = listed
            .as_array()
            .unwrap()
            .iter()
            .map(|row| &row["tenant_id"])
            .collect();
        assert_eq!(listed, *expected, "{filter:?}");
    }
    let table = world.run(&["tenants", "list"]).await.out;
    let lines: Vec<_> = table.lines().collect();
    assert!(lines[0].starts_with("TENANT "), "{table}");
    assert!(
        lines[1].ends_with("not_consented (AADSTS700016)"),
        "{table}"
    );
    assert_eq!(lines.len(), 4, "{table}");
}

#[tokio::test]
async fn shows_whose_turn_it_is() {
    let world = World::start().await;
    world.connect(&revoked()).await;
    let shown = world
        .run(&["tenants", "show", OTHER, "--json"])
        .await
        .json();
    assert_eq!(shown["status"], "revoked");
    assert_eq!(shown["cause"], "not_consented");
    assert_eq!(shown["aadsts"], 700_016);
    assert_eq!(shown["cause_resource"], "https://manage.office.com");
    assert_eq!(shown["fault"], "customer");
    assert_eq!(shown["next_step"], CauseCode::NotConsented.next_step());
    assert_eq!(shown["since"], "2015-05-15T01:59:54Z");
    assert_eq!(shown["consented_at"], "2015-05-15T01:58:20Z");
    let text = world.run(&["tenants", "show", OTHER]).await.out;
    let code = CauseCode::NotConsented;
    for part in [
        code.what_happened(),
        code.fault().whose_turn(),
        code.next_step(),
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[tokio::test]
async fn shows_what_is_recorded_of_a_token_and_never_the_token() {
    let world = World::connected().await;
    let state = |shown: &serde_json::Value| shown["tokens"][0]["state"].clone();
    let show = ["tenants", "show", TENANT, "--json"];
    let shown = world.run(&show).await.json();
    assert_eq!(state(&shown), "none");
    assert_eq!(shown["tokens"][0]["expires_at"], json!(null));
    assert_eq!(shown["tokens"][0]["failures"], 0);

    let text = world.hold_token(TENANT, HOUR).await;
    let outcome = world.run(&show).await;
    let shown = outcome.json();
    assert_eq!(state(&shown), "living");
    assert!(
        shown["tokens"][0]["expires_at"]
            .as_str()
            .unwrap()
            .ends_with('Z')
    );
    let for_a_person = world.run(&["tenants", "show", TENANT]).await.out;
    assert!(for_a_person.contains("token for https://manage.office.com: living\n"));
    for part in text
        .split('.')
        .chain([text.as_str()])
        .filter(|part| part.len() > 3)
    {
        assert!(!outcome.out.contains(part) && !for_a_person.contains(part));
    }

    world.hold_token(TENANT, Duration::ZERO).await;
    assert_eq!(state(&world.run(&show).await.json()), "expired");
    assert_eq!(
        world
            .run(&["tenants", "remove", TENANT, "--yes"])
            .await
            .exit,
        Exit::Done
    );
    assert_eq!(state(&world.run(&show).await.json()), "no_record");
}

#[tokio::test]
async fn an_unknown_tenant_is_neither_shown_nor_removed() {
    let world = World::start().await;
    for command in [
        &["tenants", "show", OTHER][..],
        &["tenants", "remove", OTHER, "--yes"],
    ] {
        let outcome = world.run(command).await;
        let refusal = outcome.refusal();
        assert!(refusal.contains("is not connected"), "{refusal}");
        assert!(refusal.contains("consent link"), "{refusal}");
    }
}

/// Whatever its audit log says, the tenant is removed.
#[tokio::test]
async fn a_removal_has_the_subscriptions_stopped_while_the_collector_has_a_token() {
    use feed::due::{Due, Hold};
    use feed::pace::Pace;
    let at = |seconds| Due::From(ago(seconds));
    // Where its row is, whether it is paused or leaves already, where it is then.
    let rows = [
        (Some(Due::InTurn(Pace::FASTEST)), false, false, true),
        (Some(at(0)), false, false, true),
        (Some(at(600)), false, false, true),
        (Some(Due::Held(Hold::Paused)), true, false, true),
        (Some(Due::Held(Hold::Inactive)), false, false, true),
        (Some(Due::Held(Hold::Left)), false, false, true),
        (Some(Due::InTurn(Pace::SLOWEST)), true, false, true),
        (Some(at(0)), false, true, true),
        (Some(Due::Held(Hold::Left)), false, true, true),
        (None, false, false, false),
    ];
    for (row, (due, is_paused, leaves, is_marked)) in rows.into_iter().enumerate() {
        let world = World::connected().await;
        if let Some(due) = due {
            let one = type_feed(ContentType::Exchange, 0, None);
            let feed = TenantFeed {
                due,
                is_paused,
                leaves: leaves.then(|| ago(60)),
                ..log(TENANT, vec![one])
            };
            world.collect(&feed).await;
        }
        let removed = world.run(&["tenants", "remove", TENANT, "--yes"]).await;
        assert_eq!(
            (removed.exit, removed.err.as_str()),
            (Exit::Done, ""),
            "{row}"
        );
        let says = removed.out.contains("next run stops the subscriptions");
        assert_eq!(says, is_marked, "{row}: {removed:?}");
        assert_eq!(world.find(TENANT).await.status, TenantStatus::Removed);
        if is_marked {
            let before = world.feed(TENANT).await;
            assert!(before.leaves.is_some(), "{row}");
            world.run(&["tenants", "remove", TENANT, "--yes"]).await;
            let after = world.feed(TENANT).await;
            assert_eq!(
                (after.leaves, after.due),
                (before.leaves, before.due),
                "{row}"
            );
        }
    }
}

#[tokio::test]
async fn removing_deletes_the_tokens_and_keeps_the_bond() {
    let world = World::connected().await;
    world.hold_token(TENANT, HOUR).await;
    let outcome = world.run(&["tenants", "remove", TENANT, "--yes"]).await;
    assert_eq!(outcome.exit, Exit::Done, "{outcome:?}");
    assert!(outcome.out.contains("is removed"), "{outcome:?}");
    assert!(
        outcome
            .out
            .contains("bound to customer account Contoso, Inc.")
    );
    assert!(outcome.out.contains("tenants move"));

    let found = world.find(TENANT).await;
    assert_eq!(found.status, TenantStatus::Removed);
    assert_eq!(found.customer.as_str(), "Contoso, Inc.");
    assert!(found.since.unix() > 1_431_655_194);
    let refusal = world.run(&["token", TENANT]).await;
    assert!(refusal.refusal().contains("was removed at"));

    let again = world.run(&["tenants", "remove", TENANT, "--yes"]).await;
    assert_eq!(again.exit, Exit::Done);
    assert!(again.out.contains("was removed already"), "{again:?}");
    let json = world
        .run(&["tenants", "remove", TENANT, "--yes", "--json"])
        .await
        .json();
    assert_eq!(
        (&json["changed"], &json["status"]),
        (&json!(false), &json!("removed"))
    );
}

#[tokio::test]
async fn a_person_is_asked_and_can_say_no() {
    let world = World::connected().await;
    let no = world
        .run_typing(&["tenants", "remove", TENANT], "y\n")
        .await;
    assert_eq!((no.exit, no.out.as_str()), (Exit::Failed, ""));
    assert!(
        no.err.contains("Contoso, Inc.") && no.err.contains("Type yes"),
        "{no:?}"
    );
    assert_eq!(world.find(TENANT).await.status, TenantStatus::Active);

    let yes = world
        .run_typing(&["tenants", "remove", TENANT], "yes\n")
        .await;
    assert_eq!(yes.exit, Exit::Done, "{yes:?}");
    assert_eq!(world.find(TENANT).await.status, TenantStatus::Removed);
}

#[tokio::test]
async fn nobody_to_ask_is_a_usage_error_and_removes_nothing() {
    let world = World::connected().await;
    let outcome = world.run(&["tenants", "remove", TENANT]).await;
    assert_eq!((outcome.exit, outcome.out.as_str()), (Exit::Usage, ""));
    assert!(outcome.err.contains("add --yes"), "{outcome:?}");
    assert_eq!(world.find(TENANT).await.status, TenantStatus::Active);
}
