//! The lines of what was granted: each kind of caller, each source of a token, each route.

use serde_json::json;
use tests::broker::SCOPE;
use tests::gateway_event::{post, request};

use super::stage::Stage;

#[tokio::test]
async fn each_kind_of_grant_leaves_its_line() {
    let mut stage = Stage::start().await;
    let tenant = stage.person(0).tenant_id.clone();
    let form = format!("grant_type=client_credentials&scope={SCOPE}");
    let v2 = post(&format!("/{tenant}/oauth2/v2.0/token"), &form);
    let form = "grant_type=client_credentials&resource=https://manage.office.com";
    let v1 = post(&format!("/{tenant}/oauth2/token"), form);
    let invite = {
        let mut event = request("POST", "/invites");
        event["body"] = json!(r#"{"customer":"Contoso, Inc."}"#);
        event
    };
    let by_workload = |event| stage.by_workload(event);
    let rows = [
        (
            "a workload, the token from Entra ID",
            by_workload(v2.clone()),
        ),
        (
            "a workload, the token from memory, the v1 route",
            by_workload(v1),
        ),
        ("a key, managed identity", stage.by_key(&tenant)),
        ("a role that signed", Stage::by_role(v2.clone())),
        ("a listing", by_workload(request("GET", "/tenants"))),
        (
            "one tenant",
            by_workload(request("GET", &format!("/tenants/{tenant}"))),
        ),
        ("an invite", by_workload(invite)),
    ];
    for (row, event) in &rows {
        let (status, body) = stage.ask(row, event).await;
        assert!(status == 200 || status == 201, "{row}: {status} {body}");
    }
    // Another process has an empty memory, and the table has the token.
    stage.put_policy(&[]).await;
    let asked = stage.by_workload(v2);
    let (status, _) = stage
        .ask("a workload, the token from the table", &asked)
        .await;
    assert_eq!(status, 200);
    insta::assert_snapshot!("grants", stage.shown());
}

/// Must fail before decision 0029: a text that was watched handed this key the token.
#[tokio::test]
async fn what_a_candidate_would_change_is_marked_and_not_done() {
    let mut stage = Stage::start().await;
    let (first, second) = (
        stage.person(0).tenant_id.clone(),
        stage.person(1).tenant_id.clone(),
    );
    // What the text in force says of the second tenant, the candidate says of the first.
    stage.put_candidate(&first).await;
    let denied = stage.by_key(&second);
    let (status, body) = stage.ask("a key that the candidate permits", &denied).await;
    assert_eq!(status, 403, "{body}");
    let permitted = stage.by_key(&first);
    let (status, body) = stage
        .ask("a key that the candidate denies", &permitted)
        .await;
    assert_eq!(status, 200, "{body}");
    let listing = stage.by_workload(request("GET", "/tenants"));
    let (status, body) = stage.ask("a listing that would be shorter", &listing).await;
    assert_eq!(
        (status, body["tenants"].as_array().unwrap().len()),
        (200, 1)
    );
    insta::assert_snapshot!("candidate", stage.shown());
}
