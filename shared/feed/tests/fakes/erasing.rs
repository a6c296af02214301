//! The objects and the rows of a fleet, as an operator deletes them: two versions a page, and a lock.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use auth::TenantId;
use auth::ports::{StoreError, Write};
use feed::ContentType;
use feed::ledger::TenantFeed;
use feed::ports::{
    AfterVersion, LedgerErasure, ObjectError, StoredVersion, StoredVersions, VersionPage,
};

use super::FakeObjects;
use super::fleet::{FleetTable, FleetWorld};

/// However many are asked for.
const PAGE: usize = 2;

pub(crate) struct Erases {
    objects: Arc<FakeObjects>,
    table: Arc<FleetTable>,
    /// Objects whose keys have this in them cannot be deleted.
    pub(crate) locked: Mutex<Option<&'static str>>,
    /// An object that someone stores whenever others are deleted.
    pub(crate) appears: Mutex<Option<String>>,
}

impl Erases {
    pub(crate) fn of(world: &FleetWorld) -> Arc<Self> {
        Arc::new(Self {
            objects: Arc::clone(&world.objects),
            table: Arc::clone(&world.table),
            locked: Mutex::default(),
            appears: Mutex::default(),
        })
    }
}

#[async_trait]
impl StoredVersions for Erases {
    async fn versions(
        &self,
        below: &str,
        after: Option<&AfterVersion>,
        most: u16,
    ) -> Result<VersionPage, ObjectError> {
        let held = self.objects.held.lock().unwrap();
        let wanted = held.iter().filter(|(key, _)| {
            key.starts_with(below) && after.is_none_or(|after| **key > after.key)
        });
        let mut versions: Vec<_> = wanted
            .map(|(key, bytes)| StoredVersion {
                key: key.clone(),
                version: "null".to_owned(),
                size: Some(bytes.len() as u64),
            })
            .collect();
        let page = usize::from(most).min(PAGE);
        let has_more = versions.len() > page;
        versions.truncate(page);
        let next = versions.last().filter(|_| has_more);
        let next = next.map(|last| AfterVersion {
            key: last.key.clone(),
            version: None,
        });
        Ok(VersionPage { versions, next })
    }

    async fn erase(&self, versions: &[StoredVersion]) -> Result<Vec<String>, ObjectError> {
        let mut held = self.objects.held.lock().unwrap();
        let locked = *self.locked.lock().unwrap();
        let mut kept = Vec::new();
        for version in versions {
            if locked.is_some_and(|locked| version.key.contains(locked)) {
                kept.push("AccessDenied".to_owned());
            } else {
                held.remove(&version.key);
            }
        }
        if let Some(key) = &*self.appears.lock().unwrap() {
            held.insert(key.clone(), b"again".to_vec());
        }
        Ok(kept)
    }
}

#[async_trait]
impl LedgerErasure for Erases {
    async fn erase_batches(
        &self,
        tenant: TenantId,
        content_type: ContentType,
    ) -> Result<u64, StoreError> {
        let mut batches = self.table.batches.lock().unwrap();
        let before = batches.len();
        batches.retain(|key, _| (key.0, key.1) != (tenant, content_type));
        Ok((before - batches.len()) as u64)
    }

    async fn erase_feed(&self, feed: &TenantFeed) -> Result<Write, StoreError> {
        let mut feeds = self.table.feeds.lock().unwrap();
        let held = feeds.get(&feed.tenant);
        if held.is_none_or(|held| held.version != feed.version) {
            return Ok(Write::Stale);
        }
        feeds.remove(&feed.tenant);
        Ok(Write::Done)
    }
}
