//! What a status says of a type adds up, wherever a run died.

use std::sync::atomic::Ordering;

use feed::refusal::Refusal;

use crate::collecting::{NOW, line, running, totals};
use crate::fakes::fleet::{FleetWorld, numbered};
use crate::fakes::{Answer, TYPE};

#[tokio::test]
async fn totals_add_up_again_wherever_a_run_died() {
    for (at, odd) in (1..40).flat_map(|at| [(at, false), (at, true)]) {
        let world = running().await;
        world.api.offer("a", NOW - 600);
        let ill = Answer::Refused(Refusal::Unavailable);
        world.api.offer_as("b", NOW - 600, ill);
        world.turn().await;
        assert_eq!((totals(&world).listed, totals(&world).stored), (2, 1));
        world.api.mends("b");
        world.api.offer("c", NOW - 500);
        world.pass(300);
        world.fuse.odd.store(odd, Ordering::SeqCst);
        world.fuse.set(at);
        world.turn().await;
        world.fuse.set(0);
        for _ in 0..2 {
            world.pass(300);
            world.turn().await;
        }
        let lines = ["a", "b", "c"].map(line);
        assert_eq!(world.objects.lines(""), lines, "died at {at}");
        let totals = totals(&world);
        assert_eq!(totals.listed, totals.stored + totals.lost, "died at {at}");
        assert!(totals.stored >= 2, "died at {at}: {totals:?}");
    }
}

#[tokio::test]
async fn a_status_is_whole_again_wherever_a_run_died() {
    for at in 1..70 {
        let world = FleetWorld::of(1, NOW);
        world.run().await;
        world.runs(6, 300).await;
        for (id, ago) in [("a", 400), ("b", 40), ("c", 1_000)] {
            world.api.offer(0, id, world.now() - ago);
        }
        // The list of it is written, and what follows is not.
        world.pass(300);
        world.fuse.set(at);
        world.run().await;
        world.pass(300);
        world.run().await;
        world.fuse.set(0);
        world.runs(3, 300).await;
        let status = world.operate().status(numbered(0)).await.unwrap().unwrap();
        assert!(status.is_whole(600), "died at {at}: {status:?}");
        assert!(status.types.iter().all(|one| one.open == 0), "{at}");
        assert!(world.table.is_done(), "died at {at}");
    }
}

/// The rows are the truth, whatever the totals of the tenant's row are.
#[tokio::test]
async fn a_status_shows_as_open_what_the_rows_of_batches_say() {
    // What the tenant's row has as listed, stored and lost; one content is open, or none. What is
    // shown then as listed, stored, open.
    let rows = [
        ((0, 0, 0), false, (0, 0, 0)),
        ((2, 2, 0), false, (2, 2, 0)),
        ((5, 2, 0), false, (5, 5, 0)),
        ((5, 2, 1), false, (5, 4, 0)),
        ((2, 5, 0), false, (5, 5, 0)),
        ((0, 0, 3), false, (3, 0, 0)),
        ((2, 1, 0), true, (2, 1, 1)),
        ((5, 1, 0), true, (5, 4, 1)),
        ((1, 1, 0), true, (2, 1, 1)),
        ((0, 0, 0), true, (1, 0, 1)),
        ((5, 1, 2), true, (5, 2, 1)),
        ((u64::MAX, 0, 0), false, (u64::MAX, u64::MAX, 0)),
    ];
    for (row, ((listed, stored, lost), is_open, shown)) in rows.into_iter().enumerate() {
        let world = FleetWorld::of(1, NOW);
        world.run().await;
        world.runs(6, 300).await;
        if is_open {
            world.api.offer(0, "poison", world.now() - 400);
            world.api.refuses_contents.store(true, Ordering::SeqCst);
            world.runs(1, 300).await;
        }
        let mut feed = world.row(0);
        let types = feed.types.iter_mut();
        let mut types = types.filter(|one| one.content_type == TYPE);
        let totals = &mut types.next().unwrap().totals;
        (totals.listed, totals.stored, totals.lost) = (listed, stored, lost);
        let operate = world.operate();
        let _ = operate.ledger.put_feed(&feed).await.unwrap();
        let status = operate.status(numbered(0)).await.unwrap().unwrap();
        let one = status.types.iter().find(|one| one.content_type == TYPE);
        let one = one.unwrap();
        let found = (one.totals.listed, one.totals.stored, one.open);
        assert_eq!(found, shown, "row {row}");
        // The next turn leaves the same in the tenant's row, once nothing is open.
        if !is_open {
            world.runs(1, 300).await;
            let row_then = world.row(0).types;
            let one = row_then.iter().find(|one| one.content_type == TYPE);
            let totals = one.unwrap().totals;
            assert_eq!((totals.listed, totals.stored), (shown.0, shown.1), "{row}");
        }
    }
}
