//! What expires is counted to the second, whatever happens in the runs before an outage.

use std::collections::BTreeMap;

use feed::refusal::Refusal;

use crate::collecting::NOW;
use crate::fakes::fleet::{FleetWorld, numbered};

const DAY: u64 = 86_400;

/// What expires in an outage is counted to the second, although idle rows are written twice a
/// day: the leases say how far each tenant was listed, whatever happened to the others.
#[tokio::test]
async fn what_expires_in_an_outage_is_counted_exactly() {
    // Seconds between runs; what happens meanwhile.
    let nothing: fn(&FleetWorld, usize) = |_, _| {};
    let poison: fn(&FleetWorld, usize) = |world, _| {
        world.table.damaged.lock().unwrap().insert(numbered(0));
    };
    let throttle: fn(&FleetWorld, usize) = |world, run| {
        let refusal = run.is_multiple_of(3).then_some(Refusal::Throttled);
        world.api.refuse(0, refusal);
    };
    let unknown: fn(&FleetWorld, usize) = |world, run| {
        let mut unknown = world.table.unknown.lock().unwrap();
        if run % 5 < 2 {
            unknown.insert(numbered(0));
        } else {
            unknown.clear();
        }
    };
    let talks: fn(&FleetWorld, usize) = |world, run| {
        world.api.offer(0, &format!("n{run}"), world.now() - 200);
    };
    let dies: fn(&FleetWorld, usize) = |world, run| {
        world.fuse.set(if run.is_multiple_of(9) { 40 } else { 0 });
    };
    let slow: fn(&FleetWorld, usize) = |world, run| {
        let seconds = if run.is_multiple_of(3) { 90 } else { 0 };
        world.api.slow.lock().unwrap().insert(numbered(0), seconds);
    };
    let rows = [
        (300, nothing),
        (299, nothing),
        (301, nothing),
        (60, nothing),
        (47, nothing),
        (900, nothing),
        (300, poison),
        (60, poison),
        (299, throttle),
        (299, unknown),
        (60, unknown),
        (299, talks),
        (299, dies),
        (70, dies),
        (299, slow),
        (60, slow),
    ];
    for (row, (apart, happens)) in rows.into_iter().enumerate() {
        let world = FleetWorld::of(12, NOW);
        world.run().await;
        for run in 0..usize::try_from(40_000 / apart).unwrap() {
            happens(&world, run);
            world.runs(1, apart).await;
        }
        let ends = world.api.ends.lock().unwrap().clone();
        let least: BTreeMap<_, _> = (0..12).map(|number| (number, world.row(number))).collect();
        world.fuse.set(0);
        world.table.damaged.lock().unwrap().clear();
        world.table.unknown.lock().unwrap().clear();
        world.api.slow.lock().unwrap().clear();
        world.api.refuse(0, None);
        world.pass(9 * DAY);
        world.run().await;
        let horizon = world.now() - (7 * 86_400 - 300);
        world.runs(5, 300).await;
        for number in 0..12 {
            for one in world.row(number).types {
                let Some(end) = ends.get(&(numbered(number), one.content_type)) else {
                    assert_eq!(number, 0, "row {row}: it could not be listed at all");
                    continue;
                };
                let before = least[&number].types.iter();
                let before = before.filter(|was| was.content_type == one.content_type);
                let before: u64 = before.map(|was| was.totals.expired_seconds).sum();
                let counted = i64::try_from(one.totals.expired_seconds - before).unwrap();
                let expected = horizon - end;
                let (least, most) = if number == 0 {
                    // The one in trouble: too much rather than too little.
                    (expected, expected + 43_200)
                } else if happens as usize == dies as usize || happens as usize == slow as usize {
                    // A run that died says nothing of what it listed; and while another tenant is
                    // slow, the clock goes on.
                    (expected, expected + 2 * i64::try_from(apart).unwrap() + 300)
                } else {
                    (expected, expected)
                };
                assert!(
                    (least..=most).contains(&counted),
                    "row {row}, {number}: {counted}, {least} to {most}"
                );
            }
        }
    }
}
