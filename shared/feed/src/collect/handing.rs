//! What a turn hands out of its backlog, and how it takes over what workers did.

use std::time::Duration;

use auth::Timestamp;

use super::subscribing::is_in_doubt;
use super::{Collector, Halt};
use crate::content_type::ContentType;
use crate::handed::{Handed, MOST_OUT, Outcome, WindowRow, out, pieces};
use crate::ledger::{TenantFeed, TypeFeed};
use crate::pass::Pass;
use crate::planner;
use crate::wake::Wake;
use crate::window::{HOUR, Window};

/// How long a window is out: its way through the queue, and a worker's time. The queue shows a
/// message again after the same time at the earliest (`VisibilityTimeout` in template.yaml), so
/// that it finds the window done or planned anew.
pub const CLAIM: Duration = Duration::from_secs(15 * 60);

/// What is shorter, a turn lists by itself: an hour in which one content fails comes again in
/// each turn. Seconds.
const WORTH_IT: u64 = HOUR.unsigned_abs();

/// Rows that one transaction deletes.
const MOST_ROWS: usize = 90;

/// What a turn took over.
#[derive(Default)]
pub(super) struct TakenOver {
    /// The rows of windows that are done with, to be deleted with the write that counts them.
    pub(super) done: Vec<WindowRow>,
    /// A claim ended without a word: the queue may stand still, so that this turn does what is
    /// due by itself.
    pub(super) has_lapsed: bool,
}

impl Collector {
    /// Takes over what became of the windows that are out.
    pub(super) async fn take_over(
        &self,
        feed: &mut TenantFeed,
        now: Timestamp,
    ) -> Result<TakenOver, Halt> {
        let mut taken = TakenOver::default();
        if let Some(queue) = &self.queue {
            for content_type in types(&feed.handed) {
                for row in queue.shared.windows(feed.tenant, content_type).await? {
                    take_row(feed, row, now, &mut taken.done);
                }
            }
            taken.done.truncate(MOST_ROWS);
        }
        let before = feed.handed.len();
        feed.handed.retain(|one| one.until > now);
        taken.has_lapsed = feed.handed.len() < before;
        Ok(taken)
    }

    /// Windows that are to be handed out, the oldest first, because they expire: what a turn had no
    /// time for. The newest of each type stays a turn's own.
    pub(super) fn hand_out(&self, feed: &mut TenantFeed, now: Timestamp) -> Vec<Handed> {
        let room = MOST_OUT.saturating_sub(feed.handed.len());
        let mut found: Vec<_> = feed
            .types
            .iter()
            .filter(|one| self.types.contains(&one.content_type) && !is_in_doubt(one))
            .flat_map(|one| self.of_type(feed, one, now))
            .collect();
        found.sort_by_key(|one| one.window);
        found.truncate(room);
        feed.handed.extend(&found);
        found
    }

    fn of_type(&self, feed: &TenantFeed, one: &TypeFeed, now: Timestamp) -> Vec<Handed> {
        let Some(progress) = &one.progress else {
            return Vec::new();
        };
        let rest = progress.but_for(&out(&feed.handed, one.content_type, now));
        let due = planner::due(now, &rest, planner::grid_of(feed.tenant));
        let is_worth_it = |window: &Window| {
            let unlisted = rest.unlisted(Pass::First).within(*window);
            unlisted.seconds() > WORTH_IT
        };
        let pieces = due.into_iter().skip(1).flat_map(pieces);
        let handed = pieces.filter(is_worth_it).map(|window| Handed {
            content_type: one.content_type,
            window,
            until: now + CLAIM,
        });
        handed.collect()
    }

    /// Puts them on the queue, once the row says that they are out. What is lost here comes again
    /// when its claim ends.
    pub(super) async fn send(&self, feed: &TenantFeed, handed: &[Handed]) {
        let wakes: Vec<_> = handed
            .iter()
            .map(|one| Wake::Window {
                tenant: feed.tenant,
                content_type: one.content_type,
                window: one.window,
            })
            .collect();
        let (Some(queue), false) = (&self.queue, wakes.is_empty()) else {
            return;
        };
        if let Err(error) = queue.wakes.send(&wakes).await {
            tracing::error!(
                event = "feed_handing_failed", tenant = %feed.tenant, %error,
                "windows could not be handed out; a later turn does them"
            );
        }
    }
}

fn types(handed: &[Handed]) -> Vec<ContentType> {
    let is_out = |one: &ContentType| handed.iter().any(|handed| handed.content_type == *one);
    ContentType::ALL.into_iter().filter(is_out).collect()
}

/// One row: what it says counts where its window is out; one of a claim that is over is tidied
/// away.
fn take_row(feed: &mut TenantFeed, row: WindowRow, now: Timestamp, done: &mut Vec<WindowRow>) {
    let is_out = feed.handed.contains(&row.handed);
    if is_out && let Some(outcome) = &row.outcome {
        let mut types = feed.types.iter_mut();
        let of = types.find(|one| one.content_type == row.handed.content_type);
        of.into_iter().for_each(|one| count(one, outcome));
        feed.handed.retain(|one| *one != row.handed);
        done.push(row);
    } else if row.handed.until <= now {
        done.push(row);
    }
}

/// What a worker did, in the words of the type's row.
fn count(one: &mut TypeFeed, outcome: &Outcome) {
    one.totals += outcome.totals;
    one.stored_at = one.stored_at.max(outcome.stored_at);
    if let (Some(progress), Some(listing)) = (&mut one.progress, &outcome.listing) {
        progress.listed(listing.window, listing.at, &listing.unfinished);
    }
}
