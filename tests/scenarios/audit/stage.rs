//! The vending function over the table of a run, with a policy of four named rules and a
//! clock that stands: it is asked by events, as Lambda hands them over.

use std::path::Path;
use std::sync::Arc;

use auth::ports::{Clock as _, HeldClock};
use aws::SystemClock;
use lambda::function::AnswersRequests as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::broker::SCOPE;
use tests::gateway_event;
use tests::lines::Lines;
use tests::neighbour::Neighbour;
use tests::process::{Person, Start};
use tests::{Process, caller_key, connect_tenant, put_policy};
use vending::Vending;

use super::lines::{name_field, shown};

const MACHINE: &str = env!("CARGO_BIN_EXE_machine");
/// A caller of AWS.
const ACCOUNT: &str = "123456789012";
const ROLE_ID: &str = "AROAIOSFODNN7EXAMPLE1";

pub(super) struct Stage {
    pub(super) process: Process,
    pub(super) directory: TempDir,
    pub(super) clock: Arc<HeldClock>,
    pub(super) vending: Vending,
    pub(super) lines: Lines,
    issuer: String,
    key: String,
    rows: Vec<(&'static str, Value)>,
}

impl Stage {
    /// With two tenants that are connected.
    pub(super) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let start = Start::new(MACHINE, directory.path());
        let process = start.options(&["--refresh-every", "3600"]).run().await;
        for index in 0..2 {
            connect_tenant(&process.ready, index).await;
        }
        let claims = tests::jwt::claims(&process.ready.caller_token);
        let issuer = claims["iss"].as_str().unwrap().to_owned();
        let clock = Arc::new(HeldClock::at(SystemClock.now().unix()));
        let mut stage = Self {
            vending: built(directory.path(), &clock).await,
            key: caller_key(directory.path(), "collector").await,
            // By a filter that would turn everything off.
            lines: Lines::listen("off"),
            rows: Vec::new(),
            process,
            directory,
            clock,
            issuer,
        };
        stage.put_policy(&[]).await;
        stage
    }

    /// Puts the policy, and builds the function anew: its memory is empty.
    pub(super) async fn put_policy(&mut self, options: &[&str]) {
        let second = self.person(1).tenant_id.clone();
        self.put_policy_about(&second, options).await;
    }

    /// Puts a candidate that says of `tenant` what the text in force says of the second.
    pub(super) async fn put_candidate(&mut self, tenant: &str) {
        self.put_policy_about(tenant, &["--candidate"]).await;
    }

    async fn put_policy_about(&mut self, second: &str, options: &[&str]) {
        let text = include_str!("policy.cedar")
            .replace("ISSUER", &self.issuer)
            .replace("SECOND_TENANT", second);
        let options = [&["--confirm"], options].concat();
        put_policy(self.directory.path(), &text, &options).await;
        self.vending = built(self.directory.path(), &self.clock).await;
        self.lines.take();
    }

    pub(super) fn person(&self, index: usize) -> &Person {
        &self.process.ready.simulated_tenants[index]
    }

    /// The development issuer's token in the header.
    pub(super) fn by_workload(&self, mut event: Value) -> Value {
        let bearer = format!("Bearer {}", self.process.ready.caller_token);
        event["headers"]["authorization"] = json!(bearer);
        event
    }

    /// What the function URL says of a role that signed.
    pub(super) fn by_role(mut event: Value) -> Value {
        event["requestContext"]["authorizer"]["iam"] = json!({
            "accountId": ACCOUNT,
            "callerId": format!("{ROLE_ID}:session"),
            "userArn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/nightly-collector/session"),
            "userId": format!("{ROLE_ID}:session"),
        });
        event
    }

    /// The managed-identity route with the caller key.
    pub(super) fn by_key(&self, tenant: &str) -> Value {
        let mut event = gateway_event::request("GET", "/msi/token");
        event["rawQueryString"] = json!(format!(
            "api-version=2019-08-01&resource=https://manage.office.com&client_id={tenant}"
        ));
        event["headers"]["x-identity-header"] = json!(self.key);
        event
    }

    /// Asks, and keeps the line that the answer left in the log. `row`: what it shows.
    pub(super) async fn ask(&mut self, row: &'static str, event: &Value) -> (u16, Value) {
        let request = gateway_event::read(event);
        let response = self.vending.handle(request).await;
        let status = response.status().as_u16();
        let body: Value = serde_json::from_slice(response.body()).unwrap();
        let mut line = self.lines.one(row);
        assert!(!line.to_string().contains(&self.key), "{row}");
        name_field(&mut line, "timestamp");
        if let Some(token) = body["access_token"].as_str() {
            check_names(row, &mut line, token);
        }
        self.rows.push((row, line));
        (status, body)
    }

    /// The line that the answer to this event left, which has this status.
    pub(super) async fn line(&self, row: &str, event: &Value, status: u16) -> Value {
        let response = self.vending.handle(gateway_event::read(event)).await;
        assert_eq!(response.status(), status, "{row}: {:?}", response.body());
        self.lines.one(row)
    }

    /// A form for a token of `tenant`.
    pub(super) fn token_event(tenant: &str) -> Value {
        let form = format!("grant_type=client_credentials&scope={SCOPE}");
        gateway_event::post(&format!("/{tenant}/oauth2/v2.0/token"), &form)
    }

    /// The managed-identity route with this in the place of a key.
    pub(super) fn by_any_key(key: &Value) -> Value {
        let mut event = gateway_event::request("GET", "/msi/token");
        event["rawQueryString"] =
            json!("api-version=2019-08-01&resource=https://manage.office.com");
        event["headers"]["x-identity-header"] = key.clone();
        event
    }

    /// The lines so far, as the snapshot has them.
    pub(super) fn shown(&self) -> String {
        let digests: Vec<&str> = self
            .rows
            .iter()
            .filter_map(|(_, line)| line["policy_digest"].as_str())
            .collect();
        let tried: Vec<&str> = self
            .rows
            .iter()
            .filter_map(|(_, line)| line["candidate_digest"].as_str())
            .collect();
        let mut names = vec![
            (self.issuer.as_str(), "[issuer]"),
            (
                self.process.ready.aws_access_key_id.as_str(),
                "[access key]",
            ),
            (self.person(0).tenant_id.as_str(), "[tenant 0]"),
            (self.person(1).tenant_id.as_str(), "[tenant 1]"),
        ];
        names.extend(
            digests
                .into_iter()
                .map(|digest| (digest, "[policy digest]")),
        );
        names.extend(
            tried
                .into_iter()
                .map(|digest| (digest, "[candidate digest]")),
        );
        shown(&self.rows, &names)
    }
}

/// The function as `main` builds it, with an empty memory.
async fn built(data_dir: &Path, clock: &Arc<HeldClock>) -> Vending {
    let clock: Arc<dyn auth::ports::Clock> = clock.clone();
    Neighbour::of(data_dir, clock).await.vending().await
}

/// The line names the token that was handed out, and does not hold it.
fn check_names(row: &str, line: &mut Value, token: &str) {
    let claims = tests::jwt::claims(token);
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token.as_bytes());
    let hex: String = digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert_eq!(line["token_sha256"], hex.as_str(), "{row}");
    assert_eq!(line["uti"], claims["uti"], "{row}");
    let signature = token.rsplit('.').next().unwrap();
    assert!(!line.to_string().contains(signature), "{row}");
    for field in ["token_sha256", "uti", "expires_at"] {
        name_field(line, field);
    }
}
