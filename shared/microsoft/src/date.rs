//! `Date` (RFC 9110, section 6.6.1): the clock of the other end.

use std::time::UNIX_EPOCH;

use auth::Timestamp;
use reqwest::header::{DATE, HeaderMap};

/// Two that differ say nothing: the wrong one would count content as listed or expired.
pub(crate) fn date(headers: &HeaderMap) -> Option<Timestamp> {
    let mut values = headers.get_all(DATE).iter();
    let first = values.next()?;
    if values.any(|other| other != first) {
        return None;
    }
    let date = httpdate::parse_http_date(first.to_str().ok()?.trim()).ok()?;
    let seconds = date.duration_since(UNIX_EPOCH).ok()?.as_secs();
    Some(Timestamp::from_unix(i64::try_from(seconds).ok()?))
}
