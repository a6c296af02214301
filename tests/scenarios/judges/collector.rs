//! npm's `@pnp/cli-microsoft365` (MIT), which has its own collector of the audit log (`purview
//! auditlog list`), judges the simulated Activity API: with a token that the broker vended it
//! starts each subscription, follows the pages, fetches each content, and finds what the
//! simulator's book offers. It also shows what our own collector must not do as it does: it
//! names no publisher, one refusal ends it, and it rounds numbers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aws::SystemClock;
use local::{Machine, Parts};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::judge::{Judge, installed};
use tests::{Broker, Browser, Flow, connect, in_process};

/// As the command names them, and the API.
const TYPES: [(&str, &str); 5] = [
    ("AzureActiveDirectory", "Audit.AzureActiveDirectory"),
    ("Exchange", "Audit.Exchange"),
    ("SharePoint", "Audit.SharePoint"),
    ("General", "Audit.General"),
    ("DLP", "DLP.All"),
];

/// Many pages, of few contents each.
const BUSY: [(&str, u64); 3] = [
    ("blob_every_seconds", 60),
    ("records_per_blob", 4),
    ("page_size", 3),
];

/// The collector, and a tenant of the broker's.
struct Stranger {
    judge: Judge,
    broker: Broker,
    tenant: String,
    token: String,
    machine: Machine,
    _directory: TempDir,
}

impl Stranger {
    async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        // The system's clock: the command reads it too.
        let parts = Parts::new(Arc::new(SystemClock));
        let options = in_process::options(directory.path());
        let machine = Machine::start(&options, parts).await.unwrap();
        let ready = in_process::ready(&machine);
        let broker = Broker::of(&ready);
        let person = &ready.simulated_tenants[0];
        let scenario = BUSY.iter().map(|(name, value)| (*name, json!(value)));
        let scenario: BTreeMap<_, _> = scenario.collect();
        let url = format!("{}/_sim/activity/scenario", ready.entra_url);
        let answer = broker.client.put(url).json(&scenario).send().await.unwrap();
        assert!(answer.status().is_success());
        let mut browser = Browser::default();
        connect(&mut browser, &ready.consent_url, &person.admin, Flow::V2).await;
        let vended = broker.vend(&person.tenant_id).await;
        let home = directory.path().join("home");
        std::fs::create_dir(&home).unwrap();
        let variables = [
            ("NODE_MODULES", &*installed("JUDGES_NODE_MODULES")),
            ("HOME", home.to_str().unwrap()),
        ];
        let node = installed("JUDGES_NODE");
        Self {
            judge: Judge::start(&node, "collector.mjs", &variables).await,
            tenant: person.tenant_id.clone(),
            token: vended.token().to_owned(),
            broker,
            machine,
            _directory: directory,
        }
    }

    /// Runs the command for a type: its answer.
    async fn list(&mut self, name: &str) -> Value {
        let command = json!({
            "host": self.broker.ready.entra_url,
            "token": self.token,
            "options": {"contentType": name},
        });
        self.judge.tell(&command).await;
        self.judge.hear().await
    }

    /// What it raised.
    async fn raised(&mut self, name: &str) -> String {
        let answer = self.list(name).await;
        let raised = answer["raised"].as_str();
        raised.unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    async fn records(&mut self, name: &str) -> Vec<Value> {
        let answer = self.list(name).await;
        let records = answer["records"].as_array();
        records.unwrap_or_else(|| panic!("{answer}")).clone()
    }

    /// Lines of the simulator's book.
    async fn book(&self, page: &str, content_type: &str) -> Vec<Value> {
        let (url, tenant) = (&self.broker.ready.entra_url, &self.tenant);
        let url = format!("{url}/_sim/activity/{page}?tenant={tenant}&contentType={content_type}");
        let answer = self.broker.client.get(url).send().await.unwrap();
        let text = answer.text().await.unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect()
    }

    /// What the API was asked: by method, and refusals by code.
    async fn counted(&self) -> Value {
        let url = format!("{}/_sim/activity/requests", self.broker.ready.entra_url);
        let answer = self.broker.client.get(url).send().await.unwrap();
        answer.json().await.unwrap()
    }

    async fn count(&self, method: &str) -> u64 {
        let counted = self.counted().await;
        let by_method = &counted["by_tenant"][&self.tenant];
        by_method[method].as_u64().unwrap_or_default()
    }
}

fn texts<'a>(lines: &'a [Value], name: &str) -> Vec<&'a str> {
    let mut texts: Vec<_> = lines
        .iter()
        .filter_map(|line| line[name].as_str())
        .collect();
    texts.sort_unstable();
    texts
}

fn set<'a>(lines: &'a [Value], name: &str) -> BTreeSet<&'a str> {
    texts(lines, name).into_iter().collect()
}

#[tokio::test]
async fn a_public_collector_starts_each_type_and_finds_every_record_of_the_book() {
    let mut stranger = Stranger::start().await;
    for (name, content_type) in TYPES {
        let records = stranger.records(name).await;
        let answered = stranger.book("answered", content_type).await;
        let book = stranger.book("records", content_type).await;
        // What became available after the start can be in the book alone.
        let in_time = |line: &&Value| line["available_at"].as_i64() <= line["started_at"].as_i64();
        let in_time: Vec<_> = book.iter().filter(in_time).cloned().collect();
        assert!(in_time.len() > 100, "{content_type}: {}", in_time.len());
        assert!(
            set(&in_time, "content_id").is_subset(&set(&answered, "content_id")),
            "{content_type}: a content was not fetched"
        );
        // A content that is named twice is fetched twice: so often its records are there.
        let of_content = |line: &Value| {
            let id = line["content_id"].clone();
            book.iter().filter(move |record| record["content_id"] == id)
        };
        let expected: Vec<_> = answered.iter().flat_map(of_content).cloned().collect();
        assert_eq!(
            texts(&records, "Id"),
            texts(&expected, "id"),
            "{content_type}"
        );
    }
    let pages = stranger.count("GetAvailableContent").await;
    assert!(pages > 5 * 15, "{pages}");
    assert_eq!(stranger.counted().await["refused"], json!({}));
    // It takes what is enabled for enabled, and starts nothing again.
    assert_eq!(stranger.count("StartSubscription").await, 5);
    stranger.records("Exchange").await;
    assert_eq!(stranger.count("StartSubscription").await, 5);
    stranger.machine.stop().await;
}

#[tokio::test]
async fn it_names_no_publisher_and_rounds_numbers() {
    let mut stranger = Stranger::start().await;
    let records = stranger.records("Exchange").await;
    let counted = stranger.counted().await;
    let by_method = counted["by_tenant"][&stranger.tenant].as_object().unwrap();
    let all: u64 = by_method.values().filter_map(Value::as_u64).sum();
    assert_eq!(counted["without_publisher"], all);
    // 9007199254740993 was sent (`infra/microsoft-sim/src/activity/record.rs`).
    let sizes: Vec<_> = records.iter().map(|record| &record["ItemSize"]).collect();
    assert!(sizes.contains(&&json!(9_007_199_254_740_992_u64)));
    assert!(!sizes.contains(&&json!(9_007_199_254_740_993_u64)));
    stranger.machine.stop().await;
}

/// What the simulator refuses with is an error to it, in the words that the API sends.
#[tokio::test]
async fn refusals_are_read_as_the_api_words_them() {
    let mut stranger = Stranger::start().await;
    let tenant = stranger.tenant.clone();
    let off = json!({"kind": "auditing_off", "tenant": tenant, "value": null, "times": 1});
    stranger.broker.start_fault(off).await;
    let raised = stranger.raised("Exchange").await;
    let says = format!("Tenant {tenant} does not exist.");
    assert!(raised.contains(&says), "{raised}");
    stranger.records("Exchange").await;
    for (endpoint, kind, value, says) in [
        // Not strict JSON: it shows the text as it came.
        ("content", "throttle", json!(1), "{'error':{'code':'AF429'"),
        (
            "content",
            "af_error",
            json!("AF50000"),
            "An internal error occurred",
        ),
        (
            "content",
            "af_error",
            json!("AF20030"),
            "Start time and end time must both",
        ),
        (
            "content",
            "af_error",
            json!("AF20022"),
            "No subscription found",
        ),
        // One content of many: nothing of the others is shown.
        ("blob", "af_error", json!("AF20051"), "already expired"),
        (
            "blob",
            "throttle",
            json!(1),
            "Method=GetBlob, PublisherId=00000000-0000",
        ),
    ] {
        let fault = json!({
            "kind": kind, "endpoint": endpoint, "tenant": tenant, "value": value, "times": 1,
        });
        stranger.broker.start_fault(fault).await;
        let raised = stranger.raised("Exchange").await;
        assert!(raised.contains(says), "{endpoint} {kind}: {raised}");
    }
    stranger.machine.stop().await;
}

/// Within 15 minutes a start says "enabled" and nothing runs, as it was seen of the service: who
/// believes it lists a subscription that is disabled (the reference, section 3).
#[tokio::test]
async fn it_believes_a_start_that_came_too_soon() {
    let mut stranger = Stranger::start().await;
    stranger.records("Exchange").await;
    let tenant = stranger.tenant.clone();
    let disabled = json!("Audit.Exchange");
    stranger
        .broker
        .single_fault("subscription_disabled", &tenant, disabled)
        .await;
    let raised = stranger.raised("Exchange").await;
    assert_eq!(raised, "The subscription was disabled.");
    assert_eq!(stranger.count("StartSubscription").await, 2);
    stranger.machine.stop().await;
}
