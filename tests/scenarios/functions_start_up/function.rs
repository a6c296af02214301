//! The functions as their mains start them, and what each serves at the moment.

use auth::FailedBy;
use auth::refresh::RefreshReport;
use collector::Collector;
use consent::ConsentFunction;
use feed::run::RunReport;
use lambda::starting::Starting;
use lambda_http::{Body, Response};
use lambda_runtime::{Context, LambdaEvent};
use refresher::{Refresher, RefresherOnDemand};
use serde_json::{Value, json};
use tests::gateway_event::{post, read, request};
use vending::Vending;
use webhook::Webhook;
use wiring::settings::FunctionSettings;

use super::stage::Stage;

/// The id of every request and of every run here.
pub(super) const REQUEST_ID: &str = "request-1";
/// Seconds that Lambda leaves a scheduled run here.
const RUN: i64 = 60;

/// A function under test.
pub(super) enum Function {
    Collector(Box<Starting<Collector>>),
    Consent(Box<Starting<ConsentFunction>>),
    Refresher(Box<Starting<Refresher>>),
    OnDemand(Box<Starting<RefresherOnDemand>>),
    Vending(Box<Starting<Vending>>),
    Webhook(Box<Starting<Webhook>>),
}

impl Function {
    pub(super) async fn collector(stage: &Stage) -> Self {
        Self::Collector(started(stage).await)
    }

    pub(super) async fn consent(stage: &Stage) -> Self {
        Self::Consent(started(stage).await)
    }

    pub(super) async fn refresher(stage: &Stage) -> Self {
        Self::Refresher(started(stage).await)
    }

    pub(super) async fn on_demand(stage: &Stage) -> Self {
        Self::OnDemand(started(stage).await)
    }

    pub(super) async fn vending(stage: &Stage) -> Self {
        Self::Vending(started(stage).await)
    }

    pub(super) async fn webhook(stage: &Stage) -> Self {
        Self::Webhook(started(stage).await)
    }

    /// What it serves for `event`, in a few words; what is scheduled runs, whatever the event.
    pub(super) async fn serve(&self, stage: &Stage, event: &Value) -> String {
        match self {
            Self::Collector(collector) => {
                let answer = collector.run(&invocation(stage, event)).await;
                collected_text(&answer.run().unwrap())
            }
            Self::Refresher(refresher) => {
                report_text(&refresher.run(&invocation(stage, event)).await)
            }
            Self::OnDemand(on_demand) => {
                let answer = on_demand.run(&invocation(stage, event)).await;
                demanded_text(&json!(answer))
            }
            Self::Consent(consent) => page_text(&answered(consent.handle(read(event)).await)),
            Self::Vending(vending) => answer_text(&answered(vending.handle(read(event)).await)),
            // Its answers have no body.
            Self::Webhook(webhook) => {
                let answer = answered(webhook.handle(read(event)).await);
                answer.status().as_u16().to_string()
            }
        }
    }
}

async fn started<F>(stage: &Stage) -> Box<Starting<F>>
where
    F: lambda::function::Function<Settings: FunctionSettings>,
{
    Box::new(Starting::begin(stage.basis().await).await.unwrap())
}

/// Whatever it says, it carries the request's id, and asks to be asked over TLS alone.
fn answered(response: Response<Body>) -> Response<Body> {
    let strict = &response.headers()["strict-transport-security"];
    assert_eq!(strict, "max-age=31536000");
    assert_eq!(response.headers()["x-request-id"], REQUEST_ID);
    response
}

fn invocation(stage: &Stage, event: &Value) -> LambdaEvent<Value> {
    use auth::ports::Clock as _;
    let mut context = Context::default();
    context.request_id = REQUEST_ID.to_owned();
    // What the refresher on demand is asked here, vending asks.
    context.invoked_function_arn = "arn:aws:lambda:eu-west-1:0:function:f:vending".to_owned();
    let deadline = (stage.clock.now().unix() + RUN) * 1000;
    context.deadline = u64::try_from(deadline).unwrap();
    LambdaEvent::new(event.clone(), context)
}

/// The landing page of an invite.
pub(super) fn landing(invite: &str) -> Value {
    let mut event = request("GET", "/consent");
    event["rawQueryString"] = json!(format!("invite={invite}"));
    event
}

/// A caller that is permitted asks for a tenant's token.
pub(super) fn vend(stage: &Stage, index: usize) -> Value {
    let path = format!("/{}/oauth2/v2.0/token", stage.tenant(index));
    let scope = tests::broker::SCOPE;
    by_caller(
        stage,
        post(
            &path,
            &format!("grant_type=client_credentials&scope={scope}"),
        ),
    )
}

/// A renewal of a tenant's token, as vending asks for it.
pub(super) fn renew(stage: &Stage, index: usize) -> Value {
    json!({"renew": {"tenant": stage.tenant(index), "resource": "https://manage.office.com"}})
}

/// With the caller's proof.
pub(super) fn by_caller(stage: &Stage, mut event: Value) -> Value {
    let bearer = format!("Bearer {}", stage.process.ready.caller_token);
    event["headers"]["authorization"] = json!(bearer);
    event
}

fn report_text(report: &RefreshReport) -> String {
    let RefreshReport {
        refreshed, failed, ..
    } = report;
    // How many had begun when the first of them met the fault is chance.
    let failed = match failed {
        0 => "none",
        _ => "some",
    };
    let counted = format!("{refreshed} renewed, {failed} failed");
    match json!(report)["ended_early"].as_str() {
        Some(why) => format!("a run that ends early (`{why}`): {counted}"),
        None => format!("a run: {counted}"),
    }
}

/// How many turns came is the clock's.
fn collected_text(report: &RunReport) -> String {
    let failed = match report.failed_by == FailedBy::default() {
        true => "none",
        false => "some",
    };
    match json!(report)["ended_early"].as_str() {
        Some(why) => format!("a run that ends early (`{why}`), {failed} failed"),
        None => format!("a run, {failed} failed"),
    }
}

/// The kind of the answer, and why where it says so.
fn demanded_text(answer: &Value) -> String {
    let (kind, said) = answer.as_object().unwrap().iter().next().unwrap();
    match said["cause"]["code"].as_str() {
        Some(cause) => format!("`{kind}` (`{cause}`)"),
        None => format!("`{kind}`"),
    }
}

fn page_text(response: &Response<Body>) -> String {
    let html = std::str::from_utf8(response.body()).unwrap();
    let (_, heading) = html.split_once("<h1>").unwrap();
    let (heading, _) = heading.split_once("</h1>").unwrap();
    if response.status() == 503 {
        assert_eq!(response.headers()["retry-after"], "2");
    }
    format!("{} \"{}\"", response.status().as_u16(), heading.trim())
}

fn answer_text(response: &Response<Body>) -> String {
    let status = response.status().as_u16();
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    let retry = response.headers().get("retry-after");
    match (status, body["cause"].as_str()) {
        (200, _) if body["access_token"].is_string() => "a token".to_owned(),
        (200, _) => "200".to_owned(),
        (503, cause) => {
            assert_eq!(
                (&body["fault"], &body["retryable"]),
                (&json!("ours"), &json!(true))
            );
            assert_eq!(retry.unwrap(), "2");
            // What is not known of a caller has no cause, which is a tenant's.
            let code = cause.or(body["error"].as_str()).unwrap();
            format!("503 `{code}`")
        }
        _ => panic!("{status} {body}"),
    }
}
