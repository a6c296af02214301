//! The table: tenants, feeds with their due index, batches, leases.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use auth::ports::{Connecting, Listing, ListingPage, Looked, StoreError, Tenants, Write};
use auth::version::Version;
use auth::{Cloud, Resource, Tenant, TenantId, TenantStatus, Timestamp};
use feed::due::Due;
use feed::handed::WindowRow;
use feed::ledger::{BatchRow, BatchState, TenantFeed};
use feed::marks::shard_of;
use feed::ports::{DueFeeds, Ledger};
use feed::{ContentType, Window};

use crate::fakes::Fuse;

const SHARDS: u32 = 8;

/// What was asked of the table since somebody looked.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) pages: u32,
    pub(crate) queries: u32,
    pub(crate) marks: u32,
    pub(crate) leases: u32,
    pub(crate) reads: u32,
    pub(crate) writes: u32,
    /// Writes that changed what the index says.
    pub(crate) moves: u32,
    /// Sessions that became the one that stores.
    pub(crate) claims: u32,
    /// Queries of batches, and the rows that they gave.
    pub(crate) batches: u32,
    pub(crate) batch_rows: u32,
    /// Writes of rows of batches.
    pub(crate) batch_writes: u32,
    /// Reads of single tenants.
    pub(crate) tenants: u32,
}

type BatchKey = (TenantId, ContentType, Window, String);

/// Until when it is held and by whom, and what was noted.
type HeldLease = (Option<(Timestamp, u32)>, Option<Looked>);

pub(crate) struct FleetTable {
    fuse: Arc<Fuse>,
    tenants: Mutex<BTreeMap<TenantId, Tenant>>,
    pub(crate) feeds: Mutex<BTreeMap<TenantId, TenantFeed>>,
    pub(crate) windows: Mutex<Vec<WindowRow>>,
    pub(crate) batches: Mutex<BTreeMap<BatchKey, BatchRow>>,
    pub(super) leases: Mutex<BTreeMap<String, HeldLease>>,
    counts: Mutex<Counts>,
    /// The feeds that cannot be read.
    pub(crate) damaged: Mutex<BTreeSet<TenantId>>,
    /// The tenants that cannot be read.
    pub(crate) unknown: Mutex<BTreeSet<TenantId>>,
    /// What sessions that meet do first; another number is another order.
    pub(crate) order: AtomicU64,
}

fn down() -> StoreError {
    StoreError::Unavailable("the fuse blew".to_owned())
}

impl FleetTable {
    pub(super) fn new(fuse: Arc<Fuse>) -> Self {
        Self {
            fuse,
            tenants: Mutex::default(),
            feeds: Mutex::default(),
            windows: Mutex::default(),
            batches: Mutex::default(),
            leases: Mutex::default(),
            counts: Mutex::default(),
            damaged: Mutex::default(),
            unknown: Mutex::default(),
            order: AtomicU64::default(),
        }
    }

    /// Others go on meanwhile: none, or some of their steps.
    pub(super) async fn meanwhile(&self) {
        let next = |order: u64| {
            order
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1)
        };
        let order = self.order.load(Ordering::SeqCst);
        if order == 0 {
            return;
        }
        self.order.store(next(order).max(1), Ordering::SeqCst);
        for _ in 0..(order >> 33) % 4 {
            tokio::task::yield_now().await;
        }
    }

    pub(crate) fn stands(&self, tenant: TenantId, status: TenantStatus, at: Timestamp) {
        let connected = Tenant {
            status,
            ..Tenant::connected(tenant, at)
        };
        self.tenants.lock().unwrap().insert(tenant, connected);
    }

    pub(crate) fn changes(&self, tenant: TenantId, status: TenantStatus) {
        self.tenants
            .lock()
            .unwrap()
            .get_mut(&tenant)
            .unwrap()
            .status = status;
    }

    pub(crate) fn lives_in(&self, tenant: TenantId, cloud: Cloud) {
        self.tenants.lock().unwrap().get_mut(&tenant).unwrap().cloud = cloud;
    }

    pub(crate) fn row(&self, tenant: TenantId) -> Option<TenantFeed> {
        self.feeds.lock().unwrap().get(&tenant).cloned()
    }

    /// Every row of a batch.
    pub(crate) fn batches(&self) -> Vec<BatchRow> {
        self.batches.lock().unwrap().values().cloned().collect()
    }

    /// All batches are stored.
    pub(crate) fn is_done(&self) -> bool {
        let batches = self.batches.lock().unwrap();
        batches.values().all(|row| row.state != BatchState::Listed)
    }

    pub(crate) fn counted(&self) -> Counts {
        std::mem::take(&mut *self.counts.lock().unwrap())
    }

    pub(super) fn count(&self, count: impl FnOnce(&mut Counts)) {
        count(&mut self.counts.lock().unwrap());
    }

    pub(super) fn reads(&self) -> Result<(), StoreError> {
        if self.fuse.burn().1 {
            Ok(())
        } else {
            Err(down())
        }
    }

    pub(super) fn write(&self, doing: impl FnOnce() -> Write) -> Result<Write, StoreError> {
        let (done, answered) = self.fuse.burn();
        let write = if done { doing() } else { Write::Stale };
        if answered { Ok(write) } else { Err(down()) }
    }

    fn damage(&self, tenant: TenantId) -> Result<(), StoreError> {
        if self.damaged.lock().unwrap().contains(&tenant) {
            return Err(StoreError::Damaged(format!("FEED of {tenant}")));
        }
        Ok(())
    }

    fn replace(&self, batch: &BatchRow, parts: &[BatchRow]) -> Write {
        let mut rows = self.batches.lock().unwrap();
        let row = rows.get(&key(batch));
        if row.is_none_or(|row| row.state != BatchState::Listed) {
            return Write::Stale;
        }
        self.count(|counts| counts.batch_writes += u32::try_from(parts.len()).unwrap());
        rows.remove(&key(batch));
        rows.extend(parts.iter().map(|part| (key(part), part.clone())));
        Write::Done
    }
}

fn key(batch: &BatchRow) -> BatchKey {
    let name = batch.name.as_str().to_owned();
    (batch.tenant, batch.content_type, batch.hour, name)
}

#[async_trait]
impl Ledger for FleetTable {
    async fn feed(&self, tenant: TenantId) -> Result<Option<TenantFeed>, StoreError> {
        self.meanwhile().await;
        self.reads()?;
        self.count(|counts| counts.reads += 1);
        self.damage(tenant)?;
        Ok(self.row(tenant))
    }

    async fn put_feed(&self, feed: &TenantFeed) -> Result<Write, StoreError> {
        self.meanwhile().await;
        self.damage(feed.tenant)?;
        self.write(|| {
            let mut feeds = self.feeds.lock().unwrap();
            let held = feeds.get(&feed.tenant);
            let present = held.and_then(|held| held.version.clone());
            if present != feed.version {
                return Write::Stale;
            }
            self.count(|counts| {
                counts.writes += 1;
                counts.moves += u32::from(held.is_none_or(|held| held.due != feed.due));
            });
            let number: u64 = present.map_or(0, |version| version.0.parse().unwrap());
            let version = Some(Version((number + 1).to_string()));
            let feed = feed.clone();
            feeds.insert(feed.tenant, TenantFeed { version, ..feed });
            Write::Done
        })
    }

    async fn batches(
        &self,
        tenant: TenantId,
        content_type: ContentType,
        within: Window,
    ) -> Result<Vec<BatchRow>, StoreError> {
        self.meanwhile().await;
        self.reads()?;
        self.count(|counts| counts.batches += 1);
        let all = self.batches.lock().unwrap();
        let first = Window::hour_of(within.start());
        let from = (tenant, content_type, first, String::new());
        let of = all.range(from..).map(|(_, row)| row).take_while(|row| {
            (row.tenant, row.content_type) == (tenant, content_type)
                && row.hour.start() < within.end()
        });
        let rows: Vec<_> = of.cloned().collect();
        self.count(|counts| counts.batch_rows += u32::try_from(rows.len()).unwrap());
        Ok(rows)
    }

    async fn put_batch(&self, batch: &BatchRow) -> Result<Write, StoreError> {
        self.meanwhile().await;
        self.write(|| {
            let mut rows = self.batches.lock().unwrap();
            if rows.contains_key(&key(batch)) {
                return Write::Stale;
            }
            self.count(|counts| counts.batch_writes += 1);
            rows.insert(key(batch), batch.clone());
            Write::Done
        })
    }

    async fn split_batch(&self, batch: &BatchRow, parts: &[BatchRow]) -> Result<Write, StoreError> {
        self.meanwhile().await;
        self.write(|| self.replace(batch, parts))
    }

    async fn finish_batch(&self, batch: &BatchRow) -> Result<Write, StoreError> {
        self.meanwhile().await;
        self.write(|| self.replace(batch, std::slice::from_ref(batch)))
    }
}

#[async_trait]
impl DueFeeds for FleetTable {
    fn shards(&self) -> u32 {
        SHARDS
    }

    async fn rows(&self, shard: u32) -> Result<Vec<(TenantId, Due)>, StoreError> {
        self.reads()?;
        self.count(|counts| counts.queries += 1);
        let feeds = self.feeds.lock().unwrap();
        let of = feeds
            .values()
            .filter(|row| shard_of(row.tenant, SHARDS) == shard);
        // By way of the number, as in the index.
        let mut rows: Vec<_> = of
            .map(|row| (row.tenant, Due::of(row.due.number(row.tenant))))
            .collect();
        rows.sort_by_key(|(tenant, due)| due.number(*tenant));
        Ok(rows)
    }

    async fn look_again(&self, tenant: TenantId, at: Timestamp) -> Result<(), StoreError> {
        self.reads()?;
        if let Some(row) = self.feeds.lock().unwrap().get_mut(&tenant) {
            self.count(|counts| counts.moves += 1);
            row.due = Due::From(at);
        }
        Ok(())
    }
}

#[async_trait]
impl Tenants for FleetTable {
    async fn list(&self, listing: &Listing) -> Result<ListingPage, StoreError> {
        self.reads()?;
        self.count(|counts| counts.pages += 1);
        let (all, unknown) = (self.tenants.lock().unwrap(), self.unknown.lock().unwrap());
        // Pages of 16.
        let after = all
            .iter()
            .filter(|(id, _)| listing.after.is_none_or(|after| **id > after));
        let page: Vec<_> = after.take(16).collect();
        let next = (page.len() == 16).then(|| *page[15].0);
        let readable = page.into_iter().filter(|(id, _)| !unknown.contains(id));
        Ok(ListingPage {
            tenants: readable.map(|(_, tenant)| tenant.clone()).collect(),
            damaged: Vec::new(),
            next,
        })
    }

    async fn find(&self, tenant: TenantId) -> Result<Option<Tenant>, StoreError> {
        self.reads()?;
        self.count(|counts| counts.tenants += 1);
        if self.unknown.lock().unwrap().contains(&tenant) {
            return Err(StoreError::Damaged(format!("TENANT of {tenant}")));
        }
        Ok(self.tenants.lock().unwrap().get(&tenant).cloned())
    }

    async fn next_attempt_at(
        &self,
        _: TenantId,
        _: &Resource,
    ) -> Result<Option<Timestamp>, StoreError> {
        unreachable!("no run asks for attempts")
    }

    async fn connect(&self, _: Connecting<'_>) -> Result<Write, StoreError> {
        unreachable!("no run writes a tenant")
    }

    async fn change(&self, _: &Tenant, _: &Tenant) -> Result<Write, StoreError> {
        unreachable!("no run writes a tenant")
    }

    async fn remove(&self, _: &Tenant, _: &Tenant) -> Result<Write, StoreError> {
        unreachable!("no run writes a tenant")
    }
}
