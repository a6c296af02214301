//! One loop writes every change: each round decides on what the table holds then, so that a run's
//! write is not lost.

use auth::ports::{StoreError, Write};
use auth::{TenantId, Timestamp};

use super::Feeds;
use crate::content_type::ContentType;
use crate::due::Due;
use crate::ledger::TenantFeed;
use crate::pace::Pace;
use crate::pass::Pass;
use crate::progress::horizon;
use crate::spans::Spans;
use crate::window::Window;

/// A run writes in between; more rounds than this mean that something else is wrong.
const ROUNDS: usize = 4;

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operated {
    /// It is written.
    Done,
    /// It was so already.
    AsBefore,
}

/// What is listed once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backfill {
    /// What of the window was listed before, and can still be fetched. What was not is listed in any
    /// case.
    pub window: Window,
    /// The types that it is done for.
    pub types: Vec<ContentType>,
}

/// Why nothing was changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum OperateError {
    /// It has no row: it was never active since the collector runs, or no run has seen it yet.
    #[error("no audit log is collected for it yet: the first run after it is active begins")]
    NotCollected,
    /// Nothing of the window can be listed again.
    #[error(
        "nothing of it can be listed again: content is kept for seven days, and nothing was listed \
         before the subscription began"
    )]
    OutOfReach,
    /// Runs were first every time.
    #[error("a run writes to it all the time: try again")]
    Busy,
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Feeds {
    /// Holds a tenant back: from the next turn on nothing is listed. Its subscriptions run on, so
    /// that what is made within seven days before it is resumed is not lost.
    pub async fn pause(&self, tenant: TenantId) -> Result<Operated, OperateError> {
        // In its turns it stays where it is: the run that takes it out knows how far it is listed.
        let now = self.clock.now();
        self.change(tenant, |feed| {
            feed.hurries(now);
            Ok(!std::mem::replace(&mut feed.is_paused, true))
        })
        .await
    }

    /// Lifts a pause, and takes back that it leaves. The next run looks at it.
    pub async fn resume(&self, tenant: TenantId) -> Result<Operated, OperateError> {
        let now = self.clock.now();
        self.change(tenant, |feed| {
            let was_held = feed.is_paused || feed.leaves.is_some();
            feed.is_paused = false;
            feed.leaves = None;
            wakes(feed, now);
            Ok(was_held)
        })
        .await
    }

    /// Stops its subscriptions, in the next run. To be called before the tenant is removed or
    /// suspended: afterwards there is no token to stop them with. [`Status::is_stopped`] says when
    /// it is done.
    ///
    /// [`Status::is_stopped`]: super::Status::is_stopped
    pub async fn leave(&self, tenant: TenantId) -> Result<Operated, OperateError> {
        let now = self.clock.now();
        self.change(tenant, |feed| {
            let stays = feed.leaves.is_none();
            if stays {
                feed.leaves = Some(now);
                wakes(feed, now);
            }
            Ok(stays)
        })
        .await
    }

    /// Lists a window once more, of every type that was listed in it. What is stored is known by
    /// its contentIds and not stored again. [`unlisted`](Self::unlisted) says what is left to do.
    pub async fn backfill(
        &self,
        tenant: TenantId,
        window: Window,
    ) -> Result<Backfill, OperateError> {
        let now = self.clock.now();
        let reach = Window::new(horizon(now), now).and_then(|reach| reach.common(window));
        let window = reach.ok_or(OperateError::OutOfReach)?;
        let mut types = Vec::new();
        self.change(tenant, |feed| {
            types.clear();
            for one in &mut feed.types {
                let Some(progress) = &mut one.progress else {
                    continue;
                };
                let before = progress.unlisted(Pass::First).within(window);
                progress.reopen(window, now);
                if progress.unlisted(Pass::First).within(window) != before {
                    types.push(one.content_type);
                }
            }
            feed.hurries(now);
            Ok(!types.is_empty())
        })
        .await?;
        if types.is_empty() {
            return Err(OperateError::OutOfReach);
        }
        Ok(Backfill { window, types })
    }

    /// What of a window waits for its listing, or for something in it to be stored, of each
    /// type; without types that wait for nothing. For a progress bar.
    pub async fn unlisted(
        &self,
        tenant: TenantId,
        window: Window,
    ) -> Result<Vec<(ContentType, Spans)>, OperateError> {
        let feed = self.read(tenant).await?.ok_or(OperateError::NotCollected)?;
        let open = feed.types.iter().filter_map(|one| {
            let open = one.progress.as_ref()?.unlisted(Pass::First).within(window);
            (!open.is_empty()).then_some((one.content_type, open))
        });
        Ok(open.collect())
    }

    /// `rule` says whether anything was changed.
    async fn change(
        &self,
        tenant: TenantId,
        mut rule: impl FnMut(&mut TenantFeed) -> Result<bool, OperateError>,
    ) -> Result<Operated, OperateError> {
        for _ in 0..ROUNDS {
            let read = self.read(tenant).await?;
            let mut feed = read.ok_or(OperateError::NotCollected)?;
            if !rule(&mut feed)? {
                return Ok(Operated::AsBefore);
            }
            if self.ledger.put_feed(&feed).await? == Write::Done {
                return Ok(Operated::Done);
            }
        }
        Err(OperateError::Busy)
    }
}

/// The next run looks at it. One that is looked at in its turns soon is, and its lease goes on
/// speaking for it.
fn wakes(feed: &mut TenantFeed, now: Timestamp) {
    if feed.due != Due::InTurn(Pace::FASTEST) {
        feed.due = Due::From(now);
    }
}
