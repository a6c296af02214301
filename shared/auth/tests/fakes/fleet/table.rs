//! The table of a fleet in memory: the due index as the real one has it, and leases that keep
//! how far the runs have come.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Mutex;

use async_trait::async_trait;
use auth::ports::{DuePage, Paging, Settlement, StoreError, TokenStore, Write};
use auth::turns::{Look, Slot};
use auth::version::Version;
use auth::{Cloud, Resource, Tenant, TenantId, Timestamp, TokenRecord};

use super::leases::Held;
use super::pages::page;
use crate::fakes::resource;

const SHARDS: u32 = 8;

/// Rows, with when each is looked at; leases by name.
#[derive(Default)]
pub struct FleetTable {
    pub(super) rows: Mutex<BTreeMap<TenantId, (TokenRecord, Look)>>,
    pub(super) leases: Mutex<BTreeMap<String, Held>>,
    counts: Mutex<Counts>,
    /// The records that cannot be read.
    damaged: Mutex<Vec<TenantId>>,
    /// The turns of this shard cannot be asked for.
    closed: Mutex<Option<u32>>,
    /// The tenants that get a label while their token is asked for.
    labelled: Mutex<Vec<TenantId>>,
    /// So many requests are refused for their rate.
    throttled: Mutex<u32>,
    all_throttled: Mutex<bool>,
}

/// What was asked of the table since somebody looked.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub queries: u32,
    pub reads: u32,
    pub settled: u32,
    /// Writes that changed what the index says.
    pub moved: u32,
    pub leases: u32,
}

impl FleetTable {
    pub fn connect_now(&self, id: TenantId, now: Timestamp) {
        let tenant = Tenant::connected(id, now);
        let record = TokenRecord {
            tenant: id,
            resource: resource(),
            customer: tenant.customer.clone(),
            cloud: tenant.cloud,
            status: tenant.status,
            cause: None,
            tags: Default::default(),
            token: None,
            refresh_at: now,
            failures: 0,
            next_attempt_at: None,
            last_failure: None,
            suspected_at: None,
            version: Version("0".into()),
        };
        let row = (record, Look::From(now));
        self.rows.lock().unwrap().insert(id, row);
    }

    /// These live in another cloud.
    pub fn live_in(&self, tenants: &[TenantId], cloud: Cloud) {
        let mut rows = self.rows.lock().unwrap();
        for tenant in tenants {
            rows.get_mut(tenant).unwrap().0.cloud = cloud;
        }
    }

    pub fn records(&self) -> Vec<(TokenRecord, Look)> {
        self.rows.lock().unwrap().values().cloned().collect()
    }

    pub fn take_counts(&self) -> Counts {
        std::mem::take(&mut self.counts.lock().unwrap())
    }

    pub fn damage(&self, tenants: &[TenantId]) {
        *self.damaged.lock().unwrap() = tenants.to_vec();
    }

    pub fn close(&self, shard: Option<u32>) {
        *self.closed.lock().unwrap() = shard;
    }

    /// Gives each a label right before its next token is written, which is refused then.
    pub fn label_meanwhile(&self, tenants: &[TenantId]) {
        *self.labelled.lock().unwrap() = tenants.to_vec();
    }

    /// Takes their tokens away, as one that does not open is none. Their times stay.
    pub fn lose_tokens(&self) {
        for (record, _) in self.rows.lock().unwrap().values_mut() {
            record.token = None;
        }
    }

    /// How far the runs have come is not known any more.
    pub fn forget_leases(&self) {
        self.leases.lock().unwrap().clear();
    }

    pub(super) fn count(&self, count: impl FnOnce(&mut Counts)) {
        count(&mut self.counts.lock().unwrap());
    }

    /// Every second one of the next so many requests is refused for its rate.
    pub fn throttle(&self, requests: u32) {
        *self.throttled.lock().unwrap() = requests;
    }

    /// Every request is, or none.
    pub fn throttle_all(&self, all: bool) {
        *self.all_throttled.lock().unwrap() = all;
    }

    fn asked(&self) -> Result<(), StoreError> {
        let mut throttled = self.throttled.lock().unwrap();
        let is_second = *throttled % 2 == 1;
        *throttled = throttled.saturating_sub(1);
        if is_second || *self.all_throttled.lock().unwrap() {
            return Err(StoreError::Throttled("a test throttles it".into()));
        }
        Ok(())
    }

    /// The rows of a shard in the order of their keys.
    fn of_shard(
        &self,
        shard: u32,
        key: impl Fn(TenantId, Look) -> Option<i64>,
    ) -> Vec<(i64, TenantId)> {
        self.count(|counts| counts.queries += 1);
        let rows = self.rows.lock().unwrap();
        let mut found: Vec<_> = rows
            .iter()
            .filter(|(id, _)| u32::from(Slot::of(**id).number()) % SHARDS == shard)
            .filter_map(|(id, (_, look))| Some((key(*id, *look)?, *id)))
            .collect();
        found.sort();
        found
    }
}

#[async_trait]
impl TokenStore for FleetTable {
    async fn read(&self, id: TenantId, _: &Resource) -> Result<Option<TokenRecord>, StoreError> {
        self.asked()?;
        self.count(|counts| counts.reads += 1);
        if self.damaged.lock().unwrap().contains(&id) {
            return Err(StoreError::Damaged("a test damaged it".into()));
        }
        let rows = self.rows.lock().unwrap();
        Ok(rows.get(&id).map(|(record, _)| record.clone()))
    }

    async fn read_latest(
        &self,
        id: TenantId,
        of: &Resource,
    ) -> Result<Option<TokenRecord>, StoreError> {
        self.read(id, of).await
    }

    async fn due(
        &self,
        shard: u32,
        now: Timestamp,
        paging: &Paging,
    ) -> Result<DuePage, StoreError> {
        self.asked()?;
        let due = self.of_shard(shard, |_, look| match look {
            Look::From(at) if at <= now => Some(at.unix()),
            _ => None,
        });
        Ok(page(due, paging))
    }

    async fn at_turns(
        &self,
        shard: u32,
        slots: &RangeInclusive<u8>,
        paging: &Paging,
    ) -> Result<DuePage, StoreError> {
        if *self.closed.lock().unwrap() == Some(shard) {
            return Err(StoreError::Unavailable("a test closed it".into()));
        }
        self.asked()?;
        let found = self.of_shard(shard, |id, look| {
            let slot = Slot::of(id).number();
            let wanted = look == Look::AtItsTurns && slots.contains(&slot);
            wanted.then_some(i64::from(slot))
        });
        Ok(page(found, paging))
    }

    async fn look_again(
        &self,
        id: TenantId,
        _: &Resource,
        at: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(row) = self.rows.lock().unwrap().get_mut(&id) {
            row.1 = Look::From(at);
        }
        Ok(())
    }

    async fn put_back(
        &self,
        record: &TokenRecord,
        look: Look,
        now: Timestamp,
    ) -> Result<Write, StoreError> {
        let mut rows = self.rows.lock().unwrap();
        let (row, before) = rows.get_mut(&record.tenant).unwrap();
        let too_early = matches!(*before, Look::From(at) if at <= now);
        if row.version != record.version || !too_early {
            return Ok(Write::Stale);
        }
        *before = look;
        self.count(|counts| counts.moved += 1);
        Ok(Write::Done)
    }

    fn shards(&self) -> u32 {
        SHARDS
    }

    async fn settle(
        &self,
        record: &TokenRecord,
        settlement: Settlement<'_>,
    ) -> Result<Write, StoreError> {
        // A run can die between its token and this.
        tokio::task::yield_now().await;
        self.asked()?;
        let mut rows = self.rows.lock().unwrap();
        let (row, look) = rows.get_mut(&record.tenant).unwrap();
        let mut labelled = self.labelled.lock().unwrap();
        if let Some(at) = labelled.iter().position(|id| *id == record.tenant) {
            labelled.remove(at);
            row.version = Version(format!("label {}", row.version.0));
        }
        if row.version != record.version {
            return Ok(Write::Stale);
        }
        let before = *look;
        row.version = Version(format!("{}'", row.version.0.len()));
        match settlement {
            Settlement::Token {
                token,
                refresh_at,
                look: then,
            } => {
                row.token = Some(token.clone());
                (row.refresh_at, row.failures) = (refresh_at, 0);
                (row.next_attempt_at, row.last_failure) = (None, None);
                row.suspected_at = None;
                *look = then;
            }
            Settlement::Failure {
                next_attempt_at,
                refresh_at,
                failures,
                cause,
                suspected_at,
                ..
            } => {
                row.suspected_at = suspected_at;
                (row.refresh_at, row.failures) = (refresh_at, failures);
                row.next_attempt_at = Some(next_attempt_at);
                row.last_failure = Some(cause.clone());
                *look = Look::From(refresh_at);
            }
        }
        self.count(|counts| {
            counts.settled += 1;
            counts.moved += u32::from(*look != before);
        });
        Ok(Write::Done)
    }

    async fn settle_and_change(
        &self,
        record: &TokenRecord,
        settlement: Settlement<'_>,
        _: &Tenant,
        after: &Tenant,
    ) -> Result<Write, StoreError> {
        let write = self.settle(record, settlement).await?;
        if let Some((record, _)) = self.rows.lock().unwrap().get_mut(&after.id) {
            record.status = after.status;
        }
        Ok(write)
    }
}
