//! When a run looks at a tenant next.

use auth::Timestamp;

use super::{Collector, Report, Turn};
use crate::due::{Due, Hold};
use crate::ledger::{TenantFeed, TypeFeed};
use crate::open;
use crate::pace::Pace;
use crate::refusal::{Refusal, Step};

impl Collector {
    /// When a run looks at the tenant next. A turn that ended early is gone on with in the next
    /// run: by the row, because the lease of its shard must not wait for one tenant.
    pub(super) fn moves(
        &self,
        turn: &Turn,
        feed: &mut TenantFeed,
        is_whole: bool,
        report: &Report,
    ) {
        let now = self.clock.now();
        let is_due = matches!(feed.due, Due::From(at) if at <= now);
        let has_no_token = |one: &TypeFeed| one.known.refusal == Some(Refusal::NoToken);
        feed.due = if turn.leaves && report.is_stopped {
            // What is made from now on is not wanted; what may come after a new consent begins then.
            for one in &mut feed.types {
                (one.progress, one.known) = Default::default();
            }
            feed.handed.clear();
            Due::Held(Hold::Left)
        } else if turn.leaves && is_whole && feed.types.iter().all(has_no_token) {
            // There is none for a tenant that is removed: what runs is left to Microsoft.
            Due::Held(Hold::Left)
        } else if feed.is_paused && !turn.leaves {
            Due::Held(Hold::Paused)
        } else {
            match report.not_before {
                Some(at) => Due::From(at),
                // What workers do is taken over soon.
                None if is_whole && !turn.leaves && feed.handed.is_empty() => {
                    let in_turn = || Due::InTurn(self.pace(feed, now));
                    first_listing(feed, now).map_or_else(in_turn, Due::From)
                }
                None if is_due => return,
                None => Due::From(now),
            }
        };
    }

    /// The longer nothing was stored, the slower. What has still something to do is not slow: a
    /// subscription to be started, a listing to be repeated, a gap.
    fn pace(&self, feed: &TenantFeed, now: Timestamp) -> Pace {
        if feed.types.iter().all(is_at_rest) {
            let quiet = feed.quiet(now);
            self.pacing.pace(quiet, self.settle)
        } else {
            Pace::FASTEST
        }
    }
}

/// Whether a type is listed to its end, or waits for somebody.
fn is_at_rest(one: &TypeFeed) -> bool {
    match one.known.refusal.map(Refusal::step) {
        None => !open::has_gaps(one),
        Some(Step::HoldType | Step::HoldTenant) => true,
        Some(_) => false,
    }
}

/// When the first listing of a type is due whose subscription has just begun: its admin wants to see
/// whether it works, and does not wait for the tenant's slot.
fn first_listing(feed: &TenantFeed, now: Timestamp) -> Option<Timestamp> {
    let begun = feed.types.iter().filter_map(|one| one.progress.as_ref());
    let ripe = begun.filter_map(|progress| progress.first_listing());
    ripe.filter(|at| *at > now).min()
}
