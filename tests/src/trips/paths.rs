//! The paths, one after another on one stage: tenants consent, their first tokens are missed,
//! and then they are in the table.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use serde_json::{Value, json};
use url::Url;

use super::program::Program;
use super::stage::{ACCOUNT, CALLER, Stage};
use super::{Path, Walk, front};
use crate::broker::SCOPE;
use crate::gateway_event::{post, request};
use crate::{Browser, Flow, connect};

/// The id of the role that signs.
const ROLE_ID: &str = "AROAIOSFODNN7EXAMPLE1";

/// How a caller proves who it is.
#[derive(Clone, Copy)]
enum Proof {
    Oidc,
    Role,
    Key,
}

/// Takes every path.
pub async fn walk(walk: Walk<'_>) -> Vec<Path> {
    let stage = Stage::start(walk).await;
    let mut paths = consents(&stage).await;
    paths.extend(misses(&stage).await);
    for (name, proof) in [
        ("a cold vend by OIDC", Proof::Oidc),
        ("a cold vend by a role that signs", Proof::Role),
        ("a cold vend by a caller key", Proof::Key),
    ] {
        paths.push(cold_vend(&stage, name, proof).await);
    }
    paths
}

async fn consents(stage: &Stage<'_>) -> Vec<Path> {
    let before = stage.asked_elsewhere().await;
    let on_demand = on_demand(stage).await;
    let consent = Program::start("consent", stage).await;
    let both = [&consent, &on_demand];
    let port = front::serve(consent.runtime.clone()).await;
    let cold = Look::starting(&both, before);
    consented(stage, port, 0).await;
    let cold = cold.until(stage, "a consent, everything cold", 1).await;
    let warm = Look::at(stage, &both).await;
    for tenant in 1..stage.walk.tenants {
        consented(stage, port, tenant).await;
    }
    let times = stage.walk.tenants - 1;
    vec![
        cold,
        warm.until(stage, "a consent, everything warm", times).await,
    ]
}

async fn consented(stage: &Stage<'_>, port: u16, tenant: usize) {
    let at: Url = stage.ready.consent_url.parse().unwrap();
    let mut browser = Browser::detoured(at.port().unwrap(), port);
    let admin = &stage.ready.simulated_tenants[tenant].admin;
    let page = connect(&mut browser, &stage.ready.consent_url, admin, Flow::V2).await;
    assert_eq!(page.heading(), "Connected", "{}", page.body);
}

async fn misses(stage: &Stage<'_>) -> Vec<Path> {
    let before = stage.asked_elsewhere().await;
    let on_demand = on_demand(stage).await;
    let vending = Program::start("vending", stage).await;
    let both = [&vending, &on_demand];
    let cold = Look::starting(&both, before);
    vended(stage, &vending, 0, Proof::Oidc).await;
    let mut ways = vec![cold.until(stage, "a miss, everything cold", 1).await];
    let all = stage.walk.tenants;
    for (name, tenants) in [
        ("a miss, everything warm", 1..all),
        ("a vend from memory", 0..all),
    ] {
        ways.push(vends(stage, name, &both, tenants).await);
    }
    let vending = Program::start("vending", stage).await;
    vended(stage, &vending, 0, Proof::Oidc).await;
    let both = [&vending, &on_demand];
    ways.push(vends(stage, "a vend from the table, warm", &both, 1..all).await);
    ways.push(batch(stage).await);
    ways
}

/// Of all but the first tenant, which the process has in its memory.
async fn batch(stage: &Stage<'_>) -> Path {
    let vending = Program::start("vending", stage).await;
    vended(stage, &vending, 0, Proof::Oidc).await;
    let programs = [&vending];
    let began = Look::at(stage, &programs).await;
    let items = (0..stage.walk.tenants).map(|tenant| {
        json!({"tenant_id": stage.tenant(tenant), "resource": "https://manage.office.com"})
    });
    let items: Vec<_> = items.collect();
    let mut event = post("/tokens", &json!({"tokens": items}).to_string());
    event["headers"]["content-type"] = json!("application/json");
    event["headers"]["authorization"] = json!(format!("Bearer {}", stage.issuer.token(1)));
    let answer = vending.answer(&event).await;
    let tokens = answer["body"].as_str().unwrap().matches("access_token");
    assert_eq!(tokens.count(), items.len(), "{answer}");
    began
        .until(stage, "a batch from the table and from memory, warm", 1)
        .await
}

async fn vends(
    stage: &Stage<'_>,
    name: &'static str,
    both: &[&Program; 2],
    tenants: Range<usize>,
) -> Path {
    let times = tenants.len();
    let began = Look::at(stage, both).await;
    for tenant in tenants {
        vended(stage, both[0], tenant, Proof::Oidc).await;
    }
    began.until(stage, name, times).await
}

/// A process for each, until its first token.
async fn cold_vend(stage: &Stage<'_>, name: &'static str, proof: Proof) -> Path {
    let before = stage.asked_elsewhere().await;
    let vending = Program::start("vending", stage).await;
    let began = Look::starting(&[&vending], before);
    vended(stage, &vending, 0, proof).await;
    began.until(stage, name, 1).await
}

/// The function that signs, for those that ask it.
async fn on_demand(stage: &Stage<'_>) -> Program {
    let on_demand = Program::start("on-demand", stage).await;
    *stage.behind.on_demand.lock().unwrap() = Some(on_demand.runtime.clone());
    on_demand
}

async fn vended(stage: &Stage<'_>, vending: &Program, tenant: usize, proof: Proof) {
    let tenant = stage.tenant(tenant);
    let form = format!("grant_type=client_credentials&scope={SCOPE}");
    let mut event = post(&format!("/{tenant}/oauth2/v2.0/token"), &form);
    match proof {
        Proof::Oidc => {
            let bearer = format!("Bearer {}", stage.issuer.token(1));
            event["headers"]["authorization"] = json!(bearer);
        }
        Proof::Role => event["requestContext"]["authorizer"] = signed(),
        Proof::Key => {
            event = request("GET", "/msi/token");
            event["rawQueryString"] = json!(format!(
                "api-version=2019-08-01&resource=https://manage.office.com&client_id={tenant}"
            ));
            event["headers"]["x-identity-header"] = json!(stage.key);
        }
    }
    let answer = vending.answer(&event).await;
    assert_eq!(answer["statusCode"], 200, "{answer}");
}

/// What a function URL says of a request that a role has signed.
fn signed() -> Value {
    let session = format!("{ROLE_ID}:{CALLER}");
    json!({"iam": {
        "accessKey": "ASIAIOSFODNN7EXAMPLE",
        "accountId": ACCOUNT,
        "callerId": session,
        "userId": session,
        "userArn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{CALLER}/{CALLER}"),
    }})
}

/// What had been asked and spent when a path began.
struct Look<'a> {
    programs: Vec<(&'a Program, Duration)>,
    elsewhere: BTreeMap<String, u32>,
    starts: bool,
}

impl<'a> Look<'a> {
    /// Of programs that run.
    async fn at(stage: &Stage<'_>, programs: &[&'a Program]) -> Self {
        let seen = programs.iter().map(|program| {
            program.desk.take();
            (*program, program.time(stage))
        });
        Self {
            programs: seen.collect(),
            elsewhere: stage.asked_elsewhere().await,
            starts: false,
        }
    }

    /// Of programs whose start is a part of the path. `elsewhere`: before it.
    fn starting(programs: &[&'a Program], elsewhere: BTreeMap<String, u32>) -> Self {
        let started = programs.iter().map(|program| (*program, Duration::ZERO));
        Self {
            programs: started.collect(),
            elsewhere,
            starts: true,
        }
    }

    /// What one of so many times asked and spent, which must be the same for each.
    async fn until(self, stage: &Stage<'_>, name: &'static str, times: usize) -> Path {
        let mut asked = BTreeMap::new();
        for (program, _) in &self.programs {
            for word in program.desk.take() {
                *asked
                    .entry(format!("{}: {word}", program.name))
                    .or_default() += 1;
            }
        }
        for (server, count) in stage.asked_elsewhere().await {
            asked.insert(server.clone(), count - self.elsewhere[&server]);
        }
        asked.retain(|_, count| *count > 0);
        let each = u32::try_from(times).unwrap();
        for (what, count) in &mut asked {
            assert_eq!(*count % each, 0, "{name}: {what}, in {times} times {count}");
            *count /= each;
        }
        let spent = self.programs.iter();
        let spent =
            spent.map(|(program, before)| (program.name, (program.time(stage) - *before) / each));
        Path {
            name,
            starts: self.starts,
            asked,
            cpu: spent.collect(),
        }
    }
}
