//! How far the listings of one tenant and type have come: the high-water row of the ledger
//! (decision 0060).
//!
//! It knows what is *not* done: for each pass a mark, from which on nothing was listed, and the
//! gaps below it. A window leaves it only once every content of its listing is durable or
//! counted as lost; so a run that dies anywhere leaves the work in it. It may be written late:
//! what it does not know yet is listed again, and contents that are stored are known by their
//! ids.

use std::time::Duration;

use auth::Timestamp;

use crate::pass::Pass;
use crate::spans::Spans;
use crate::window::{HOUR, Window};

/// How far back content can be listed: seven days, less five minutes for clocks that differ
/// and requests that take their time (protocol notes §10).
pub(crate) const REACH: i64 = 7 * 24 * HOUR - 300;

/// How far the first mark moves before it is written for its own sake.
const LAZY: u64 = 12 * HOUR.unsigned_abs();

/// How far a mark moves before what was named again is worth a write.
const AGAIN: u64 = HOUR.unsigned_abs();

/// What one pass has not listed: the gaps, and all from the mark on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unlisted {
    /// Nothing from here on was listed.
    pub mark: Timestamp,
    /// What was not listed before the mark.
    pub gaps: Spans,
}

impl Unlisted {
    fn since(mark: Timestamp) -> Self {
        Self {
            mark,
            gaps: Spans::default(),
        }
    }

    /// What of the window is unlisted.
    pub(crate) fn within(&self, window: Window) -> Spans {
        let mut found = self.gaps.within(window);
        let open = Window::new(window.start().max(self.mark), window.end());
        open.into_iter().for_each(|open| found.insert(open));
        found
    }

    fn remove(&mut self, window: Window) {
        let skipped = Window::new(self.mark, window.start());
        skipped.into_iter().for_each(|gap| self.gaps.insert(gap));
        self.gaps.remove(window);
        self.mark = self.mark.max(window.end());
    }

    /// Takes out everything before `horizon` that is not `out`, and says what that was.
    fn expire(&mut self, horizon: Timestamp, out: &Spans) -> Spans {
        let all = Window::new(Timestamp::from_unix(i64::MIN), horizon);
        let Some(all) = all else {
            return Spans::default();
        };
        let mut expired = self.gaps.within(all);
        self.gaps.remove(all);
        if let Some(unreached) = Window::new(self.mark, horizon) {
            expired.insert(unreached);
            self.mark = horizon;
        }
        for window in out.windows() {
            let kept = expired.within(*window);
            kept.windows()
                .iter()
                .for_each(|kept| self.gaps.insert(*kept));
            expired.remove(*window);
        }
        expired
    }
}

/// What cannot be listed any more.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expired {
    /// Was never listed, or held contents that were not stored: lost.
    pub lost: Spans,
    /// Was listed, and not as often as it should have been: each pass and second counts.
    pub unrepeated_seconds: u64,
    /// What of any pass has expired: a batch that was listed in it and not stored is lost.
    pub all: Spans,
}

/// The listings of one tenant and content type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// Content is wanted from here on.
    since: Timestamp,
    /// Seconds for which content settles before its first listing counts.
    settle: i64,
    passes: [Unlisted; 4],
}

impl Progress {
    /// Nothing is listed yet. `since`: when the subscription began; where it was found running,
    /// what can still be listed. `settle`: seconds.
    pub fn beginning(since: Timestamp, settle: u32) -> Self {
        let passes = [(); 4].map(|()| Unlisted::since(since));
        Self::stored(since, settle, passes)
    }

    /// As a row has it: the passes in the order of [`Pass::ALL`]. `settle`: of the setting, whatever
    /// it was when the row was written.
    pub fn stored(since: Timestamp, settle: u32, passes: [Unlisted; 4]) -> Self {
        Self {
            since,
            settle: i64::from(settle),
            passes,
        }
    }

    /// Content settles for so many seconds from now on.
    pub(crate) fn settles(&mut self, settle: u32) {
        self.settle = i64::from(settle);
    }

    /// Content is wanted from here on.
    pub fn since(&self) -> Timestamp {
        self.since
    }

    /// What a pass has not listed.
    pub fn unlisted(&self, pass: Pass) -> &Unlisted {
        &self.passes[pass.index()]
    }

    /// Up to where a pass may go at this moment.
    pub(crate) fn ripe(&self, pass: Pass, now: Timestamp) -> Timestamp {
        Timestamp::from_unix(now.unix().saturating_sub(pass.delay(self.settle)))
    }

    /// When the first listing can have something to list; `None` once something was listed.
    pub(crate) fn first_listing(&self) -> Option<Timestamp> {
        let is_new = self.unlisted(Pass::First).mark == self.since;
        let settle = Duration::from_secs(self.settle.unsigned_abs());
        is_new.then(|| self.since + settle + Duration::from_secs(1))
    }

    /// A window was listed to its end, and what it named is durable or counted, but for
    /// `unfinished`. One listing serves every pass that it is late enough for.
    ///
    /// `at`: the answer's `Date`, never later than our own clock when we asked: ours,
    /// where it is ahead, would mark as listed what is yet to come.
    pub fn listed(&mut self, window: Window, at: Timestamp, unfinished: &Spans) {
        for pass in Pass::ALL {
            let end = window.end().min(self.ripe(pass, at));
            if let Some(reached) = Window::new(window.start(), end) {
                self.passes[pass.index()].remove(reached);
            }
        }
        let windows = unfinished.windows().iter();
        windows.for_each(|window| self.reopen(*window, at));
    }

    /// What of a window was listed and can still be is to be listed again: something in it is
    /// not stored. `at` as of [`listed`](Self::listed).
    pub fn reopen(&mut self, window: Window, at: Timestamp) {
        // What has expired was counted then, and what is before the beginning was never wanted.
        let start = window.start().max(self.since).max(horizon(at));
        let first = &mut self.passes[Pass::First.index()];
        let gap = Window::new(start, window.end().min(first.mark));
        gap.into_iter().for_each(|gap| first.gaps.insert(gap));
    }

    /// The shard's lease says that runs have listed all before `end`, without a fault and without
    /// anything worth a write. Of the first pass alone: what they listed again nothing says, so
    /// that it is listed once more, in the same request.
    ///
    /// `end` comes from the marks of such runs ([`Report::listed_until`]), which follow
    /// Microsoft's clock; our own would mark what no run has listed.
    ///
    /// [`Report::listed_until`]: crate::collect::Report::listed_until
    pub fn listed_until(&mut self, end: Timestamp) {
        let first = &mut self.passes[Pass::First.index()];
        if first.mark == self.since {
            // No run has listed anything of it: the lease is of the time before.
            return;
        }
        let window = Window::new(first.mark, end);
        window.into_iter().for_each(|window| first.remove(window));
    }

    /// As it is without what workers do: what is planned beside them.
    pub fn but_for(&self, out: &Spans) -> Progress {
        let mut rest = self.clone();
        for unlisted in &mut rest.passes {
            out.windows()
                .iter()
                .for_each(|window| unlisted.remove(*window));
        }
        rest
    }

    /// Takes out what has fallen out of the seven days. `at`: Microsoft's clock, as of
    /// [`listed`](Self::listed): ours, where it is ahead, must lose nothing. `out`: what workers
    /// do, who may have listed it in time; it expires when their claims have ended.
    pub fn expire(&mut self, at: Timestamp, out: &Spans) -> Expired {
        let horizon = horizon(at);
        let mut expired = Expired::default();
        for pass in Pass::ALL {
            let spans = self.passes[pass.index()].expire(horizon, out);
            let windows = spans.windows().iter();
            windows.for_each(|window| expired.all.insert(*window));
            if pass == Pass::First {
                expired.lost = spans;
            } else {
                expired.unrepeated_seconds += spans.seconds();
            }
        }
        expired
    }

    /// Whether a row that still says `before` is to be written although nothing was stored and
    /// nothing failed. An idle tenant's row is written twice a day. `named`: a listing named
    /// contents, which would be named again, and their batches read, in every turn until then.
    pub fn is_worth_a_write(&self, before: &Progress, named: bool) -> bool {
        let moved = |pass: Pass| {
            let (then, now) = (before.unlisted(pass).mark, self.unlisted(pass).mark);
            then.seconds_until(now)
        };
        let late = moved(Pass::AfterADay) > 0 || moved(Pass::OnDaySix) > 0;
        let again = named && Pass::ALL.iter().any(|pass| moved(*pass) >= AGAIN);
        let gaps = Pass::ALL
            .iter()
            .any(|pass| before.unlisted(*pass).gaps != self.unlisted(*pass).gaps);
        let began = before.unlisted(Pass::First).mark == before.since && moved(Pass::First) > 0;
        moved(Pass::First) >= LAZY || began || late || again || gaps
    }

    /// How many seconds that can still be listed wait for their first listing, or for something
    /// in them to be stored.
    pub fn behind(&self, now: Timestamp) -> u64 {
        let reach = Window::new(horizon(now), self.ripe(Pass::First, now));
        let open = reach.map(|reach| self.unlisted(Pass::First).within(reach));
        open.map_or(0, |open| open.seconds())
    }

    /// For how many seconds the oldest second that waits for its first listing has been ripe:
    /// what is behind schedule. Zero when nothing waits.
    pub fn lag(&self, now: Timestamp) -> u64 {
        let first = self.unlisted(Pass::First);
        let oldest = first.gaps.windows().first().map(|gap| gap.start());
        oldest
            .unwrap_or(first.mark)
            .seconds_until(self.ripe(Pass::First, now))
    }
}

/// The oldest second that can be listed.
pub(crate) fn horizon(at: Timestamp) -> Timestamp {
    Timestamp::from_unix(at.unix().saturating_sub(REACH))
}
