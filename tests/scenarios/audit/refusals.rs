//! The lines of what was refused: nobody proven, not permitted, not there, not active, and no
//! token to be had.

use serde_json::json;
use tests::gateway_event::{post, request};
use tests::{Broker, Signer, operate};

use super::stage::Stage;

const UNKNOWN: &str = "41463f53-8812-40f4-890f-865bf6e35190";

#[tokio::test]
async fn each_kind_of_refusal_leaves_its_line() {
    let mut stage = Stage::start().await;
    let (first, second) = (
        stage.person(0).tenant_id.clone(),
        stage.person(1).tenant_id.clone(),
    );
    let mut stranger = Stage::token_event(&first);
    stranger["headers"]["authorization"] = json!("Bearer e30.e30.c2ln");
    // The run's own STS says who signed; this policy says nothing of that role.
    let signer = Signer::of(&stage.process.ready);
    let (_, host) = stage.process.ready.vending_url.split_once("://").unwrap();
    let mut by_signed_request = Stage::token_event(&first);
    let bearer = format!("Bearer {}", signer.proof(host));
    by_signed_request["headers"]["authorization"] = json!(bearer);
    let mut no_page = request("GET", "/tenants");
    no_page["rawQueryString"] = json!("after=x");
    let rows = [
        ("no proof", Stage::token_event(&first), 401),
        ("a token that proves nobody", stranger, 401),
        (
            "no grant type",
            stage.by_workload(post(&format!("/{first}/oauth2/v2.0/token"), "")),
            400,
        ),
        (
            "no tenant",
            stage.by_workload(Stage::token_event("contoso.com")),
            400,
        ),
        (
            "no policy permits it",
            stage.by_workload(Stage::token_event(&second)),
            403,
        ),
        ("a policy forbids it", stage.by_key(&second), 403),
        (
            "a tenant that is not there",
            stage.by_workload(Stage::token_event(UNKNOWN)),
            404,
        ),
        ("a role by a signed request", by_signed_request, 403),
        (
            "not there, and not told",
            Stage::by_role(Stage::token_event(UNKNOWN)),
            403,
        ),
        ("a page that nobody has", stage.by_workload(no_page), 400),
    ];
    for (row, event, expected) in &rows {
        let (status, body) = stage.ask(row, event).await;
        assert_eq!(status, *expected, "{row}: {body}");
    }
    insta::assert_snapshot!("refusals", stage.shown());
}

#[tokio::test]
async fn a_tenant_without_a_token_leaves_its_cause() {
    let mut stage = Stage::start().await;
    let tenant = stage.person(0).tenant_id.clone();
    let asked = stage.by_workload(Stage::token_event(&tenant));
    let broker = Broker::of(&stage.process.ready);
    broker.fault("throttle", Some(&tenant), json!(120)).await;
    let (status, body) = stage.ask("Entra ID throttles", &asked).await;
    assert_eq!(status, 429, "{body}");
    operate(
        stage.directory.path(),
        &["tenants", "suspend", &tenant, "--yes"],
    )
    .await;
    stage.clock.advance(31);
    let (status, body) = stage.ask("suspended by the operator", &asked).await;
    assert_eq!(status, 409, "{body}");
    insta::assert_snapshot!("no_token", stage.shown());
}
