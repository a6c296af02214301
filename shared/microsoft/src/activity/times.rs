//! A moment as the API writes it.

use auth::Timestamp;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Milliseconds are cut off; UTC where it names no zone. `None` where it cannot be read.
pub(super) fn moment(text: &str) -> Option<Timestamp> {
    let parse = |text: &str| OffsetDateTime::parse(text, &Rfc3339).ok();
    let at = parse(text).or_else(|| parse(&format!("{text}Z")))?;
    Some(Timestamp::from_unix(at.unix_timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_to_the_second() {
        let rows = [
            ("2026-11-30T09:41:07.000Z", Some(1_796_031_667)),
            ("2026-11-30T09:41:07.999Z", Some(1_796_031_667)),
            ("2026-11-30T09:41:07.9999999Z", Some(1_796_031_667)),
            ("2026-11-30T09:41:07Z", Some(1_796_031_667)),
            ("2026-11-30T09:41:07", Some(1_796_031_667)),
            ("2026-11-30T09:41:07.123", Some(1_796_031_667)),
            ("2026-11-30T10:41:07+01:00", Some(1_796_031_667)),
            ("1969-12-31T23:59:59.5Z", Some(-1)),
            ("2026-11-30", None),
            ("2026-11-30T09:41", None),
            ("2026-02-30T09:41:07Z", None),
            ("30.11.2026 09:41:07", None),
            ("1796031667", None),
            ("2026-11-30T09:41:07Z\0", None),
            ("", None),
        ];
        for (text, expected) in rows {
            assert_eq!(moment(text).map(Timestamp::unix), expected, "{text}");
        }
    }
}
