//! `feed status` and `feed gaps` on a table: what a fleet reads, and what one tenant does.

use std::time::Duration;

use auth::ports::Clock as _;
use auth::{TenantStatus, Timestamp};
use aws::SystemClock;
use feed::due::Due;
use feed::ledger::{TenantFeed, Totals, TypeFeed};
use feed::pace::Pace;
use feed::progress::Progress;
use feed::refusal::Refusal;
use feed::rhythm::Rhythm;
use feed::spans::Spans;
use feed::subscription::Known;
use feed::webhook::{KnownWebhook, WebhookState};
use feed::{ContentType, Window};
use operator::Exit;
use serde_json::json;

use crate::world::{OTHER, TENANT, World, tenant};

pub(crate) const HOUR: u64 = 3_600;

pub(crate) fn ago(seconds: u64) -> Timestamp {
    SystemClock.now() - Duration::from_secs(seconds)
}

/// Listed from two days ago up to a moment ago, but for `open` hours that end an hour ago.
pub(crate) fn type_feed(
    content_type: ContentType,
    open: u64,
    refusal: Option<Refusal>,
) -> TypeFeed {
    let now = SystemClock.now();
    let before = |hours: u64| now - Duration::from_secs(hours * HOUR);
    let begun = before(48);
    let mut progress = Progress::beginning(begun, 300);
    progress.listed(Window::new(begun, now).unwrap(), now, &Spans::default());
    if let Some(gap) = Window::new(before(open + 1), before(1)) {
        progress.reopen(gap, now);
    }
    TypeFeed {
        content_type,
        known: Known {
            refusal,
            started_at: Some(begun),
            webhook: KnownWebhook::default(),
        },
        progress: Some(progress),
        totals: Totals {
            listed: 10 + open,
            stored: 10,
            records: 1_000,
            repeated: 3,
            ..Totals::default()
        },
        stored_at: Some(ago(HOUR)),
        rhythm: Rhythm::default(),
        listed_at: None,
    }
}

pub(crate) fn log(id: &str, types: Vec<TypeFeed>) -> TenantFeed {
    TenantFeed {
        due: Due::InTurn(Pace::FASTEST),
        types,
        ..TenantFeed::beginning(id.parse().unwrap(), ago(0))
    }
}

/// Two active tenants: one is complete, the other lacks three hours of one type of two.
async fn world() -> World {
    let world = World::connected().await;
    world
        .connect(&tenant(OTHER, TenantStatus::Active, None))
        .await;
    let whole = type_feed(ContentType::Exchange, 0, None);
    world.collect(&log(TENANT, vec![whole.clone()])).await;
    let late = type_feed(ContentType::General, 3, Some(Refusal::Unavailable));
    world.collect(&log(OTHER, vec![whole, late])).await;
    world
}

#[tokio::test]
async fn a_fleet_is_sums_causes_and_the_worst() {
    let world = world().await;
    let ran = world.run(&["feed", "status"]).await;
    assert_eq!((ran.exit, ran.err.as_str()), (Exit::Done, ""), "{ran:?}");
    let lines: Vec<_> = ran.out.lines().collect();
    assert_eq!(lines[0], "tenants   2 collected, 1 of them complete");
    assert!(lines[1].starts_with("lag       3h 5"), "{}", lines[1]);
    assert_eq!(lines[2], "contents  listed 33 = stored 30 + waiting 3");
    assert!(
        ran.out.contains("unavailable  1      microsoft"),
        "{}",
        ran.out
    );
    let rows: Vec<_> = lines
        .iter()
        .filter(|line| line.contains("Audit."))
        .collect();
    assert_eq!(rows.len(), 1, "{}", ran.out);
    assert!(rows[0].starts_with(OTHER) && rows[0].ends_with("unavailable"));
}

#[tokio::test]
async fn a_script_has_every_tenant_the_worst_first() {
    let world = world().await;
    let all = world.run(&["feed", "status", "--json"]).await.json();
    let totals = &all["totals"];
    assert_eq!(
        (&totals["collected"], &totals["complete"]),
        (&json!(2), &json!(1))
    );
    assert_eq!(totals["causes"], json!({"unavailable": 1}));
    let ids: Vec<_> = all["tenants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["tenant_id"])
        .collect();
    assert_eq!(ids, [OTHER, TENANT]);
    let one = &all["tenants"][1];
    assert_eq!(one["customer"], "Contoso, Inc.");
    assert_eq!(
        (&one["state"], &one["complete"]),
        (&json!("collected"), &json!(true))
    );
    let of = &one["types"][0];
    for (field, expected) in [
        ("content_type", json!("Audit.Exchange")),
        ("listed", json!(10)),
        ("stored", json!(10)),
        ("open", json!(0)),
        ("lost", json!(0)),
        ("records", json!(1_000)),
        ("repeated", json!(3)),
        ("cause", json!(null)),
        ("silent_since", json!(null)),
    ] {
        assert_eq!(of[field], expected, "{field}");
    }
}

#[tokio::test]
async fn one_tenant_says_whose_turn_it_is_and_what_to_do() {
    let world = world().await;
    for (refusal, turn, step) in [
        (Refusal::AuditingOff, "the organisation", "Purview"),
        (Refusal::Unavailable, "Microsoft", "by itself"),
        (Refusal::RequestRefused, "operator", "settings of the feed"),
    ] {
        let mut row = world.feed(OTHER).await;
        row.types[0].known.refusal = Some(refusal);
        world.collect(&row).await;
        let shown = world.run(&["feed", "status", "--tenant", OTHER]).await.out;
        let field = |name: &str| {
            let mut lines = shown
                .lines()
                .filter(|line| line.trim_start().starts_with(name));
            lines.next().unwrap_or_default().to_owned()
        };
        assert!(field("complete").ends_with("no: see below"), "{shown}");
        assert!(field("cause").ends_with(refusal.as_str()), "{shown}");
        assert!(field("whose turn").contains(turn), "{shown}");
        assert!(field("next step").contains(step), "{shown}");
    }
    let whole = world.run(&["feed", "status", "--tenant", TENANT]).await.out;
    assert!(whole.contains("complete   yes"), "{whole}");
    assert!(!whole.contains("next step"), "{whole}");
    let shown = world.run(&["tenants", "show", TENANT]).await.out;
    assert!(
        shown.contains("audit log     collected, lag ")
            && shown.contains(", listed 10 = stored 10\n"),
        "{shown}"
    );
}

/// A webhook says nothing of what is collected: the tenant stays complete.
#[tokio::test]
async fn a_webhook_is_shown_as_it_is_with_what_to_do_and_none_is_not_shown() {
    let world = world().await;
    for state in WebhookState::ALL {
        let mut row = world.feed(TENANT).await;
        row.types[0].known.webhook = KnownWebhook::of(*state);
        world.collect(&row).await;
        let shown = world.run(&["feed", "status", "--tenant", TENANT]).await.out;
        let said = world.run(&["feed", "status", "--tenant", TENANT, "--json"]);
        let said = said.await.json();
        assert_eq!(said["complete"], true, "{state:?}");
        let webhook = &said["types"][0]["webhook"];
        if *state == WebhookState::None {
            assert!(webhook.is_null() && !shown.contains("webhook"), "{shown}");
            continue;
        }
        assert_eq!(webhook["state"], state.as_str());
        assert_eq!(webhook["next_step"], state.next_step());
        assert_eq!(webhook["fault"].is_null(), *state == WebhookState::Enabled);
        assert!(shown.contains(state.as_str()), "{shown}");
        let says_what_to_do = shown.contains(state.next_step());
        assert_eq!(says_what_to_do, state.fault().is_some(), "{shown}");
    }
}

#[tokio::test]
async fn what_waits_has_its_times_and_what_is_lost_its_count() {
    let world = world().await;
    let mut row = world.feed(TENANT).await;
    row.types[0].totals.lost = 2;
    row.types[0].totals.expired_seconds = 90;
    world.collect(&row).await;
    let gaps = world.run(&["feed", "gaps", "--json"]).await.json();
    let gaps: Vec<_> = gaps
        .as_array()
        .unwrap()
        .iter()
        .map(|gap| {
            (
                gap["tenant_id"].clone(),
                gap["state"].clone(),
                gap["seconds"].clone(),
                gap["contents"].clone(),
            )
        })
        .collect();
    let expected = [
        (json!(OTHER), json!("waiting"), json!(3 * HOUR), json!(null)),
        (json!(TENANT), json!("expired"), json!(90), json!(null)),
        (json!(TENANT), json!("lost"), json!(null), json!(2)),
    ];
    assert_eq!(gaps, expected);
    let of_one = world.run(&["feed", "gaps", "--tenant", OTHER]).await.out;
    assert_eq!(of_one.lines().count(), 2, "{of_one}");
    assert!(
        of_one.contains("waiting") && of_one.contains("  3h  "),
        "{of_one}"
    );
    let clean = World::connected().await;
    assert_eq!(
        clean.run(&["feed", "gaps"]).await.out,
        "nothing is missing\n"
    );
}

#[tokio::test]
async fn who_has_no_row_is_told_why() {
    let world = World::connected().await;
    let none = world.run(&["feed", "status"]).await;
    assert_eq!(none.exit, Exit::Done);
    assert!(none.out.contains("yet, of 1 active tenants"), "{none:?}");
    let revoked = tenant(
        OTHER,
        TenantStatus::Revoked,
        Some(auth::CauseCode::NotConsented.into()),
    );
    world.connect(&revoked).await;
    let unknown = "11111111-2222-4333-8444-555555555555";
    let commands: [&[&str]; 5] = [
        &["feed", "status", "--tenant"],
        &["feed", "gaps", "--tenant"],
        &["feed", "pause"],
        &["feed", "resume"],
        &["feed", "backfill", "--from", "2h"],
    ];
    for command in commands {
        for (id, expected) in [
            (TENANT, "next run begins"),
            (OTHER, "it is revoked"),
            (unknown, "is not connected"),
        ] {
            let line = [command, &[id]].concat();
            let ran = world.run(&line).await;
            assert!(ran.refusal().contains(expected), "{line:?}: {ran:?}");
        }
    }
}

/// More than is shown, and more than a page of the index.
#[tokio::test]
async fn of_many_the_worst_are_shown_and_the_rest_counted() {
    let world = World::start().await;
    for number in 0..60 {
        let id = format!("41463f53-8812-40f4-890f-865bf6e351{number:02}");
        world
            .connect(&tenant(&id, TenantStatus::Active, None))
            .await;
        let one = type_feed(ContentType::Exchange, number % 30, None);
        world.collect(&log(&id, vec![one])).await;
    }
    let shown = world.run(&["feed", "status", "--worst", "5"]).await.out;
    let rows: Vec<_> = shown
        .lines()
        .filter(|line| line.contains("Audit."))
        .collect();
    assert_eq!(rows.len(), 5, "{shown}");
    assert!(rows[0].contains("1d 5h"), "{shown}");
    assert!(shown.contains("and 53 tenants more: --worst 0"), "{shown}");
    let all = world.run(&["feed", "status", "--worst", "0"]).await.out;
    assert_eq!(
        all.lines().filter(|line| line.contains("Audit.")).count(),
        58
    );
    assert!(
        all.starts_with("tenants   60 collected, 2 of them complete\n"),
        "{all}"
    );
}
