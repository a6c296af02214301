//! An API that answers oddly: other hosts, loops, tokens refused, clocks that differ, contents
//! that a listing leaves out.

use std::sync::atomic::Ordering;

use feed::refusal::Refusal;

use crate::collecting::{NOW, line, refusal, running, totals};
use crate::fakes::{Answer, HOST, TENANT, TYPE};

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
    assert_eq!(refusal(&world), Some(Refusal::AddressRefused));

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
async fn another_token_is_asked_for_when_a_type_is_first_refused_and_not_in_each_turn() {
    use Refusal::{AuditingOff, RoleMissing, Throttled, TokenRefused, Unavailable};
    // What each turn is refused with, how often another token is asked for.
    let rows: [(Vec<Option<Refusal>>, u64); 12] = [
        (vec![None; 3], 0),
        (vec![Some(RoleMissing)], 1),
        (vec![Some(RoleMissing); 20], 1),
        (vec![Some(TokenRefused); 20], 1),
        (vec![Some(Unavailable); 3], 0),
        (vec![Some(Throttled); 3], 0),
        (vec![Some(RoleMissing), None, Some(RoleMissing)], 2),
        (vec![Some(TokenRefused), None, None, Some(TokenRefused)], 2),
        (vec![Some(RoleMissing), Some(TokenRefused)], 2),
        (
            vec![Some(Unavailable), Some(RoleMissing), Some(RoleMissing)],
            1,
        ),
        (
            vec![Some(AuditingOff), Some(RoleMissing), Some(RoleMissing)],
            1,
        ),
        (
            vec![Some(RoleMissing), Some(Unavailable), Some(RoleMissing)],
            2,
        ),
    ];
    for (turns, expected) in rows {
        let world = running().await;
        for refused in &turns {
            *world.api.refuses.lock().unwrap() = *refused;
            world.turn().await;
            world.pass(300);
        }
        let asked = world.tokens.rejected.load(Ordering::SeqCst);
        assert_eq!(asked, expected, "{turns:?}");
    }
}

/// Addresses that no token of the tenant is sent to.
fn wrong_addresses() -> Vec<String> {
    let path = |tenant: &str| format!("/api/v1.0/{tenant}/activity/feed/audit/1");
    let own = path(TENANT);
    vec![
        String::new(),
        "evil".to_owned(),
        own.clone(),
        format!("https://evil.example{own}"),
        format!("{}{own}", HOST.replace("https", "http")),
        format!("https://user@{}{own}", HOST.trim_start_matches("https://")),
        format!("{HOST}.evil.example{own}"),
        format!("{HOST}:444{own}"),
        format!("{HOST}{}", path("5e9a2a1c-0b4d-4c7e-9a53-2f1f0c8f7f11")),
        format!("{HOST}/api/v1.0/{TENANT}/../x/activity/feed/audit/1"),
        format!("{HOST}{own}#x"),
        format!("{HOST}{own}\u{e4}"),
        format!("{HOST}{own}{}", "x".repeat(9_000)),
        format!("{HOST}/api/v1.0/{TENANT}/other/1"),
    ]
}

#[tokio::test]
async fn a_content_with_a_wrong_address_holds_up_itself_alone() {
    let wrong = wrong_addresses().into_iter().map(|uri| (uri, None));
    // The API itself takes it for wrong.
    let refused = format!("{HOST}/api/v1.0/{TENANT}/activity/feed/audit/odd");
    let refused = (refused, Some(Refusal::RequestRefused));
    for (uri, refuses) in wrong.chain([refused]) {
        let world = running().await;
        let answer = match refuses {
            Some(refusal) => Answer::Refused(refusal),
            None => Answer::Bytes(b"[]".to_vec()),
        };
        world.api.offer_at("odd", NOW - 600, answer, &uri);
        world.api.offer("good", NOW - 600);
        world.turn().await;
        assert_eq!(world.objects.lines(""), [line("good")], "{uri}");
        assert_eq!(refusal(&world), Some(Refusal::AddressRefused), "{uri}");
        assert_eq!((totals(&world).listed, totals(&world).stored), (2, 1));
        // It is alone in its batch, its type is not in doubt, and all else goes on.
        world.api.offer("later", NOW - 100);
        world.pass(600);
        let listings = world.api.listings.load(Ordering::SeqCst);
        let report = world.turn().await;
        let fetched = 1 + u32::from(refuses.is_some());
        let listed = world.api.listings.load(Ordering::SeqCst) - listings;
        assert_eq!(u64::from(report.requests - fetched), listed, "{uri}");
        assert_eq!(world.objects.lines(""), [line("good"), line("later")]);
        let refused_only = report.refusals == [(TYPE, Refusal::AddressRefused)];
        assert!(refused_only && report.halt.is_none(), "{report:?}");
        // In the end it is counted.
        world.pass(8 * 86_400);
        world.turn().await;
        assert_eq!((totals(&world).lost, totals(&world).stored), (1, 2));
        world.pass(300);
        world.turn().await;
        assert_eq!(refusal(&world), None, "{uri}");
    }
}

#[tokio::test]
async fn a_next_page_with_a_wrong_address_leaves_the_window_to_the_next_turn() {
    let wrong = wrong_addresses().into_iter();
    let wrong = wrong.map(|uri| (uri, Refusal::Unavailable, Refusal::AddressRefused));
    let own = || format!("{HOST}/api/v1/{TENANT}/activity/feed/subscriptions/content?nextpage=9");
    let refused = [
        (own(), Refusal::RequestRefused, Refusal::AddressRefused),
        (own(), Refusal::PageStale, Refusal::PageStale),
    ];
    for (uri, refuses, expected) in wrong.chain(refused) {
        let world = running().await;
        world.api.offer("a", NOW - 600);
        *world.api.next.lock().unwrap() = Some((uri.clone(), refuses));
        let report = world.turn().await;
        assert_eq!((report.halt, report.windows), (None, 0), "{uri}");
        assert_eq!(refusal(&world), Some(expected), "{uri}");
        *world.api.next.lock().unwrap() = None;
        world.pass(300);
        world.turn().await;
        assert_eq!(world.objects.lines(""), [line("a")], "{uri}");
        assert_eq!(refusal(&world), None, "{uri}");
    }
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
