//! The four steps, whole and out of order, and what stops each.

use std::sync::atomic::Ordering;

use auth::Timestamp;
use auth::cause::{Cause, CauseCode};
use auth::ports::{KeysError, SecretVersions as _, Stage, Write};
use auth::rotation::{Done, Step};

use super::application::secret;
use super::bench::{ARN, Bench, DAY, NOW, SECRET, STEPS};

#[tokio::test]
async fn four_steps_make_a_new_certificate_current_and_keep_the_old_one_registered() {
    let bench = Bench::new();
    bench.rotate("t").await.unwrap();
    assert_eq!(bench.current(), "made-1");
    assert_eq!(bench.holds(Stage::Previous).as_deref(), Some("old"));
    assert_eq!(bench.application.keys(), ["made-1", "old"]);
    let proven = bench.application.proven.lock().unwrap().clone();
    assert!(proven.iter().all(|key| key == "made-1") && !proven.is_empty());
}

/// Secrets Manager repeats a step whose answer it did not get, and invokes twice at times.
#[tokio::test]
async fn each_step_may_be_done_again_and_changes_nothing_then() {
    let bench = Bench::new();
    bench.versions.begin("t");
    for step in STEPS {
        bench.step(step, "t").await.unwrap();
        let (keys, current) = (bench.application.keys(), bench.current());
        bench.step(step, "t").await.unwrap();
        assert_eq!(
            (bench.application.keys(), bench.current()),
            (keys, current),
            "{step:?}"
        );
    }
    for step in STEPS {
        assert_eq!(
            bench.step(step, "t").await.unwrap(),
            Done::Before,
            "{step:?}"
        );
    }
    assert_eq!(bench.application.keys(), ["made-1", "old"]);
}

#[tokio::test]
async fn two_at_once_make_one_certificate() {
    let bench = Bench::new();
    bench.versions.begin("t");
    for step in STEPS {
        let (one, other) = tokio::join!(bench.step(step, "t"), bench.step(step, "t"));
        one.unwrap();
        other.unwrap();
    }
    assert_eq!(bench.application.keys().len(), 2);
    assert!(bench.application.keys().contains(&bench.current()));
}

#[tokio::test]
async fn a_request_that_is_not_of_a_rotation_of_this_secret_changes_nothing() {
    let other = ARN.replace("certificate", "sealing");
    let rows = [
        ("another secret", other.as_str(), "t", true),
        ("an unknown token", ARN, "u", true),
        ("the token of the previous version", ARN, "before", true),
        ("a secret that is not rotated", ARN, "t", false),
    ];
    for (what, secret_id, token, rotated) in rows {
        for step in STEPS {
            let bench = Bench::new();
            bench
                .versions
                .put("before", &secret("older", NOW - 300 * DAY), at(NOW));
            bench
                .versions
                .put("first", &secret("old", NOW - 100 * DAY), at(NOW));
            bench.versions.begin("t");
            bench.versions.rotate(rotated);
            let labels = bench.versions.labels();
            let error = bench.step_of(secret_id, step, token).await.unwrap_err();
            assert_eq!(error.code(), "not_ours", "{what}: {error}");
            assert_eq!(bench.versions.labels(), labels, "{what}");
            assert_eq!(bench.application.asked(), 0, "{what}");
        }
    }
    let bench = Bench::new();
    bench.versions.begin("t");
    let by_name = bench.step_of(SECRET, Step::CreateSecret, "t").await;
    assert_eq!(by_name.unwrap(), Done::Now);
}

fn at(unix: i64) -> Timestamp {
    Timestamp::from_unix(unix)
}

#[tokio::test]
async fn a_step_that_comes_too_early_does_nothing() {
    for step in [Step::SetSecret, Step::TestSecret, Step::FinishSecret] {
        let bench = Bench::new();
        bench.versions.begin("t");
        let error = bench.step(step, "t").await.unwrap_err();
        assert_eq!(error.code(), "not_ours", "{step:?}");
        assert_eq!(bench.current(), "old");
    }
    for step in [Step::TestSecret, Step::FinishSecret] {
        let bench = Bench::new();
        bench.versions.begin("t");
        bench.step(Step::CreateSecret, "t").await.unwrap();
        let error = bench.step(step, "t").await.unwrap_err();
        assert_eq!(error.code(), "no_token", "{step:?}: nothing was registered");
        assert_eq!(bench.current(), "old");
    }
}

#[tokio::test]
async fn a_lag_is_waited_out_and_one_that_is_too_long_leaves_the_old_key_current() {
    for (lag, passes) in [(60, true), (250, true), (400, false)] {
        let bench = Bench::new();
        bench.application.lag.store(lag, Ordering::SeqCst);
        let rotated = bench.rotate("t").await;
        assert_eq!(rotated.is_ok(), passes, "{lag}");
        if !passes {
            assert_eq!(rotated.unwrap_err().code(), "no_token");
            assert_eq!(bench.current(), "old");
            // Secrets Manager begins again later, with the same version.
            bench.clock.advance(3600);
            bench.rotate("t").await.unwrap();
        }
        assert_eq!(bench.current(), "made-1", "{lag}");
    }
}

/// A refusal is the operator's; the next attempt goes on from what was added by hand.
#[tokio::test]
async fn where_graph_refuses_the_rotation_waits_and_goes_on_once_the_certificate_is_there() {
    let codes = [
        "403 Authorization_RequestDenied",
        "400 CredentialInvalidLifetimeAsPerAppPolicy",
        "401 Authentication_MissingOrMalformed",
    ];
    for code in codes {
        let bench = Bench::new();
        *bench.application.refuses.lock().unwrap() = Some(KeysError::Refused(code.into()));
        let error = bench.rotate("t").await.unwrap_err();
        assert_eq!(error.code(), "waits_for_operator");
        assert!(
            error.to_string().contains("certificate publish --pending"),
            "{error}"
        );
        assert!(error.to_string().contains(code), "{error}");
        assert_eq!(
            (bench.current(), bench.application.keys()),
            ("old".into(), vec!["old".into()])
        );
        bench.application.register("made-1");
        bench.rotate("t").await.unwrap();
        assert_eq!(bench.current(), "made-1");
    }
}

#[tokio::test]
async fn what_passes_fails_the_step_and_the_next_attempt_goes_on() {
    let unavailable = KeysError::Unavailable {
        reason: "status 503".into(),
        retry_after: None,
    };
    let throttled = KeysError::NoToken(Cause::from(CauseCode::Throttled).into());
    for trouble in [unavailable, throttled] {
        let bench = Bench::new();
        *bench.application.refuses.lock().unwrap() = Some(trouble.clone());
        let error = bench.rotate("t").await.unwrap_err();
        assert_ne!(error.code(), "waits_for_operator", "{error}");
        assert_eq!(bench.current(), "old");
        *bench.application.refuses.lock().unwrap() = None;
        bench.rotate("t").await.unwrap();
        assert_eq!(bench.current(), "made-1", "{trouble}");
    }
}

#[tokio::test]
async fn a_pending_version_from_long_ago_is_rolled_back_whatever_step_finds_it() {
    for step in STEPS {
        for days in [8, 365] {
            let bench = Bench::new();
            bench.versions.begin("t");
            bench.step(Step::CreateSecret, "t").await.unwrap();
            bench.step(Step::SetSecret, "t").await.unwrap();
            bench.clock.advance(days * DAY);
            let error = bench.step(step, "t").await.unwrap_err();
            assert_eq!(error.code(), "given_up", "{step:?} {error}");
            assert_eq!(bench.application.keys(), ["old"], "{step:?}");
            assert_eq!(bench.versions.labels().with(Stage::Pending), None);
            bench.rotate("u").await.unwrap();
            assert_eq!(bench.current(), "made-2");
        }
    }
}

/// What an operator puts into the secret while a rotation is under way is newer, and stays.
#[tokio::test]
async fn a_certificate_published_by_hand_meanwhile_ends_the_rotation() {
    let bench = Bench::new();
    bench.versions.begin("t");
    for step in &STEPS[..3] {
        bench.step(*step, "t").await.unwrap();
    }
    bench.clock.advance(60);
    bench.application.register("by hand");
    bench
        .versions
        .put("hand", &secret("by hand", NOW + 60), at(NOW + 60));
    let error = bench.step(Step::FinishSecret, "t").await.unwrap_err();
    assert_eq!(error.code(), "given_up");
    assert_eq!(bench.current(), "by hand");
    assert_eq!(bench.application.keys(), ["by hand", "old"]);
}

/// A hand's mistake: what is current is no certificate, or not registered. The previous key
/// still asks.
#[tokio::test]
async fn a_current_version_that_does_not_work_is_rotated_away_by_the_previous_key() {
    for value in [
        secret("not registered", NOW - DAY),
        "rubbish".to_owned().into(),
    ] {
        let bench = Bench::new();
        bench.versions.put("hand", &value, at(NOW));
        bench.rotate("t").await.unwrap();
        assert_eq!(bench.current(), "made-1");
        assert_eq!(bench.application.keys(), ["made-1", "old"]);
    }
}

#[tokio::test]
async fn without_any_key_that_works_nothing_is_changed() {
    let bench = Bench::new();
    bench.application.forget("old");
    let error = bench.rotate("t").await.unwrap_err();
    assert_eq!(error.code(), "no_token");
    assert_eq!(
        (bench.current(), bench.application.keys().len()),
        ("old".into(), 0)
    );
}

/// Secrets Manager tries a rotation that is set up with what is current in a pending version: the
/// key that signs stays, however old it is.
#[tokio::test]
async fn a_trial_with_the_current_certificate_passes_and_removes_nothing() {
    for step in STEPS {
        let bench = Bench::new();
        bench.versions.begin("t");
        let current = bench.versions.value(Stage::Current).unwrap();
        let written = bench.versions.write_pending(SECRET, "t", &current).await;
        assert_eq!(written.unwrap(), Write::Done);
        bench.step(step, "t").await.unwrap();
        bench.clock.advance(30 * DAY);
        bench.rotation.check().await.unwrap();
        assert_eq!(bench.application.keys(), ["old"], "{step:?}");
        assert_eq!(bench.current(), "old");
    }
}
