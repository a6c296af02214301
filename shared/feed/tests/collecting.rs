//! A tenant's turn: what arrives is stored once, whatever fails, and its row says so.

use std::sync::atomic::Ordering;
use std::time::Duration;

use feed::collect::Halt;
use feed::ledger::{BatchState, Totals};
use feed::pass::Pass;
use feed::refusal::Refusal;
use feed::subscription::Status;

use crate::fakes::{Answer, TYPE, World};

pub(crate) const NOW: i64 = 20_000 * 86_400 + 45_000;

/// A tenant whose subscription has run for an hour, and nothing was offered.
pub(crate) async fn running() -> World {
    let world = World::at(NOW - 3_600);
    let report = world.turn().await;
    assert_eq!((report.halt, report.wrote), (None, true));
    assert_eq!(
        *world.api.subscriptions.lock().unwrap(),
        [(TYPE, Status::Enabled)]
    );
    world.pass(3_600);
    world
}

pub(crate) fn totals(world: &World) -> Totals {
    let feed = world.ledger.feed.lock().unwrap();
    feed.as_ref().unwrap().types[0].totals
}

pub(crate) fn refusal(world: &World) -> Option<Refusal> {
    let feed = world.ledger.feed.lock().unwrap();
    feed.as_ref().unwrap().types[0].known.refusal
}

pub(crate) fn line(id: &str) -> String {
    format!("{{\"Id\":\"{id}\"}}")
}

#[tokio::test]
async fn what_was_made_before_the_start_is_stored_by_the_first_turn_where_it_is_wanted() {
    for (before, expected) in [
        (0, vec![]),
        (3_600, vec![line("new")]),
        (86_400, vec![line("new"), line("old")]),
    ] {
        let mut world = World::at(NOW);
        world.collector.before_start = Duration::from_secs(before);
        world.api.offer("new", NOW - 1_800);
        world.api.offer("old", NOW - 80_000);
        world.api.offer("older", NOW - 100_000);
        assert_eq!(world.turn().await.halt, None);
        let mut lines = world.objects.lines(".json.gz");
        lines.sort();
        assert_eq!(lines, expected, "{before}");
    }
}

#[tokio::test]
async fn what_is_offered_is_stored_once_however_often_it_is_listed() {
    let world = running().await;
    for id in ["a", "b", "c", "d", "e"] {
        world.api.offer(id, NOW - 600);
    }
    world.api.offer("late", NOW - 3_500);
    for _ in 0..100 {
        world.turn().await;
        world.pass(300);
    }
    let lines: Vec<_> = ["a", "b", "c", "d", "e", "late"].map(line).into();
    assert_eq!(world.objects.lines(".json.gz"), lines);
    let totals = totals(&world);
    assert_eq!((totals.listed, totals.stored, totals.records), (6, 6, 6));
    assert_eq!(world.api.fetched.lock().unwrap().len(), 6);
}

#[tokio::test]
async fn an_idle_day_is_a_listing_for_each_turn_and_two_writes() {
    let world = running().await;
    let listings = world.api.listings.load(Ordering::SeqCst);
    let writes = *world.ledger.writes.lock().unwrap();
    let mut until = None;
    for _ in 0..288 {
        let report = world.turn_as(until, false).await;
        assert_eq!(report.halt, None);
        until = report.listed_until.map(|until| until.unix());
        world.pass(300);
    }
    assert_eq!(world.api.listings.load(Ordering::SeqCst) - listings, 288);
    assert!(*world.ledger.writes.lock().unwrap() - writes <= 2);
}

#[tokio::test]
async fn a_run_that_dies_at_any_call_loses_nothing_and_makes_no_object_twice() {
    let offer = |world: &World| {
        for number in 0..5 {
            world.api.offer(&format!("n{number}"), NOW - 400 - number);
            world.api.offer(&format!("o{number}"), NOW - 3_000 - number);
        }
    };
    let whole = running().await;
    offer(&whole);
    whole.fuse.set(0);
    whole.turn().await;
    let calls = whole.fuse.calls();
    let expected = whole.objects.lines("");
    assert_eq!(expected.len(), 10);
    assert!(calls > 25, "{calls}");
    for (at, odd) in (1..=calls).flat_map(|at| [(at, false), (at, true)]) {
        let world = running().await;
        world.fuse.odd.store(odd, Ordering::SeqCst);
        offer(&world);
        world.fuse.set(at);
        world.turn().await;
        // More of the same hour was offered before the next run.
        world.api.offer("more", NOW - 500);
        world.fuse.set(0);
        for _ in 0..3 {
            world.pass(300);
            let report = world.turn().await;
            assert_eq!(report.halt, None, "died at call {at}");
        }
        let mut lines = expected.clone();
        lines.push(line("more"));
        lines.sort();
        assert_eq!(world.objects.lines(""), lines, "died at call {at}");
        let rows = world.ledger.batches.lock().unwrap();
        let objects = world.objects.held.lock().unwrap();
        for row in rows.values() {
            let BatchState::Stored(stored) = &row.state else {
                panic!("died at call {at}: {row:?}");
            };
            let object = stored.records.as_ref().unwrap();
            let bytes = &objects[&object.key];
            assert_eq!(auth::digest::sha256(bytes), object.sha256);
        }
        assert_eq!(rows.len(), objects.len(), "died at call {at}");
    }
}

#[tokio::test]
async fn a_content_that_fails_holds_up_only_itself_until_it_is_well() {
    let world = running().await;
    let broken = [
        Answer::Refused(Refusal::Unavailable),
        Answer::Breaks(b"[{\"Id\":\"half".to_vec()),
    ];
    for (number, answer) in broken.into_iter().enumerate() {
        world.api.offer(&format!("a{number}"), world.now() - 600);
        world.api.offer_as("bad", world.now() - 500, answer);
        world.api.offer(&format!("z{number}"), world.now() - 400);
        for _ in 0..3 {
            world.turn().await;
            world.pass(300);
        }
        let found = world.objects.lines("");
        assert!(found.contains(&line(&format!("a{number}"))));
        assert!(found.contains(&line(&format!("z{number}"))));
        assert!(!found.contains(&line("bad")));
        assert_eq!(refusal(&world), Some(Refusal::Unavailable));
    }
    // It is well again, hours later.
    world.pass(40 * 3_600);
    world.api.mends("bad");
    for _ in 0..2 {
        world.pass(300);
        world.turn().await;
    }
    let found = world.objects.lines("");
    assert_eq!(
        found.iter().filter(|found| **found == line("bad")).count(),
        1
    );
    assert_eq!(refusal(&world), None);
    assert_eq!(totals(&world).stored, totals(&world).listed);
}

#[tokio::test]
async fn what_can_never_be_had_is_counted_and_what_is_no_json_is_kept_apart() {
    let world = running().await;
    let at = NOW - 600;
    let big = "x".repeat(3 << 20);
    let torn = format!("[{{\"Id\":\"t\",\"x\":\"{big}\x00\"}}]");
    world
        .api
        .offer_as("gone", at, Answer::Refused(Refusal::ContentGone));
    world
        .api
        .offer_as("expired", at, Answer::Refused(Refusal::ContentExpired));
    world
        .api
        .offer_as("torn", at, Answer::Bytes(torn.clone().into_bytes()));
    let two = b"[{\"Id\":\"good\"},{\"Id\":\"ba\x01d\"},{\"Id\":\"good\"},{\"n\":1}]";
    world.api.offer_as("two", at, Answer::Bytes(two.to_vec()));
    let report = world.turn().await;
    assert_eq!(report.halt, None);
    let good = vec![line("good"), line("good"), "{\"n\":1}".to_owned()];
    assert_eq!(world.objects.lines(".json.gz"), good);
    let mut dead = vec!["{\"Id\":\"ba\u{1}d\"}".to_owned(), torn];
    dead.sort();
    assert_eq!(world.objects.lines(".dead.gz"), dead);
    let totals = totals(&world);
    assert_eq!((totals.listed, totals.stored, totals.lost), (4, 2, 2));
    assert_eq!(
        (totals.records, totals.repeated, totals.without_id),
        (3, 1, 1)
    );
    assert_eq!(totals.dead, 2);
}

#[tokio::test]
async fn what_holds_a_tenant_up_is_written_once_and_made_up_for_afterwards() {
    let world = running().await;
    let writes = || *world.ledger.writes.lock().unwrap();
    let before = writes();
    world.tokens.held.store(true, Ordering::SeqCst);
    for number in 0..20 {
        world.api.offer(&format!("{number:02}"), world.now() - 100);
        let report = world.turn_as(Some(world.now() - 300), false).await;
        assert_eq!(report.refusals, [(TYPE, Refusal::NoToken)]);
        world.pass(300);
    }
    assert_eq!(writes() - before, 1);
    world.tokens.held.store(false, Ordering::SeqCst);
    // The shard's mark went on meanwhile, and says nothing of this tenant.
    world.turn_as(Some(world.now() - 300), false).await;
    assert_eq!(refusal(&world), None);
    world.pass(300);
    world.turn().await;
    assert_eq!(world.objects.lines("").len(), 20);
}

#[tokio::test]
async fn what_expires_while_it_is_listed_and_not_stored_is_counted() {
    let world = running().await;
    world
        .api
        .offer_as("bad", NOW - 600, Answer::Refused(Refusal::Unavailable));
    world.api.offer("good", NOW - 500);
    world.turn().await;
    world.pass(9 * 86_400);
    world.turn().await;
    let totals = totals(&world);
    assert_eq!((totals.listed, totals.stored, totals.lost), (2, 1, 1));
    assert!(totals.expired_seconds > 2 * 86_400 - 3_600);
    let feed = world.ledger.feed.lock().unwrap().clone().unwrap();
    let progress = feed.types[0].progress.clone().unwrap();
    assert!(progress.unlisted(Pass::First).gaps.is_empty());
}

#[tokio::test]
async fn a_deadline_ends_a_turn_and_a_tenant_that_leaves_is_stopped() {
    let world = running().await;
    world.api.offer("a", NOW - 600);
    let report = world.turn_of(0, None, false).await;
    assert_eq!((report.halt, report.requests), (Some(Halt::Deadline), 0));
    let report = world.turn_as(None, true).await;
    assert_eq!((report.halt, report.is_stopped), (None, true));
    assert!(world.api.subscriptions.lock().unwrap().is_empty());
    assert!(world.objects.lines("").is_empty());
}

#[tokio::test]
async fn a_tenant_that_talked_and_is_silent_costs_little_more_than_one_that_never_did() {
    for contents in [1, 2, 30, 300] {
        let world = running().await;
        for number in 0..contents {
            world
                .api
                .offer(&number.to_string(), NOW - 400 - number % 100);
        }
        world.turn().await;
        let count = |world: &World| {
            let queries = *world.ledger.queries.lock().unwrap();
            (queries, *world.ledger.writes.lock().unwrap())
        };
        let before = count(&world);
        let mut until = None;
        for _ in 0..288 {
            world.pass(300);
            let report = world.turn_as(until, false).await;
            until = report.listed_until.map(|until| until.unix());
        }
        let after = count(&world);
        let (queries, writes) = (after.0 - before.0, after.1 - before.1);
        // The overlap, the pass after hours; at the start of the day's pass, that.
        assert!(queries <= 8, "{contents}: {queries} queries");
        assert!(writes <= 8, "{contents}: {writes} writes");
        assert_eq!(world.objects.lines("").len() as i64, contents);
    }
}
