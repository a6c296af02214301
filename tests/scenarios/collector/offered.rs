//! The simulator's own book: every record that it offered, before any of our code saw it.

use serde_json::Value;
use tests::Broker;

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

struct Record {
    sha256: String,
    late: bool,
}

impl Offered {
    pub(crate) async fn of(broker: &Broker, tenant: &str) -> Self {
        let lines = lines(broker, "records", Some(tenant)).await.into_iter();
        Self(
            lines
                .filter(|line| line["content_type"] != "DLP.All")
                .map(|line| Record {
                    sha256: line["sha256"].as_str().unwrap().to_owned(),
                    late: line["available_at"].as_i64().unwrap() > created(&line) + IN_TIME,
                })
                .collect(),
        )
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
        self.0.iter().filter(|one| !one.late).count()
    }

    /// Records that were not late and are not among those that were found.
    pub(crate) fn missing_in_time(&self, found: &[String]) -> usize {
        let missing = |one: &&Record| !one.late && found.binary_search(&one.sha256).is_err();
        self.0.iter().filter(missing).count()
    }
}

/// When a blob was created (`2027-01-15T08:00:00.000Z`), in Unix time.
fn created(line: &Value) -> i64 {
    let text = line["content_created"].as_str().unwrap();
    let format = time::format_description::well_known::Rfc3339;
    let time = time::OffsetDateTime::parse(text, &format);
    time.unwrap().unix_timestamp()
}
