//! Dates of Signature Version 4: ISO 8601's basic format in UTC, `20260807T013753Z`.

use time::{Date, Month, Time};

use crate::timestamp::Timestamp;

/// A date, to the second.
pub(super) struct AmzDate<'a> {
    pub(super) at: Timestamp,
    /// `YYYYMMDD`, as a credential's scope has it.
    pub(super) day: &'a str,
}

impl<'a> AmzDate<'a> {
    /// Reads exactly that format; `None` for everything else.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (day, time) = text.strip_suffix('Z')?.split_once('T')?;
        let is_sound = |text: &str, length| {
            text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
        };
        if !is_sound(day, 8) || !is_sound(time, 6) {
            return None;
        }
        let month = Month::try_from(two(day, 4)?).ok()?;
        let date = Date::from_calendar_date(day.get(..4)?.parse().ok()?, month, two(day, 6)?);
        let time = Time::from_hms(two(time, 0)?, two(time, 2)?, two(time, 4)?);
        let at = date.ok()?.with_time(time.ok()?).assume_utc();
        Some(Self {
            at: Timestamp::from_unix(at.unix_timestamp()),
            day,
        })
    }
}

fn two(digits: &str, at: usize) -> Option<u8> {
    digits.get(at..at + 2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_basic_format_is_a_date() {
        let date = AmzDate::parse("20260807T013753Z").unwrap();
        assert_eq!((date.at.unix(), date.day), (1_786_066_673, "20260807"));
        let others = [
            "",
            "20260807T013753",
            "20260807T013753z",
            "20260807T0137530Z",
            "2026-08-07T01:37:53Z",
            "20260230T013753Z",
            "20261307T013753Z",
            "20260807T243753Z",
            "20260807T013760Z",
            "+0260807T013753Z",
            "２0260807T013753Z",
            " 20260807T013753Z",
            "20260807T013753ZZ",
        ];
        for text in others {
            assert!(AmzDate::parse(text).is_none(), "{text}");
        }
    }
}
