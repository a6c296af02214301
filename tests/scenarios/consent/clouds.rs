//! Every cloud in both flows: the authority's host and the API's host belong together.

use serde_json::json;
use tests::{Browser, Flow};

use super::stage::Stage;

const V2: &str = "/organizations/oauth2/v2.0/authorize";
const V1: &str = "/common/oauth2/authorize";

/// Cloud, authority, API host: the reference's table.
const CLOUDS: [(&str, &str, &str); 5] = [
    (
        "public",
        "https://login.microsoftonline.com",
        "https://manage.office.com",
    ),
    (
        "gcc",
        "https://login.microsoftonline.com",
        "https://manage-gcc.office.com",
    ),
    (
        "gcc-high",
        "https://login.microsoftonline.us",
        "https://manage.office365.us",
    ),
    (
        "dod",
        "https://login.microsoftonline.us",
        "https://manage.protection.apps.mil",
    ),
    (
        "china",
        "https://login.partner.microsoftonline.cn",
        "https://manage.office365.cn",
    ),
];

/// A run that takes the real authority for its own; nothing is asked of it.
async fn real(directory: &std::path::Path, cloud: &str, flow: Flow) -> tests::Process {
    let created =
        microsoft::certificate::create("clouds", 30, auth::ports::Clock::now(&aws::SystemClock));
    tests::stand_in::RealRun {
        machine: env!("CARGO_BIN_EXE_machine"),
        directory,
        certificate: &created.unwrap(),
        client_id: "a6099727-6b7b-482c-b509-1df309acc563",
        authority: None,
    }
    .start()
    .variable("ENTRA_CLOUD", cloud)
    .variable("CONSENT_FLOW", flow.as_str())
    .variable("CONSENT_MODE", "open")
    .run()
    .await
}

#[tokio::test]
async fn an_admin_is_sent_to_the_authority_of_the_cloud() {
    for (cloud, authority, api) in CLOUDS {
        for flow in [Flow::V2, Flow::V1] {
            let directory = tempfile::tempdir().unwrap();
            let process = real(directory.path(), cloud, flow).await;
            let mut browser = Browser::default();
            let landing = browser.open(&process.ready.consent_url).await;
            let answer = browser.way_out(&landing.form()).await;
            let origin = answer.origin().ascii_serialization();
            assert_eq!(origin, authority, "{cloud} {flow:?}");
            let resource = answer.query_pairs().find(|(name, _)| name == "resource");
            match flow {
                Flow::V2 => assert_eq!((answer.path(), resource), (V2, None)),
                Flow::V1 => {
                    assert_eq!(answer.path(), V1);
                    assert_eq!(resource.unwrap().1, api, "{cloud}");
                }
            }
        }
    }
}

/// From the landing page to a vended token, with the API host of each cloud that the
/// simulated directory knows.
#[tokio::test]
async fn a_tenant_of_each_cloud_is_connected_and_vended() {
    for (cloud, _, api) in &CLOUDS[..4] {
        for flow in [Flow::V2, Flow::V1] {
            let stage = Stage::start(flow, &[("ENTRA_CLOUD", cloud)]).await;
            let link = stage.run.broker.ready.consent_url.clone();
            if *cloud == "gcc" {
                stage.lives_in(0, "GCC").await;
            }
            let page = stage.connect(&link, &stage.person(0).admin).await;
            assert_eq!(
                page.heading(),
                "Connected",
                "{cloud} {flow:?}: {}",
                page.body
            );
            assert_eq!(stage.tenant(0).await["cloud"], *cloud);
            let scope = format!("{api}/.default");
            let form = [
                ("grant_type", "client_credentials"),
                ("scope", scope.as_str()),
            ];
            let broker = &stage.run.broker;
            let path = format!("/{}/oauth2/v2.0/token", stage.run.tenant(0));
            let bearer = Some(broker.ready.caller_token.as_str());
            let vended = broker.post(&path, &form, bearer).await;
            assert_eq!(vended.status, 200, "{cloud} {flow:?}: {}", vended.body);
            assert_eq!(vended.claims()["aud"], *api);
        }
    }
}

/// One deployment serves commercial and GCC tenants: they share the authority.
#[tokio::test]
async fn an_invite_names_the_cloud_of_its_tenant_where_the_authority_is_shared() {
    for flow in [Flow::V2, Flow::V1] {
        let stage = Stage::invited(flow).await;
        let tenant = stage.run.tenant(0);
        stage.lives_in(0, "GCC").await;
        let line = ["Agency", "--tenant", &tenant, "--cloud", "gcc"];
        let link = stage.operator_invite(&line).await;
        let page = stage.connect(&link, &stage.person(0).admin).await;
        assert_eq!(page.heading(), "Connected", "{flow:?}: {}", page.body);
        assert_eq!(stage.tenant(0).await["cloud"], "gcc");
        // A new consent that names no cloud takes the tenant out of none.
        let link = stage.vouched("Agency", 0).await;
        stage.connect(&link, &stage.person(0).admin).await;
        assert_eq!(stage.tenant(0).await["cloud"], "gcc", "{flow:?}");
        for cloud in ["gcc-high", "dod", "china"] {
            let body = json!({"customer": "Agency", "cloud": cloud});
            let refused = stage.run.broker.post_invite(&body).await;
            assert_eq!(refused.status, 400, "{cloud}: {}", refused.body);
            let told = refused.body["error_description"].as_str().unwrap();
            assert!(told.contains("another authority"), "{told}");
        }
    }
}
