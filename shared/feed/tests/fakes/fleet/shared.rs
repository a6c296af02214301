//! What sessions that meet for a tenant write, and the queue.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use auth::ports::{StoreError, Write};
use auth::version::Version;
use auth::{TenantId, Timestamp};
use feed::ContentType;
use feed::handed::WindowRow;
use feed::ledger::TenantFeed;
use feed::ports::{SharedLedger, WakeError, Wakes};
use feed::wake::Wake;

use super::FleetTable;

/// What is on the queue, in the order in which it was sent.
#[derive(Default)]
pub(crate) struct FakeWakes {
    pub(crate) sent: Mutex<Vec<Wake>>,
    /// The queue cannot be reached.
    pub(crate) is_away: AtomicBool,
}

#[async_trait]
impl Wakes for FakeWakes {
    async fn send(&self, wakes: &[Wake]) -> Result<(), WakeError> {
        if self.is_away.load(Ordering::SeqCst) {
            return Err(WakeError::Unavailable("away".to_owned()));
        }
        self.sent.lock().unwrap().extend_from_slice(wakes);
        Ok(())
    }
}

impl FleetTable {
    /// The next version of a tenant's row, if it is the one in `feed`.
    fn next(&self, feed: &TenantFeed) -> Option<Version> {
        let feeds = self.feeds.lock().unwrap();
        let present = feeds.get(&feed.tenant)?.version.clone();
        let number: u64 = present.as_ref()?.0.parse().unwrap();
        (present == feed.version).then(|| Version((number + 1).to_string()))
    }

    fn put(&self, feed: TenantFeed) {
        self.feeds.lock().unwrap().insert(feed.tenant, feed);
    }
}

#[async_trait]
impl SharedLedger for FleetTable {
    async fn claim(
        &self,
        feed: &TenantFeed,
        until: Timestamp,
    ) -> Result<Option<Version>, StoreError> {
        self.meanwhile().await;
        let mut claimed = None;
        let write = self.write(|| {
            let Some(version) = self.next(feed) else {
                return Write::Stale;
            };
            self.count(|counts| counts.claims += 1);
            let held = self.row(feed.tenant).unwrap();
            self.put(TenantFeed {
                busy_until: Some(until),
                version: Some(version.clone()),
                ..held
            });
            claimed = Some(version);
            Write::Done
        });
        write.map(|_| claimed)
    }

    async fn put_types(&self, feed: &TenantFeed) -> Result<Write, StoreError> {
        self.meanwhile().await;
        self.write(|| {
            let Some(version) = self.next(feed) else {
                return Write::Stale;
            };
            self.count(|counts| counts.writes += 1);
            let held = self.row(feed.tenant).unwrap();
            self.put(TenantFeed {
                types: feed.types.clone(),
                busy_until: feed.busy_until,
                version: Some(version),
                ..held
            });
            Write::Done
        })
    }

    async fn windows(
        &self,
        tenant: TenantId,
        content_type: ContentType,
    ) -> Result<Vec<WindowRow>, StoreError> {
        self.meanwhile().await;
        self.reads()?;
        let rows = self.windows.lock().unwrap();
        let of = rows
            .iter()
            .filter(|row| (row.tenant, row.handed.content_type) == (tenant, content_type));
        Ok(of.cloned().collect())
    }

    async fn take_window(&self, row: &WindowRow) -> Result<Write, StoreError> {
        self.meanwhile().await;
        self.write(|| {
            let mut rows = self.windows.lock().unwrap();
            if rows.iter().any(|held| is_same(held, row)) {
                return Write::Stale;
            }
            rows.push(row.clone());
            Write::Done
        })
    }

    async fn finish_window(&self, row: &WindowRow) -> Result<Write, StoreError> {
        self.meanwhile().await;
        self.write(|| {
            let mut rows = self.windows.lock().unwrap();
            let mut held = rows.iter_mut();
            match held.find(|held| is_same(held, row) && held.outcome.is_none()) {
                Some(held) => {
                    *held = row.clone();
                    Write::Done
                }
                None => Write::Stale,
            }
        })
    }

    async fn take_over(&self, feed: &TenantFeed, done: &[WindowRow]) -> Result<Write, StoreError> {
        self.meanwhile().await;
        self.write(|| {
            let Some(version) = self.next(feed) else {
                return Write::Stale;
            };
            self.count(|counts| counts.writes += 1);
            self.put(TenantFeed {
                version: Some(version),
                ..feed.clone()
            });
            let mut rows = self.windows.lock().unwrap();
            rows.retain(|held| !done.iter().any(|row| is_same(held, row)));
            Write::Done
        })
    }
}

fn is_same(one: &WindowRow, other: &WindowRow) -> bool {
    (one.tenant, one.handed) == (other.tenant, other.handed)
}
