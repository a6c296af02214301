//! What has to be true of a run in the end, whatever became of its processes.

use std::collections::BTreeSet;
use std::time::Duration;

use auth::digest::sha256;
use auth::ports::Clock as _;
use feed::ledger::{BatchState, Totals};
use feed::ports::{Ledger as _, SharedLedger as _};
use feed::{ContentType, Window};
use serde_json::Value;

use super::{RUN, Stage, TYPE};
use crate::book::{Book, is_within, status};
use crate::objects::stored;
use crate::offered::lines;

impl Stage {
    /// A run within the lease of the dead one makes no request for its tenant.
    pub(crate) async fn is_left_alone(&self, what: &str, has_lease: bool) {
        let fetched = self.fetched().await.len();
        let report = self.machine.collect().await.unwrap();
        if has_lease {
            assert_eq!((report.due, report.requests), (0, 0), "{what}: {report:?}");
            assert_eq!(self.fetched().await.len(), fetched, "{what}");
        }
    }

    /// Further runs store all that the dead one did not, and nothing a second time. How many
    /// contents were fetched more than once.
    pub(crate) async fn is_completed(&self, what: &str) -> usize {
        // The lease is over; then what came late is listed again.
        let mut offered = Vec::new();
        for seconds in [RUN.as_secs() + 20, 4 * 3600] {
            self.clock.advance(i64::try_from(seconds).unwrap());
            // Before the run: the clock goes on, and what comes after it waits for another turn.
            offered = self.offered().await;
            let report = self.machine.collect().await.unwrap();
            assert_eq!(
                (report.ended_early, report.left),
                (None, 0),
                "{what}: {report:?}"
            );
        }
        self.machine.collect().await.unwrap();
        let records = self.records();
        assert!(is_within(&offered, &records), "{what}: something is lost");
        assert!(
            is_within(&records, &self.offered().await),
            "{what}: something is there twice"
        );
        self.ledger_agrees(what, records.len()).await;
        let fetched = self.fetched().await;
        fetched.len() - fetched.iter().collect::<BTreeSet<_>>().len()
    }

    /// All of these records are stored.
    pub(crate) fn has(&self, offered: &[String]) -> bool {
        is_within(offered, &self.records())
    }

    /// SHA-256 of each record that was offered by now.
    pub(crate) async fn offered(&self) -> Vec<String> {
        let book = Book::of(&self.broker).await;
        book.of_type(&self.tenant().to_string(), TYPE)
    }

    /// SHA-256 of each record that is stored.
    pub(crate) fn records(&self) -> Vec<String> {
        stored(&self.directory.path().join("objects")).records()
    }

    /// The contents that were answered whole, each as often as it was.
    async fn fetched(&self) -> Vec<String> {
        let tenant = self.tenant().to_string();
        let answered = lines(&self.broker, "answered", Some(&tenant)).await;
        let id = |line: &Value| line["content_id"].as_str().unwrap().to_owned();
        answered.iter().map(id).collect()
    }

    /// What the tenant's row has counted.
    pub(crate) async fn counted(&self) -> Totals {
        let feed = self.table().await.feed(self.tenant()).await;
        feed.unwrap().unwrap().types[0].totals
    }

    /// Each batch is stored, its object is the one that its row says, and together they hold so
    /// many records; no session and no worker is under way.
    async fn ledger_agrees(&self, what: &str, records: usize) {
        let (tenant, now, table) = (self.tenant(), self.clock.now(), self.table().await);
        let all = Window::new(now - Duration::from_secs(8 * 86_400), now).unwrap();
        let rows = table.batches(tenant, ContentType::Exchange, all).await;
        let mut counted = 0;
        for row in rows.unwrap() {
            let BatchState::Stored(batch) = &row.state else {
                panic!("{what}: a batch is open");
            };
            let object = batch.records.as_ref().unwrap();
            let bytes = std::fs::read(self.directory.path().join("objects").join(&object.key));
            let bytes = bytes.unwrap();
            let facts = (bytes.len() as u64, sha256(&bytes));
            assert_eq!(
                facts,
                (object.size, object.sha256),
                "{what}: {}",
                object.key
            );
            counted += batch.record_count;
        }
        assert_eq!(counted, records as u64, "{what}: the rows of batches");
        let feed = table.feed(tenant).await.unwrap().unwrap();
        assert_eq!((feed.handed, feed.busy_until), (Vec::new(), None), "{what}");
        let windows = table.windows(tenant, ContentType::Exchange).await;
        assert_eq!(windows.unwrap(), [], "{what}");
        let said = &status(self.directory.path()).await[&tenant.to_string()];
        assert_eq!(said["complete"], true, "{what}: {said}");
    }
}
