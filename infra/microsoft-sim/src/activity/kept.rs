//! What outlives the process, in one file of the data directory.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::alteration::Alteration;
use super::auditing::Auditing;
use super::scenario::Scenario;
use super::subscription::{Key, Subscription};
use crate::files::{self, OpenError};

/// Name of the file in the data directory.
pub(crate) const FILE: &str = "activity.json";

/// What is kept.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Kept {
    pub(crate) subscriptions: BTreeMap<Key, Subscription>,
    pub(crate) auditing: Auditing,
    pub(crate) altered: BTreeMap<String, Alteration>,
    pub(crate) scenarios: Scenarios,
}

/// The scenarios that the control surface set.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Scenarios {
    pub(crate) of_all: Option<Scenario>,
    pub(crate) by_tenant: BTreeMap<Uuid, Scenario>,
}

/// The same, as the file has it.
#[derive(Serialize, Deserialize)]
struct Record {
    subscriptions: Vec<(Key, Subscription)>,
    #[serde(rename = "auditing_off")]
    auditing: Auditing,
    altered: BTreeMap<String, Alteration>,
    #[serde(default)]
    scenarios: Scenarios,
}

impl Kept {
    /// What the file has; nothing where there is no file.
    pub(crate) fn load(path: &Path) -> Result<Self, OpenError> {
        let Some(content) = files::read(path)? else {
            return Ok(Self::default());
        };
        let record: Record =
            serde_json::from_slice(&content).map_err(|error| OpenError::Damaged {
                path: path.to_owned(),
                reason: error.to_string(),
            })?;
        Ok(Self {
            subscriptions: record.subscriptions.into_iter().collect(),
            auditing: record.auditing,
            altered: record.altered,
            scenarios: record.scenarios,
        })
    }

    pub(crate) fn persist(&self, path: &Path) -> Result<(), OpenError> {
        let kept = self.clone();
        let record = Record {
            subscriptions: kept.subscriptions.into_iter().collect(),
            auditing: kept.auditing,
            altered: kept.altered,
            scenarios: kept.scenarios,
        };
        let content = serde_json::to_vec(&record).map_err(|error| OpenError::File {
            path: path.to_owned(),
            source: error.into(),
        })?;
        files::replace(path, &content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activity::content_type::ContentType;

    #[test]
    fn what_is_kept_comes_back_as_it_was() {
        let tenant = Uuid::from_u128(7);
        let key = Key {
            tenant,
            client: Uuid::from_u128(8),
            content_type: ContentType::DlpAll,
        };
        let mut subscription = Subscription::default();
        subscription.start(None, 1000, 60).unwrap();
        subscription.stop(2000);
        subscription.start(None, 9000, 60).unwrap();
        let mut kept = Kept::default();
        kept.subscriptions.insert(key, subscription);
        kept.auditing.note(tenant, true, 3000);
        kept.altered
            .insert("a".to_owned(), Alteration::HugeBlob(100));
        kept.altered.insert("b".to_owned(), Alteration::WithoutId);
        kept.scenarios.of_all = Some(Scenario::MONTH);
        kept.scenarios.by_tenant.insert(tenant, Scenario::SILENT);
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(FILE);
        kept.persist(&path).unwrap();
        assert_eq!(Kept::load(&path).unwrap(), kept);
    }
}
