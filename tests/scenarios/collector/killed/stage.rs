//! A run to kill a collector of, copied for each death, and what has to be true of it in the end.

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

use crate::beside::key;
use crate::book::{Book, is_within, scenario, status};
use crate::objects::stored;
use crate::offered::lines;

/// What Lambda leaves the collector for a run; its leases end ten seconds after that at most.
const RUN: Duration = Duration::from_secs(240);
const TYPE: &str = "Audit.Exchange";

/// A run with a connected tenant whose audit log no collector has seen, to begin from.
pub(super) struct Origin(TempDir);

/// What a process did before it was killed.
pub(super) struct Dead {
    /// In the order of the answers.
    pub(super) requests: Vec<String>,
    pub(super) has_answered: bool,
}

impl Origin {
    pub(super) async fn make() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let stage = Stage::on(directory).await;
        let little = json!({"blob_every_seconds": 900, "backlog_seconds": 9000,
            "records_per_blob": 3, "page_size": 3, "latest_seconds": 0});
        scenario(&stage.broker, little).await;
        connect_tenant(&stage.broker.ready, 0).await;
        stage.machine.stop().await;
        Self(stage.directory)
    }

    pub(super) async fn stage(&self) -> Stage {
        let directory = tempfile::tempdir().unwrap();
        copy(self.0.path(), directory.path());
        Stage::on(directory).await
    }
}

/// A run by the system's clock, by which the killed process lives, too.
pub(super) struct Stage {
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

    /// One of the contents has a record that no compressor makes smaller than a part.
    pub(super) async fn offers_a_large_record(&self) {
        let tenant = self.tenant();
        self.broker
            .single_fault("huge_record", &tenant, json!(12))
            .await;
        // A fault shapes what is offered after it.
        self.clock.advance(5);
    }

    /// The program runs, and is killed there.
    pub(super) async fn dies(&self, at: Option<At>) -> Dead {
        let passage = &Passage::until(at);
        let ready = &self.machine.ready;
        let table = Gate::of(&ready.table_endpoint, passage).await;
        let objects = Gate::of(&ready.objects_url, passage).await;
        let vending = Gate::renaming(&ready.vending_url, passage).await;
        let api = Gate::renaming(&ready.entra_url, passage).await;
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

    /// A run within the lease of the dead one makes no request for its tenant.
    pub(super) async fn is_left_alone(&self, what: &str, has_lease: bool) {
        let fetched = self.fetched().await.len();
        let report = self.machine.collect().await.unwrap();
        if has_lease {
            assert_eq!((report.due, report.requests), (0, 0), "{what}: {report:?}");
            assert_eq!(self.fetched().await.len(), fetched, "{what}");
        }
    }

    /// Further runs store all that the dead one did not, and nothing a second time. How many
    /// contents were fetched more than once.
    pub(super) async fn is_completed(&self, what: &str) -> usize {
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
        fetched.len() - fetched.iter().collect::<BTreeSet<_>>().len()
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
