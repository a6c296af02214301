//! A table and a bucket in memory.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use auth::TenantId;
use auth::digest::sha256;
use auth::ports::{StoreError, Write};
use auth::version::Version;
use feed::ledger::{BatchRow, BatchState, TenantFeed};
use feed::ports::{Ledger, ObjectError, Objects, Put, Upload};
use feed::{ContentType, Window};

use super::Fuse;

pub(crate) struct FakeLedger {
    fuse: Arc<Fuse>,
    pub(crate) feed: Mutex<Option<TenantFeed>>,
    pub(crate) batches: Mutex<BTreeMap<(ContentType, Window, String), BatchRow>>,
    pub(crate) writes: Mutex<u64>,
    /// Queries for batches.
    pub(crate) queries: Mutex<u64>,
    /// Seconds of the longest of them.
    pub(crate) widest: Mutex<u64>,
}

impl FakeLedger {
    pub(super) fn new(fuse: Arc<Fuse>) -> Self {
        Self {
            fuse,
            feed: Mutex::default(),
            batches: Mutex::default(),
            writes: Mutex::default(),
            queries: Mutex::default(),
            widest: Mutex::default(),
        }
    }

    fn write(&self, doing: impl FnOnce() -> Write) -> Result<Write, StoreError> {
        let (done, answered) = self.fuse.burn();
        let write = if done { doing() } else { Write::Stale };
        *self.writes.lock().unwrap() += u64::from(done);
        if answered { Ok(write) } else { Err(dead()) }
    }

    fn replace(&self, batch: &BatchRow, parts: &[BatchRow]) -> Write {
        let mut rows = self.batches.lock().unwrap();
        let is_listed = rows
            .get(&key(batch))
            .is_some_and(|row| row.state == BatchState::Listed);
        if !is_listed {
            return Write::Stale;
        }
        rows.remove(&key(batch));
        rows.extend(parts.iter().map(|part| (key(part), part.clone())));
        Write::Done
    }
}

fn key(batch: &BatchRow) -> (ContentType, Window, String) {
    let name = batch.name.as_str().to_owned();
    (batch.content_type, batch.hour, name)
}

fn dead() -> StoreError {
    StoreError::Unavailable("the fuse blew".to_owned())
}

#[async_trait]
impl Ledger for FakeLedger {
    async fn feed(&self, _: TenantId) -> Result<Option<TenantFeed>, StoreError> {
        if !self.fuse.burn().1 {
            return Err(dead());
        }
        Ok(self.feed.lock().unwrap().clone())
    }

    async fn put_feed(&self, feed: &TenantFeed) -> Result<Write, StoreError> {
        self.write(|| {
            let mut held = self.feed.lock().unwrap();
            let present = held.as_ref().and_then(|held| held.version.clone());
            if present != feed.version {
                return Write::Stale;
            }
            let number: u64 = present.map_or(0, |version| version.0.parse().unwrap());
            *held = Some(TenantFeed {
                version: Some(Version((number + 1).to_string())),
                ..feed.clone()
            });
            Write::Done
        })
    }

    async fn batches(
        &self,
        _: TenantId,
        content_type: ContentType,
        within: Window,
    ) -> Result<Vec<BatchRow>, StoreError> {
        if !self.fuse.burn().1 {
            return Err(dead());
        }
        *self.queries.lock().unwrap() += 1;
        let mut widest = self.widest.lock().unwrap();
        *widest = (*widest).max(within.seconds());
        let rows = self.batches.lock().unwrap();
        let found = rows
            .values()
            .filter(|row| row.content_type == content_type)
            .filter(|row| row.hour.common(within).is_some());
        Ok(found.cloned().collect())
    }

    async fn put_batch(&self, batch: &BatchRow) -> Result<Write, StoreError> {
        self.write(|| {
            let mut rows = self.batches.lock().unwrap();
            if rows.contains_key(&key(batch)) {
                return Write::Stale;
            }
            rows.insert(key(batch), batch.clone());
            Write::Done
        })
    }

    async fn split_batch(&self, batch: &BatchRow, parts: &[BatchRow]) -> Result<Write, StoreError> {
        let whole: usize = parts.iter().map(|part| part.contents.len()).sum();
        assert_eq!(whole, batch.contents.len());
        self.write(|| self.replace(batch, parts))
    }

    async fn finish_batch(&self, batch: &BatchRow) -> Result<Write, StoreError> {
        self.write(|| self.replace(batch, std::slice::from_ref(batch)))
    }
}

type Held = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

pub(crate) struct FakeObjects {
    fuse: Arc<Fuse>,
    pub(crate) held: Held,
    /// What is there cannot be looked at.
    pub(crate) vanishes: AtomicBool,
}

impl FakeObjects {
    pub(super) fn new(fuse: Arc<Fuse>) -> Self {
        Self {
            fuse,
            held: Held::default(),
            vanishes: AtomicBool::default(),
        }
    }

    /// The lines of all objects whose key has this in it, sorted.
    pub(crate) fn lines(&self, kind: &str) -> Vec<String> {
        let held = self.held.lock().unwrap();
        let of = held.iter().filter(|(key, _)| key.contains(kind));
        let mut lines: Vec<_> = of
            .flat_map(|(_, bytes)| {
                let text = String::from_utf8_lossy(bytes).into_owned();
                text.lines().map(str::to_owned).collect::<Vec<_>>()
            })
            .collect();
        lines.sort();
        lines
    }
}

#[async_trait]
impl Objects for FakeObjects {
    async fn begin(&self, key: &str) -> Result<Box<dyn Upload>, ObjectError> {
        Ok(Box::new(FakeUpload {
            fuse: Arc::clone(&self.fuse),
            held: Arc::clone(&self.held),
            key: key.to_owned(),
            bytes: Vec::new(),
        }))
    }

    async fn facts(&self, key: &str) -> Result<Option<(u64, [u8; 32])>, ObjectError> {
        if !self.fuse.burn().1 {
            return Err(blown());
        }
        if self.vanishes.load(Ordering::SeqCst) {
            return Ok(None);
        }
        let held = self.held.lock().unwrap();
        let facts = |bytes: &Vec<u8>| (bytes.len() as u64, sha256(bytes));
        Ok(held.get(key).map(facts))
    }
}

struct FakeUpload {
    fuse: Arc<Fuse>,
    held: Held,
    key: String,
    bytes: Vec<u8>,
}

fn blown() -> ObjectError {
    ObjectError::Unavailable("the fuse blew".to_owned())
}

#[async_trait]
impl Upload for FakeUpload {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), ObjectError> {
        self.bytes.extend_from_slice(bytes);
        if self.fuse.burn().1 {
            Ok(())
        } else {
            Err(blown())
        }
    }

    async fn finish(self: Box<Self>) -> Result<Put, ObjectError> {
        let (done, answered) = self.fuse.burn();
        let mut held = self.held.lock().unwrap();
        let existed = held.contains_key(&self.key);
        if done && !existed {
            held.insert(self.key, self.bytes);
        }
        match (answered, existed) {
            (false, _) => Err(blown()),
            (true, true) => Ok(Put::Existed),
            (true, false) => Ok(Put::Stored),
        }
    }

    async fn abort(self: Box<Self>) {}
}
