//! Which windows are to be listed now: a pure function of the clock and the ledger.
//!
//! The newest first, because people wait for it; then the oldest, because it expires. One
//! request serves every pass that needs its time, so that an outage is made up for once.

use auth::Timestamp;

use crate::pass::Pass;
use crate::progress::{Progress, horizon};
use crate::spans::Spans;
use crate::window::{DAY, HOUR, Window};

/// What is listed a second time on purpose: content of the last minutes can appear after that
/// of the next ones.
const OVERLAP: i64 = 600;

/// So much of what needs no listing is listed along, where it makes one request of two.
const BRIDGE: i64 = 3 * HOUR;

/// The windows that are due, in the order in which to list them: each at most 24 hours long and
/// within what can be listed at `now`; nothing in two of them but the overlap.
pub fn due(now: Timestamp, progress: &Progress) -> Vec<Window> {
    let mut all = Spans::default();
    for pass in Pass::ALL {
        let ripe = due_in(pass, now, progress);
        ripe.windows().iter().for_each(|window| all.insert(*window));
    }
    let first = due_in(Pass::First, now, progress);
    // Of the first pass alone: what is only repeated is not news.
    let newest = first.windows().last().map(|last| last.newest(DAY));
    let newest = newest.map(|newest| bridged(newest, &all));
    newest.into_iter().for_each(|newest| all.remove(newest));
    let rest = all.windows().iter().flat_map(|window| days(*window));
    let lapped = newest.map(|newest| lapped(newest, now));
    lapped.into_iter().chain(rest).collect()
}

/// What a pass has to list. The later passes wait until it is worth a request.
fn due_in(pass: Pass, now: Timestamp, progress: &Progress) -> Spans {
    let ripe = progress.ripe(pass, now);
    let Some(reach) = Window::new(horizon(now), ripe) else {
        return Spans::default();
    };
    let found = progress.unlisted(pass).within(reach);
    let oldest = found.windows().first().map(|window| window.start());
    let has_waited = |oldest: Timestamp| oldest.unix().saturating_add(pass.every()) <= ripe.unix();
    if oldest.is_some_and(has_waited) {
        found
    } else {
        Spans::default()
    }
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
