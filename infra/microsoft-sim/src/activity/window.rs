//! startTime and endTime of a listing: what is taken, and what they mean.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::errors::{BAD_WINDOW, Refused, TOO_OLD, WRONG_TYPE};
use crate::parameters::Parameters;

/// A window may not be wider, in seconds.
pub(crate) const WIDEST: u64 = 86_400;
/// Nor start longer ago: seven days, and the hour that the service was seen to allow.
pub(crate) const OLDEST: u64 = 7 * 86_400 + 3600;

/// Start-inclusive and end-exclusive, on contentCreated, in Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) start: u64,
    pub(crate) end: u64,
}

impl Window {
    /// The window that the query asks for; the last 24 hours where it names none.
    /// `cut_short` is asked of one that is too wide: whether its first 24 hours are answered,
    /// as the reference warns.
    pub(crate) fn read(
        query: &Parameters,
        now: u64,
        cut_short: impl FnOnce() -> bool,
    ) -> Result<Self, Refused> {
        let named = |name| {
            let text = query.get_in_any_case(name);
            text.map(|text| seconds(name, text)).transpose()
        };
        let mut window = match (named("startTime")?, named("endTime")?) {
            (Some(start), Some(end)) => Self { start, end },
            (None, None) => Self {
                start: now.saturating_sub(WIDEST),
                end: now,
            },
            _ => return Err((&BAD_WINDOW).into()),
        };
        let is_too_wide = window.end.saturating_sub(window.start) > WIDEST;
        if is_too_wide && cut_short() {
            window.end = window.start + WIDEST;
        }
        // Assumption `window-codes`.
        if window.end <= window.start || window.end - window.start > WIDEST {
            return Err((&BAD_WINDOW).into());
        }
        if window.start < now.saturating_sub(OLDEST) {
            return Err((&TOO_OLD).into());
        }
        Ok(window)
    }
}

/// `YYYY-MM-DD`, with `THH:MM`, with `:SS`, with a fraction that is cut off; UTC, or with an
/// offset. An offset whose plus sign was not escaped arrives as a space and is refused.
/// Assumption `forms-of-times`.
fn seconds(name: &str, text: &str) -> Result<u64, Refused> {
    let full = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        16 => format!("{text}:00Z"),
        _ if text.ends_with('Z') && text.len() == 17 => text.replace('Z', ":00Z"),
        _ if has_zone(text) => text.to_owned(),
        _ => format!("{text}Z"),
    };
    OffsetDateTime::parse(&full, &Rfc3339)
        .ok()
        .and_then(|moment| u64::try_from(moment.unix_timestamp()).ok())
        .ok_or_else(|| {
            WRONG_TYPE.because(format!(
                "Invalid parameter type: {name}. Expected type: datetime"
            ))
        })
}

fn has_zone(text: &str) -> bool {
    let clock = text.get(10..).unwrap_or_default();
    text.ends_with('Z') || clock.contains(['+', '-'])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-01-15T00:00:00Z.
    const NOW: u64 = 1_768_435_200;

    fn code(query: &str, cut_short: bool) -> Result<(u64, u64), &'static str> {
        let query = Parameters::parse(query.as_bytes());
        Window::read(&query, NOW, || cut_short)
            .map(|window| (NOW - window.start, window.end - window.start))
            .map_err(|refused| refused.error.code)
    }

    #[test]
    fn times_are_taken_in_the_forms_of_the_reference() {
        for (query, expected) in [
            ("", (86_400, 86_400)),
            ("startTime=2026-01-14&endTime=2026-01-15", (86_400, 86_400)),
            (
                "starttime=2026-01-14T12:00&ENDTIME=2026-01-14T13:00",
                (43_200, 3600),
            ),
            (
                "startTime=2026-01-14T23:59:00&endTime=2026-01-14T23:59:01",
                (60, 1),
            ),
            (
                "startTime=2026-01-14T23:59:00Z&endTime=2026-01-15T23:59:00Z",
                (60, 86_400),
            ),
            (
                "startTime=2026-01-14T23:59Z&endTime=2026-01-15T00:00Z",
                (60, 60),
            ),
            (
                "startTime=2026-01-14T23:59:00.999Z&endTime=2026-01-15",
                (60, 60),
            ),
            (
                "startTime=2026-01-15T00:59:00%2B01:00&endTime=2026-01-15",
                (60, 60),
            ),
            (
                "startTime=2026-01-07T23:00:00&endTime=2026-01-08",
                (608_400, 3600),
            ),
            (
                "a=1&amp;startTime=2020-01-01&amp;endTime=2020-01-02",
                (86_400, 86_400),
            ),
        ] {
            assert_eq!(code(query, false), Ok(expected), "{query}");
        }
    }

    #[test]
    fn windows_that_break_a_rule_are_refused() {
        for (query, expected) in [
            ("startTime=2026-01-14", "AF20030"),
            ("endTime=2026-01-14", "AF20030"),
            ("startTime=2026-01-14&endTime=2026-01-14", "AF20030"),
            ("startTime=2026-01-14T01:00&endTime=2026-01-14", "AF20030"),
            (
                "startTime=2026-01-13&endTime=2026-01-14T00:00:01",
                "AF20030",
            ),
            (
                "startTime=2026-01-07T22:59:59&endTime=2026-01-08",
                "AF20055",
            ),
            (
                "startTime=2026-01-07T22:59:59&endTime=2026-01-07T23:00:00",
                "AF20055",
            ),
            ("startTime=2020-01-01&endTime=2020-01-02", "AF20055"),
            ("startTime=yesterday&endTime=2026-01-14", "AF20002"),
            (
                "startTime=2026-01-14T00:00:00+00:00&endTime=2026-01-14T01:00:00+00:00",
                "AF20002",
            ),
            ("startTime=2026-13-01&endTime=2026-01-14", "AF20002"),
            ("startTime=1768435200&endTime=1768435300", "AF20002"),
            ("startTime=2026-01-14T24:00&endTime=2026-01-15", "AF20002"),
        ] {
            assert_eq!(code(query, false), Err(expected), "{query}");
        }
    }

    #[test]
    fn a_window_that_is_too_wide_can_be_cut_short_in_silence() {
        let wide = "startTime=2026-01-12&endTime=2026-01-15";
        assert_eq!(code(wide, true), Ok((3 * 86_400, 86_400)));
    }
}
