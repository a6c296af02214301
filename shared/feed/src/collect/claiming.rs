//! What a session claims before it stores, and which hours and batches are its own
//! ([`Fence`](super::fence::Fence)).

use std::time::Duration;

use auth::Timestamp;

use super::left::Left;
use super::session::Session;
use super::stop::Stop;
use super::{Halt, Turn};
use crate::content::Content;
use crate::content_type::ContentType;
use crate::handed::out;
use crate::ledger::BatchRow;
use crate::spans::Spans;
use crate::window::Window;

/// A claim ends so long after its session's requests.
const MARGIN: Duration = Duration::from_secs(10);

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
