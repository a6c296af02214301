//! What falls out of the seven days is counted once, to the content and the second.

use feed::refusal::Refusal;

use crate::collecting::{NOW, line, refusal, running, totals};
use crate::fakes::Answer;

const DAY: u64 = 86_400;

#[tokio::test]
async fn a_batch_that_a_later_pass_listed_and_no_run_stored_is_counted_when_it_expires() {
    // Days of the outage that follows, whether the late content is then lost.
    for (days, is_lost) in [(0, 0), (1, 0), (4, 0), (8, 1), (9, 1), (20, 1)] {
        let world = running().await;
        world.pass(DAY);
        world.turn().await;
        world.pass(DAY / 2);
        // It appears a day late, and the run dies once it is listed.
        world.api.offer("late", NOW + 3_000);
        for at in 1..60 {
            world.fuse.set(at);
            world.turn().await;
            if !world.ledger.batches.lock().unwrap().is_empty() {
                break;
            }
        }
        assert_eq!(world.ledger.batches.lock().unwrap().len(), 1);
        world.fuse.set(0);
        world.pass(days * DAY);
        for _ in 0..3 {
            world.turn().await;
            world.pass(300);
        }
        let totals = totals(&world);
        assert_eq!(
            (totals.lost, totals.stored),
            (is_lost, 1 - is_lost),
            "{days} days"
        );
    }
}

#[tokio::test]
async fn an_hour_that_fails_until_it_expires_is_counted_by_its_seconds_once() {
    let world = running().await;
    // In the hour that began half an hour ago; and in the one that the subscription began in.
    for (id, at) in [("mid", NOW - 600), ("first", NOW - 3_500)] {
        world
            .api
            .offer_as(id, at, Answer::Refused(Refusal::Unavailable));
    }
    let mut until = None;
    for _ in 0..8 * DAY / 700 {
        let report = world.turn_as(until, false).await;
        until = report.listed_until.map(|until| until.unix());
        world.pass(700);
    }
    let totals = totals(&world);
    assert_eq!((totals.lost, totals.stored), (2, 0));
    // From the start of its hour, or of the subscription, up to each content; a turn later at
    // most. What lies behind it in its hour was listed, and nothing in it is left.
    let least = 1_200 + 100;
    let found = totals.expired_seconds;
    assert!((least..=least + 2 * 700).contains(&found), "{found}");
    assert_eq!(refusal(&world), None);
}

#[tokio::test]
async fn a_row_that_the_table_does_not_give_when_it_expires_is_counted_by_the_next_run() {
    for at in 1..30 {
        let world = running().await;
        world
            .api
            .offer_as("bad", NOW - 600, Answer::Refused(Refusal::Unavailable));
        world.api.offer("good", NOW - 500);
        world.turn().await;
        world.pass(9 * DAY);
        world.fuse.set(at);
        world.turn().await;
        world.fuse.set(0);
        for _ in 0..2 {
            world.pass(300);
            world.turn().await;
        }
        let rows = world.ledger.batches.lock().unwrap();
        let open = rows
            .values()
            .filter(|row| row.state == feed::ledger::BatchState::Listed);
        assert_eq!(open.count(), 0, "died at call {at}");
        assert_eq!(world.objects.lines(""), [line("good")]);
    }
}

#[tokio::test]
async fn totals_say_what_is_open_and_a_loss_is_no_sign_of_life() {
    // What two contents answer, what is stored and lost of them.
    let well = || Answer::Bytes(b"[{\"Id\":\"x\"}]".to_vec());
    let ill = || Answer::Refused(Refusal::Unavailable);
    let gone = || Answer::Refused(Refusal::ContentGone);
    let rows = [
        (well(), well(), 2, 0),
        (well(), ill(), 1, 0),
        (ill(), well(), 1, 0),
        (ill(), ill(), 0, 0),
        (well(), gone(), 1, 1),
        (gone(), well(), 1, 1),
        (gone(), gone(), 0, 2),
        (gone(), ill(), 0, 1),
        (ill(), gone(), 0, 1),
        (Answer::Bytes(b"[]".to_vec()), ill(), 1, 0),
    ];
    for (number, (first, second, stored, lost)) in rows.into_iter().enumerate() {
        let world = running().await;
        world.api.offer_as("first", NOW - 600, first);
        world.api.offer_as("second", NOW - 600, second);
        let report = world.turn().await;
        let totals = totals(&world);
        let found = (totals.listed, totals.stored, totals.lost);
        assert_eq!(found, (2, stored, lost), "row {number}");
        assert_eq!((report.stored, report.lost), (stored, lost));
        let feed = world.ledger.feed.lock().unwrap().clone().unwrap();
        assert_eq!(
            feed.types[0].stored_at.is_some(),
            stored > 0,
            "row {number}"
        );
    }
}

#[tokio::test]
async fn what_the_table_did_not_take_is_not_counted() {
    for at in 1..20 {
        let world = running().await;
        world.api.offer("a", NOW - 600);
        world.fuse.set(at);
        let report = world.turn().await;
        let rows = world.ledger.batches.lock().unwrap();
        let is_stored = rows
            .values()
            .any(|row| row.state != feed::ledger::BatchState::Listed);
        assert!(report.stored <= u64::from(is_stored), "died at call {at}");
    }
}
