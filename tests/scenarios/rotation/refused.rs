//! What stops a rotation, step by step: nothing current is touched, and the next attempt ends it.

use auth::ports::Stage as Label;
use serde_json::{Value, json};

use super::stage::Stage;

/// A fault, whether it is Graph's, and the word that the failure begins with.
fn troubles() -> Vec<(&'static str, bool, Value, &'static str)> {
    vec![
        ("status", true, json!(401), "waits_for_operator"),
        ("status", true, json!(403), "waits_for_operator"),
        ("status", true, json!(409), "graph_unavailable"),
        ("status", true, json!(500), "graph_unavailable"),
        ("status", true, json!(503), "graph_unavailable"),
        ("throttle", true, json!(7), "graph_unavailable"),
        ("not_json", true, json!(200), "graph_unavailable"),
        (
            "redirect",
            true,
            json!("https://elsewhere.example/"),
            "waits_for_operator",
        ),
        ("reset", true, Value::Null, "graph_unavailable"),
        ("truncate", true, json!(10), "graph_unavailable"),
        ("key_policy", false, json!(90), "waits_for_operator"),
        ("key_policy", false, Value::Null, "waits_for_operator"),
        ("clock_skew", false, json!(1200), "no_token"),
        ("clock_skew", false, json!(-1200), "no_token"),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn each_trouble_leaves_the_current_certificate_and_is_over_with_its_fault() {
    let stage = Stage::open().await;
    for (number, (kind, is_graphs, value, word)) in troubles().into_iter().enumerate() {
        let token = format!("rotation-{number}");
        let what = format!("{kind} {value}");
        let before = stage.rotation.pair(Label::Current);
        stage.rotation.begin(&token);
        stage.rotation.step("createSecret", &token).await;
        let fault = match is_graphs {
            true => stage.graph_fault(kind, value).await,
            false => stage.fault(kind, value).await,
        };
        let failure = stage.rotation.step("setSecret", &token).await.failure;
        let failure = failure.unwrap_or_else(|| panic!("{what} stopped nothing"));
        assert!(failure.starts_with(word), "{what}: {failure}");
        assert_eq!(stage.rotation.pair(Label::Current), before, "{what}");
        assert!(stage.run.broker.end_fault(&fault).await, "{what}");
        stage.rotation.rotate(&token).await;
        assert_ne!(stage.rotation.pair(Label::Current), before, "{what}");
    }
    stage.pass(1800).await;
}

/// Carried out, and the answer lost on its way.
#[tokio::test(flavor = "multi_thread")]
async fn an_addition_whose_answer_is_lost_is_found_and_not_made_twice() {
    let stage = Stage::open().await;
    stage.rotation.begin("t");
    stage.rotation.step("createSecret", "t").await;
    // The first requests read the application; the third one adds.
    let fault = json!({"kind": "reset", "endpoint": "graph", "share": 34});
    let fault = stage.run.broker.start_fault(fault).await;
    for _ in 0..5 {
        stage.rotation.step("setSecret", "t").await;
    }
    stage.run.broker.end_fault(&fault).await;
    stage.rotation.rotate("t").await;
    assert_eq!(stage.registered(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_are_no_rotation_of_this_secret_are_refused() {
    let stage = Stage::open().await;
    stage.rotation.begin("t");
    let step = |secret: &str, token: &str, step: &str| json!({"SecretId": secret, "ClientRequestToken": token, "Step": step});
    let rows = [
        (step("certificate", "u", "createSecret"), "not_ours"),
        (step("sealing-keys", "t", "createSecret"), "not_ours"),
        (step("certificate", "t", "setSecret"), "not_ours"),
        (step("certificate", "t", "deleteSecret"), "not_an_event"),
        (json!({}), "not_an_event"),
        (json!({"source": "schedule"}), "not_an_event"),
    ];
    let labels = stage.rotation.secret.held.labels();
    for (event, word) in rows {
        let failure = stage.rotation.invoke(event.clone()).await.failure.unwrap();
        assert!(failure.starts_with(word), "{event}: {failure}");
    }
    assert_eq!(stage.rotation.secret.held.labels(), labels);
    assert_eq!(stage.registered(), 1);
}

/// Without the role in its home tenant the application cannot be read: nothing is changed.
#[tokio::test(flavor = "multi_thread")]
async fn without_the_role_the_rotation_waits() {
    let stage = Stage::open().await;
    let home = stage.tenants[0].clone();
    let fault = json!({"kind": "role_removed", "tenant": home});
    let fault = stage.run.broker.start_fault(fault).await;
    stage.rotation.begin("t");
    stage.rotation.step("createSecret", "t").await;
    let failure = stage.rotation.step("setSecret", "t").await.failure.unwrap();
    assert!(
        failure.contains("403 Authorization_RequestDenied"),
        "{failure}"
    );
    assert!(stage.run.broker.end_fault(&fault).await);
    stage.rotation.rotate("t").await;
}
