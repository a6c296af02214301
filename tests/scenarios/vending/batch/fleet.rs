//! A fleet in the table of a run, written by the production adapters, and vending functions over
//! it whose requests to the table are written down.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use auth::caller::{Decision, Question, Ruling, Subject};
use auth::ports::{Authorizer, Clock as _, Connecting, Settlement, TokenStore, Write};
use auth::turns::Look;
use auth::{AccessToken, AppOnlyToken, CauseCode, Cloud, Resource, Tenant, TenantId, TenantStatus};
use lambda::function::AnswersRequests as _;
use lambda_http::Response;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::MovedRun;
use tests::gateway_event::{self, post};
use tests::neighbour::Neighbour;
use tests::recorder::{Microphone, Recorder};
use vending::Vending;
use wiring::settings::VendingSettings;

/// The account that no caller may have a token of.
const DENIED: &str = "denied";
/// One that is not connected, and that no caller may list.
pub(super) const HIDDEN: u128 = 0xffff;

/// A tenant: where it stands, what it lacks, and the seconds that its token lives.
pub(super) type Kind = (&'static str, fn(&mut Tenant), Option<u64>);

/// Those that are connected.
pub(super) const KINDS: [Kind; 9] = [
    ("active", |_| {}, Some(3_500)),
    ("whose token ends soon", |_| {}, Some(200)),
    ("without a token", |_| {}, None),
    (
        "suspended",
        |it| it.status = TenantStatus::Suspended,
        Some(3_500),
    ),
    ("revoked", revoked, None),
    (
        "propagating",
        |it| it.status = TenantStatus::Propagating,
        None,
    ),
    (
        "degraded",
        |it| it.status = TenantStatus::Degraded,
        Some(3_500),
    ),
    (
        "denied",
        |it| it.customer = DENIED.parse().unwrap(),
        Some(3_500),
    ),
    ("of another cloud", |it| it.cloud = Cloud::Gcc, Some(3_500)),
];

fn revoked(tenant: &mut Tenant) {
    tenant.status = TenantStatus::Revoked;
    tenant.cause = Some(CauseCode::NotConsented.into());
}

/// Permits what is not of one account; lists what is not there, but for one tenant.
struct Rules;

#[async_trait]
impl Authorizer for Rules {
    async fn decide(&self, question: Question<'_>) -> Decision {
        let Subject::Tenant(facts) = question.subject else {
            return Decision::denied();
        };
        let permits = match facts.connected {
            Some(known) => known.customer.as_str() != DENIED,
            None => facts.id != id(HIDDEN),
        };
        Decision {
            ruling: if permits { Ruling::Allow } else { Ruling::Deny },
            ..Decision::denied()
        }
    }
}

pub(super) fn id(number: u128) -> TenantId {
    let text = format!("00000000-0000-4000-8000-{number:012x}");
    text.parse().unwrap()
}

/// The token of a tenant of the fleet: no real one.
pub(super) fn token_of(number: u128) -> String {
    format!("t{number}.").repeat(200)
}

pub(super) struct Fleet {
    pub(super) run: MovedRun,
    neighbour: Neighbour,
    recorder: Recorder,
    _directories: [TempDir; 2],
}

impl Fleet {
    /// Of these kinds, numbered from 1.
    pub(super) async fn of(kinds: &[Kind]) -> Self {
        let (data, beside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let run = MovedRun::start(data.path(), 1).await;
        let microphone = Microphone::bind().await;
        let file = std::fs::read(data.path().join("run.json")).unwrap();
        let mut facts: Value = serde_json::from_slice(&file).unwrap();
        let endpoint = facts["table_endpoint"].as_str().unwrap();
        let port = endpoint.rsplit(':').next().unwrap();
        let port = port.trim_end_matches('/').parse().unwrap();
        facts["table_endpoint"] = json!(microphone.url);
        std::fs::write(beside.path().join("run.json"), facts.to_string()).unwrap();
        let recorder = microphone.in_front_of(port);
        let neighbour = Neighbour::of(beside.path(), run.clock.clone()).await;
        let fleet = Self {
            run,
            neighbour,
            recorder,
            _directories: [data, beside],
        };
        fleet.fill(kinds).await;
        fleet
    }

    async fn fill(&self, kinds: &[Kind]) {
        let basis = self.neighbour.basis::<VendingSettings>();
        let tokens = wiring::sealed_tokens(&basis.settings.tokens, &self.neighbour.platform);
        let tokens = tokens.await.unwrap();
        for (number, (_, change, life)) in (1..).zip(kinds) {
            let now = self.run.clock.now();
            let mut tenant = Tenant::connected(id(number), now);
            tenant.roles = vec!["ActivityFeed.Read".to_owned()];
            change(&mut tenant);
            let resource = tenant.cloud.management_resource();
            let connecting = Connecting::new(&tenant, std::slice::from_ref(&resource), now);
            let written = self.neighbour.platform.store.tenants.connect(connecting);
            assert_eq!(written.await.unwrap(), Write::Done);
            if let Some(life) = life {
                self.settle(tokens.as_ref(), number, &resource, *life).await;
            }
        }
    }

    async fn settle(&self, tokens: &dyn TokenStore, number: u128, resource: &Resource, life: u64) {
        let record = tokens.read(id(number), resource).await.unwrap().unwrap();
        let now = self.run.clock.now();
        let token = AppOnlyToken {
            access_token: AccessToken::new(token_of(number)),
            expires_at: now + Duration::from_secs(life),
            issued_at: now,
        };
        let settlement = Settlement::Token {
            token: &token,
            refresh_at: token.expires_at,
            look: Look::AtItsTurns,
        };
        let written = tokens.settle(&record, settlement).await.unwrap();
        assert_eq!(written, Write::Done);
    }

    /// A function with an empty memory.
    pub(super) async fn vending(&self) -> Vending {
        Vending {
            authorizer: Arc::new(Rules),
            ..self.neighbour.vending().await
        }
    }

    /// What was asked of the table since the last time, by DynamoDB's names.
    pub(super) fn operations(&self, seen: &mut usize) -> Vec<String> {
        let requests = self.recorder.requests();
        let new = requests.iter().skip(*seen);
        let names = new.map(|request| {
            let target = request.header("x-amz-target").unwrap();
            target.rsplit('.').next().unwrap().to_owned()
        });
        let names = names.collect();
        *seen = requests.len();
        names
    }

    /// Asks by the run's caller token; the status, the head's `Retry-After`, and the body.
    pub(super) async fn ask(&self, vending: &Vending, mut event: Value) -> (u16, Value, Value) {
        let bearer = format!("Bearer {}", self.run.broker.ready.caller_token);
        event["headers"]["authorization"] = json!(bearer);
        let answer = vending.handle(gateway_event::read(&event)).await;
        let body = serde_json::from_slice(answer.body()).unwrap();
        (answer.status().as_u16(), retry_after(&answer), body)
    }

    /// The members of a batch's answer.
    pub(super) async fn batch(&self, vending: &Vending, items: &[Value]) -> Vec<Value> {
        let (status, _, mut body) = self.ask(vending, batch_of(items)).await;
        assert_eq!(status, 200, "{body}");
        let members = body["tokens"].take();
        members.as_array().unwrap().clone()
    }
}

pub(super) fn batch_of(items: &[Value]) -> Value {
    let mut event = post("/tokens", &json!({"tokens": items}).to_string());
    event["headers"]["content-type"] = json!("application/json");
    event
}

fn retry_after<B>(answer: &Response<B>) -> Value {
    let after = answer.headers().get("retry-after");
    let after = after.map(|after| after.to_str().unwrap().parse::<u64>().unwrap());
    json!(after)
}
