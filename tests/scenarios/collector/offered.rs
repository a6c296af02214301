//! What was offered of one tenant, by the simulator's own book.

use feed::ContentType;
use serde_json::Value;
use tests::Broker;
use tests::audit_book::{self, Offered as Record};

/// A blob that becomes available more than that many seconds after its contentCreated may come
/// after the first listing of its time.
const IN_TIME: i64 = 60;

/// A page of the book, of one tenant or of all: a value for each line.
pub(crate) async fn lines(broker: &Broker, page: &str, tenant: Option<&str>) -> Vec<Value> {
    let url = &broker.ready.entra_url;
    let query = tenant.map_or_else(String::new, |tenant| format!("?tenant={tenant}"));
    let url = format!("{url}/_sim/activity/{page}{query}");
    let text = broker.client.get(url).send().await.unwrap();
    let text = text.text().await.unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

/// What was offered of one tenant, in the types that are collected.
pub(crate) struct Offered(Vec<Record>);

impl Offered {
    pub(crate) async fn of(broker: &Broker, tenant: &str) -> Self {
        let mut records = audit_book::offered(broker, tenant).await;
        records.retain(|record| record.content_type != ContentType::Dlp);
        Self(records)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// SHA-256 of each record, sorted; a repeat stands as often as it was offered.
    pub(crate) fn digests(&self) -> Vec<String> {
        let mut digests: Vec<String> = self.0.iter().map(|one| one.sha256.clone()).collect();
        digests.sort();
        digests
    }

    pub(crate) fn in_time(&self) -> usize {
        self.0.iter().filter(|one| is_in_time(one)).count()
    }

    /// Records that were not late and are not among those that were found.
    pub(crate) fn missing_in_time(&self, found: &[String]) -> usize {
        let missing = |one: &&Record| is_in_time(one) && found.binary_search(&one.sha256).is_err();
        self.0.iter().filter(missing).count()
    }
}

fn is_in_time(record: &Record) -> bool {
    record.available_at.unix() <= record.created.unix() + IN_TIME
}
