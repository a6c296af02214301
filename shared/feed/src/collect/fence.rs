//! What keeps a session apart from others that work for its tenant at the same time, where there
//! is a queue (decision 0065): the claim on what is new, and the hours that are out.
//!
//! Two sessions that list the same contents would make different batches of them, and store them
//! twice. So one stores for a tenant at a time: before its first batch it writes its claim into
//! the tenant's row, and reads the batches after that. The workers of windows have their hours to
//! themselves.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use auth::Timestamp;
use auth::version::Version;

use super::left::Left;
use super::session::{Session, Stop};
use super::{Halt, Turn};
use crate::content::Content;
use crate::content_type::ContentType;
use crate::handed::{Handed, out};
use crate::ledger::{BatchRow, TenantFeed};
use crate::spans::Spans;
use crate::window::Window;

/// A claim ends so long after its session's requests.
const MARGIN: Duration = Duration::from_secs(10);

/// How a session is fenced.
pub(super) struct Fence {
    /// As it was read; `None` where nothing has to be claimed: no other session is there, or the
    /// session has hours of its own.
    feed: Option<TenantFeed>,
    /// The version that the claim made.
    claimed: Mutex<Option<Version>>,
    /// Windows that workers do.
    out: Vec<Handed>,
    /// A worker's own window: it has nothing to do with other hours.
    own: Option<Window>,
    /// Workers did windows when the session began.
    pub(super) is_shared: bool,
}

impl Fence {
    /// Of a session that has the tenant, or its hours, for itself.
    pub(super) fn none(out: Vec<Handed>) -> Self {
        Self {
            feed: None,
            claimed: Mutex::default(),
            out,
            own: None,
            is_shared: false,
        }
    }

    /// Of the worker of a window.
    pub(super) fn within(own: Window) -> Self {
        Self {
            own: Some(own),
            ..Self::none(Vec::new())
        }
    }

    /// Of one that may meet others. A row that is not there yet has one session at the most.
    pub(super) fn of(feed: &TenantFeed) -> Self {
        Self {
            feed: feed.version.is_some().then(|| feed.clone()),
            ..Self::none(feed.handed.clone())
        }
    }

    /// Of a session that workers come beside: these windows were out when it began.
    pub(super) fn beside(self, handed: &[Handed]) -> Self {
        Self {
            is_shared: !handed.is_empty(),
            ..self
        }
    }

    /// The version that the tenant's row has by the claim, if there was one. It outlives the
    /// session, which may be dropped in the middle.
    pub(super) fn claimed(&self) -> Option<Version> {
        let claimed = self.claimed.lock();
        claimed.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, version: Version) {
        let mut claimed = self.claimed.lock().unwrap_or_else(PoisonError::into_inner);
        *claimed = Some(version);
    }
}

impl Session<'_> {
    /// Before the first batch is written: whether the claim is new, so that what was read of
    /// batches may be old.
    pub(super) async fn claims(&self) -> Result<bool, Stop> {
        let (queue, feed) = (&self.collector.queue, &self.fence.feed);
        let (Some(queue), Some(feed)) = (queue, feed) else {
            return Ok(false);
        };
        if self.fence.claimed().is_some() {
            return Ok(false);
        }
        let until = self.now() + self.time_for(self.turn) + MARGIN;
        let Some(version) = queue.shared.claim(feed, until).await? else {
            return Err(Stop::Halt(Halt::Raced));
        };
        self.fence.keep(version);
        Ok(true)
    }

    fn time_for(&self, turn: &Turn) -> Duration {
        let now = self.collector.clock.since_start();
        turn.dropped_at.saturating_sub(now)
    }

    /// What workers do of a type.
    pub(super) fn out(&self, content_type: ContentType) -> Spans {
        out(&self.fence.out, content_type, self.now())
    }

    /// What of a listing is this session's to store. Contents of another one's hours are that
    /// one's; where the listing should not have named them, it does not count.
    pub(super) fn own(
        &self,
        content_type: ContentType,
        window: Window,
        contents: Vec<Content>,
        left: &mut Left,
    ) -> Vec<Content> {
        let out = self.out(content_type);
        let (own, others): (Vec<_>, Vec<_>) = contents
            .into_iter()
            .partition(|content| self.is_own(&out, Window::hour_of(content.created)));
        let listed = out.within(window);
        let is_stray = |content: &Content| !is_in(&listed, content.created);
        if others.iter().any(is_stray) {
            left.hours.insert(window);
        }
        own
    }

    /// The batches that are this session's.
    pub(super) fn own_rows(
        &self,
        content_type: ContentType,
        mut rows: Vec<BatchRow>,
    ) -> Vec<BatchRow> {
        let out = self.out(content_type);
        rows.retain(|row| self.is_own(&out, row.hour));
        rows
    }

    fn is_own(&self, out: &Spans, hour: Window) -> bool {
        match self.fence.own {
            Some(own) => own.common(hour) == Some(hour),
            None => out.within(hour).is_empty(),
        }
    }
}

fn is_in(spans: &Spans, at: Timestamp) -> bool {
    spans.windows().iter().any(|window| window.contains(at))
}

/// Whether a session may begin: not while another one stores.
pub(super) fn may_begin(feed: &TenantFeed, now: Timestamp) -> Result<(), Halt> {
    if feed.is_busy(now) {
        return Err(Halt::Raced);
    }
    Ok(())
}
