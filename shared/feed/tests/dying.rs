//! Runs and workers that die at any call: nothing is lost, and nothing is stored twice.

use std::sync::atomic::Ordering;

use feed::due::Due;
use feed::pace::Pace;

use crate::collecting::line;
use crate::fakes::fleet::FleetWorld;
use crate::{running_badly, woken};

/// Each has something to store, and it is their turn.
fn have_something(world: &FleetWorld, tenants: usize) {
    for number in 0..tenants {
        world.api.offer(number, "a", world.now() - 400);
        world.api.offer(number, "b", world.now() - 30);
    }
    world.pass(300);
}

/// What each had is stored once, and each is where an idle tenant is.
fn have_lost_nothing(world: &FleetWorld, tenants: usize, context: &str) {
    for number in 0..tenants {
        assert_eq!(world.stored(number), ["a", "b"].map(line), "{context}");
        assert_eq!(world.due(number), Due::InTurn(Pace::FASTEST), "{context}");
        let types = world.row(number).types;
        let expired = types.iter().map(|one| one.totals.expired_seconds);
        assert_eq!(expired.sum::<u64>(), 0, "{context}");
    }
    assert!(world.table.is_done(), "{context}");
}

#[tokio::test]
async fn a_run_that_dies_at_any_call_loses_nothing_and_stores_nothing_twice() {
    // The calls of a run over these are some 70.
    for at in (1..80).chain([100, 150]) {
        let world = running_badly::settled(3).await;
        have_something(&world, 3);
        world.fuse.set(at);
        world.run().await;
        world.fuse.set(0);
        // The leases of a run that died end with its time.
        world.runs(4, 300).await;
        have_lost_nothing(&world, 3, &format!("died at {at}"));
    }
}

#[tokio::test]
async fn a_run_that_dies_at_any_call_while_workers_go_on_loses_nothing() {
    for at in (1..90).chain([120, 150]) {
        let world = woken::settled(3).await;
        have_something(&world, 3);
        let messages = [0, 1].map(|number| world.notified(number));
        world.fuse.set(at);
        futures::join!(world.run(), world.work(&messages));
        world.fuse.set(0);
        world.runs(5, 300).await;
        have_lost_nothing(&world, 3, &format!("died at {at}"));
    }
}

#[tokio::test]
async fn a_worker_that_dies_at_any_call_loses_nothing_and_stores_nothing_twice() {
    for odd in [false, true] {
        for at in 1..30 {
            let world = woken::settled(2).await;
            world.fuse.odd.store(odd, Ordering::SeqCst);
            world.api.offer(1, "a", world.now() - 400);
            world.api.offer(1, "b", world.now() - 5);
            world.pass(1);
            let message = world.notified(1);
            world.fuse.set(at);
            let worked = world.work(std::slice::from_ref(&message)).await;
            world.fuse.set(0);
            world.api.offer(1, "c", world.now() - 4);
            // What died while it stored is waited for.
            world.runs(2, 300).await;
            if !worked.failed.is_empty() {
                world.work(&[message]).await;
            }
            world.runs(4, 300).await;
            let context = format!("died at {at}");
            assert_eq!(world.stored(1), ["a", "b", "c"].map(line), "{context}");
            assert!(
                world.table.is_done() && world.row(1).busy_until.is_none(),
                "{context}"
            );
            assert_eq!(world.due(1), Due::InTurn(Pace::FASTEST), "{context}");
            let objects = world.objects.held.lock().unwrap().len();
            assert_eq!(objects, world.table.batches().len(), "{context}");
        }
    }
}
