//! Which request the function that signs takes by which of its aliases, and that the same holds
//! on one machine: an asker that was taken over can ask for nothing of the other one's.

use std::sync::Arc;

use auth::on_demand::{OnDemandAnswer, OnDemandFunction, OnDemandRequest};
use auth::ports::Clock as _;
use lambda::function::AnswersEvents as _;
use lambda_runtime::{Context, LambdaEvent};
use refresher::RefresherOnDemand;
use serde_json::{Value, json};
use tests::MovedRun;
use tests::neighbour::Neighbour;

const RESOURCE: &str = "https://manage.office.com";
const RECEIPT: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// One request of each kind; what it is answered with where it is taken.
fn requests(tenant: &str) -> [(Value, &'static str); 4] {
    let code =
        json!({"tenant": null, "cloud": "public", "code": "c", "code_verifier": "v", "nonce": "n"});
    [
        (json!({"redeem": code}), "declined"),
        (
            json!({"bind": {"receipt": RECEIPT, "invite": null}}),
            "declined",
        ),
        (
            json!({"renew": {"tenant": tenant, "resource": RESOURCE}}),
            "renewed",
        ),
        (json!({"ready": {}}), "ready"),
    ]
}

fn kind(answer: &Value) -> String {
    answer.as_object().unwrap().keys().next().unwrap().clone()
}

#[tokio::test]
async fn each_alias_takes_what_is_its_askers_and_anything_else_takes_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let run = MovedRun::start(directory.path(), 1).await;
    let neighbour = Neighbour::of(directory.path(), run.clock.clone()).await;
    let function: RefresherOnDemand = neighbour.built().await;
    let takes: [(&str, &[&str]); 7] = [
        (":consent", &["redeem", "bind", "ready"]),
        (":vending", &["renew", "ready"]),
        ("", &[]),
        (":live", &[]),
        (":$LATEST", &[]),
        (":7", &[]),
        (":CONSENT", &[]),
    ];
    for (alias, taken) in takes {
        for (request, answered) in requests(&run.tenant(0)) {
            let mut context = Context::default();
            let deadline = (run.clock.now().unix() + 20) * 1_000;
            context.deadline = u64::try_from(deadline).unwrap();
            context.invoked_function_arn =
                format!("arn:aws:lambda:eu-west-1:111122223333:function:f{alias}");
            let event = LambdaEvent::new(request.clone(), context);
            let answer = serde_json::to_value(function.run(&event).await).unwrap();
            let is_taken = taken.contains(&kind(&request).as_str());
            let expected = if is_taken { answered } else { "denied" };
            assert_eq!(kind(&answer), expected, "{alias} {request}");
        }
    }
}

#[tokio::test]
async fn on_one_machine_each_askers_port_takes_what_is_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let run = MovedRun::start(directory.path(), 1).await;
    let neighbour = Neighbour::of(directory.path(), run.clock.clone()).await;
    let ports = &neighbour.platform.on_demand;
    let denied = async |port: &Arc<dyn OnDemandFunction>, request: &OnDemandRequest| {
        let answer = port.ask(request).await.unwrap();
        matches!(answer, OnDemandAnswer::Denied {})
    };
    for (request, _) in requests(&run.tenant(0)) {
        let of_consent = ["redeem", "bind"].contains(&kind(&request).as_str());
        let of_vending = kind(&request) == "renew";
        let asked: OnDemandRequest = serde_json::from_value(request.clone()).unwrap();
        assert_eq!(
            denied(&ports.consent, &asked).await,
            of_vending,
            "{request}"
        );
        assert_eq!(
            denied(&ports.vending, &asked).await,
            of_consent,
            "{request}"
        );
    }
}
