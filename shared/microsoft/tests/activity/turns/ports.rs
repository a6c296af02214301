//! The other ports of a turn, held in memory: rows as they were written, objects, tokens.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auth::ports::{Pause, StoreError, Write};
use auth::version::Version;
use auth::{AccessToken, TenantId};
use feed::ledger::{BatchRow, TenantFeed};
use feed::object_key::Format;
use feed::ports::{Encoder, Encoding, Ledger, NoToken, ObjectError, Objects, Put, Tokens, Upload};
use feed::{ContentType, Window};

/// One run alone writes here.
#[derive(Default)]
pub(super) struct Rows {
    feed: Mutex<Option<TenantFeed>>,
    batches: Mutex<BTreeMap<String, BatchRow>>,
}

impl Rows {
    fn keep(&self, rows: &[BatchRow]) -> Result<Write, StoreError> {
        let name = |row: &BatchRow| (row.name.as_str().to_owned(), row.clone());
        self.batches.lock().unwrap().extend(rows.iter().map(name));
        Ok(Write::Done)
    }
}

#[async_trait]
impl Ledger for Rows {
    async fn feed(&self, _: TenantId) -> Result<Option<TenantFeed>, StoreError> {
        Ok(self.feed.lock().unwrap().clone())
    }

    async fn put_feed(&self, feed: &TenantFeed) -> Result<Write, StoreError> {
        let version = Some(Version("1".to_owned()));
        *self.feed.lock().unwrap() = Some(TenantFeed {
            version,
            ..feed.clone()
        });
        Ok(Write::Done)
    }

    async fn batches(
        &self,
        _: TenantId,
        _: ContentType,
        within: Window,
    ) -> Result<Vec<BatchRow>, StoreError> {
        let rows = self.batches.lock().unwrap();
        let found = rows
            .values()
            .filter(|row| row.hour.common(within).is_some());
        Ok(found.cloned().collect())
    }

    async fn put_batch(&self, batch: &BatchRow) -> Result<Write, StoreError> {
        self.keep(std::slice::from_ref(batch))
    }

    async fn split_batch(&self, batch: &BatchRow, parts: &[BatchRow]) -> Result<Write, StoreError> {
        self.batches.lock().unwrap().remove(batch.name.as_str());
        self.keep(parts)
    }

    async fn finish_batch(&self, batch: &BatchRow) -> Result<Write, StoreError> {
        self.keep(std::slice::from_ref(batch))
    }
}

/// All bytes that were stored, in one piece.
#[derive(Default, Clone)]
pub(super) struct Store(pub(super) Arc<Mutex<Vec<u8>>>);

struct Writing(Store, Vec<u8>);

#[async_trait]
impl Objects for Store {
    async fn begin(&self, _: &str) -> Result<Box<dyn Upload>, ObjectError> {
        Ok(Box::new(Writing(self.clone(), Vec::new())))
    }

    async fn facts(&self, _: &str) -> Result<Option<(u64, [u8; 32])>, ObjectError> {
        Ok(None)
    }
}

#[async_trait]
impl Upload for Writing {
    async fn write(&mut self, bytes: &[u8]) -> Result<(), ObjectError> {
        self.1.extend_from_slice(bytes);
        Ok(())
    }

    async fn finish(self: Box<Self>) -> Result<Put, ObjectError> {
        self.0.0.lock().unwrap().extend(self.1);
        Ok(Put::Stored)
    }

    async fn abort(self: Box<Self>) {}
}

/// The first token, and another one for each that was rejected.
pub(super) struct Given(pub(super) AtomicU32);

#[async_trait]
impl Tokens for Given {
    async fn token(
        &self,
        _: TenantId,
        rejected: Option<&AccessToken>,
    ) -> Result<AccessToken, NoToken> {
        if rejected.is_some() {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
        let number = self.0.load(Ordering::SeqCst);
        Ok(AccessToken::new(format!("token-{number}")))
    }
}

pub(super) struct AsItIs;

#[async_trait]
impl Pause for AsItIs {
    /// Nothing here waits for it to be over.
    async fn pause(&self, _: Duration) {
        std::future::pending().await
    }
}

impl Encoding for AsItIs {
    fn begin(&self, _: Format) -> Box<dyn Encoder> {
        Box::new(AsItIs)
    }
}

impl Encoder for AsItIs {
    fn write(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(bytes);
    }

    fn finish(self: Box<Self>, _: &mut Vec<u8>) {}
}
