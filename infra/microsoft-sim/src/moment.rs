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

/// `Thu, 15 Jan 2026 00:00:00 GMT`, as the header `Date` has it (RFC 9110 §5.6.7).
pub(crate) fn http_date(unix_seconds: u64) -> String {
    let moment = moment(unix_seconds);
    let (weekday, month) = (moment.weekday().to_string(), moment.month().to_string());
    let short = |name: &str| name.get(..3).unwrap_or_default().to_owned();
    format!(
        "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        short(&weekday),
        moment.day(),
        short(&month),
        moment.year(),
        moment.hour(),
        moment.minute(),
        moment.second(),
    )
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_has_the_form_of_its_header() {
        for (unix_seconds, expected) in [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (1_768_435_199, "Wed, 14 Jan 2026 23:59:59 GMT"),
        ] {
            assert_eq!(http_date(unix_seconds), expected);
        }
    }
}
