//! Which windows are to be listed now: a pure function of the clock and the ledger.
//!
//! The newest first, because people wait for it; then the oldest, because it expires. One
//! request serves every pass that needs its time, so that an outage is made up for once.

use auth::{TenantId, Timestamp};

use crate::pass::Pass;
use crate::progress::{Progress, horizon};
use crate::spans::Spans;
use crate::window::{DAY, HOUR, Window};

/// What is listed a second time on purpose: content of the last minutes can appear after that
/// of the next ones.
pub(crate) const OVERLAP: i64 = 600;

/// The passes after a day and on day six go by so much: an idle tenant costs one listing for each.
const GRID: i64 = 12 * HOUR;

/// So much of what needs no listing is listed along, where it makes one request of two.
const BRIDGE: i64 = 3 * HOUR;

/// Where a tenant's twelve hours begin: the passes after a day and on day six of all its types go
/// together, so that its row is written once for all of them, and tenants go at other times.
pub fn grid_of(tenant: TenantId) -> i64 {
    let bytes = tenant.as_bytes().iter().rev().take(4);
    let number = bytes.fold(0, |number, byte| number * 256 + i64::from(*byte));
    number % GRID
}

/// The windows that are due, in the order in which to list them: each at most 24 hours long and
/// within what can be listed at `now`; nothing in two of them but the overlap. `grid`: of
/// [`grid_of`].
pub fn due(now: Timestamp, progress: &Progress, grid: i64) -> Vec<Window> {
    let mut all = Spans::default();
    for pass in Pass::ALL {
        let ripe = due_in(pass, (now, grid), progress);
        ripe.windows().iter().for_each(|window| all.insert(*window));
    }
    let first = due_in(Pass::First, (now, grid), progress);
    // Of the first pass alone: what is only repeated is not news.
    let newest = first.windows().last().map(|last| last.newest(DAY));
    let newest = newest.map(|newest| bridged(newest, &all));
    newest.into_iter().for_each(|newest| all.remove(newest));
    let rest = all.windows().iter().flat_map(|window| days(*window));
    let lapped = newest.map(|newest| lapped(newest, now));
    lapped.into_iter().chain(rest).collect()
}

/// What is listed where a webhook said that there is something: from `mark` on, where the first
/// pass has come to, up to `now`. `None` where that is more than one request: a turn does it.
pub fn woken(now: Timestamp, mark: Timestamp) -> Option<Window> {
    let start = mark.unix().saturating_sub(OVERLAP);
    let window = Window::between(start, now.unix())?;
    fits(window).then_some(window)
}

/// Whether the pass after a day or the one on day six has something to list: twice a day.
pub fn is_late_due(now: Timestamp, progress: &Progress, grid: i64) -> bool {
    let mut late = [Pass::AfterADay, Pass::OnDaySix].into_iter();
    late.any(|pass| !due_in(pass, (now, grid), progress).is_empty())
}

/// What a pass has to list. The later passes wait until it is worth a request.
fn due_in(pass: Pass, (now, grid): (Timestamp, i64), progress: &Progress) -> Spans {
    let ripe = gathered(pass, progress.ripe(pass, now), grid);
    let Some(reach) = Window::new(horizon(now), ripe) else {
        return Spans::default();
    };
    let found = progress.unlisted(pass).within(reach);
    let oldest = found.windows().first().map(|window| window.start());
    let has_waited = |oldest: Timestamp| oldest.unix().saturating_add(waits(pass)) <= ripe.unix();
    if oldest.is_some_and(has_waited) {
        found
    } else {
        Spans::default()
    }
}

/// Up to where a pass goes: the late ones by twelve hours.
fn gathered(pass: Pass, ripe: Timestamp, grid: i64) -> Timestamp {
    match pass {
        Pass::First | Pass::AfterHours => ripe,
        Pass::AfterADay | Pass::OnDaySix => {
            let over = ripe.unix().saturating_sub(grid).rem_euclid(GRID);
            Timestamp::from_unix(ripe.unix().saturating_sub(over))
        }
    }
}

/// How many seconds wait together for a pass that goes along with the newest.
fn waits(pass: Pass) -> i64 {
    if pass == Pass::AfterHours { HOUR } else { 0 }
}

/// The newest window, made longer by what waits shortly before it.
fn bridged(newest: Window, all: &Spans) -> Window {
    let mut whole = newest;
    for window in all.windows().iter().rev() {
        let near = window.end().unix().saturating_add(BRIDGE) >= whole.start().unix();
        let longer = whole.around(*window);
        if near && window.start() < whole.start() && fits(longer) {
            whole = longer;
        }
    }
    whole
}

/// The newest window, with the overlap where it has room.
fn lapped(newest: Window, now: Timestamp) -> Window {
    let room = DAY.saturating_sub(newest.end().unix() - newest.start().unix());
    let start = newest.start().unix().saturating_sub(room.min(OVERLAP));
    let start = start.max(horizon(now).unix());
    Window::between(start, newest.end().unix()).unwrap_or(newest)
}

fn fits(window: Window) -> bool {
    window.seconds() <= DAY.unsigned_abs()
}

/// Cut into windows that one request may ask for, oldest first.
fn days(whole: Window) -> impl Iterator<Item = Window> {
    let mut left = Some(whole);
    std::iter::from_fn(move || {
        let rest = left?;
        let day = rest.oldest(DAY);
        left = Window::new(day.end(), rest.end());
        Some(day)
    })
}

#[cfg(test)]
#[path = "planner_tests.rs"]
mod tests;
