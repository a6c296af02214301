//! What a tenant's turns hand out: windows of a backlog that workers do beside them (decision
//! 0065).
//!
//! The tenant's row says what is out, and until when: while such a claim holds, no turn lists the
//! window, and none touches a batch of its hours. The one worker that takes it makes a row of its
//! own, and says there what became of it; the tenant's next turn takes that over. A claim that
//! ends without a word is work that is not done: its window was never taken for listed.

use auth::{TenantId, Timestamp};

use crate::content_type::ContentType;
use crate::spans::Spans;
use crate::totals::Totals;
use crate::window::{HOUR, Window};

/// Windows of one tenant that are out at a time.
pub const MOST_OUT: usize = 4;

/// No window that is handed out is longer. Seconds.
const LONGEST: i64 = 6 * HOUR;

/// A window that a worker is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handed {
    /// Of this type.
    pub content_type: ContentType,
    /// What is to be listed: whole hours of UTC, so that no other session has a batch of them.
    pub window: Window,
    /// When the claim ends. No worker goes on beyond it. It marks off a window that is handed out
    /// again.
    pub until: Timestamp,
}

/// The row of a window that a worker has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowRow {
    /// The tenant.
    pub tenant: TenantId,
    /// Which window, and which claim.
    pub handed: Handed,
    /// What became of it; `None` while the worker is at it, or when it has died.
    pub outcome: Option<Outcome>,
}

/// What a worker did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// What was listed; `None` where nothing was to its end.
    pub listing: Option<Listing>,
    /// What is to be added to the type's.
    pub totals: Totals,
    /// When content was stored, where it was.
    pub stored_at: Option<Timestamp>,
}

/// A listing that came to its end, and what of it is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// What was listed: the window, or its newest part.
    pub window: Window,
    /// The answer's `Date`, or our clock before it, whichever is earlier.
    pub at: Timestamp,
    /// The hours in which something is not stored.
    pub unfinished: Spans,
}

/// What of these is out at `now`, of one type.
pub(crate) fn out(handed: &[Handed], content_type: ContentType, now: Timestamp) -> Spans {
    let live = handed.iter().filter(|one| one.until > now);
    live.filter(|one| one.content_type == content_type)
        .map(|one| one.window)
        .collect()
}

/// The pieces of a window that can be handed out: whole hours, six of them at most, oldest first.
/// What is left of its first and its last hour is a turn's own.
pub(crate) fn pieces(whole: Window) -> impl Iterator<Item = Window> {
    let first = whole.start().unix().saturating_add(HOUR - 1);
    let first = Window::hour_of(Timestamp::from_unix(first)).start();
    let last = Window::hour_of(whole.end()).start();
    let mut left = Window::new(first, last);
    std::iter::from_fn(move || {
        let rest = left?;
        let piece = rest.oldest(LONGEST);
        left = Window::new(piece.end(), rest.end());
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(start: i64, end: i64) -> Window {
        Window::between(start, end).unwrap()
    }

    #[test]
    fn a_window_is_handed_out_in_whole_hours() {
        const H: i64 = HOUR;
        let rows = [
            (window(0, H), vec![window(0, H)]),
            (window(1, H), vec![]),
            (window(0, H - 1), vec![]),
            (window(1, 2 * H - 1), vec![]),
            (window(1, 2 * H), vec![window(H, 2 * H)]),
            (window(H - 1, 3 * H + 5), vec![window(H, 3 * H)]),
            (window(0, 6 * H), vec![window(0, 6 * H)]),
            (
                window(0, 7 * H),
                vec![window(0, 6 * H), window(6 * H, 7 * H)],
            ),
            (
                window(-5, 24 * H + 7),
                vec![
                    window(0, 6 * H),
                    window(6 * H, 12 * H),
                    window(12 * H, 18 * H),
                    window(18 * H, 24 * H),
                ],
            ),
            (window(10, 20), vec![]),
            (window(-7 * H - 1, -H), vec![window(-7 * H, -H)]),
        ];
        for (whole, expected) in rows {
            assert_eq!(pieces(whole).collect::<Vec<_>>(), expected, "{whole}");
        }
    }

    #[test]
    fn what_is_out_are_the_windows_of_a_type_whose_claims_hold() {
        let at = Timestamp::from_unix;
        let handed = |content_type, start, until| Handed {
            content_type,
            window: window(start * HOUR, (start + 1) * HOUR),
            until: at(until),
        };
        let all = [
            handed(ContentType::Exchange, 0, 100),
            handed(ContentType::Exchange, 1, 99),
            handed(ContentType::General, 2, 100),
        ];
        let found = out(&all, ContentType::Exchange, at(99));
        assert_eq!(found.windows(), [window(0, HOUR)]);
        assert!(out(&all, ContentType::Exchange, at(100)).is_empty());
        assert!(out(&all, ContentType::Dlp, at(0)).is_empty());
    }
}
