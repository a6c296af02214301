//! An API that answers oddly: other hosts, loops, tokens refused, clocks that differ, contents
//! that a listing leaves out.

use std::sync::atomic::Ordering;

use feed::refusal::Refusal;

use crate::collecting::{NOW, line, refusal, running, totals};
use crate::fakes::{Answer, HOST, TENANT};

#[tokio::test]
async fn a_token_never_leaves_for_another_host_and_a_loop_of_pages_is_not_a_listing() {
    let world = running().await;
    let evil = format!("https://evil.example/api/v1.0/{TENANT}/activity/feed/audit/1");
    world
        .api
        .offer_at("evil", NOW - 600, Answer::Bytes(b"[]".to_vec()), &evil);
    world.api.offer("good", NOW - 600);
    world.turn().await;
    assert_eq!(world.objects.lines(""), [line("good")]);
    let fetched = world.api.fetched.lock().unwrap().clone();
    assert!(
        fetched.iter().all(|uri| uri.starts_with(HOST)),
        "{fetched:?}"
    );
    assert_eq!(refusal(&world), Some(Refusal::RequestRefused));

    let world = running().await;
    world.api.loops.store(true, Ordering::SeqCst);
    let report = world.turn().await;
    assert!(report.requests < 10);
    assert_eq!(refusal(&world), Some(Refusal::Unavailable));
    world.api.loops.store(false, Ordering::SeqCst);
    world.api.offer("good", NOW - 600);
    world.pass(300);
    world.turn().await;
    assert_eq!(world.objects.lines(""), [line("good")]);
    assert_eq!(refusal(&world), None);
}

#[tokio::test]
async fn a_token_that_is_refused_is_changed_once() {
    let world = running().await;
    world.api.offer("a", NOW - 600);
    world.api.wants_another.store(true, Ordering::SeqCst);
    world.turn().await;
    assert_eq!(world.objects.lines(""), [line("a")]);
    assert_eq!(world.tokens.rejected.load(Ordering::SeqCst), 1);
    *world.api.refuses.lock().unwrap() = Some(Refusal::RoleMissing);
    world.pass(300);
    world.turn().await;
    assert_eq!(refusal(&world), Some(Refusal::RoleMissing));
    assert_eq!(world.tokens.rejected.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_clock_of_ours_that_is_ahead_marks_nothing_as_listed_that_is_yet_to_come() {
    let world = running().await;
    let ahead = 2 * 86_400;
    world.clock.turn(ahead);
    world
        .api
        .behind
        .store(ahead.unsigned_abs(), Ordering::SeqCst);
    world.turn().await;
    world.pass(3_600);
    world.api.offer("meanwhile", NOW + 1_800);
    world.turn().await;
    world.clock.turn(-ahead);
    world.api.behind.store(0, Ordering::SeqCst);
    world.turn().await;
    assert_eq!(world.objects.lines(""), [line("meanwhile")]);
    assert_eq!(totals(&world).expired_seconds, 0);
}

#[tokio::test]
async fn a_content_that_a_later_listing_leaves_out_is_not_lost_before_it_expires() {
    let world = running().await;
    world.api.offer("a", NOW - 600);
    world.api.offer("b", NOW - 601);
    // The run dies once its batch is listed: the first calls are the row of the tenant, the
    // pages, the batches that are known, the row of the new one; the next fetches.
    world.fuse.set(8);
    world.turn().await;
    assert_eq!(world.ledger.batches.lock().unwrap().len(), 1);
    world.fuse.set(0);
    *world.api.hidden.lock().unwrap() = Some("a".to_owned());
    world.pass(300);
    world.turn().await;
    assert_eq!(totals(&world).lost, 0);
    // The others do not wait for it.
    assert_eq!(world.objects.lines(""), [line("b")]);
    *world.api.hidden.lock().unwrap() = None;
    world.pass(300);
    world.turn().await;
    assert_eq!(world.objects.lines(""), [line("a"), line("b")]);
    assert_eq!((totals(&world).stored, totals(&world).lost), (2, 0));
    assert_eq!(refusal(&world), None);
}
