//! Whole rotations: no caller notices, the old certificate ends with its overlap.

use auth::ports::Stage as Label;
use serde_json::json;
use tests::secret_rotation::STEPS;

use super::stage::{DAY, Stage};

/// The SHA-1 thumbprints of the application's key credentials, in base64.
fn thumbprints(stage: &Stage) -> Vec<String> {
    let keys = stage.registration().key_credentials.into_iter();
    keys.map(|key| key.custom_key_identifier).collect()
}

/// Callers have their turn before, between and after the steps.
async fn rotate_by_steps(stage: &Stage, token: &str) {
    stage.rotation.begin(token);
    stage.vended_for_a_while().await;
    for step in STEPS {
        let failure = stage.rotation.step(step, token).await.failure;
        assert_eq!(failure, None, "{step}");
        stage.vended_for_a_while().await;
    }
    stage.rotation.check_finished(token);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_fails_no_vend_and_no_refresh_and_ends_the_old_certificate() {
    let stage = Stage::open().await;
    let before = thumbprints(&stage);
    stage
        .while_vending(rotate_by_steps(&stage, "first-rotation"))
        .await;
    let during = thumbprints(&stage);
    assert_eq!(during.len(), 2);
    // Functions read the secret again, and tokens are renewed by the new key and the old one.
    stage.pass(2 * 3600).await;
    stage.rotation.secret.held.changed_at(stage.now());
    let early = stage.rotation.check().await.drift.unwrap();
    assert_eq!(
        (early.removed, early.differences()),
        (false, 0),
        "{early:?}"
    );

    stage.run.clock.advance(DAY / 2);
    let late = stage.rotation.check().await.drift.unwrap();
    assert_eq!((late.removed, late.differences()), (true, 0), "{late:?}");
    let after = thumbprints(&stage);
    assert_eq!(after.len(), 1);
    assert!(!before.contains(&after[0]) && during.contains(&after[0]));
    stage.while_vending(stage.pass(2 * 3600)).await;

    // The next one rotates what the first one made.
    stage.rotation.rotate("second-rotation").await;
    stage.pass(3600).await;
    assert_eq!(thumbprints(&stage).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lag_of_a_minute_is_waited_out_while_callers_vend() {
    let stage = Stage::open().await;
    stage.fault("key_lag", json!(60)).await;
    let began = stage.now();
    stage.while_vending(stage.rotation.rotate("t")).await;
    let took = began.seconds_until(stage.now());
    assert!((60..300).contains(&took), "{took}");
    stage.pass(2 * 3600).await;
}

/// The function is killed after a step: its next start knows nothing, and goes on.
#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_that_is_cut_after_any_step_goes_on_with_the_next_attempt() {
    let stage = Stage::open().await;
    for (number, _) in STEPS.iter().enumerate() {
        let token = format!("rotation-{number}");
        stage.rotation.begin(&token);
        for step in &STEPS[..=number] {
            assert_eq!(
                stage.rotation.step(step, &token).await.failure,
                None,
                "{step}"
            );
        }
        stage.pass(1800).await;
        stage.rotation.rotate(&token).await;
        stage.pass(1800).await;
        assert!(stage.rotation.secret.held.value(Label::Previous).is_some());
    }
}

/// What a rotation leaves between two steps, with its time over: rolled back, and no caller noticed.
#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_that_is_never_finished_is_rolled_back() {
    let stage = Stage::open().await;
    stage.rotation.secret.held.changed_at(stage.now());
    stage.rotation.begin("t");
    for step in &STEPS[..2] {
        assert_eq!(stage.rotation.step(step, "t").await.failure, None, "{step}");
    }
    assert_eq!(stage.registered(), 2);
    stage.run.clock.advance(8 * DAY);
    let found = stage.rotation.check().await.drift.unwrap();
    assert!(found.given_up && !found.waiting, "{found:?}");
    assert_eq!(stage.registered(), 1);
    stage.rotation.rotate("u").await;
    stage.pass(1800).await;
}
