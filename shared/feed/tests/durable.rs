//! What is durable is what the ledger says, whatever was under its key before.

use std::sync::atomic::Ordering;

use auth::digest::sha256;
use feed::collect::Halt;
use feed::ledger::{BatchState, StoredBatch};
use feed::object_key::Format;
use feed::refusal::Refusal;

use crate::collecting::{NOW, line, running, totals};
use crate::fakes::{Answer, World};

/// What became of every batch.
fn stored(world: &World) -> Vec<StoredBatch> {
    let rows = world.ledger.batches.lock().unwrap();
    let of = |state: &BatchState| match state {
        BatchState::Stored(stored) => stored.clone(),
        BatchState::Listed => panic!("{rows:?}"),
    };
    rows.values().map(|row| of(&row.state)).collect()
}

/// Every object that a row names is there, with those bytes.
fn check(world: &World) {
    let held = world.objects.held.lock().unwrap();
    for batch in stored(world) {
        for object in batch.records.iter().chain(&batch.dead) {
            let bytes = &held[&object.key];
            let found = (bytes.len() as u64, sha256(bytes));
            assert_eq!(found, (object.size, object.sha256), "{}", object.key);
        }
    }
}

/// A run that dies at each of its calls while `c` answers `before`; then it answers `after`.
async fn dies_while(before: Answer, after: Answer) {
    let mut at = 1;
    let mut odd = false;
    loop {
        let world = running().await;
        world.fuse.odd.store(odd, Ordering::SeqCst);
        for id in ["a", "b", "c", "d"] {
            world.api.offer(id, NOW - 600);
        }
        world.api.answers("c", before.clone());
        world.fuse.set(at);
        let report = world.turn().await;
        let calls = world.fuse.calls();
        world.fuse.set(0);
        world.api.answers("c", after.clone());
        for _ in 0..3 {
            world.pass(300);
            world.turn().await;
        }
        check(&world);
        let mut lines = world.objects.lines("");
        let has_c = lines.contains(&line("c"));
        lines.retain(|line_of| *line_of != line("c"));
        assert_eq!(lines, ["a", "b", "d"].map(line), "died at call {at}");
        let lost: u64 = stored(&world).iter().map(|batch| batch.lost).sum();
        assert_eq!(lost, u64::from(!has_c), "died at call {at}");
        if calls < at {
            assert_eq!(report.halt, None);
            break;
        }
        at += u64::from(odd);
        odd = !odd;
    }
    assert!(at > 10, "{at}");
}

#[tokio::test]
async fn a_content_that_comes_or_goes_between_two_runs_is_stored_or_counted() {
    let found = || Answer::Bytes(b"[{\"Id\":\"c\"}]".to_vec());
    let gone = || Answer::Refused(Refusal::ContentGone);
    dies_while(gone(), found()).await;
    dies_while(found(), gone()).await;
    dies_while(gone(), gone()).await;
}

#[tokio::test]
async fn other_bytes_under_the_key_of_a_batch_stay_and_its_own_lie_beside_them() {
    // What c answered when the first object was made, and what it answers now.
    let bytes = |text: &str| Answer::Bytes(text.as_bytes().to_vec());
    let rows = [
        (r#"[{"Id":"c","n":1}]"#, r#"[{"Id":"c","n":2}]"#),
        (r#"[{"Id":"c"}]"#, r#"[{"Id":"c"},{"Id":"d"}]"#),
        (r#"[{"Id":"c"},{"Id":"d"}]"#, r#"[{"Id":"c"}]"#),
        (r#"[{"Id":"c"},oh]"#, r#"[{"Id":"c"},no]"#),
        (r#"[{"Id":"c"},oh]"#, r#"[{"Id":"d"},no]"#),
        (r#"[oh]"#, r#"[no]"#),
        (r#"[oh]"#, r#"[{"Id":"c"}]"#),
        (r#"[{"Id":"c"}]"#, r#"[oh]"#),
        (r#"[{"Id":"c"}]"#, r#"[]"#),
        (r#"[]"#, r#"[{"Id":"c"}]"#),
    ];
    for (first, second) in rows {
        let before = running().await;
        before.api.offer_as("c", NOW - 600, bytes(first));
        before.turn().await;
        let world = running().await;
        let held = before.objects.held.lock().unwrap().clone();
        *world.objects.held.lock().unwrap() = held.clone();
        world.api.offer_as("c", NOW - 600, bytes(second));
        let report = world.turn().await;
        assert_eq!(report.halt, None, "{first} {second}");
        check(&world);
        let now = world.objects.held.lock().unwrap().clone();
        for (key, bytes) in &held {
            assert_eq!(now.get(key), Some(bytes), "{first} {second}");
        }
        let whole = world.objects.lines("");
        for part in second.trim_matches(['[', ']']).split_inclusive('}') {
            let part = part.trim_start_matches(',');
            let is_there = part.is_empty() || whole.iter().any(|line| line == part);
            assert!(is_there, "{part} of {second}: {whole:?}");
        }
    }
}

#[tokio::test]
async fn an_object_that_exists_and_cannot_be_looked_at_stores_nothing() {
    let before = running().await;
    before.api.offer("a", NOW - 600);
    before.turn().await;
    let world = running().await;
    *world.objects.held.lock().unwrap() = before.objects.held.lock().unwrap().clone();
    world.api.offer("a", NOW - 600);
    world.objects.vanishes.store(true, Ordering::SeqCst);
    let report = world.turn().await;
    assert!(matches!(report.halt, Some(Halt::Store(_))), "{report:?}");
    assert_eq!(totals(&world).stored, 0);
    world.objects.vanishes.store(false, Ordering::SeqCst);
    world.pass(300);
    world.turn().await;
    assert_eq!(stored(&world).len(), 1);
    check(&world);
    assert_eq!(world.objects.held.lock().unwrap().len(), 1);
}

/// A run that dies at each of its calls; then `c` fails, for a while or until it is lost, and
/// the setting of the format is another.
#[tokio::test]
async fn a_retry_that_has_to_split_makes_no_object_twice() {
    let ways = [
        Answer::Refused(Refusal::Unavailable),
        Answer::Refused(Refusal::RequestRefused),
        Answer::Bare(Refusal::ContentGone),
        Answer::Bytes(b"{}".to_vec()),
        Answer::Breaks(b"[{\"Id\":\"c\"}".to_vec()),
        // It is well, and only the format is another.
        Answer::Bytes(b"[{\"Id\":\"c\"}]".to_vec()),
    ];
    let ways = ways
        .into_iter()
        .flat_map(|way| [(way.clone(), false), (way, true)]);
    for (answer, is_hidden) in ways {
        for at in 2..80 {
            let mut world = running().await;
            world.fuse.odd.store(at % 2 == 0, Ordering::SeqCst);
            let at = at / 2;
            for id in ["a", "b", "c", "d"] {
                world.api.offer(id, NOW - 600);
            }
            world.fuse.set(at);
            world.turn().await;
            world.fuse.set(0);
            world.collector.format = Format::Zstd;
            world.api.answers("c", answer.clone());
            *world.api.hidden.lock().unwrap() = is_hidden.then(|| "c".to_owned());
            for _ in 0..3 {
                world.pass(300);
                world.turn().await;
            }
            *world.api.hidden.lock().unwrap() = None;
            world.api.mends("c");
            world.turn().await;
            assert_eq!(
                world.objects.lines(""),
                ["a", "b", "c", "d"].map(line),
                "at call {at}"
            );
            check(&world);
            assert_eq!(totals(&world).lost, 0);
        }
    }
}
