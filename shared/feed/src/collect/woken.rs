//! A turn that a webhook woke: the types that it named are listed up to this moment, and what is
//! new is stored.
//!
//! It decides nothing of what is complete, and takes no lease: what it marks is what it listed,
//! and when a run looks at the tenant stays as it was. Who wakes a tenant, and how often,
//! changes when something is listed, and nothing in the store (decision 0065).

use std::collections::BTreeMap;

use auth::Timestamp;
use auth::ports::{Looked, Write};

use super::fence::{Fence, may_begin};
use super::quota::Quota;
use super::session::Session;
use super::stop::Stop;
use super::subscribing::is_in_doubt;
use super::{Collector, Halt, Queue, Report, Turn};
use crate::content_type::ContentType;
use crate::due::Due;
use crate::ledger::{TenantFeed, TypeFeed};
use crate::marks::{self, mark_of};
use crate::pass::Pass;
use crate::planner::woken;
use crate::ports::NoToken;
use crate::refusal::Refusal;
use crate::watched::{self, Watched};
use crate::window::Window;

/// The types for which a tenant is woken, and when the last message about each was sent.
pub(crate) type WokenTypes = BTreeMap<ContentType, Timestamp>;

impl Collector {
    /// Lists what is wanted of `types`. `looked`: what the lease of the tenant's shard says, read
    /// before this begins, as far as believed. A report without a request and without a halt: there
    /// was nothing to do.
    pub(crate) async fn woken(
        &self,
        turn: &Turn,
        types: &WokenTypes,
        looked: Option<&Looked>,
    ) -> Report {
        let mut report = Report::default();
        let Some(queue) = &self.queue else {
            return report;
        };
        let woken = self.try_woken(queue, turn, (types, looked), &mut report);
        if let Err(halt) = woken.await {
            report.halt = Some(halt);
        }
        report
    }

    async fn try_woken(
        &self,
        queue: &Queue,
        turn: &Turn,
        (types, looked): (&WokenTypes, Option<&Looked>),
        report: &mut Report,
    ) -> Result<(), Halt> {
        let now = self.clock.now();
        let Some(row) = self.ledger.feed(turn.tenant).await? else {
            return Ok(());
        };
        let mut feed = row.clone();
        feed.settles(self.settle);
        let turns = marks::turns(self.pacing.interval);
        let mark = looked.and_then(|looked| mark_of(looked, turns, turn.tenant, feed.due));
        feed.listed_until(mark);
        if !is_collected(&feed) || !feed.types.iter().any(|one| self.wants(one, types, now)) {
            return Ok(());
        }
        may_begin(&feed, now)?;
        feed.busy_until = None;
        let (before, calm) = (
            &row.types,
            watched::calm(&feed.types, now, feed.due.period(self.pacing.interval)),
        );
        let fence = Fence::of(&feed);
        let listed = self.list_woken((turn, &fence), &mut feed, types, report);
        let worked = self.in_time(turn, listed).await;
        let worked = worked.unwrap_or(Err(Halt::Deadline));
        feed.version = fence.claimed().or(feed.version);
        watched::learn(&calm, before, &mut feed.types);
        report.watched = Watched::of(before, &feed.types, now, turn.tenant);
        report.watched.log(turn.tenant, now);
        feed.events = report.watched.events(turn.tenant, now);
        if report.windows > 0 || feed.version != row.version {
            match queue.shared.put_types(&feed).await? {
                Write::Done => report.wrote = true,
                Write::Stale => return Err(Halt::Raced),
            }
        }
        report.due = Some(feed.due);
        worked
    }

    /// Whether a type is to be listed: it is collected, and its newest listing does not reach to
    /// when the message was sent. What is a day behind, or is refused, is a turn's to do.
    fn wants(&self, one: &TypeFeed, types: &WokenTypes, now: Timestamp) -> bool {
        let Some(sent) = types.get(&one.content_type) else {
            return false;
        };
        let is_listed = one.listed_at.is_some_and(|at| at > *sent);
        let is_whole = one.progress.as_ref().is_some_and(|progress| {
            let mark = progress.unlisted(Pass::First).mark;
            woken(now, mark).is_some()
        });
        self.types.contains(&one.content_type) && is_whole && !is_listed && !is_in_doubt(one)
    }

    async fn list_woken(
        &self,
        at: (&Turn, &Fence),
        feed: &mut TenantFeed,
        types: &WokenTypes,
        report: &mut Report,
    ) -> Result<(), Halt> {
        let mut session = match Session::begin(self, at, Quota::woken(&*self.clock)).await {
            Ok(session) => session,
            // A turn holds the tenant.
            Err(NoToken::Held(_)) => return Ok(()),
            Err(NoToken::Later) => return Err(Halt::NoToken),
        };
        let now = self.clock.now();
        for one in &mut feed.types {
            if !self.wants(one, types, now) {
                continue;
            }
            let listed = session.woken(one, now, report).await;
            report.requests = session.requests;
            match listed {
                Err(Stop::Halt(halt)) => return Err(halt),
                Err(Stop::Refused(failure)) if failure.refusal == Refusal::Throttled => {
                    return Err(Halt::Throttled);
                }
                Err(Stop::Refused(failure)) => {
                    report.refusals.push((one.content_type, failure.refusal));
                }
                Ok(()) => {}
            }
        }
        Ok(())
    }
}

impl Session<'_> {
    /// One type: from its mark up to this moment, settled or not. What is not settled yet is
    /// listed again in its time.
    async fn woken(
        &mut self,
        one: &mut TypeFeed,
        now: Timestamp,
        report: &mut Report,
    ) -> Result<(), Stop> {
        let mark = one
            .progress
            .as_ref()
            .map(|one| one.unlisted(Pass::First).mark);
        let Some(window) = mark.and_then(|mark| woken(now, mark)) else {
            return Ok(());
        };
        let stored = match self.stored(one, window, report).await {
            // Our clock is ahead of Microsoft's: up to its moment.
            Err(Stop::Refused(failure)) if failure.refusal == Refusal::WindowRefused => {
                let end = failure.at.map(|at| at.min(window.end()));
                let earlier = end.and_then(|end| Window::new(window.start(), end));
                let earlier = earlier.ok_or(Stop::Refused(failure))?;
                self.stored(one, earlier, report).await?
            }
            stored => stored?,
        };
        let (window, at, left) = stored;
        // Nothing expires here: what the row does not know of, the lease may.
        one.progress = self.marked(one, (window, at), &left);
        left.in_time()
    }
}

/// Whether anything is listed for a tenant: a turn decides that it is, and this follows.
pub(super) fn is_collected(feed: &TenantFeed) -> bool {
    let is_held = matches!(feed.due, Due::Held(_));
    !feed.is_paused && feed.leaves.is_none() && !is_held
}
