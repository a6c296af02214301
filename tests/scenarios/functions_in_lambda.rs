//! The functions behind Lambda's runtime API: the programs of the test build, or those
//! that are deployed (`tests/run --release`), with DynamoDB and Secrets Manager where the SDK's
//! variables say.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "test code: a panic is how it fails"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use tests::browser::parse_refresh;
use tests::gateway_event::{post, request};
use tests::ministack::Invocation;
use tests::{Broker, Deployed};
use tokio::time::timeout;

const MACHINE: &str = env!("CARGO_BIN_EXE_machine");
const FUNCTIONS: [&str; 7] = [
    "collector",
    "consent",
    "refresher",
    "on-demand",
    "rotator",
    "vending",
    "webhook",
];
/// Those that read a secret.
const SEALED: [&str; 5] = ["consent", "refresher", "on-demand", "vending", "webhook"];
/// A function asks again two seconds after its last try; a loaded machine is slow.
const PATIENCE: Duration = Duration::from_secs(60);

fn body(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().unwrap()).unwrap()
}

#[tokio::test]
async fn the_consent_function_shows_its_page_and_leads_to_the_authority() {
    let deployed = Deployed::start(MACHINE).await;
    deployed.deploy("consent").await;
    let page = deployed
        .invoke("consent", &request("GET", "/consent"))
        .await;
    assert_eq!(page["statusCode"], 200, "{page}");
    let html = page["body"].as_str().unwrap();
    assert!(html.contains(r#"action="/consent/start""#), "{html}");
    let cookie = page["cookies"][0].as_str().unwrap();
    assert!(cookie.starts_with("__Host-"), "{cookie}");

    let (_, field) = html.split_once(r#"name="form_token" value=""#).unwrap();
    let (field, _) = field.split_once('"').unwrap();
    let mut click = post("/consent/start", &format!("form_token={field}"));
    click["cookies"] = json!([cookie.split(';').next().unwrap()]);
    let answer = deployed.invoke("consent", &click).await;
    assert_eq!(answer["statusCode"], 303, "{answer}");
    let mut go = request("GET", answer["headers"]["location"].as_str().unwrap());
    let cookie = answer["cookies"][0].as_str().unwrap();
    go["cookies"] = json!([cookie.split(';').next().unwrap()]);
    let page = deployed.invoke("consent", &go).await;
    assert_eq!(page["statusCode"], 200, "{page}");
    let (seconds, location) = parse_refresh(page["headers"]["refresh"].as_str().unwrap());
    assert_eq!(seconds, 0);
    assert!(location.starts_with(&deployed.machine.ready.entra_url));
    assert!(location.contains(&deployed.machine.ready.client_id));
}

#[tokio::test]
async fn the_vending_function_is_healthy_and_hands_out_nothing() {
    let deployed = Deployed::start(MACHINE).await;
    deployed.deploy("vending").await;
    deployed.deploy("on-demand").await;
    let health = deployed.invoke("vending", &request("GET", "/health")).await;
    assert_eq!(health["statusCode"], 200, "{health}");
    assert_eq!(body(&health), json!({"status": "ok"}));

    let tenant = deployed.connect_tenant().await;
    let path = format!("/{tenant}/oauth2/v2.0/token");
    let form = format!(
        "grant_type=client_credentials&scope={}",
        tests::broker::SCOPE
    );
    let unproven = deployed.invoke("vending", &post(&path, &form)).await;
    assert_eq!(unproven["statusCode"], 401, "{unproven}");
    assert_eq!(body(&unproven)["error"], "invalid_client");

    // The caller is proven, and no policy permits anything: a deployed broker without
    // one keeps everything.
    let mut proven = post(&path, &form);
    let bearer = format!("Bearer {}", deployed.machine.ready.caller_token);
    proven["headers"]["authorization"] = json!(bearer);
    let denied = deployed.invoke("vending", &proven).await;
    assert_eq!(denied["statusCode"], 403, "{denied}");
    assert_eq!(body(&denied)["error"], "access_denied");
}

/// What a run renewed, failed to renew and left to others.
fn counts(report: &Value) -> [u64; 3] {
    let count = |name: &str| {
        report[name]
            .as_u64()
            .unwrap_or_else(|| panic!("{name}: {report}"))
    };
    ["refreshed", "failed", "skipped"].map(count)
}

#[tokio::test]
async fn the_refresher_renews_what_is_due_and_nothing_else() {
    let deployed = Deployed::start(MACHINE).await;
    deployed.deploy("refresher").await;
    let run = async || counts(&deployed.invoke("refresher", &json!({})).await);
    assert_eq!(run().await, [0, 0, 0]);

    let tenant = deployed.connect_tenant().await;
    let broker = Broker::of(&deployed.machine.ready);
    let requests = async || broker.stats().await["app_only_by_tenant"][&tenant].as_u64();
    let before = requests().await.unwrap();
    assert_eq!(run().await, [1, 0, 0]);
    assert_eq!(requests().await, Some(before + 1));
    assert_eq!(run().await, [0, 0, 0]);
    assert_eq!(requests().await, Some(before + 1));
}

/// It reads no secret, and makes no request but to the table, where no one is connected.
#[tokio::test]
async fn the_collector_runs_and_does_nothing_where_no_tenant_is_connected() {
    let deployed = Deployed::start(MACHINE).await;
    deployed.deploy("collector").await;
    let report = deployed.invoke("collector", &json!({})).await;
    assert_eq!((&report["tenants"], &report["due"]), (&json!(0), &json!(0)));
    assert!(report["ended_early"].is_null(), "{report}");
}

/// One program, two functions: each takes what is its own.
#[tokio::test]
async fn on_demand_answers_requests_alone_and_the_schedules_function_none() {
    let deployed = Deployed::start(MACHINE).await;
    for function in ["refresher", "on-demand"] {
        deployed.deploy(function).await;
    }
    let ready = json!({"ready": {}});
    for alias in ["on-demand:consent", "on-demand:vending"] {
        let answer = deployed.invoke(alias, &ready).await;
        assert_eq!(answer, json!({"ready": {}}), "{alias}");
    }
    let refused = deployed.invoke("refresher", &ready).await;
    assert_eq!(refused["ended_early"], "not_scheduled", "{refused}");
    for event in [
        json!({}),
        json!({"source": "schedule"}),
        json!({"sign": {}}),
    ] {
        let refused = deployed.invoke("on-demand:consent", &event).await;
        assert_eq!(refused, json!({"not_taken": {}}), "{event}");
    }

    let tenant = deployed.connect_tenant().await;
    let broker = Broker::of(&deployed.machine.ready);
    let requests = async || broker.stats().await["app_only_by_tenant"][&tenant].as_u64();
    let before = requests().await.unwrap();
    let renew = json!({"renew": {"tenant": tenant, "resource": "https://manage.office.com"}});
    // The second one is answered from the record.
    for _ in 0..2 {
        let renewed = deployed.invoke("on-demand:vending", &renew).await;
        assert_eq!(renewed, json!({"renewed": {}}));
        assert_eq!(requests().await, Some(before + 1));
    }
    let receipt = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let forged = json!({"bind": {"receipt": receipt, "invite": null}});
    let declined = deployed.invoke("on-demand:consent", &forged).await;
    assert_eq!(
        declined["declined"]["cause"]["code"], "start_again",
        "{declined}"
    );
    // Each asker's alias takes what is its own, and no other name takes anything.
    for (name, event) in [
        ("on-demand:consent", &renew),
        ("on-demand:vending", &forged),
        ("on-demand", &renew),
        ("on-demand", &forged),
        ("on-demand", &ready),
        ("on-demand:$LATEST", &ready),
    ] {
        let denied = deployed.invoke(name, event).await;
        assert_eq!(denied, json!({"denied": {}}), "{name} {event}");
    }
}

#[tokio::test]
async fn a_function_that_cannot_start_names_what_is_missing() {
    let deployed = Deployed::start(MACHINE).await;
    for function in FUNCTIONS {
        deployed.deploy(function).await;
        let own: &[&str] = match function {
            "consent" => &[
                "CONSENT_KEYS_SECRET_ID",
                "CONSENT_REDIRECT_URI",
                "ON_DEMAND_FUNCTION",
            ],
            "vending" => &["SEALING_KEYS_SECRET_ID", "ON_DEMAND_FUNCTION"],
            "collector" => &["FEED_BUCKET", "FEED_PUBLISHER_ID", "VENDING_URL"],
            "webhook" => &["FEED_WEBHOOK_KEYS_SECRET_ID", "FEED_QUEUE_URL"],
            "rotator" => &["CERTIFICATE_SECRET_ID", "ENTRA_HOME_TENANT"],
            _ => &["SEALING_KEYS_SECRET_ID", "CERTIFICATE_SECRET_ID"],
        };
        let all = ["ENTRA_CLIENT_ID", "TABLE_NAME"];
        for name in all.iter().chain(own) {
            let mut variables = deployed.variables_of(function);
            variables.remove(*name);
            refuses_to_start(&deployed, function, name, &variables).await;
        }
    }
}

/// The one that is deployed starts, says that it waits, and works once the secret is there.
#[tokio::test]
async fn a_function_waits_for_a_secret_and_needs_no_new_deployment() {
    let deployed = Deployed::start(MACHINE).await;
    // Vending asks the one before it.
    for function in SEALED {
        let absent = format!("absent-of-{function}");
        let mut variables = deployed.variables_of(function);
        let variable = match function {
            "consent" => "CONSENT_KEYS_SECRET_ID",
            "webhook" => "FEED_WEBHOOK_KEYS_SECRET_ID",
            _ => "SEALING_KEYS_SECRET_ID",
        };
        let secret = variables.insert(variable.to_owned(), absent.clone());
        deployed.deploy(function).await;
        deployed.cloud.set_variables(function, &variables).await;
        let event = match function {
            "consent" => request("GET", "/consent"),
            "vending" => request("GET", "/health"),
            "webhook" => request("POST", "/feed/webhook"),
            "on-demand" => json!({"ready": {}}),
            _ => json!({}),
        };
        // By the alias of one of its askers.
        let name = match function {
            "on-demand" => "on-demand:vending",
            function => function,
        };
        let waiting = deployed.invoke(name, &event).await;
        let waits = waiting["statusCode"] == 503
            || waiting["ended_early"] == "not_started"
            || waiting["unable"].is_object();
        assert!(waits, "{function}: {waiting}");

        let text = deployed.secret(&secret.unwrap());
        deployed.cloud.create_secret(&absent, &text).await;
        let works = async {
            loop {
                let answer = deployed.invoke(name, &event).await;
                // A request without an AuthID is refused by what can judge it.
                if [json!(200), json!(403)].contains(&answer["statusCode"])
                    || answer["refreshed"] == 0 && answer["ended_early"].is_null()
                    || answer["ready"].is_object()
                {
                    return;
                }
            }
        };
        timeout(PATIENCE, works)
            .await
            .unwrap_or_else(|_| panic!("{function} goes on waiting"));
    }
}

/// The function does not start, and says so in one line of its log that names
/// `missing`.
async fn refuses_to_start(
    deployed: &Deployed,
    function: &str,
    missing: &str,
    variables: &BTreeMap<String, String>,
) {
    deployed.cloud.set_variables(function, variables).await;
    let Invocation { failed, answer } = deployed.cloud.invoke(function, &json!({})).await;
    assert!(failed, "{function} without {missing}: {answer}");
    let said = answer["errorMessage"].as_str().unwrap();
    let lines: Vec<Value> = said
        .lines()
        .filter_map(|line| serde_json::from_str(&line[line.find('{')?..]).ok())
        .collect();
    let [line] = &lines[..] else {
        panic!(
            "{function} without {missing}: {} lines: {said}",
            lines.len()
        );
    };
    assert_eq!(line["event"], "start_failed", "{said}");
    assert_eq!(line["function"], function, "{said}");
    // Nothing is printed after that line.
    assert!(!said.contains("Error: "), "{function}: {said}");
    let reason = line["reason"].as_str().unwrap();
    assert!(reason.contains(missing), "{function}: {reason}");
}
