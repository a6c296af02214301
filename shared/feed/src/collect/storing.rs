//! A batch is fetched, content by content, and becomes one object of records and one of what is
//! dead, where there is any.

use std::collections::BTreeSet;

use super::Halt;
use super::session::{Session, Stop};
use super::writing::{Found, Writing};
use crate::batch::Batch;
use crate::content::{Content, ContentKey};
use crate::content_type::ContentType;
use crate::ledger::StoredBatch;
use crate::object_key::Place;
use crate::ports::{Body, Failure, ObjectError};
use crate::records::{RecordId, Scanner};
use crate::refusal::Step;

/// Ids that are remembered to count repeats by, some 16 MB; of more, repeats are not counted.
const MOST_IDS: usize = 500_000;

/// What became of a batch.
pub(super) enum Stored {
    /// It is durable.
    Whole(Box<StoredBatch>),
    /// This content was not to be had; nothing was stored.
    Failed(ContentKey, Failure),
}

/// What is being made of a batch.
struct Making {
    records: Writing,
    dead: Writing,
    batch: StoredBatch,
    ids: BTreeSet<RecordId>,
}

impl From<ObjectError> for Stop {
    fn from(error: ObjectError) -> Self {
        Stop::Halt(Halt::Store(error.to_string()))
    }
}

impl Session<'_> {
    /// Stores a batch.
    pub(super) async fn store(
        &mut self,
        content_type: ContentType,
        batch: &Batch,
    ) -> Result<Stored, Stop> {
        // Contents of which a long record turned out to be none: kept whole as dead.
        let mut torn = BTreeSet::new();
        'again: loop {
            let mut making = self.making(content_type, batch);
            for content in &batch.contents {
                let is_dead = torn.contains(&content.key);
                match self.content(content, is_dead, &mut making).await {
                    Ok(Fetched::Whole) => {}
                    Ok(Fetched::Lost) => making.batch.lost += 1,
                    Ok(Fetched::Torn) => {
                        making.abort().await;
                        torn.insert(content.key);
                        continue 'again;
                    }
                    Err(stop) => {
                        making.abort().await;
                        return match stop {
                            Stop::Refused(failure) => Ok(Stored::Failed(content.key, failure)),
                            halt => Err(halt),
                        };
                    }
                }
            }
            return Ok(Stored::Whole(Box::new(self.made(making).await?)));
        }
    }

    fn making(&self, content_type: ContentType, batch: &Batch) -> Making {
        let name = batch.name();
        let place = Place {
            tenant: self.turn.tenant,
            content_type,
            hour: batch.hour.start(),
            name: &name,
        };
        let format = self.collector.format;
        Making {
            records: Writing::to(place.records(format)),
            dead: Writing::to(place.dead(format)),
            batch: StoredBatch::default(),
            ids: BTreeSet::new(),
        }
    }

    async fn made(&self, making: Making) -> Result<StoredBatch, Stop> {
        let objects = &*self.collector.objects;
        let mut batch = making.batch;
        batch.records = making.records.finish(objects).await?;
        batch.dead = making.dead.finish(objects).await?;
        batch.at = self.now();
        Ok(batch)
    }

    async fn content(
        &mut self,
        content: &Content,
        is_dead: bool,
        making: &mut Making,
    ) -> Result<Fetched, Stop> {
        let mut body = match self.body(content).await {
            Ok(body) => body,
            Err(Stop::Refused(failure)) if failure.refusal.step() == Step::CountAsLost => {
                return Ok(Fetched::Lost);
            }
            Err(stop) => return Err(stop),
        };
        let mut found = Found::default();
        let mut scanner = Scanner::default();
        while let Some(piece) = body.next().await.map_err(Stop::Refused)? {
            if is_dead {
                found.dead.extend_from_slice(&piece);
            } else if scanner.push(&piece, &mut found).is_err() {
                return Ok(Fetched::Torn);
            }
            self.write(&mut found, making).await?;
        }
        if is_dead {
            making.batch.dead_count += 1;
            found.dead.push(b'\n');
        } else {
            let Ok(counts) = scanner.end(&mut found) else {
                return Ok(Fetched::Torn);
            };
            making.batch.record_count += counts.records;
            making.batch.without_id += counts.without_id;
            making.batch.dead_count += counts.dead;
        }
        self.write(&mut found, making).await?;
        Ok(Fetched::Whole)
    }

    async fn body(&mut self, content: &Content) -> Result<Box<dyn Body>, Stop> {
        let address = self.checked(&content.unverified_uri)?;
        loop {
            self.may_ask().await?;
            match self.collector.api.content(self.who(), &address).await {
                Ok(body) => return Ok(body),
                Err(failure) if self.has_another_token(&failure).await => {}
                Err(failure) => return Err(Stop::Refused(failure)),
            }
        }
    }

    async fn write(&self, found: &mut Found, making: &mut Making) -> Result<(), ObjectError> {
        let (objects, encoding) = (&*self.collector.objects, &*self.collector.encoding);
        making.batch.bytes += found.records.len() as u64;
        for id in found.ids.drain(..) {
            let is_new = making.ids.len() >= MOST_IDS || making.ids.insert(id);
            making.batch.repeated += u64::from(!is_new);
        }
        making
            .records
            .take(&mut found.records, objects, encoding)
            .await?;
        making.dead.take(&mut found.dead, objects, encoding).await
    }
}

impl Making {
    async fn abort(self) {
        self.records.abort().await;
        self.dead.abort().await;
    }
}

/// What became of a content.
enum Fetched {
    Whole,
    /// It is gone or has expired.
    Lost,
    /// Pieces of a record that is none were written: all of it has to be thrown away.
    Torn,
}
