//! A window of time that is listed: whole seconds of UTC, its start in it, its end not.
//!
//! The API's times have seconds and its `contentCreated` milliseconds (protocol notes §10):
//! content belongs to the window of the second in which it was created.

use std::fmt;

use auth::Timestamp;

/// Seconds of an hour.
pub(crate) const HOUR: i64 = 3_600;
/// Seconds of a day; UTC as Unix counts it has no longer ones.
pub(crate) const DAY: i64 = 24 * HOUR;

/// From `start` up to and without `end`; never empty. Any length: what one request may ask for
/// is the planner's business.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    start: i64,
    end: i64,
}

impl Window {
    /// `None` where there is nothing between the two.
    pub fn new(start: Timestamp, end: Timestamp) -> Option<Self> {
        Self::between(start.unix(), end.unix())
    }

    pub(crate) fn between(start: i64, end: i64) -> Option<Self> {
        (start < end).then_some(Self { start, end })
    }

    /// The hour of UTC in which this second lies.
    pub fn hour_of(at: Timestamp) -> Self {
        let start = at.unix().div_euclid(HOUR).saturating_mul(HOUR);
        Self {
            start,
            end: start.saturating_add(HOUR),
        }
    }

    /// The first second.
    pub fn start(self) -> Timestamp {
        Timestamp::from_unix(self.start)
    }

    /// The second after the last.
    pub fn end(self) -> Timestamp {
        Timestamp::from_unix(self.end)
    }

    /// How long it is.
    pub fn seconds(self) -> u64 {
        self.start().seconds_until(self.end())
    }

    /// Whether this second lies in it.
    pub fn contains(self, at: Timestamp) -> bool {
        (self.start..self.end).contains(&at.unix())
    }

    /// What both have.
    pub fn common(self, other: Window) -> Option<Window> {
        Self::between(self.start.max(other.start), self.end.min(other.end))
    }

    /// From the earlier start to the later end, whatever lies between.
    pub fn around(self, other: Window) -> Window {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// Its hours of UTC, the first and the last cut to it. Oldest first.
    pub fn hours(self) -> impl Iterator<Item = Window> {
        let first = self.start.div_euclid(HOUR);
        let last = (self.end - 1).div_euclid(HOUR);
        (first..=last).filter_map(move |hour| {
            Self::between(self.start.max(hour * HOUR), self.end.min((hour + 1) * HOUR))
        })
    }

    /// Its newest part, of at most so many seconds (one at least).
    pub fn newest(self, seconds: i64) -> Window {
        Self {
            start: self.start.max(self.end.saturating_sub(seconds.max(1))),
            end: self.end,
        }
    }

    /// Its oldest part, of at most so many seconds (one at least).
    pub fn oldest(self, seconds: i64) -> Window {
        Self {
            start: self.start,
            end: self.end.min(self.start.saturating_add(seconds.max(1))),
        }
    }
}

/// `2026-11-30T06:00:00Z/2026-11-30T07:00:00Z`, for people and logs.
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.start(), self.end())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(start: i64, end: i64) -> Window {
        Window::between(start, end).unwrap()
    }

    #[test]
    fn a_window_has_its_start_and_not_its_end() {
        let one = window(10, 20);
        let found: Vec<_> = [9, 10, 19, 20]
            .map(|at| one.contains(Timestamp::from_unix(at)))
            .into();
        assert_eq!(found, [false, true, true, false]);
        assert_eq!(Window::between(10, 10), None);
        assert_eq!(Window::between(10, 9), None);
    }

    #[test]
    fn the_hours_of_a_window_cover_it_once() {
        let rows = [
            (window(0, 3_600), vec![window(0, 3_600)]),
            (
                window(3_599, 3_601),
                vec![window(3_599, 3_600), window(3_600, 3_601)],
            ),
            (window(10, 20), vec![window(10, 20)]),
            (
                window(-10, 7_210),
                vec![
                    window(-10, 0),
                    window(0, 3_600),
                    window(3_600, 7_200),
                    window(7_200, 7_210),
                ],
            ),
        ];
        for (whole, hours) in rows {
            assert_eq!(whole.hours().collect::<Vec<_>>(), hours, "{whole}");
        }
    }

    #[test]
    fn parts_stay_within_the_whole() {
        let whole = window(100, 200);
        assert_eq!(whole.newest(30), window(170, 200));
        assert_eq!(whole.oldest(30), window(100, 130));
        assert_eq!(whole.newest(500), whole);
        assert_eq!(whole.oldest(0), window(100, 101));
        assert_eq!(whole.common(window(150, 300)), Some(window(150, 200)));
        assert_eq!(whole.common(window(200, 300)), None);
        assert_eq!(whole.around(window(250, 300)), window(100, 300));
    }
}
