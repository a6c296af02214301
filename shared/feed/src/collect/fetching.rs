//! One content of a batch: its bytes become records and what is dead, or it is lost, or it has to
//! be fetched another time.

use auth::Timestamp;

use super::listing::of_address;
use super::making::Making;
use super::session::Session;
use super::stop::Stop;
use super::writing::Found;
use crate::content::Content;
use crate::ports::{Body, Failure, ObjectError};
use crate::records::Scanner;
use crate::refusal::{Refusal, Step};
use crate::window::DAY;

/// Ids that are remembered to count repeats by, some 16 MB; of more, repeats are not counted.
const MOST_IDS: usize = 500_000;

/// An answer that is none (no array, an array that is cut off, a 404 without an AF number) may be
/// a gateway's, and is asked for again until the content is so many seconds old. Then it counts.
const DOUBTED: i64 = 6 * DAY;

/// What became of a content.
pub(super) enum Fetched {
    Whole,
    /// It is gone or has expired.
    Lost,
    /// Pieces of a record that is none were written: all of it has to be thrown away.
    Torn,
}

impl Session<'_> {
    /// Fetches a content into what is being made. `is_dead`: all of it is kept as bytes.
    pub(super) async fn content(
        &mut self,
        content: &Content,
        is_dead: bool,
        making: &mut Making,
    ) -> Result<Fetched, Stop> {
        let mut body = match self.body(content).await {
            Ok(body) => body,
            Err(Stop::Refused(failure)) if is_lost(content, &failure, making.listed_at) => {
                return Ok(Fetched::Lost);
            }
            Err(Stop::Refused(failure)) if failure.refusal.step() == Step::CountAsLost => {
                return Err(Stop::Refused(Failure {
                    refusal: Refusal::Unavailable,
                    ..failure
                }));
            }
            Err(stop) => return Err(stop),
        };
        let is_young = !is_old(content, making.listed_at);
        let mut found = Found::default();
        let mut scanner = Scanner::default();
        while let Some(piece) = body.next().await.map_err(Stop::Refused)? {
            self.has_time()?;
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
            let ended = scanner.end(&mut found);
            if is_young && (found.is_unfit || ended.is_err()) {
                return Err(Stop::refused(Refusal::Unavailable));
            }
            let Ok(counts) = ended else {
                return Ok(Fetched::Torn);
            };
            making.batch.record_count += counts.records;
            making.batch.without_id += counts.without_id;
            making.batch.dead_count += counts.dead;
        }
        self.write(&mut found, making).await?;
        Ok(Fetched::Whole)
    }

    pub(super) async fn body(&mut self, content: &Content) -> Result<Box<dyn Body>, Stop> {
        let address = self.checked(&content.unverified_uri)?;
        loop {
            self.may_ask().await?;
            match self.collector.api.content(self.who(), &address).await {
                Ok(body) => return Ok(body),
                Err(failure) if self.has_another_token(&failure).await => {}
                Err(failure) => return Err(Stop::Refused(of_address(failure))),
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

/// Whether an answer that is none counts.
fn is_old(content: &Content, listed_at: Timestamp) -> bool {
    content.created.unix().saturating_add(DOUBTED) <= listed_at.unix()
}

/// Whether a content is gone for good: an AF number says so, or it was the answer for days.
pub(super) fn is_lost(content: &Content, failure: &Failure, listed_at: Timestamp) -> bool {
    let is_sure = failure.code.is_some() || is_old(content, listed_at);
    failure.refusal.step() == Step::CountAsLost && is_sure
}
