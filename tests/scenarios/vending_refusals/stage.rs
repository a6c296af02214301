//! A machine with one connected tenant, and answers that are looked at in full.

use std::collections::BTreeSet;

use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::process::{Person, Start};
use tests::{Broker, Process, connect_tenant};

use super::issuer::DevelopmentIssuer;

const MACHINE: &str = env!("CARGO_BIN_EXE_machine");
/// RFC 7523 §2.2.
pub(super) const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Every field of an error's body; `cause` is null where nothing but the request is
/// at fault.
const ERROR_FIELDS: [&str; 7] = [
    "cause",
    "error",
    "error_codes",
    "error_description",
    "fault",
    "request_id",
    "retryable",
];

/// A running machine whose first tenant is connected and has a token.
pub(super) struct Stage {
    pub(super) broker: Broker,
    pub(super) issuer: DevelopmentIssuer,
    pub(super) directory: TempDir,
    before: Value,
    process: Process,
}

/// An answer, whole.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

/// How a refusal is told.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    pub(super) status: u16,
    pub(super) error: &'static str,
    /// `cause`; empty for none.
    pub(super) cause: &'static str,
}

pub(super) const MALFORMED: Told = Told {
    status: 400,
    error: "invalid_request",
    cause: "",
};
pub(super) const UNPROVEN: Told = Told {
    status: 401,
    error: "invalid_client",
    cause: "",
};
pub(super) const UNKNOWN_TENANT: Told = Told {
    status: 404,
    error: "invalid_request",
    cause: "tenant_not_found",
};

impl Stage {
    pub(super) async fn start() -> Self {
        Self::start_logging("debug").await
    }

    /// The same where what is logged would take longer than what is tested.
    pub(super) async fn start_logging(level: &str) -> Self {
        let directory = tempfile::tempdir().unwrap();
        // The refresher must not ask for a token while the counters are compared.
        let process = Start::new(MACHINE, directory.path())
            .options(&["--refresh-every", "3600"])
            .variable("RUST_LOG", level)
            .run()
            .await;
        let mut stage = Self {
            broker: Broker::of(&process.ready),
            issuer: DevelopmentIssuer::of(&directory),
            directory,
            before: Value::Null,
            process,
        };
        stage.connect(0).await;
        let vended = stage.broker.vend(&stage.person(0).tenant_id).await;
        assert_eq!(vended.status, 200, "{}", vended.body);
        stage.before = stage.counted().await;
        stage
    }

    pub(super) fn person(&self, index: usize) -> &Person {
        &self.broker.ready.simulated_tenants[index]
    }

    pub(super) fn caller_token(&self) -> &str {
        &self.broker.ready.caller_token
    }

    /// The tenant's admin connects it.
    pub(super) async fn connect(&self, index: usize) {
        connect_tenant(&self.broker.ready, index).await;
    }

    /// The path of a token route for the connected tenant.
    pub(super) fn token_path(&self, version: Version) -> String {
        version.path(&self.person(0).tenant_id)
    }

    pub(super) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.broker.ready.vending_url);
        self.broker.client.request(method, url)
    }

    /// Resident memory of the machine (`proc_pid_status(5)`).
    pub(super) fn resident_kib(&self) -> u64 {
        let path = format!("/proc/{}/status", self.process.id());
        let status = std::fs::read_to_string(path).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let number = line.unwrap().split_whitespace().nth(1);
        number.unwrap().parse().unwrap()
    }

    /// A GET with the caller's token.
    pub(super) async fn get(&self, path: &str) -> Answer {
        let request = self.request(Method::GET, path);
        answer(request.bearer_auth(self.caller_token())).await
    }

    /// A POST of form fields, without a proof unless they hold one.
    pub(super) async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        answer(self.request(Method::POST, path).form(form)).await
    }

    /// A POST of a body as it is, with the caller's token.
    pub(super) async fn post_body(&self, path: &str, body: Vec<u8>) -> Answer {
        let request = self
            .request(Method::POST, path)
            .header("content-type", "application/x-www-form-urlencoded")
            .bearer_auth(self.caller_token());
        answer(request.body(body)).await
    }

    /// What Entra ID was asked, and all tenants.
    async fn counted(&self) -> Value {
        let tenants = self.broker.get("/tenants").await;
        assert_eq!(tenants.status, 200, "{}", tenants.body);
        json!([self.broker.stats().await, tenants.body])
    }

    /// Entra ID was asked nothing since the start, and every tenant is as it was.
    pub(super) async fn unchanged(&self, row: &str) {
        assert_eq!(self.counted().await, self.before, "{row}");
    }

    /// The refusal is told as it should be, and nothing happened.
    pub(super) async fn check(&self, row: &str, answer: &Answer, told: Told) {
        answer.check_refusal(row, told);
        self.unchanged(row).await;
    }
}

/// The two token routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    V1,
    V2,
}

impl Version {
    pub(super) const BOTH: [Self; 2] = [Self::V2, Self::V1];

    pub(super) fn path(self, tenant: &str) -> String {
        match self {
            Self::V2 => format!("/{tenant}/oauth2/v2.0/token"),
            Self::V1 => format!("/{tenant}/oauth2/token"),
        }
    }

    /// The field that names the API, and its value.
    pub(super) fn resource(self) -> (&'static str, &'static str) {
        match self {
            Self::V2 => ("scope", tests::broker::SCOPE),
            Self::V1 => ("resource", "https://manage.office.com"),
        }
    }

    /// A form that is good but for the caller's proof.
    pub(super) fn form(self) -> Vec<(&'static str, &'static str)> {
        vec![("grant_type", "client_credentials"), self.resource()]
    }
}

/// Sends a request and checks what every answer of ours carries.
pub(super) async fn answer(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    let answer = Answer {
        status,
        body: serde_json::from_str(&text).unwrap_or(Value::Null),
        headers,
    };
    assert_eq!(answer.header("cache-control"), "no-store", "{text}");
    assert_eq!(answer.header("x-content-type-options"), "nosniff");
    assert!(!answer.header("x-request-id").is_empty());
    assert_eq!(
        answer.header("x-request-id"),
        answer.header("apigw-requestid")
    );
    assert!(
        answer
            .header("content-type")
            .starts_with("application/json")
    );
    answer
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// Status, code and cause, and a body of exactly the fields that are promised.
    pub(super) fn check_refusal(&self, row: &str, told: Told) {
        let body = &self.body;
        assert_eq!(self.status, told.status, "{row}: {body}");
        assert_eq!(body["error"], told.error, "{row}: {body}");
        assert_eq!(
            body["cause"].as_str().unwrap_or_default(),
            told.cause,
            "{row}"
        );
        let fields: BTreeSet<_> = body
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert_eq!(fields, BTreeSet::from(ERROR_FIELDS), "{row}: {body}");
        assert!(body["cause"].is_string() || told.cause.is_empty(), "{row}");
        assert!(body["cause"].is_null() || !told.cause.is_empty(), "{row}");
        assert!(
            body["error_description"]
                .as_str()
                .is_some_and(|text| text.len() > 10)
        );
        assert!(
            body["error_codes"].is_array() && body["retryable"].is_boolean(),
            "{row}"
        );
        let faults = ["caller", "customer", "ours", "microsoft"];
        assert!(faults.contains(&body["fault"].as_str().unwrap()), "{row}");
        assert_eq!(body["request_id"], self.header("x-request-id"), "{row}");
        self.check_headers(row);
    }

    fn check_headers(&self, row: &str) {
        let challenge = self.header("www-authenticate");
        assert_eq!(challenge.starts_with("Bearer"), self.status == 401, "{row}");
        // A propagating tenant is the one that is worth asking for again under a 409.
        let propagates = self.status == 409 && self.body["retryable"] == true;
        let passes = propagates || [429, 503].contains(&self.status);
        let wait: Option<u64> = self.header("retry-after").parse().ok();
        assert_eq!(
            wait.is_some_and(|wait| (1..=5).contains(&wait)),
            passes,
            "{row}"
        );
    }
}
