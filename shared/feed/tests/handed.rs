//! Windows that workers do beside the turns: each once, whatever becomes of the queue and of the
//! workers, within the quota, and with no other tenant held up.

use std::collections::BTreeSet;
use std::sync::atomic::Ordering;

use feed::due::Due;
use feed::handed::MOST_OUT;
use feed::run::Message;
use feed::wake::Wake;

use crate::collecting::line;
use crate::fakes::fleet::{FleetWorld, numbered};
use crate::woken::{is_whole, settled};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// Contents of the first tenant, an hour apart, over so many days that no run was there.
async fn behind(tenants: usize, days: i64, each: u64) -> (FleetWorld, Vec<String>) {
    let world = settled(tenants).await;
    let began = world.now();
    world.pass(u64::try_from(days * DAY).unwrap());
    let mut ids = Vec::new();
    for hour in 0..days * 24 {
        let id = format!("c{hour:03}");
        world.api.offer(0, &id, began + hour * HOUR + 1_800);
        ids.push(line(&id));
    }
    world
        .api
        .slow_contents
        .lock()
        .unwrap()
        .insert(numbered(0), each);
    (world, ids)
}

/// A run, and then the workers, all at once.
async fn round(world: &FleetWorld, becomes: impl Fn(Vec<Message>) -> Vec<Vec<Message>>) {
    world.while_time_passes(world.run()).await;
    let batches = becomes(world.received());
    let workers = batches.iter().map(|batch| world.work(batch));
    world
        .while_time_passes(futures::future::join_all(workers))
        .await;
    world.pass(300);
}

fn each_alone(messages: Vec<Message>) -> Vec<Vec<Message>> {
    messages.into_iter().map(|message| vec![message]).collect()
}

#[tokio::test]
async fn what_a_turn_has_no_time_for_is_handed_out_in_whole_hours_and_left_alone() {
    let (world, _) = behind(2, 5, 20).await;
    world.while_time_passes(world.run()).await;
    let row = world.row(0);
    assert_eq!(row.handed.len(), MOST_OUT);
    let sent: Vec<_> = world.received();
    let wakes: Vec<_> = sent.iter().map(|message| message.wake.clone()).collect();
    let expected = row.handed.iter().map(|one| Wake::Window {
        tenant: numbered(0),
        content_type: one.content_type,
        window: one.window,
    });
    assert_eq!(wakes, expected.collect::<Vec<_>>());
    let mut hours = BTreeSet::new();
    for one in &row.handed {
        assert_eq!(one.window.start().unix() % HOUR, 0);
        assert_eq!(one.window.end().unix() % HOUR, 0);
        assert!(one.window.seconds() <= 6 * HOUR.unsigned_abs());
        let own = one.window.hours().map(|hour| (one.content_type, hour));
        assert!(
            own.into_iter().all(|hour| hours.insert(hour)),
            "in one only"
        );
    }
    // No turn stores anything of these hours, however many come.
    world.pass(60);
    world.while_time_passes(world.run()).await;
    let is_out = |row: &feed::ledger::BatchRow| hours.contains(&(row.content_type, row.hour));
    assert!(!world.table.batches().iter().any(is_out));
    assert!(matches!(world.due(0), Due::From(_)));
}

#[tokio::test]
async fn a_backlog_is_done_side_by_side() {
    let mut runs = [0, 0];
    for (with_workers, runs) in [(false, 0), (true, 1)].into_iter().zip(&mut runs) {
        let (world, ids) = behind(2, 5, 20).await;
        while world.stored(0).len() < ids.len() {
            *runs += 1;
            assert!(*runs < 60);
            match with_workers.0 {
                true => round(&world, each_alone).await,
                false => round(&world, |_| Vec::new()).await,
            }
        }
        world.timed_runs(6, 300).await;
        assert_eq!(world.stored(0), ids);
        is_whole(&world, 2, "done");
    }
    let [alone, beside] = runs;
    assert!(3 * beside < 2 * alone, "{beside} of {alone}");
}

#[tokio::test]
async fn whatever_becomes_of_the_queue_each_content_is_stored_once() {
    type Becomes = fn(Vec<Message>) -> Vec<Vec<Message>>;
    let rows: [(&str, Becomes); 6] = [
        ("wiped", |_| Vec::new()),
        ("as they come", |messages| vec![messages]),
        ("one to each worker", each_alone),
        ("doubled, to two workers at once", |messages| {
            vec![messages.clone(), messages]
        }),
        ("the last first, and three times", |mut messages| {
            messages.reverse();
            vec![[messages.clone(), messages.clone(), messages].concat()]
        }),
        ("the first is lost", |messages| {
            messages
                .into_iter()
                .skip(1)
                .map(|message| vec![message])
                .collect()
        }),
    ];
    for (what, becomes) in rows {
        for order in [0, 7] {
            let (world, ids) = behind(2, 4, 20).await;
            world.table.order.store(order, Ordering::SeqCst);
            for _ in 0..45 {
                round(&world, becomes).await;
                assert!(world.row(0).handed.len() <= MOST_OUT);
            }
            world.timed_runs(6, 300).await;
            assert_eq!(world.stored(0), ids, "{what}");
            is_whole(&world, 2, what);
        }
    }
}

#[tokio::test]
async fn messages_that_come_a_day_late_do_nothing() {
    let (world, ids) = behind(2, 4, 20).await;
    world.while_time_passes(world.run()).await;
    let late = world.received();
    world.api.slow_contents.lock().unwrap().clear();
    world.timed_runs(288, 300).await;
    world.listings();
    let worked = world.while_time_passes(world.work(&late)).await;
    assert_eq!((worked.dropped as usize, worked.requests), (late.len(), 0));
    assert_eq!(world.stored(0), ids);
    is_whole(&world, 2, "late");
}

#[tokio::test]
async fn a_worker_of_a_window_that_dies_at_any_call_loses_nothing_and_stores_nothing_twice() {
    for odd in [false, true] {
        for at in (1..26).chain([30, 40]) {
            let (world, ids) = behind(2, 3, 20).await;
            world.fuse.odd.store(odd, Ordering::SeqCst);
            world.while_time_passes(world.run()).await;
            let messages = world.received();
            assert!(!messages.is_empty());
            world.api.slow_contents.lock().unwrap().clear();
            world.fuse.set(at);
            world.while_time_passes(world.work(&messages[..1])).await;
            world.fuse.set(0);
            // The claim ends, and the next turns do it.
            world.timed_runs(8, 300).await;
            let context = format!("died at {at}");
            assert_eq!(world.stored(0), ids, "{context}");
            assert!(world.table.is_done(), "{context}");
            let row = world.row(0);
            assert!(
                row.handed.is_empty() && row.busy_until.is_none(),
                "{context}"
            );
            let expired = row.types.iter().map(|one| one.totals.expired_seconds);
            assert_eq!(expired.sum::<u64>(), 0, "{context}");
            let objects = world.objects.held.lock().unwrap().len();
            assert_eq!(objects, world.table.batches().len(), "{context}");
        }
    }
}

#[tokio::test]
async fn a_queue_that_is_away_costs_time_and_nothing_else() {
    let (world, ids) = behind(2, 4, 20).await;
    world.wakes.is_away.store(true, Ordering::SeqCst);
    for _ in 0..45 {
        round(&world, each_alone).await;
    }
    world.timed_runs(6, 300).await;
    assert_eq!(world.stored(0), ids);
    is_whole(&world, 2, "away");
}

#[tokio::test]
async fn one_tenants_backlog_holds_up_no_other() {
    let (world, ids) = behind(30, 6, 20).await;
    for run in 0..12 {
        for number in 1..30 {
            world
                .api
                .offer(number, &format!("n{run}"), world.now() - 301);
        }
        round(&world, each_alone).await;
        for number in 1..30 {
            let lines = world.stored(number);
            assert!(lines.contains(&line(&format!("n{run}"))), "{run}: {number}");
        }
    }
    for _ in 0..20 {
        round(&world, each_alone).await;
    }
    assert_eq!(world.stored(0), ids);
}

/// A turn, four windows, and turns that are woken all the time: in no minute more than the quota.
#[tokio::test]
async fn all_that_works_for_a_tenant_stays_below_its_quota_in_every_minute() {
    let (world, _) = behind(1, 3, 0).await;
    let began = world.now() - 3 * DAY;
    for number in 0..24_000 {
        let at = began + 600 + number * 3 * DAY / 24_000 - 1_200;
        world.api.offer(0, &format!("m{number}"), at);
    }
    world.api.asked.lock().unwrap().clear();
    world.steps.store(400, Ordering::SeqCst);
    for minute in 0..3 {
        let messages = each_alone(world.received());
        let woken = async {
            for _ in 0..4 {
                world
                    .api
                    .offer(0, &format!("w{minute}{}", world.now()), world.now() - 3);
                world.work(&[world.notified(0)]).await;
            }
        };
        let workers = futures::future::join_all(messages.iter().map(|batch| world.work(batch)));
        let all = futures::future::join3(world.run(), workers, woken);
        world.while_time_passes(all).await;
    }
    let asked = world.api.asked.lock().unwrap()[&numbered(0)].clone();
    let mut most = 0;
    for (first, at) in asked.iter().enumerate() {
        let within = asked[first..].iter().take_while(|other| **other < at + 60);
        most = most.max(within.count());
    }
    assert!(most <= 2_000, "{most}");
    assert!(most > 1_000, "it is measured: {most}");
}

#[tokio::test]
async fn what_expires_while_workers_are_at_it_is_not_counted_as_lost() {
    let (world, ids) = behind(1, 7, 20).await;
    // The oldest hours that can be listed are out within minutes.
    for _ in 0..60 {
        round(&world, each_alone).await;
    }
    world.timed_runs(6, 300).await;
    let row = world.row(0);
    let reach = u64::try_from(HOUR).unwrap();
    for one in &row.types {
        // What a turn had not come to when it expired, and no more: it is done oldest first.
        assert!(one.totals.expired_seconds <= reach, "{:?}", one.totals);
    }
    let lost = ids.len() - world.stored(0).len();
    assert!(lost <= 1, "{lost}");
}
