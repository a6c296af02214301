//! An import that would fail for each further row in the same way stops, and says what was
//! not tried.

use auth::{CauseCode, Timestamp};
use operator::Exit;
use serde_json::{Value, json};

use super::{counts, csv, document, import};
use crate::authority::Authority;
use crate::world::World;

async fn consented(tenants: usize) -> (World, Authority) {
    let world = World::start().await;
    let authority = Authority::start(&world, tenants).await;
    authority.grant(&authority.tenants);
    (world, authority)
}

fn not_tried(document: &Value) -> Vec<&str> {
    let rows = document["not_tried"].as_array().unwrap().iter();
    rows.map(|row| row["tenant_id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn three_faults_of_ours_in_a_row_stop_it_and_it_goes_on_once_they_are_mended() {
    let (world, authority) = consented(10).await;
    let other = microsoft::certificate::create("another", 1, Timestamp::from_unix(0));
    authority.register(&[&other.unwrap().der]);
    let text = csv(&authority.tenants);
    let options = ["--json", "--concurrency", "1"];
    let outcome = import(&world, "tenants.csv", text.as_bytes(), &options).await;
    assert_eq!(outcome.exit, Exit::Failed);
    let stopped = document(&outcome);
    assert_eq!(counts(&stopped), [0, 0, 3, 7]);
    assert_eq!(not_tried(&stopped), authority.tenants[3..]);
    assert_eq!(stopped["refused"][0]["cause"], "credential_refused");
    assert_eq!(stopped["refused"][0]["fault"], "ours");
    let code = CauseCode::CredentialRefused;
    for part in [
        "stopped after 3 faults on our side in a row",
        "credential_refused (AADSTS700027)",
        code.what_happened(),
        code.next_step(),
        "7 of 10 tenants, from line 5 on",
        "run the import again",
    ] {
        assert!(outcome.err.contains(part), "{part}: {}", outcome.err);
    }
    let listed = world.run(&["tenants", "list", "--json"]).await.json();
    assert_eq!(listed, json!([]));

    authority.register(&[&world.certificate]);
    let outcome = import(&world, "tenants.csv", text.as_bytes(), &options).await;
    assert_eq!(counts(&document(&outcome)), [10, 0, 0, 0]);
}

#[tokio::test]
async fn what_is_under_way_ends_and_what_follows_is_not_begun() {
    let (world, authority) = consented(40).await;
    authority
        .fault(json!({"kind": "clock_skew", "value": 9000}))
        .await;
    let text = csv(&authority.tenants);
    let outcome = import(&world, "tenants.csv", text.as_bytes(), &["--json"]).await;
    let stopped = document(&outcome);
    let [connected, already, refused, left] = counts(&stopped);
    assert_eq!((connected, already, refused + left), (0, 0, 40));
    assert!((3..=10).contains(&refused), "{refused}");
    assert_eq!(not_tried(&stopped), authority.tenants[refused..]);
    let for_a_person = import(&world, "tenants.csv", text.as_bytes(), &[]).await;
    let totals = for_a_person.out.lines().last().unwrap();
    assert!(totals.ends_with(" not tried"), "{totals}");
    assert!(for_a_person.err.contains("clock_skew"), "{for_a_person:?}");
}

#[tokio::test]
async fn a_tenant_that_is_connected_in_between_keeps_it_going() {
    let (world, authority) = consented(8).await;
    for index in [0, 1, 3, 4, 6, 7] {
        let tenant = &authority.tenants[index];
        let fault = json!({"kind": "clock_skew", "value": 9000, "tenant": tenant});
        authority.fault(fault).await;
    }
    let text = csv(&authority.tenants);
    let options = ["--json", "--concurrency", "1"];
    let outcome = import(&world, "tenants.csv", text.as_bytes(), &options).await;
    assert_eq!(counts(&document(&outcome)), [2, 0, 6, 0]);
    assert!(
        outcome.err.contains("6 of 8 tenants were refused"),
        "{outcome:?}"
    );

    authority.end_faults().await;
    let outcome = import(&world, "tenants.csv", text.as_bytes(), &options).await;
    assert_eq!(counts(&document(&outcome)), [6, 2, 0, 0]);
}

#[tokio::test]
async fn customers_refusals_never_stop_it() {
    let world = World::start().await;
    let authority = Authority::start(&world, 25).await;
    let text = csv(&authority.tenants);
    let outcome = import(&world, "tenants.csv", text.as_bytes(), &["--json"]).await;
    assert_eq!(counts(&document(&outcome)), [0, 0, 25, 0]);
}

#[tokio::test]
async fn twenty_failures_of_microsofts_in_a_row_stop_it() {
    let (world, authority) = consented(24).await;
    authority
        .fault(json!({"kind": "status", "value": 503}))
        .await;
    let text = csv(&authority.tenants);
    let options = ["--json", "--concurrency", "1"];
    let outcome = import(&world, "tenants.csv", text.as_bytes(), &options).await;
    let stopped = document(&outcome);
    assert_eq!(counts(&stopped), [0, 0, 20, 4]);
    assert_eq!(not_tried(&stopped), authority.tenants[20..]);
    let refused = &stopped["refused"][0];
    assert_eq!(
        (&refused["cause"], &refused["fault"]),
        (&json!("unavailable"), &json!("microsoft"))
    );
    let next = refused["next_step"].as_str().unwrap();
    assert!(
        next.contains("Run the import again"),
        "nobody else tries: {next}"
    );
    let part = "stopped after 20 failures of Microsoft's in a row";
    assert!(outcome.err.contains(part), "{outcome:?}");
}
