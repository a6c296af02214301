//! `feed backfill`, `pause` and `resume`: what they leave in the table, and what they refuse.

use auth::TenantStatus;
use feed::ContentType;
use feed::due::{Due, Hold};
use feed::pass::Pass;
use operator::Exit;
use serde_json::json;

use crate::feed::{HOUR, ago, log, type_feed};
use crate::world::{OTHER, TENANT, World, tenant};

/// Two tenants, both listed to the end.
async fn world() -> World {
    let world = World::connected().await;
    world
        .connect(&tenant(OTHER, TenantStatus::Active, None))
        .await;
    for id in [TENANT, OTHER] {
        let types = [ContentType::Exchange, ContentType::General];
        let types = types.map(|one| type_feed(one, 0, None));
        world.collect(&log(id, types.into())).await;
    }
    world
}

#[tokio::test]
async fn a_backfill_leaves_the_time_as_not_listed_of_every_type_and_nothing_else() {
    let world = world().await;
    let line = [
        "feed",
        "backfill",
        TENANT,
        "--from",
        "3h",
        "--to",
        "1h",
        "--no-wait",
        "--json",
    ];
    let done = world.run(&line).await.json();
    assert_eq!(done["state"], "marked");
    assert_eq!(
        done["content_types"],
        json!(["Audit.Exchange", "Audit.General"])
    );
    let row = world.feed(TENANT).await;
    for one in &row.types {
        let progress = one.progress.as_ref().unwrap();
        let open = progress.unlisted(Pass::First);
        assert!(
            (2 * HOUR - 5..=2 * HOUR).contains(&open.gaps.seconds()),
            "{open:?}"
        );
        let again = progress.unlisted(Pass::AfterHours);
        assert!(again.gaps.is_empty(), "{again:?}");
    }
    let other = world.feed(OTHER).await;
    assert!(other.types.iter().all(|one| {
        one.progress
            .as_ref()
            .unwrap()
            .unlisted(Pass::First)
            .gaps
            .is_empty()
    }));
    let text = world
        .run(&["feed", "backfill", OTHER, "--from", "3h", "--no-wait"])
        .await;
    assert_eq!((text.exit, text.err.as_str()), (Exit::Done, ""), "{text:?}");
    assert!(
        text.out
            .contains("is marked as not listed, for Audit.Exchange, Audit.General")
    );
}

#[tokio::test]
async fn times_that_cannot_be_are_a_usage_error_and_change_nothing() {
    let world = world().await;
    let future = ago(0) + std::time::Duration::from_secs(2 * HOUR);
    let future = future.to_string();
    let rows: [(&[&str], &str); 8] = [
        (&["--from", "8d"], "write --from 7d"),
        (&["--from", "2020-01-01"], "seven days"),
        (&["--from", &future], "yet to come"),
        (&["--from", "1h", "--to", &future], "leave it out"),
        (&["--from", "1h", "--to", "2h"], "swap them"),
        (&["--from", "1h", "--to", "1h"], "no time between"),
        (&["--from", "0s"], "no time between"),
        (&["--from", "9999-12-31"], "yet to come"),
    ];
    for (times, expected) in rows {
        let line = [&["feed", "backfill", TENANT], times].concat();
        let ran = world.run(&line).await;
        assert_eq!(
            (ran.exit, ran.out.as_str()),
            (Exit::Usage, ""),
            "{line:?}: {ran:?}"
        );
        assert!(ran.err.contains(expected), "{line:?}: {ran:?}");
    }
    let row = world.feed(TENANT).await;
    assert!(row.types.iter().all(|one| {
        one.progress
            .as_ref()
            .unwrap()
            .unlisted(Pass::First)
            .gaps
            .is_empty()
    }));
}

#[tokio::test]
async fn a_backfill_that_nothing_can_come_of_says_why() {
    let world = world().await;
    let before = world
        .run(&["feed", "backfill", TENANT, "--from", "6d", "--to", "5d"])
        .await;
    assert!(
        before.refusal().contains("subscriptions begin at"),
        "{before:?}"
    );
    let mut row = world.feed(TENANT).await;
    row.types.iter_mut().for_each(|one| one.progress = None);
    world.collect(&row).await;
    let none = world
        .run(&["feed", "backfill", TENANT, "--from", "2h"])
        .await;
    assert!(
        none.refusal().contains("no subscription of it runs yet"),
        "{none:?}"
    );
    for (due, leaves, expected) in [
        (Due::Held(Hold::Inactive), None, "not active"),
        (Due::Held(Hold::Left), Some(ago(0)), "left"),
        (Due::From(ago(0)), Some(ago(0)), "leaving"),
    ] {
        let mut row = world.feed(TENANT).await;
        (row.due, row.leaves) = (due, leaves);
        world.collect(&row).await;
        let refused = world
            .run(&["feed", "backfill", TENANT, "--from", "2h"])
            .await;
        assert!(refused.refusal().contains(expected), "{due:?}: {refused:?}");
    }
}

#[tokio::test]
async fn a_pause_holds_and_a_resume_lifts_it_and_both_can_be_repeated() {
    let world = world().await;
    let rows = [
        ("pause", true, true),
        ("pause", true, false),
        ("resume", false, true),
        ("resume", false, false),
    ];
    for (verb, paused, changed) in rows {
        let done = world.run(&["feed", verb, TENANT, "--json"]).await.json();
        let expected = json!({"tenant_id": TENANT, "paused": paused, "changed": changed});
        assert_eq!(done, expected);
        assert_eq!(world.feed(TENANT).await.is_paused, paused, "{verb}");
    }
    world.run(&["feed", "pause", TENANT]).await;
    let refused = world
        .run(&["feed", "backfill", TENANT, "--from", "2h"])
        .await;
    assert!(
        refused.refusal().contains("`operator feed resume"),
        "{refused:?}"
    );
    let shown = world.run(&["feed", "status"]).await.out;
    assert!(
        shown.starts_with("tenants   1 collected, 1 of them complete; 1 paused\n"),
        "{shown}"
    );
}

#[tokio::test]
async fn all_are_asked_about_and_held_together() {
    let world = world().await;
    let unasked = world.run(&["feed", "pause", "--all"]).await;
    assert_eq!(unasked.exit, Exit::Usage);
    assert!(unasked.err.contains("add --yes"), "{unasked:?}");
    let no = world.run_typing(&["feed", "pause", "--all"], "no\n").await;
    assert_eq!(no.exit, Exit::Failed);
    assert!(
        no.err.contains("all 2 tenants") && no.err.contains("nothing was paused"),
        "{no:?}"
    );
    world.run(&["feed", "pause", TENANT]).await;
    let rows = [
        (
            "pause",
            json!({"paused": true, "changed": 1, "as_before": 1, "failed": 0}),
        ),
        (
            "pause",
            json!({"paused": true, "changed": 0, "as_before": 2, "failed": 0}),
        ),
        (
            "resume",
            json!({"paused": false, "changed": 2, "as_before": 0, "failed": 0}),
        ),
    ];
    for (verb, expected) in rows {
        let done = world
            .run(&["feed", verb, "--all", "--yes", "--json"])
            .await
            .json();
        assert_eq!(done, expected, "{verb}");
    }
    for id in [TENANT, OTHER] {
        assert!(!world.feed(id).await.is_paused);
    }
    let yes = world.run_typing(&["feed", "pause", "--all"], "yes\n").await;
    assert_eq!(yes.exit, Exit::Done, "{yes:?}");
    assert!(
        yes.out
            .starts_with("2 audit logs are paused; 0 were so already."),
        "{yes:?}"
    );
}
