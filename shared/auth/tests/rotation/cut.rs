//! A rotation that is cut at every request to Entra ID and Graph, before it arrives and after
//! it was carried out: between two attempts nothing is broken, and the next one ends it.

use auth::Timestamp;
use auth::ports::Stage;

use super::application::Cut;
use super::bench::{Bench, DAY, NOW};

/// What holds at every moment: what signs is registered.
fn check(bench: &Bench, when: &str) {
    assert!(
        bench.application.keys().contains(&bench.current()),
        "{when}"
    );
}

#[tokio::test]
async fn a_rotation_that_is_cut_anywhere_ends_with_the_next_attempt() {
    let whole = Bench::new();
    whole.rotate("t").await.unwrap();
    let requests = whole.application.asked();
    assert!(requests > 3, "{requests}");
    for at in 0..requests {
        for cut in [Cut::Before, Cut::After] {
            let when = format!("{cut:?} {at}");
            let bench = Bench::new();
            *bench.application.cut.lock().unwrap() = Some((at, cut));
            let first = bench.rotate("t").await;
            check(&bench, &when);
            if first.is_err() {
                assert_eq!(bench.current(), "old", "{when}");
                bench.rotate("t").await.unwrap();
            }
            assert_eq!(bench.current(), "made-1", "{when}");
            assert_eq!(bench.application.keys(), ["made-1", "old"], "{when}");
        }
    }
}

/// Killed for good after a step: the daily check rolls back what never goes on.
#[tokio::test]
async fn a_rotation_that_never_goes_on_is_rolled_back_by_the_daily_check() {
    for done in 0..4 {
        let bench = Bench::new();
        bench.versions.begin("t");
        bench.versions.changed_at(Timestamp::from_unix(NOW));
        for step in &super::bench::STEPS[..done] {
            bench.step(*step, "t").await.unwrap();
        }
        bench.clock.advance(2 * DAY);
        let waiting = bench.rotation.check().await.unwrap();
        assert!(
            waiting.waiting && waiting.differences() == 1,
            "{done}: {waiting:?}"
        );
        bench.clock.advance(6 * DAY);
        let after = bench.rotation.check().await.unwrap();
        check(&bench, "after");
        assert_eq!(bench.current(), "old");
        assert_eq!(bench.application.keys(), ["old"], "{done}");
        assert!(after.given_up, "{done}");
        assert_eq!(bench.versions.labels().with(Stage::Pending), None);
    }
}

#[tokio::test]
async fn a_rollback_that_is_cut_is_done_by_the_next_check() {
    for at in 0..6 {
        for cut in [Cut::Before, Cut::After] {
            let bench = Bench::new();
            bench.versions.begin("t");
            for step in &super::bench::STEPS[..2] {
                bench.step(*step, "t").await.unwrap();
            }
            bench.clock.advance(8 * DAY);
            *bench.application.cut.lock().unwrap() = Some((bench.application.asked() + at, cut));
            let _first = bench.rotation.check().await;
            check(&bench, "between");
            *bench.application.cut.lock().unwrap() = None;
            bench.rotation.check().await.unwrap();
            assert_eq!(bench.application.keys(), ["old"], "{cut:?} {at}");
            assert_eq!(bench.versions.labels().with(Stage::Pending), None);
        }
    }
}
