//! Moments as Microsoft writes them: UTC, as text or as digits.

use time::OffsetDateTime;

/// `2026-01-15T00:00:00.000Z`
pub(crate) fn with_milliseconds(unix_milliseconds: u64) -> String {
    let moment = moment(unix_milliseconds / 1000);
    let milliseconds = unix_milliseconds % 1000;
    format!("{}.{milliseconds:03}Z", date_and_time(moment))
}

/// `2026-01-15T00:00:00`, as records and addresses have it: without a zone.
pub(crate) fn without_zone(unix_seconds: u64) -> String {
    date_and_time(moment(unix_seconds))
}

/// `20260115000000000`, 17 digits.
pub(crate) fn digits(unix_milliseconds: u64) -> String {
    let text = with_milliseconds(unix_milliseconds);
    text.chars().filter(char::is_ascii_digit).collect()
}

fn date_and_time(moment: OffsetDateTime) -> String {
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
        moment.year(),
        u8::from(moment.month()),
        moment.day(),
        moment.hour(),
        moment.minute(),
        moment.second(),
    )
}

fn moment(unix_seconds: u64) -> OffsetDateTime {
    i64::try_from(unix_seconds)
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
