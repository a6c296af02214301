//! What fails, or takes long, holds up nothing but itself.

use std::sync::atomic::Ordering;

use auth::ports::Clock as _;
use feed::ContentType;
use feed::collect::Halt;
use feed::refusal::Refusal;

use crate::collecting::{NOW, line, refusal, running, totals};
use crate::fakes::fleet::{FleetWorld, numbered};
use crate::fakes::{Answer, World};

/// Whether all of these contents are stored, once each.
fn all_stored(world: &World, ids: &[String]) -> bool {
    let lines = world.objects.lines("");
    ids.iter()
        .all(|id| lines.iter().filter(|found| **found == line(id)).count() == 1)
}

#[tokio::test]
async fn contents_that_fail_for_ever_hold_up_no_other_however_many_they_are() {
    let answers = [
        Answer::Refused(Refusal::Unavailable),
        Answer::Refused(Refusal::RequestRefused),
        Answer::Refused(Refusal::PageStale),
        Answer::Refused(Refusal::WindowRefused),
        Answer::Breaks(b"[{\"Id\":\"half".to_vec()),
    ];
    for many in [1, 3, 4, 5, 20] {
        for answer in &answers {
            let world = running().await;
            for number in 0..many {
                let id = format!("bad{number}");
                world.api.offer_as(&id, NOW - 600 - number, answer.clone());
            }
            let well: Vec<_> = (0..5).map(|number| format!("well{number}")).collect();
            for (number, id) in well.iter().enumerate() {
                world.api.offer(id, NOW - 3_700 + 800 * number as i64);
            }
            for _ in 0..8 {
                world.turn().await;
                world.pass(300);
            }
            assert!(all_stored(&world, &well), "{many}");
            assert!(refusal(&world).is_some());
            assert_eq!(totals(&world).lost, 0);
        }
    }
}

#[tokio::test]
async fn what_failed_once_and_is_well_is_stored_although_others_fail_for_ever() {
    let world = running().await;
    let ids: Vec<_> = (0..40).map(|number| format!("c{number:02}")).collect();
    for id in &ids {
        let answer = Answer::Refused(Refusal::Unavailable);
        world.api.offer_as(id, NOW - 600, answer);
    }
    for _ in 0..40 {
        world.turn().await;
        world.pass(300);
    }
    let (ill, well) = ids.split_at(12);
    well.iter().for_each(|id| world.api.mends(id));
    for _ in 0..288 {
        world.turn().await;
        world.pass(300);
    }
    assert!(all_stored(&world, well));
    assert!(
        !ill.iter()
            .any(|id| world.objects.lines("").contains(&line(id)))
    );
}

#[tokio::test]
async fn a_window_whose_contents_fail_does_not_hold_up_the_windows_after_it() {
    let world = running().await;
    let before = world.now();
    world.pass(3 * 86_400);
    for number in 0..9 {
        let answer = Answer::Refused(Refusal::Unavailable);
        world
            .api
            .offer_as(&format!("bad{number}"), world.now() - 600, answer);
    }
    world.api.offer("old", before + 3_600);
    world.turn().await;
    assert!(all_stored(&world, &["old".to_owned()]));
}

#[tokio::test]
async fn a_batch_that_does_not_fit_into_a_turn_is_stored_in_several() {
    // Seconds that each of 100 contents takes, turns of 240 seconds that it may take.
    let rows = [
        (0, 1),
        (1, 2),
        (2, 2),
        (5, 6),
        (30, 50),
        (60, 100),
        (100, 100),
    ];
    for (seconds, turns) in rows {
        let world = running().await;
        let ids: Vec<_> = (0..100).map(|number| format!("c{number:02}")).collect();
        ids.iter().for_each(|id| world.api.offer(id, NOW - 600));
        *world.api.slow.lock().unwrap() = (seconds, 0);
        let mut needed = 0;
        while !all_stored(&world, &ids) {
            let before = world.objects.lines("").len();
            world.turn().await;
            needed += 1;
            let after = world.objects.lines("").len();
            assert!(after > before, "{seconds}: {before} after {needed} turns");
        }
        assert!(needed <= turns, "{seconds}: {needed}");
        assert_eq!(totals(&world).records, 100);
    }
}

#[tokio::test]
async fn a_turn_ends_at_its_deadline_whatever_it_waits_for() {
    let world = running().await;
    // A body that drips: seven bytes in 50 seconds.
    world
        .api
        .offer_as("drips", NOW - 600, Answer::Bytes(vec![b'['; 1_000]));
    *world.api.slow.lock().unwrap() = (0, 50);
    let began = world.clock.since_start();
    let report = world.turn().await;
    assert_eq!(report.halt, Some(Halt::Deadline));
    assert!((world.clock.since_start() - began).as_secs() <= 240 + 50);
    // The pace would have it wait for the next minute, which is beyond the deadline.
    let world = running().await;
    for number in 0..2_000 {
        world.api.offer(&number.to_string(), NOW - 600);
    }
    let began = world.clock.since_start();
    let report = world.turn_of(50, None, false).await;
    assert_eq!(report.halt, Some(Halt::Deadline));
    assert!(report.requests <= 1_800, "{}", report.requests);
    assert!((world.clock.since_start() - began).as_secs() < 50);
}

#[tokio::test]
async fn the_newest_of_every_type_comes_before_the_backlog_of_any() {
    let types = [
        ContentType::Exchange,
        ContentType::General,
        ContentType::Dlp,
    ];
    let mut world = World::at(NOW - 3_600);
    world.collector.types = types.to_vec();
    world.turn().await;
    world.turn().await;
    // An outage of three days, with much in the first type; each content takes ten seconds.
    world.pass(3 * 86_400);
    let mut newest = Vec::new();
    for content_type in types {
        for number in 0..400 {
            let id = format!("old-{number}-{content_type}");
            world.api.offer(&id, NOW + 3_600);
            world.api.is_of(&id, content_type);
        }
        let id = format!("new-{content_type}");
        world.api.offer(&id, world.now() - 600);
        world.api.is_of(&id, content_type);
        newest.push(id);
    }
    *world.api.slow.lock().unwrap() = (10, 0);
    let report = world.turn().await;
    assert_eq!(report.halt, Some(Halt::Deadline));
    assert!(all_stored(&world, &newest), "{:?}", world.objects.lines(""));
    // And no backlog waits for another's end.
    for _ in 0..11 {
        world.pass(60);
        world.turn().await;
    }
    for content_type in types {
        assert!(!world.objects.lines(content_type.as_str()).is_empty());
    }
    let lines = world.objects.lines("");
    let old = |one: &ContentType| {
        lines
            .iter()
            .filter(|line| line.contains(&format!("-{one}")))
            .count()
    };
    assert!(types.iter().all(|one| old(one) > 5), "{lines:?}");
}

#[tokio::test]
async fn an_api_that_answers_no_content_is_not_asked_for_each() {
    for many in [1, 3, 4, 5, 30, 250, 300] {
        let world = running().await;
        for number in 0..many {
            let answer = Answer::Refused(Refusal::Unavailable);
            world.api.offer_as(&format!("c{number}"), NOW - 600, answer);
        }
        for _ in 0..3 {
            let before = world.api.fetched.lock().unwrap().len();
            world.turn().await;
            let asked = world.api.fetched.lock().unwrap().len() - before;
            assert!(asked <= 4, "{many}: {asked}");
            world.pass(300);
        }
    }
}

/// A request may take a minute. The run would be given up as a whole, with what every other tenant's
/// turn had come to, and with what this one had done: again in each run.
#[tokio::test]
async fn a_request_that_outlasts_the_run_costs_no_other_tenant_its_turn_and_its_own_nothing() {
    const RUNS: u64 = 6;
    let world = FleetWorld::of(10, NOW);
    world.run().await;
    world.runs(6, 300).await;
    world.api.hangs.lock().unwrap().insert(numbered(3));
    world.api.listed.lock().unwrap().clear();
    world.listings();
    world.api.offer(3, "own", world.now() + 20);
    for _ in 0..RUNS {
        world.pass(300);
        let began = world.clock_since();
        let report = world.run().await;
        let took = (world.clock_since() - began).as_secs();
        assert!(took < 240, "{took}");
        assert_eq!((report.unfinished, report.left), (1, 0), "{report:?}");
        // Those of the turn that was dropped are counted, too; one content is fetched besides.
        let listings = world.listings();
        assert!((listings..=listings + 1).contains(&report.requests));
    }
    let listed = world.api.listed.lock().unwrap().clone();
    for number in (0..10).filter(|number| *number != 3) {
        assert_eq!(listed[&numbered(number)], 2 * RUNS, "{number}");
    }
    assert_eq!(world.stored(3), [line("own")]);
    let types = world.row(3).types;
    let stored: u64 = types.iter().map(|one| one.totals.stored).sum();
    assert_eq!(stored, 1);
}

#[tokio::test]
async fn a_day_whose_listing_is_never_answered_is_listed_by_the_hour() {
    let world = running().await;
    let before = world.now();
    world.pass(2 * 86_400);
    let ids: Vec<_> = (0..24).map(|number| format!("c{number:02}")).collect();
    for (number, id) in ids.iter().enumerate() {
        world.api.offer(id, before + 7_200 * number as i64 + 60);
    }
    world.api.widest.store(3_600, Ordering::SeqCst);
    // One of the hours gets no answer by itself, either.
    let ill = before + 7_200 * 5 + 60;
    world.api.never.store(ill, Ordering::SeqCst);
    for _ in 0..12 {
        world.turn().await;
        world.pass(300);
    }
    let (well, held): (Vec<_>, Vec<_>) = ids.iter().cloned().partition(|id| id != "c05");
    assert!(all_stored(&world, &well), "{:?}", world.objects.lines(""));
    assert!(!all_stored(&world, &held));
    world.api.never.store(0, Ordering::SeqCst);
    world.turn().await;
    assert!(all_stored(&world, &held));
    assert_eq!(totals(&world).lost + totals(&world).expired_seconds, 0);
}
