//! The webhook, received by the library of the specification.

use serde_json::{Value, json};

use super::receiver::{Stage, kinds, secrets};
use super::schema;

/// A life in events: connected by a consent, revoked by two refusals, back by the next token.
#[tokio::test]
async fn each_transition_is_received_once_and_its_json_keeps_the_schema() {
    let mut stage = Stage::set(1).await;
    stage.connect(0).await;
    let seen = stage.seen().await;
    assert_eq!(kinds(&seen), ["TenantConnected"], "in the same invocation");
    let tenant = stage.run.tenant(0);
    let broker = &stage.run.broker;
    let fault = broker
        .fault("consent_revoked", Some(&tenant), Value::Null)
        .await;
    for _ in 0..4 {
        stage.pass(1_800).await;
    }
    assert!(stage.run.broker.end_fault(&fault).await);
    for _ in 0..4 {
        stage.pass(3_600 * 12).await;
    }
    let seen = stage.seen().await;
    let kinds = kinds(&seen);
    assert!(kinds.contains(&"TenantRevoked"), "{seen}");
    assert_eq!(kinds.last(), Some(&"TenantRecovered"), "{seen}");
    assert_eq!(seen["refused"], json!([]));
    assert_eq!(
        (&seen["repeats"], &seen["posts"]),
        (&json!(0), &json!(kinds.len()))
    );
    schema::holds(seen["events"].as_array().unwrap()).await;
    for event in seen["events"].as_array().unwrap() {
        assert_eq!(event["tenant_id"], tenant);
    }
}

#[tokio::test]
async fn a_receiver_that_was_down_for_an_hour_gets_each_event_and_drops_what_it_has() {
    let mut stage = Stage::set(3).await;
    stage.is("down").await;
    for index in 0..3 {
        stage.connect(index).await;
        stage.pass(600).await;
    }
    for _ in 0..6 {
        stage.pass(300).await;
    }
    assert_eq!(stage.seen().await["events"], json!([]));
    stage.is("up").await;
    for _ in 0..12 {
        stage.pass(300).await;
    }
    let seen = stage.seen().await;
    assert_eq!(kinds(&seen), ["TenantConnected"; 3], "{seen}");
    assert_eq!(
        (&seen["refused"], &seen["repeats"]),
        (&json!([]), &json!(0))
    );
}

/// What is no success is tried again, and none of it reaches the log or another address.
#[tokio::test]
async fn odd_answers_lose_no_event() {
    for (mode, is_taken) in [
        ("redirect", false),
        ("hangs", false),
        ("huge", true),
        ("gone", true),
    ] {
        let mut stage = Stage::set(1).await;
        stage.is(mode).await;
        stage.connect(0).await;
        stage.is("up").await;
        for _ in 0..3 {
            stage.pass(300).await;
        }
        let seen = stage.seen().await;
        // Who says gone is not asked again; a huge answer was a success.
        let expected = usize::from(mode != "gone");
        assert_eq!(kinds(&seen).len(), expected, "{mode}: {seen}");
        let posts = seen["posts"].as_u64().unwrap();
        assert_eq!(posts == 1, is_taken, "{mode}: {seen}");
        assert_eq!(seen["elsewhere"], 0, "{mode}");
    }
}

/// The receiver learns the new key at any time between the addition and the retirement.
#[tokio::test]
async fn a_rotation_loses_no_event_whichever_of_the_keys_the_receiver_knows() {
    let mut stage = Stage::set(2).await;
    let old: Value = serde_json::from_slice(&std::fs::read(stage.ring()).unwrap()).unwrap();
    let new = auth::encoding::base64_standard(&[7; 32]);
    let mut ring = old.clone();
    ring["keys"]["new"] = json!(new);
    stage.connect(0).await;
    assert_eq!(kinds(&stage.seen().await).len(), 1);
    std::fs::write(stage.ring(), ring.to_string()).unwrap();
    stage.pass(16 * 60).await;
    for (secrets, count) in [
        (vec![format!("whsec_{new}")], 2),
        (secrets(&old.to_string()), 3),
    ] {
        stage.knows(&secrets).await;
        let tenant = stage.run.tenant(0);
        let action = if count == 2 { "suspend" } else { "remove" };
        tests::operator::operate(stage.data_dir(), &["tenants", action, &tenant, "--yes"]).await;
        stage.pass(60).await;
        let seen = stage.seen().await;
        assert_eq!(kinds(&seen).len(), count, "{seen}");
        assert_eq!(seen["refused"], json!([]));
    }
}
