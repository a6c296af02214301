//! `Retry-After` in both of its forms (RFC 9110 §10.2.3): seconds, as Entra ID sends
//! it, or a date, as a proxy in between may. A date is counted from the answer's own
//! `Date`, so that the clocks of two machines are never compared. How long a wait is
//! believed is decided where it is waited (`auth::schedule`).

use std::time::Duration;

use reqwest::header::{AsHeaderName, DATE, HeaderMap, RETRY_AFTER};

/// How long the answer asks to be left alone; `None` where it does not say, or not in a
/// form that can be read.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let wanted = text(headers, RETRY_AFTER)?;
    if let Ok(seconds) = wanted.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(wanted).ok()?;
    let answered = httpdate::parse_http_date(text(headers, DATE)?).ok()?;
    // A date that has passed asks for nothing.
    Some(until.duration_since(answered).unwrap_or_default())
}

fn text(headers: &HeaderMap, name: impl AsHeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_seconds_and_dates_and_nothing_else() {
        let now = "Sun, 22 Nov 2026 10:00:00 GMT";
        let rows: &[(&str, Option<&str>, Option<u64>)] = &[
            ("60", None, Some(60)),
            (" 7 ", None, Some(7)),
            ("0", None, Some(0)),
            ("18446744073709551615", None, Some(u64::MAX)),
            ("18446744073709551616", None, None),
            ("-5", None, None),
            ("1.5", None, None),
            ("soon", Some(now), None),
            ("Sun, 22 Nov 2026 10:02:00 GMT", Some(now), Some(120)),
            ("Sun, 22 Nov 2026 09:00:00 GMT", Some(now), Some(0)),
            ("Sun, 22 Nov 2026 10:02:00 GMT", None, None),
        ];
        for (wanted, date, expected) in rows {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, wanted.parse().unwrap());
            if let Some(date) = date {
                headers.insert(DATE, date.parse().unwrap());
            }
            let expected = expected.map(Duration::from_secs);
            assert_eq!(retry_after(&headers), expected, "{wanted} {date:?}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}
