//! What the simulator's book, the objects and the operator say of all tenants, for comparison.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use tests::{Broker, operate};

use super::offered::lines;

/// The types of a tenant where two are enough.
pub(crate) const TYPES: [&str; 2] = ["Audit.Exchange", "Audit.General"];

/// SHA-256 of each record that was offered by now, sorted, by tenant and type; a repeat stands as
/// often as it was offered.
pub(crate) struct Book(BTreeMap<(String, String), Vec<String>>);

impl Book {
    pub(crate) async fn of(broker: &Broker) -> Self {
        let mut book: BTreeMap<_, Vec<String>> = BTreeMap::new();
        for line in lines(broker, "records", None).await {
            let text = |name: &str| line[name].as_str().unwrap().to_owned();
            let whose = (text("tenant_id"), text("content_type"));
            book.entry(whose).or_default().push(text("sha256"));
        }
        book.values_mut().for_each(|records| records.sort());
        Self(book)
    }

    pub(crate) fn of_type(&self, tenant: &str, content_type: &str) -> Vec<String> {
        let whose = (tenant.to_owned(), content_type.to_owned());
        self.0.get(&whose).cloned().unwrap_or_default()
    }
}

/// Whether these are among those, none of them more often. Both are sorted.
pub(crate) fn is_within(these: &[String], those: &[String]) -> bool {
    let mut rest = those.iter();
    these.iter().all(|one| rest.any(|other| other == one))
}

/// What every tenant's log is like, before the first subscription.
pub(crate) async fn scenario(broker: &Broker, mut scenario: Value) {
    scenario["tenant"] = Value::Null;
    let url = format!("{}/_sim/activity/scenario", broker.ready.entra_url);
    let set = broker.client.put(url).json(&scenario).send().await.unwrap();
    assert!(set.status().is_success(), "{}", set.text().await.unwrap());
}

/// What `feed status` says, by tenant.
pub(crate) async fn status(data_dir: &Path) -> BTreeMap<String, Value> {
    let said = operate(data_dir, &["--json", "feed", "status"]).await;
    let said: Value = serde_json::from_str(&said).unwrap();
    let tenants = said["tenants"].as_array().unwrap().iter();
    let by_tenant = |one: &Value| (one["tenant_id"].as_str().unwrap().to_owned(), one.clone());
    tenants.map(by_tenant).collect()
}
