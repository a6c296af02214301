//! A set of seconds, as few windows as it takes: what is still to be listed.

use crate::window::Window;

/// Windows in their order that neither overlap nor touch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spans(Vec<Window>);

impl Spans {
    /// The windows, oldest first.
    pub fn windows(&self) -> &[Window] {
        &self.0
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many seconds are in it.
    pub fn seconds(&self) -> u64 {
        self.0.iter().map(|window| window.seconds()).sum()
    }

    /// Puts a window in. One that is in already, in part or whole, changes nothing more.
    pub fn insert(&mut self, added: Window) {
        let mut whole = added;
        self.0.retain(|window| {
            let apart = window.end() < whole.start() || whole.end() < window.start();
            if !apart {
                whole = whole.around(*window);
            }
            apart
        });
        let place = self.0.partition_point(|window| *window < whole);
        self.0.insert(place, whole);
    }

    /// Takes out what of the window is in.
    pub fn remove(&mut self, gone: Window) {
        let parts = |window: &Window| {
            let before = Window::new(window.start(), window.end().min(gone.start()));
            let after = Window::new(window.start().max(gone.end()), window.end());
            [before, after].into_iter().flatten()
        };
        self.0 = self.0.iter().flat_map(parts).collect();
    }

    /// What of the window is in.
    pub fn within(&self, window: Window) -> Spans {
        Spans(self.0.iter().filter_map(|own| own.common(window)).collect())
    }
}

impl FromIterator<Window> for Spans {
    fn from_iter<I: IntoIterator<Item = Window>>(windows: I) -> Self {
        let mut spans = Spans::default();
        windows.into_iter().for_each(|window| spans.insert(window));
        spans
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn window(start: i64, end: i64) -> Window {
        Window::between(start, end).unwrap()
    }

    /// Against a set of single seconds, over every pair of windows within eight of them.
    #[test]
    fn it_is_the_set_of_its_seconds_whatever_is_put_in_and_taken_out() {
        let all: Vec<_> = (0..8)
            .flat_map(|start| (start + 1..=8).map(move |end| window(start, end)))
            .collect();
        for first in &all {
            for second in &all {
                for gone in &all {
                    let mut spans = Spans::from_iter([*first, *second]);
                    spans.remove(*gone);
                    let expected: BTreeSet<i64> = (0..8)
                        .filter(|at| {
                            let at = auth::Timestamp::from_unix(*at);
                            (first.contains(at) || second.contains(at)) && !gone.contains(at)
                        })
                        .collect();
                    assert_eq!(seconds(&spans), expected, "{first} {second} {gone}");
                    assert_eq!(spans.seconds(), expected.len() as u64);
                    let apart = spans
                        .0
                        .windows(2)
                        .all(|pair| pair[0].end() < pair[1].start());
                    assert!(apart, "{spans:?}");
                }
            }
        }
    }

    fn seconds(spans: &Spans) -> BTreeSet<i64> {
        let each = |window: &Window| window.start().unix()..window.end().unix();
        spans.0.iter().flat_map(each).collect()
    }

    #[test]
    fn neighbours_become_one_window() {
        let spans = Spans::from_iter([window(0, 2), window(4, 6), window(2, 4)]);
        assert_eq!(spans.windows(), [window(0, 6)]);
    }
}
