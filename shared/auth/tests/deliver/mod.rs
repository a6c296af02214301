//! Delivery: each event to every destination, whatever one of them does, and however a pass ends.

mod fakes;

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use auth::Timestamp;
use auth::deliver::{Delivered, FAILURES_MAX, GIVEN_UP_AFTER};
use auth::ports::Sent;

use self::fakes::{Answer, Patience, World};

const TIME: Duration = Duration::from_secs(10);

#[tokio::test]
async fn every_destination_gets_each_event_once_in_the_order_of_time() {
    let world = World::new();
    let ids = [3, 1, 2].map(|second| world.outbox.put(1, second));
    let delivered = world.delivery().all(TIME).await;
    assert_eq!((delivered.done, world.outbox.left()), (3, 0));
    let [three, one, two] = ids;
    for sink in [&world.bus, &world.webhook] {
        assert_eq!(sink.got(), [one.clone(), two.clone(), three.clone()]);
    }
    assert!(!world.leases.is_held());
    assert_eq!(world.delivery().all(TIME).await, Delivered::default());
}

#[tokio::test]
async fn an_empty_outbox_costs_one_query_for_each_shard_and_a_request_without_an_event_none() {
    let world = World::new();
    world.delivery().written_here(TIME).await;
    assert_eq!(world.outbox.queries.load(Ordering::SeqCst), 0);
    world.delivery().all(TIME).await;
    assert_eq!(world.outbox.queries.load(Ordering::SeqCst), 2);
    assert_eq!(world.leases.taken.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_request_delivers_what_it_has_written_and_no_other_shard() {
    let world = World::new();
    let left = world.outbox.put(0, 1);
    world.outbox.written.lock().unwrap().clear();
    let own = world.outbox.put(1, 2);
    world.delivery().written_here(TIME).await;
    assert_eq!(world.bus.got(), [own]);
    world.delivery().all(TIME).await;
    assert_eq!(world.bus.got().last(), Some(&left));
}

/// The other destination is not bothered meanwhile, and hears nothing twice.
#[tokio::test]
async fn a_receiver_that_is_down_for_an_hour_gets_every_event_when_it_is_back() {
    let world = World::new();
    let delivery = world.delivery();
    world.webhook.is_down();
    let mut ids = BTreeSet::new();
    for minute in 0..60 {
        let now = 1_000 + minute * 60;
        world.clock.set(now);
        ids.insert(world.outbox.put(0, now));
        delivery.all(TIME).await;
    }
    assert_eq!(world.outbox.left(), ids.len());
    let asked_while_down = world.webhook.got().len();
    // Each run tries no more than it takes to see that it is down.
    assert!(asked_while_down <= 60 * 10, "{asked_while_down}");
    world.webhook.answers(Answer::Each(Sent::Taken));
    world.webhook.got.lock().unwrap().clear();
    for minute in 60..=120 {
        world.clock.set(1_000 + minute * 60);
        delivery.all(TIME).await;
    }
    assert_eq!(world.outbox.left(), 0);
    for sink in [&world.bus, &world.webhook] {
        let got = sink.got();
        assert_eq!(got.len(), ids.len(), "each once, while it answers");
        assert_eq!(BTreeSet::from_iter(got), ids);
    }
}

#[tokio::test]
async fn a_destination_that_fails_is_left_alone_for_the_rest_of_a_pass() {
    let world = World::new();
    world.webhook.is_down();
    for second in 0..1_000 {
        world.outbox.put(0, second);
    }
    let delivered = world.delivery().all(TIME).await;
    let tried = world.webhook.got().len();
    assert!(tried >= FAILURES_MAX as usize && tried <= 10, "{tried}");
    assert_eq!(world.bus.got().len(), 1_000);
    assert_eq!(delivered.longest_wait, Some(1_000));
    // What was tried waits; the others have their first try.
    world.webhook.answers(Answer::Each(Sent::Taken));
    let delivered = world.delivery().all(TIME).await;
    assert_eq!((delivered.done, world.outbox.left()), (990, 10));
}

#[tokio::test]
async fn what_a_destination_does_decides_what_becomes_of_the_event() {
    // What the webhook does, and whether the event is done, and tried again.
    let rows = [
        (Answer::Each(Sent::Taken), true, false),
        (Answer::Each(Sent::Unwanted), true, false),
        (Answer::Each(Sent::Later("no".to_owned())), false, true),
        (Answer::Only(0), false, true),
        (Answer::Only(1), true, false),
    ];
    for (row, (answer, is_done, is_tried_again)) in rows.into_iter().enumerate() {
        let world = World::new();
        world.outbox.put(0, 1);
        world.webhook.answers(answer);
        world.delivery().all(TIME).await;
        assert_eq!(world.outbox.left() == 0, is_done, "row {row}");
        world.clock.advance(60);
        world.delivery().all(TIME).await;
        assert_eq!(world.webhook.got().len() == 2, is_tried_again, "row {row}");
        assert_eq!(world.bus.got().len(), 1, "row {row}");
    }
}

#[tokio::test]
async fn an_event_is_given_up_after_a_week_and_not_before() {
    let world = World::new();
    world.webhook.is_down();
    world.outbox.put(0, 1_000);
    let week = i64::try_from(GIVEN_UP_AFTER.as_secs()).unwrap();
    for (at, left) in [(1_000, 1), (1_000 + week, 1), (1_000 + week + 3_601, 0)] {
        world.clock.set(at);
        world.delivery().all(TIME).await;
        assert_eq!(world.outbox.left(), left, "{at}");
    }
}

/// As a process that is killed does: at every write, and while a destination has it.
#[tokio::test]
async fn a_pass_that_ends_anywhere_loses_no_event() {
    for writes in 0..8 {
        let world = World::new();
        let ids: BTreeSet<_> = (0..5).map(|second| world.outbox.put(0, second)).collect();
        *world.outbox.writes_left.lock().unwrap() = Some(writes);
        world.delivery().all(TIME).await;
        *world.outbox.writes_left.lock().unwrap() = None;
        world.clock.advance(60);
        world.delivery().all(TIME).await;
        assert_eq!(world.outbox.left(), 0, "{writes}");
        let got = BTreeSet::from_iter(world.webhook.got());
        assert_eq!(got, ids, "{writes}");
    }
    let world = World::new();
    world.outbox.put(0, 1);
    world.webhook.answers(Answer::Never);
    world.within(Patience(false)).all(TIME).await;
    assert_eq!(world.outbox.left(), 1);
    world.webhook.answers(Answer::Each(Sent::Taken));
    world.delivery().all(TIME).await;
    assert_eq!(
        world.outbox.left(),
        1,
        "the lease of the dead one still holds"
    );
    world.clock.advance(15);
    world.delivery().all(TIME).await;
    assert_eq!(world.outbox.left(), 0);
}

#[tokio::test]
async fn what_another_deliverer_works_on_is_left_to_it() {
    let world = World::new();
    world.outbox.put(0, 1);
    world.leases.held_by_another(Timestamp::from_unix(1_005));
    world.delivery().all(TIME).await;
    assert!(world.bus.got().is_empty());
    world.clock.advance(5);
    world.delivery().all(TIME).await;
    assert_eq!(world.bus.got().len(), 1);
}
