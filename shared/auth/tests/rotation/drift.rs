//! The daily check: what it finds, what it removes, and what it leaves alone.

use auth::Timestamp;
use auth::rotation::Drift;

use super::application::secret;
use super::bench::{Bench, DAY, NOW};

#[tokio::test]
async fn the_old_certificate_is_removed_once_its_overlap_is_over_and_not_before() {
    let bench = Bench::new();
    bench.rotate("t").await.unwrap();
    bench.versions.changed_at(Timestamp::from_unix(NOW));
    for (seconds, removed) in [(0, false), (DAY - 1, false), (1, true), (DAY, false)] {
        bench.clock.advance(seconds);
        let found = bench.rotation.check().await.unwrap();
        assert_eq!(found.removed, removed, "{seconds}");
        assert_eq!(found.differences(), 0, "{found:?}");
    }
    assert_eq!(bench.application.keys(), ["made-1"]);
    assert_eq!(bench.current(), "made-1");
}

/// The secret was touched later than its certificate began: the overlap counts from then.
#[tokio::test]
async fn the_overlap_counts_from_the_last_change_of_the_secret() {
    let bench = Bench::new();
    bench.rotate("t").await.unwrap();
    bench.clock.advance(3 * DAY);
    bench
        .versions
        .changed_at(Timestamp::from_unix(NOW + 3 * DAY - 60));
    assert!(!bench.rotation.check().await.unwrap().removed);
    bench.clock.advance(DAY);
    assert!(bench.rotation.check().await.unwrap().removed);
}

#[tokio::test]
async fn what_differs_is_reported_and_left_as_it_is() {
    let bench = Bench::new();
    bench.application.register("someone else's");
    let found = bench.rotation.check().await.unwrap();
    let expected = Drift {
        registered: 2,
        unknown: vec!["id of someone else's".into()],
        ..Drift::default()
    };
    assert_eq!(found, expected);
    assert_eq!(bench.application.keys().len(), 2);

    // By hand, and not registered: the previous key looks, and nothing is removed.
    bench
        .versions
        .put("hand", &secret("by hand", NOW), Timestamp::from_unix(NOW));
    bench.clock.advance(30 * DAY);
    let found = bench.rotation.check().await.unwrap();
    assert!(found.current_missing && !found.removed, "{found:?}");
    assert_eq!(found.differences(), 2);
    assert_eq!(bench.application.keys().len(), 2);
}

#[tokio::test]
async fn a_check_that_cannot_ask_says_so() {
    let bench = Bench::new();
    bench.application.forget("old");
    let error = bench.rotation.check().await.unwrap_err();
    assert_eq!(error.code(), "no_token");
}
