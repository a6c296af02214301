//! Where a tenant lives, by its own metadata: it is connected there, whatever an invite or a
//! setting says, or is told why it cannot be.

use serde_json::{Value, json};
use tests::{Browser, Flow};

use super::stage::Stage;

/// The first tenant of a fresh run, invited to `invited` where that is named.
async fn page(stage: &Stage, invited: Option<&str>) -> tests::Page {
    let tenant = stage.run.tenant(0);
    let link = match invited {
        None => stage.run.broker.ready.consent_url.clone(),
        Some(cloud) => {
            let line = ["Agency", "--tenant", &tenant, "--cloud", cloud];
            stage.operator_invite(&line).await
        }
    };
    let mut browser = Browser::default();
    let admin = &stage.person(0).admin;
    let page = stage.sign_in(&mut browser, &link, admin).await;
    if page.heading() != "Connect this organisation?" {
        return page;
    }
    let next = browser.submit(&page.form(), &[]).await;
    match stage.flow {
        Flow::V1 => next,
        Flow::V2 => tests::admin::accept(&mut browser, &next, admin).await,
    }
}

#[tokio::test]
async fn a_tenant_is_connected_where_it_lives_or_told_why_not() {
    // The deployment's cloud, the invite's, the tenant's plan, where it is connected or why not.
    type Row<'a> = (
        &'a str,
        Option<&'a str>,
        Option<&'a str>,
        Result<&'a str, &'a str>,
    );
    let rows: [Row<'_>; 13] = [
        ("public", None, None, Ok("public")),
        ("public", None, Some("GCC"), Ok("gcc")),
        ("public", Some("gcc"), Some("GCC"), Ok("gcc")),
        ("public", Some("gcc"), None, Ok("public")),
        ("public", Some("public"), Some("GCC"), Ok("gcc")),
        ("gcc", None, None, Ok("public")),
        ("gcc", None, Some("GCC"), Ok("gcc")),
        ("gcc-high", None, Some("DODCON"), Ok("gcc-high")),
        ("gcc-high", None, Some("DOD"), Ok("dod")),
        ("public", None, Some("something new"), Ok("public")),
        ("public", None, Some("DODCON"), Err("in_gcc_high")),
        ("public", Some("gcc"), Some("DOD"), Err("in_dod")),
        ("gcc-high", None, Some("GCC"), Err("wrong_cloud")),
    ];
    for (number, (own, invited, plan, expected)) in rows.into_iter().enumerate() {
        let flow = if number % 2 == 0 { Flow::V2 } else { Flow::V1 };
        let stage = Stage::start(flow, &[("ENTRA_CLOUD", own)]).await;
        if let Some(plan) = plan {
            stage.lives_in(0, plan).await;
        }
        let page = page(&stage, invited).await;
        match expected {
            Ok(cloud) => {
                assert_eq!(page.heading(), "Connected", "row {number}: {}", page.body);
                assert_eq!(stage.tenant(0).await["cloud"], cloud, "row {number}");
            }
            Err(cause) => {
                assert_eq!(page.cause(), cause, "row {number}: {}", page.body);
                assert_eq!(stage.tenant(0).await, Value::Null, "row {number}");
                let asked = stage.run.app_only_requests().await;
                assert_eq!(asked, 0, "row {number}: no token was asked for");
            }
        }
    }
}

/// The page names the place, says that it is not the customer's turn, and what comes next.
#[tokio::test]
async fn an_organisation_in_gcc_high_reads_whose_turn_it_is() {
    let stage = Stage::open(Flow::V2).await;
    stage.lives_in(0, "DODCON").await;
    let page = page(&stage, None).await;
    for part in [
        "lives in GCC High",
        "not your mistake",
        "ENTRA_CLOUD=gcc-high",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
}

/// Nothing is granted by the metadata: an outage of theirs holds nobody up.
#[tokio::test]
async fn metadata_that_cannot_be_read_change_nothing() {
    let faults = [
        ("status", json!(503)),
        ("status", json!(404)),
        ("status", json!(302)),
        ("not_json", json!(200)),
        ("not_json", json!(502)),
        ("throttle", json!(60)),
        ("reset", json!(null)),
        ("truncate", json!(null)),
        ("truncate", json!(0)),
        ("latency", json!(4000)),
    ];
    for (kind, value) in faults {
        let stage = Stage::open(Flow::V2).await;
        stage.lives_in(0, "GCC").await;
        let tenant = stage.run.tenant(0);
        let fault = json!({
            "kind": kind, "value": value, "tenant": tenant, "endpoint": "discovery", "times": null,
        });
        stage.run.broker.start_fault(fault).await;
        let page = page(&stage, None).await;
        assert_eq!(page.heading(), "Connected", "{kind} {value}: {}", page.body);
        assert_eq!(stage.tenant(0).await["cloud"], "public", "{kind} {value}");
    }
}

/// A tenant that was connected under the wrong cloud comes right by its next consent.
#[tokio::test]
async fn a_new_consent_brings_a_tenant_home() {
    for flow in [Flow::V2, Flow::V1] {
        let stage = Stage::open(flow).await;
        page(&stage, None).await;
        assert_eq!(stage.tenant(0).await["cloud"], "public");
        stage.lives_in(0, "GCC").await;
        let tenant = stage.run.tenant(0);
        // Nothing shows an admin in the v1 flow: it takes the operator's word.
        let link = stage.vouched(&tenant, 0).await;
        let again = stage.connect(&link, &stage.person(0).admin).await;
        assert_eq!(again.heading(), "Connected", "{flow:?}: {}", again.body);
        assert_eq!(stage.tenant(0).await["cloud"], "gcc", "{flow:?}");
        let form = [
            ("grant_type", "client_credentials"),
            ("scope", "https://manage-gcc.office.com/.default"),
        ];
        let broker = &stage.run.broker;
        let path = format!("/{tenant}/oauth2/v2.0/token");
        let bearer = Some(broker.ready.caller_token.as_str());
        let vended = broker.post(&path, &form, bearer).await;
        assert_eq!(vended.status, 200, "{flow:?}: {}", vended.body);
    }
}
