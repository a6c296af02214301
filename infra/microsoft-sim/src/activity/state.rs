//! Everything of the API that outlives a request: subscriptions, when auditing was off, and
//! what faults have made of blobs. Kept in one file of the data directory, where there is one.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::blob::{Blob, Log};
use super::body::{Alteration, Content};
use super::content_type::ContentType;
use super::counts::Counts;
use super::quota::Quota;
use super::scenario::Scenario;
use super::subscription::{Key, Period, Subscription};
use crate::files::{self, OpenError};

/// Name of the file in the data directory.
const FILE: &str = "activity.json";

/// The API's state.
pub(crate) struct Activity {
    pub(crate) scenario: Scenario,
    pub(crate) quota: Quota,
    pub(crate) counts: Counts,
    kept: Mutex<Kept>,
    file: Option<PathBuf>,
}

/// What is kept.
#[derive(Debug, Clone, Default, PartialEq)]
struct Kept {
    subscriptions: BTreeMap<Key, Subscription>,
    auditing_off: BTreeMap<Uuid, Vec<Period>>,
    altered: BTreeMap<String, Alteration>,
}

/// The same, as the file has it.
#[derive(Serialize, Deserialize)]
struct Record {
    subscriptions: Vec<(Key, Subscription)>,
    auditing_off: BTreeMap<Uuid, Vec<Period>>,
    altered: BTreeMap<String, Alteration>,
}

impl Activity {
    pub(crate) fn open(data_dir: Option<&Path>, scenario: Scenario) -> Result<Self, OpenError> {
        let file = data_dir.map(|directory| directory.join(FILE));
        let kept = match &file {
            None => Kept::default(),
            Some(path) => load(path)?,
        };
        Ok(Self {
            scenario,
            quota: Quota::default(),
            counts: Counts::default(),
            kept: Mutex::new(kept),
            file,
        })
    }

    /// The subscription as it is; one that never was is a new one.
    pub(crate) fn subscription(&self, key: Key) -> Subscription {
        self.read(|kept| kept.subscriptions.get(&key).cloned().unwrap_or_default())
    }

    /// Every subscription of an application in a tenant, in the order of the types.
    pub(crate) fn of(&self, tenant: Uuid, client: Uuid) -> Vec<(ContentType, Subscription)> {
        let keys = ContentType::ALL.map(|content_type| Key {
            tenant,
            client,
            content_type,
        });
        let each = keys.map(|key| (key.content_type, self.subscription(key)));
        each.to_vec()
    }

    /// Every subscription that ever was.
    pub(crate) fn all(&self) -> Vec<(Key, Subscription)> {
        self.read(|kept| {
            let all = kept.subscriptions.iter();
            all.map(|(key, subscription)| (*key, subscription.clone()))
                .collect()
        })
    }

    pub(crate) fn change<T>(
        &self,
        key: Key,
        change: impl FnOnce(&mut Subscription) -> T,
    ) -> Result<T, OpenError> {
        self.write(|kept| {
            let mut subscription = kept.subscriptions.get(&key).cloned().unwrap_or_default();
            let outcome = change(&mut subscription);
            // One that never was and still is not leaves no trace.
            if subscription != Subscription::default() {
                kept.subscriptions.insert(key, subscription);
            }
            outcome
        })
    }

    /// Writes down that auditing is off or on in this tenant: off since `off_since`, or on
    /// from now. Assumption `auditing-off`.
    pub(crate) fn note_auditing(
        &self,
        tenant: Uuid,
        off_since: Option<u64>,
        now: u64,
    ) -> Result<(), OpenError> {
        let open = |period: &Period| period.to.is_none();
        let is_off = self.read(|kept| {
            let periods = kept.auditing_off.get(&tenant);
            periods.is_some_and(|periods| periods.last().is_some_and(open))
        });
        if is_off == off_since.is_some() {
            return Ok(());
        }
        self.write(|kept| {
            let periods = kept.auditing_off.entry(tenant).or_default();
            match (off_since, periods.last_mut()) {
                (Some(from), _) => periods.push(Period { from, to: None }),
                (None, Some(last)) => last.to = Some(now),
                (None, None) => {}
            }
        })
    }

    /// Makes a blob what a fault says, for good; the first fault holds.
    pub(crate) fn alter(
        &self,
        log: Log,
        blob: &Blob,
        alteration: Alteration,
    ) -> Result<(), OpenError> {
        self.write(|kept| {
            let altered = kept.altered.entry(name(log, blob));
            altered.or_insert(alteration);
        })
    }

    pub(crate) fn content(&self, log: Log, blob: Blob) -> Content {
        let alteration = self.read(|kept| kept.altered.get(&name(log, &blob)).copied());
        Content::new(log, blob, alteration)
    }

    pub(crate) fn log(&self, key: Key) -> Log {
        Log {
            scenario: self.scenario,
            tenant: key.tenant,
            content_type: key.content_type,
        }
    }

    /// Whether this blob has been offered by now under that subscription.
    pub(crate) fn offers(
        &self,
        key: Key,
        subscription: &Subscription,
        blob: &Blob,
        now: u64,
    ) -> bool {
        let at = blob.available_at;
        let off = |periods: &Vec<Period>| periods.iter().any(|period| period.contains(at));
        let audited = !self.read(|kept| kept.auditing_off.get(&key.tenant).is_some_and(off));
        at <= now && subscription.covers(at) && audited
    }

    fn read<T>(&self, look: impl FnOnce(&Kept) -> T) -> T {
        look(&self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes what is kept: first the file, then what is shown.
    fn write<T>(&self, change: impl FnOnce(&mut Kept) -> T) -> Result<T, OpenError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if self.file.is_none() {
            return Ok(change(&mut kept));
        }
        let mut next = kept.clone();
        let outcome = change(&mut next);
        if next != *kept {
            self.persist(&next)?;
            *kept = next;
        }
        Ok(outcome)
    }

    fn persist(&self, kept: &Kept) -> Result<(), OpenError> {
        let Some(path) = &self.file else {
            return Ok(());
        };
        let record = Record {
            subscriptions: kept.subscriptions.clone().into_iter().collect(),
            auditing_off: kept.auditing_off.clone(),
            altered: kept.altered.clone(),
        };
        let content = serde_json::to_vec(&record).map_err(|error| OpenError::File {
            path: path.clone(),
            source: error.into(),
        })?;
        files::replace(path, &content)
    }
}

/// What a blob is called here: another tenant may have the same content id.
fn name(log: Log, blob: &Blob) -> String {
    format!("{} {}", log.tenant, blob.content_id)
}

fn load(path: &Path) -> Result<Kept, OpenError> {
    let Some(content) = files::read(path)? else {
        return Ok(Kept::default());
    };
    let record: Record = serde_json::from_slice(&content).map_err(|error| OpenError::Damaged {
        path: path.to_owned(),
        reason: error.to_string(),
    })?;
    Ok(Kept {
        subscriptions: record.subscriptions.into_iter().collect(),
        auditing_off: record.auditing_off,
        altered: record.altered,
    })
}
