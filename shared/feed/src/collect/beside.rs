//! A window that a turn handed out, done by a worker beside the tenant's turns.
//!
//! One worker takes it, by a row of its own; its hours are its own while the claim holds, so that
//! it needs no other word with the turns than what became of it. Whatever happens to it, its
//! window was never taken for listed: a turn plans it again.

use std::time::Duration;

use auth::ports::Write;

use super::fence::Fence;
use super::quota::Quota;
use super::session::Session;
use super::stop::Stop;
use super::subscribing::is_in_doubt;
use super::woken::is_collected;
use super::{Collector, Halt, Queue, Report, Turn};
use crate::content_type::ContentType;
use crate::handed::{Handed, Listing, Outcome, WindowRow};
use crate::ledger::{TenantFeed, Totals, TypeFeed};
use crate::ports::NoToken;
use crate::progress::horizon;
use crate::refusal::Refusal;
use crate::window::Window;

/// A worker is done so long before its claim ends: its last request and its last write.
const MARGIN: Duration = Duration::from_secs(30);

impl Collector {
    /// Does a window, if it is out and no other worker has it. A report without a window and
    /// without a halt: there was nothing to do.
    pub(crate) async fn beside(
        &self,
        turn: &Turn,
        (content_type, window): (ContentType, Window),
    ) -> Report {
        let mut report = Report::default();
        let Some(queue) = &self.queue else {
            return report;
        };
        let done = self.try_beside(queue, turn, (content_type, window), &mut report);
        if let Err(halt) = done.await {
            report.halt = Some(halt);
        }
        report
    }

    async fn try_beside(
        &self,
        queue: &Queue,
        turn: &Turn,
        wanted: (ContentType, Window),
        report: &mut Report,
    ) -> Result<(), Halt> {
        let Some(mut feed) = self.ledger.feed(turn.tenant).await? else {
            return Ok(());
        };
        feed.settles(self.settle);
        let Some((handed, mut one)) = self.out_of(&feed, wanted) else {
            return Ok(());
        };
        let left = self.clock.now().seconds_until(handed.until);
        let left = Duration::from_secs(left).saturating_sub(MARGIN);
        let end = self.clock.since_start() + left;
        let turn = &Turn {
            deadline: turn.deadline.min(end),
            dropped_at: turn.dropped_at.min(end + MARGIN / 2),
            ..turn.clone()
        };
        let mut row = WindowRow {
            tenant: turn.tenant,
            handed,
            outcome: None,
        };
        // Also where the same message came to two workers at once.
        if left.is_zero() || queue.shared.take_window(&row).await? == Write::Stale {
            return Ok(());
        }
        let worked = self
            .in_time(
                turn,
                self.list_beside(turn, &mut one, handed.window, report),
            )
            .await;
        let (listing, halt) = match worked {
            Some(Ok(listing)) => (listing, None),
            Some(Err(halt)) => (None, Some(halt)),
            None => (None, Some(Halt::Deadline)),
        };
        row.outcome = Some(Outcome {
            listing,
            totals: one.totals,
            stored_at: one.stored_at,
        });
        report.wrote = queue.shared.finish_window(&row).await? == Write::Done;
        halt.map_or(Ok(()), Err)
    }

    /// What is out of a tenant, and its type, of which nothing is counted yet.
    fn out_of(
        &self,
        feed: &TenantFeed,
        (content_type, window): (ContentType, Window),
    ) -> Option<(Handed, TypeFeed)> {
        let mut handed = feed.handed.iter();
        let handed = handed.find(|one| (one.content_type, one.window) == (content_type, window))?;
        let mut types = feed.types.iter();
        let one = types.find(|one| one.content_type == content_type)?;
        let is_wanted = is_collected(feed)
            && self.types.contains(&content_type)
            && one.progress.is_some()
            && !is_in_doubt(one);
        is_wanted.then(|| {
            let one = TypeFeed {
                totals: Totals::default(),
                stored_at: None,
                ..one.clone()
            };
            (*handed, one)
        })
    }

    /// Lists what can still be listed of the window, and stores it; `None` where a turn has to.
    async fn list_beside(
        &self,
        turn: &Turn,
        one: &mut TypeFeed,
        window: Window,
        report: &mut Report,
    ) -> Result<Option<Listing>, Halt> {
        let fence = Fence::within(window);
        let start = window.start().max(horizon(self.clock.now()));
        let Some(window) = Window::new(start, window.end()) else {
            return Ok(None);
        };
        let mut session =
            match Session::begin(self, (turn, &fence), Quota::shared(&*self.clock)).await {
                Ok(session) => session,
                Err(NoToken::Held(_)) => return Ok(None),
                Err(NoToken::Later) => return Err(Halt::NoToken),
            };
        let stored = session.stored(one, window, report).await;
        report.requests = session.requests;
        match stored {
            Ok((window, at, left)) => Ok(Some(Listing {
                window,
                at,
                unfinished: left.hours,
            })),
            Err(Stop::Halt(halt)) => Err(halt),
            Err(Stop::Refused(failure)) if failure.refusal == Refusal::Throttled => {
                Err(Halt::Throttled)
            }
            Err(Stop::Refused(failure)) => {
                report.refusals.push((one.content_type, failure.refusal));
                Ok(None)
            }
        }
    }
}
