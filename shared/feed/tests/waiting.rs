//! What a turn says of the next one: when it is worth something, and whether a tenant that leaves
//! has to be asked again. And what a listing may name.

use std::time::Duration;

use feed::ContentType;
use feed::collect::Halt;
use feed::pass::Pass;
use feed::refusal::Refusal;

use crate::collecting::{NOW, line, refusal, running, totals};
use crate::fakes::{Answer, TYPE, World};

const OTHER: ContentType = ContentType::General;

fn refuse(world: &World, refusal: Option<Refusal>, only: Option<ContentType>) {
    *world.api.refuses.lock().unwrap() = refusal;
    *world.api.refuses_only.lock().unwrap() = only;
}

async fn of_two_types() -> World {
    let mut world = World::at(NOW);
    world.collector.types = vec![TYPE, OTHER];
    world.turn().await;
    world
}

#[tokio::test]
async fn a_stop_that_is_refused_is_reported_and_repeated() {
    let rows = [
        (None, None, true),
        (Some(Refusal::NotSubscribed), None, true),
        (Some(Refusal::Unavailable), None, false),
        (Some(Refusal::Unavailable), Some(TYPE), false),
        (Some(Refusal::Unavailable), Some(OTHER), false),
        (Some(Refusal::RoleMissing), Some(OTHER), false),
        (Some(Refusal::RequestRefused), Some(OTHER), false),
        (Some(Refusal::Throttled), Some(OTHER), false),
        (Some(Refusal::TenantGone), None, false),
        (Some(Refusal::TokenRefused), Some(TYPE), false),
    ];
    for (refused, only, is_stopped) in rows {
        let world = of_two_types().await;
        refuse(&world, refused, only);
        let report = world.turn_as(None, true).await;
        assert_eq!(report.is_stopped, is_stopped, "{refused:?} {only:?}");
        assert_eq!(
            report.refusals.is_empty(),
            is_stopped,
            "{refused:?} {only:?}"
        );
        refuse(&world, None, None);
        let report = world.turn_as(None, true).await;
        assert!(report.is_stopped);
        assert!(world.api.subscriptions.lock().unwrap().is_empty());
        let report = world.turn_as(None, true).await;
        assert!(report.is_stopped, "again");
    }
    let world = of_two_types().await;
    assert!(!world.turn().await.is_stopped, "it stays");
}

#[tokio::test]
async fn throttling_ends_the_turn_of_the_tenant_and_says_until_when() {
    // Retry-After in seconds, what the report says.
    for (after, expected) in [
        (None, None),
        (Some(30), Some(30)),
        (Some(86_400), Some(3_600)),
    ] {
        let world = of_two_types().await;
        world.pass(600);
        refuse(&world, Some(Refusal::Throttled), None);
        *world.api.retry_after.lock().unwrap() = after.map(Duration::from_secs);
        let report = world.turn().await;
        assert_eq!((report.halt, report.requests), (Some(Halt::Throttled), 1));
        assert_eq!(report.refusals.len(), 1);
        let until = report.not_before.map(|until| until.unix() - world.now());
        assert_eq!(until, expected);
        assert_eq!(report.listed_until, None);
        refuse(&world, None, None);
        *world.api.retry_after.lock().unwrap() = None;
        let report = world.turn().await;
        assert_eq!((report.halt, report.not_before), (None, None));
        assert!(report.refusals.is_empty());
    }
}

#[tokio::test]
async fn a_tenant_all_of_whose_types_wait_has_a_time_for_its_next_turn() {
    // What starts are refused with, which type, seconds until the next turn is worth something.
    let rows = [
        (Refusal::AuditingOff, None, Some(3_600)),
        (Refusal::RoleMissing, None, Some(3_600)),
        (Refusal::Unavailable, None, Some(900)),
        (Refusal::NotSubscribed, None, Some(900)),
        (Refusal::AuditingOff, Some(TYPE), None),
        (Refusal::Unavailable, Some(OTHER), None),
    ];
    for (refused, only, waits) in rows {
        let mut world = World::at(NOW);
        world.collector.types = vec![TYPE, OTHER];
        refuse(&world, Some(refused), only);
        world.turn().await;
        world.pass(60);
        let report = world.turn().await;
        let until = report.not_before.map(|until| until.unix() - NOW);
        assert_eq!(until, waits, "{refused:?} {only:?}");
        assert_eq!(report.halt, None);
    }
}

#[tokio::test]
async fn content_settles_as_the_setting_says_whatever_a_row_was_written_with() {
    for settle in [0, 60, 299, 300, 301, 900, 3_000] {
        let mut world = running().await;
        world.pass(3_600);
        world.collector.settle = settle;
        world.api.offer("a", NOW - 600);
        world.turn().await;
        let feed = world.ledger.feed.lock().unwrap().clone().unwrap();
        let progress = feed.types[0].progress.clone().unwrap();
        let mark = progress.unlisted(Pass::First).mark.unix();
        assert_eq!(world.now() - mark, i64::from(settle));
    }
}

#[tokio::test]
async fn what_a_listing_names_oddly_fails_by_itself_or_is_stored() {
    // The address, and how it is stored; a content of 4 KB is no odd one.
    let long = |length: usize| "x".repeat(length);
    let world = running().await;
    world.api.offer("good", NOW - 500);
    world.api.offer(&long(4_096), NOW - 500);
    let uris = [
        String::new(),
        "x".to_owned(),
        "http://".to_owned(),
        long(9_000),
        long(100_000),
    ];
    for (number, uri) in uris.iter().enumerate() {
        let answer = Answer::Bytes(b"[]".to_vec());
        world
            .api
            .offer_at(&format!("odd{number}"), NOW - 600, answer, uri);
    }
    for _ in 0..3 {
        world.turn().await;
        world.pass(300);
    }
    assert_eq!(world.objects.lines(""), [line("good"), line(&long(4_096))]);
    assert_eq!(refusal(&world), Some(Refusal::AddressRefused));
    assert_eq!((totals(&world).listed, totals(&world).stored), (7, 2));
}

#[tokio::test]
async fn a_content_that_says_another_time_is_stored_once_and_reads_no_other_times() {
    let days = 86_400;
    for said in [
        0,
        -1,
        i64::MIN / 2,
        NOW - 400 * days,
        NOW - 8 * days,
        NOW + 5,
        NOW + 400 * days,
        i64::MAX / 2,
    ] {
        let world = running().await;
        world.api.offer("odd", NOW - 600);
        world.api.says("odd", said);
        for _ in 0..3 {
            world.turn().await;
        }
        assert_eq!(world.objects.lines(""), [line("odd")], "{said}");
        let widest = *world.ledger.widest.lock().unwrap();
        assert!(widest <= 8 * 86_400, "{said}: {widest}");
    }
}
