//! A run whose collectors are processes of their own, as Lambda starts them, copied for each of
//! them, and what has to be true of it in the end.

mod ends;
mod messages;
mod origin;
pub(crate) mod requests;

use std::sync::Arc;
use std::time::Duration;

use auth::TenantId;
use auth::secret::ExposeSecret as _;
use aws::Table;
use local::{Machine, Options, Parts};
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::clock::{OffsetClock, QuotaPasses};
use tests::doomed::Doomed;
use tests::gate::{Gate, Passage};
use tests::neighbour::Neighbour;
use tests::{Broker, in_process};

use crate::beside::key;

pub(crate) use self::messages::{ID, event};
pub(crate) use self::origin::Origin;
pub(crate) use self::requests::{Done, Texts};

/// What Lambda leaves the collector for a run; its leases end ten seconds after that at most.
const RUN: Duration = Duration::from_secs(240);
const TYPE: &str = "Audit.Exchange";

/// A run by the system's clock, by which the killed process lives, too.
pub(crate) struct Stage {
    machine: Machine,
    broker: Broker,
    clock: Arc<OffsetClock>,
    directory: TempDir,
}

impl Stage {
    /// So many seconds ahead of the system's clock.
    async fn on(directory: TempDir, seconds: i64) -> Self {
        let clock = Arc::new(OffsetClock::by(seconds));
        let options = Options {
            simulated_tenants: 1,
            ..in_process::options(directory.path())
        };
        let parts = Parts {
            environment: Box::new(|name| (name == "FEED_CONTENT_TYPES").then(|| TYPE.to_owned())),
            pause: Arc::new(QuotaPasses(Arc::clone(&clock))),
            ..Parts::new(clock.clone())
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
    pub(crate) async fn offers_a_large_record(&self) {
        let tenant = self.tenant().to_string();
        self.broker
            .single_fault("huge_record", &tenant, json!(12))
            .await;
        // A fault shapes what is offered after it.
        self.clock.advance(5);
    }

    /// The program runs until its gates stop, or to its end.
    pub(crate) async fn runs(&self, event: &Value, passage: &Arc<Passage>) -> Done {
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
            event: event.clone(),
            time: RUN,
        };
        let (answer, _) = collector.run_until(&endpoints, passage.stopped()).await;
        Done {
            requests: passage.passed(),
            answer,
        }
    }

    /// Time passes.
    pub(crate) fn passes(&self, time: Duration) {
        self.clock.advance(i64::try_from(time.as_secs()).unwrap());
    }

    fn tenant(&self) -> TenantId {
        let tenant = &self.broker.ready.simulated_tenants[0].tenant_id;
        tenant.parse().unwrap()
    }

    async fn table(&self) -> Table {
        let neighbour = Neighbour::of(self.directory.path(), self.clock.clone()).await;
        neighbour.platform.store.table().clone()
    }
}
