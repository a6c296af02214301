//! The collector's program is killed (SIGKILL) at each request that it makes: to the table, the
//! object store, the Activity API and the vending function. The next run completes its work:
//! nothing is lost, no record is stored twice, and only what was under way is fetched again.
//!
//! What is done when a process dies with the answer to a request in hand is what is done when it
//! dies before its next request reaches the service: one death stands for both.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use auth::digest::sha256;
use auth::ports::Clock as _;
use auth::secret::ExposeSecret as _;
use aws::SystemRandom;
use feed::ledger::BatchState;
use feed::ports::Ledger as _;
use feed::{ContentType, Window};
use local::{Machine, Options, Parts};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::clock::OffsetClock;
use tests::doomed::Doomed;
use tests::gate::{At, Gate, Passage};
use tests::neighbour::Neighbour;
use tests::{Broker, connect_tenant, in_process};

use super::beside::key;
use super::book::{Book, is_within, scenario, status};
use super::objects::stored;
use super::offered::lines;

/// What Lambda leaves the collector for a run; its leases end ten seconds after that at most.
const RUN: Duration = Duration::from_secs(240);
const TYPE: &str = "Audit.Exchange";

/// The steps of a run, in their order: what the request is for, by two texts that it holds, and at
/// how many of them a process dies, one after the other.
const STEPS: [(&str, [&str; 2], usize); 16] = [
    (
        "tenants are listed",
        [".Query\r", "\"IndexName\":\"tenants\""],
        1,
    ),
    ("a lease is looked at", [".GetItem\r", "LEASE#feed"], 1),
    (
        "what is due is read",
        [".Query\r", "\"IndexName\":\"due\""],
        1,
    ),
    (TAKEN, [".UpdateItem\r", "LEASE#feed"], 1),
    ("the tenant's row is read", [".GetItem\r", "\"FEED\""], 1),
    ("a token is given", ["POST /", "/oauth2/v2.0/token"], 1),
    (
        "subscriptions are listed",
        ["GET /api/", "/subscriptions/list?"],
        1,
    ),
    (
        "a subscription is started",
        ["POST /api/", "/subscriptions/start?"],
        1,
    ),
    (
        "a window is listed",
        ["GET /api/", "/subscriptions/content?"],
        2,
    ),
    ("batches are read", [".Query\r", "\"F#"], 1),
    ("a batch is listed", [".PutItem\r", "\"F#"], 2),
    (FETCHED, ["GET /api/", "/activity/feed/audit/"], 3),
    ("an object is put", ["PUT /audit-log/", ".json.gz"], 2),
    (STORED, [".UpdateItem\r", "\"F#"], 2),
    (
        "the tenant's row is written",
        [".UpdateItem\r", "\"FEED\""],
        1,
    ),
    (GIVEN_BACK, [".UpdateItem\r", "looked_until"], 1),
];
const TAKEN: &str = "the lease is taken";
const GIVEN_BACK: &str = "the lease is given back";
const STORED: &str = "a batch is stored";
const FETCHED: &str = "a content is fetched";

/// Each death: what was done last, and where the gates stop.
fn deaths() -> Vec<(String, Option<At>)> {
    let steps = STEPS.iter().flat_map(|(name, texts, times)| {
        (1..=*times).map(move |nth| (format!("{nth}: {name}"), Some(At::Nth(*texts, nth))))
    });
    let first = ("nothing is done".to_owned(), Some(At::Nth([""; 2], 0)));
    let last = ("the run has answered".to_owned(), None);
    std::iter::once(first).chain(steps).chain([last]).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_killed_at_any_request_is_completed_by_the_next_run() {
    let origin = Origin::make().await;
    let mut table = String::new();
    for (what, at) in deaths() {
        let stage = origin.stage().await;
        let dead = stage.dies(at).await;
        assert_eq!(dead.has_answered, at.is_none(), "{what} was not reached");
        let again = stage.is_completed(&what, &dead).await;
        table += &format!("{what:32}{again}\n");
    }
    println!("done, and then killed           contents fetched again\n{table}");
}

/// A run with a connected tenant whose audit log no collector has seen, to begin from.
struct Origin(TempDir);

/// What a process did before it was killed.
struct Dead {
    /// In the order of the answers.
    requests: Vec<String>,
    has_answered: bool,
}

impl Dead {
    /// Contents that it fetched and did not come to write down as stored.
    fn under_way(&self) -> usize {
        let since = self.requests.iter().rev();
        let since = since.take_while(|request| !is_for(request, STORED));
        since.filter(|request| is_for(request, FETCHED)).count()
    }

    fn holds_the_lease(&self) -> bool {
        let has = |step| self.requests.iter().any(|request| is_for(request, step));
        has(TAKEN) && !has(GIVEN_BACK)
    }
}

fn is_for(request: &str, step: &str) -> bool {
    let found = STEPS.iter().find(|(name, ..)| *name == step);
    let (_, texts, _) = found.unwrap();
    texts.iter().all(|text| request.contains(text))
}

impl Origin {
    async fn make() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let stage = Stage::on(directory).await;
        let little = json!({"blob_every_seconds": 900, "backlog_seconds": 9000,
            "records_per_blob": 3, "page_size": 3, "latest_seconds": 0});
        scenario(&stage.broker, little).await;
        connect_tenant(&stage.broker.ready, 0).await;
        stage.machine.stop().await;
        Self(stage.directory)
    }

    async fn stage(&self) -> Stage {
        let directory = tempfile::tempdir().unwrap();
        copy(self.0.path(), directory.path());
        Stage::on(directory).await
    }
}

/// A run by the system's clock, by which the killed process lives, too.
struct Stage {
    machine: Machine,
    broker: Broker,
    clock: Arc<OffsetClock>,
    directory: TempDir,
}

impl Stage {
    async fn on(directory: TempDir) -> Self {
        let clock = Arc::new(OffsetClock::by(0));
        let options = Options {
            simulated_tenants: 1,
            ..in_process::options(directory.path())
        };
        let parts = Parts {
            clock: clock.clone(),
            random: Arc::new(SystemRandom),
            environment: Box::new(|name| (name == "FEED_CONTENT_TYPES").then(|| TYPE.to_owned())),
        };
        let machine = Machine::start(&options, parts).await.unwrap();
        let broker = Broker::of(&in_process::ready(&machine));
        Self {
            machine,
            broker,
            clock,
            directory,
        }
    }

    /// The program runs, and is killed there.
    async fn dies(&self, at: Option<At>) -> Dead {
        let passage = Passage::until(at);
        let ready = &self.machine.ready;
        let table = Gate::of(&ready.table_endpoint, &passage).await;
        let objects = Gate::of(&ready.objects_url, &passage).await;
        let vending = Gate::renaming(&ready.vending_url, &passage).await;
        let api = Gate::renaming(&ready.entra_url, &passage).await;
        let (id, secret) = key(self.directory.path());
        let endpoints = [
            ("AWS_ENDPOINT_URL_DYNAMODB", table.url.as_str()),
            ("AWS_ENDPOINT_URL_S3", objects.url.as_str()),
            ("VENDING_URL", vending.url.as_str()),
            ("FEED_API_URL", api.url.as_str()),
            ("AWS_ACCESS_KEY_ID", id.as_str()),
            ("AWS_SECRET_ACCESS_KEY", secret.expose_secret()),
            ("FEED_CONCURRENCY", "1"),
        ];
        let collector = Doomed {
            binary: env!("CARGO_BIN_EXE_collector_program"),
            data_dir: self.directory.path(),
            variables: &[],
            name: "collector",
            event: json!({}),
            time: RUN,
        };
        let (answer, _) = collector.run_until(&endpoints, passage.stopped()).await;
        Dead {
            requests: passage.passed(),
            has_answered: answer.is_some(),
        }
    }

    /// Further runs store all that the dead one did not, and nothing a second time. How many
    /// contents were fetched more than once.
    async fn is_completed(&self, what: &str, dead: &Dead) -> usize {
        let fetched = self.fetched().await.len();
        let report = self.machine.collect().await.unwrap();
        if dead.holds_the_lease() {
            assert_eq!(
                (report.due, report.requests),
                (0, 0),
                "{what}: it is the dead run's"
            );
            assert_eq!(self.fetched().await.len(), fetched, "{what}");
        }
        // The lease is over; then what came late is listed again.
        for seconds in [RUN.as_secs() + 20, 4 * 3600] {
            self.clock.advance(i64::try_from(seconds).unwrap());
            let report = self.machine.collect().await.unwrap();
            assert_eq!(
                (report.ended_early, report.left),
                (None, 0),
                "{what}: {report:?}"
            );
        }
        let offered = self.offered().await;
        self.machine.collect().await.unwrap();
        let records = stored(&self.directory.path().join("objects")).records();
        assert!(is_within(&offered, &records), "{what}: something is lost");
        assert!(
            is_within(&records, &self.offered().await),
            "{what}: something is there twice"
        );
        self.ledger_agrees(what, records.len()).await;
        let fetched = self.fetched().await;
        let again = fetched.len() - fetched.iter().collect::<BTreeSet<_>>().len();
        assert_eq!(again, dead.under_way(), "{what}: only what was under way");
        again
    }

    async fn offered(&self) -> Vec<String> {
        let book = Book::of(&self.broker).await;
        book.of_type(&self.tenant(), TYPE)
    }

    /// The contents that were answered whole, each as often as it was.
    async fn fetched(&self) -> Vec<String> {
        let answered = lines(&self.broker, "answered", Some(&self.tenant())).await;
        let id = |line: &Value| line["content_id"].as_str().unwrap().to_owned();
        answered.iter().map(id).collect()
    }

    fn tenant(&self) -> String {
        self.broker.ready.simulated_tenants[0].tenant_id.clone()
    }

    /// Each batch is stored, its object is the one that its row says, and together they hold so
    /// many records.
    async fn ledger_agrees(&self, what: &str, records: usize) {
        let (directory, clock) = (self.directory.path(), self.clock.clone());
        let neighbour = Neighbour::of(directory, clock).await;
        let now = self.clock.now();
        let all = Window::new(now - Duration::from_secs(8 * 86_400), now).unwrap();
        let (tenant, table) = (
            self.tenant().parse().unwrap(),
            neighbour.platform.store.table(),
        );
        let rows = table
            .batches(tenant, ContentType::Exchange, all)
            .await
            .unwrap();
        let mut counted = 0;
        for row in &rows {
            let BatchState::Stored(batch) = &row.state else {
                panic!("{what}: a batch is open");
            };
            let object = batch.records.as_ref().unwrap();
            let bytes = std::fs::read(directory.join("objects").join(&object.key)).unwrap();
            let facts = (bytes.len() as u64, sha256(&bytes));
            assert_eq!(
                facts,
                (object.size, object.sha256),
                "{what}: {}",
                object.key
            );
            counted += batch.record_count;
        }
        assert_eq!(
            counted,
            records as u64,
            "{what}: the rows of {} batches",
            rows.len()
        );
        let said = &status(directory).await[&self.tenant()];
        assert_eq!(said["complete"], true, "{what}: {said}");
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            std::fs::create_dir(&to).unwrap();
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), &to).unwrap();
        }
    }
}
