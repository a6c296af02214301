//! Dates of Signature Version 4: ISO 8601's basic format in UTC, `20260807T013753Z`.

use std::time::{Duration, SystemTime};

use time::{Date, Month, OffsetDateTime, Time};

/// How far a signature's date may be from the clock (IAM User Guide, "Elements of an AWS
/// API request signature": five minutes).
pub(super) const CLOCK_SKEW: Duration = Duration::from_secs(5 * 60);

/// The time of a signature, to the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AmzDate {
    /// Seconds since the Unix epoch, never negative.
    unix: u64,
}

impl AmzDate {
    /// Reads exactly that format; `None` for everything else, dates before 1970 too.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_suffix('Z')?;
        let (date, time) = digits.split_once('T')?;
        let [year, month, day] = numbers(date, [4, 2, 2])?;
        let [hour, minute, second] = numbers(time, [2, 2, 2])?;
        let small = |number: u16| u8::try_from(number).ok();
        let month = Month::try_from(small(month)?).ok()?;
        let date = Date::from_calendar_date(i32::from(year), month, small(day)?).ok()?;
        let time = Time::from_hms(small(hour)?, small(minute)?, small(second)?).ok()?;
        let unix = date.with_time(time).assume_utc().unix_timestamp();
        Some(Self {
            unix: u64::try_from(unix).ok()?,
        })
    }

    /// A time of the run's clock.
    pub(super) fn from_unix(seconds: i64) -> Self {
        Self {
            unix: u64::try_from(seconds).unwrap_or(0),
        }
    }

    pub(super) fn before(self, by: Duration) -> Self {
        Self {
            unix: self.unix.saturating_sub(by.as_secs()),
        }
    }

    pub(super) fn after(self, by: Duration) -> Self {
        Self {
            unix: self.unix.saturating_add(by.as_secs()),
        }
    }

    pub(super) fn is_earlier_than(self, other: Self) -> bool {
        self.unix < other.unix
    }

    /// As aws-sigv4 takes it.
    pub(super) fn system_time(self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(self.unix)
    }

    /// `YYYYMMDD`, as a credential's scope has it.
    pub(super) fn day(self) -> String {
        self.to_string().chars().take(8).collect()
    }
}

impl std::fmt::Display for AmzDate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let unix = i64::try_from(self.unix).unwrap_or(i64::MAX);
        let time = OffsetDateTime::from_unix_timestamp(unix).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let (hour, minute, second) = time.to_hms();
        write!(
            f,
            "{:04}{:02}{:02}T{hour:02}{minute:02}{second:02}Z",
            time.year(),
            u8::from(time.month()),
            time.day()
        )
    }
}

/// Numbers of so many digits each, which the text is made of and nothing else.
fn numbers(text: &str, lengths: [usize; 3]) -> Option<[u16; 3]> {
    if text.len() != lengths.iter().sum::<usize>()
        || !text.bytes().all(|byte| byte.is_ascii_digit())
    {
        return None;
    }
    let (first, rest) = text.split_at(lengths[0]);
    let (second, third) = rest.split_at(lengths[1]);
    Some([
        first.parse().ok()?,
        second.parse().ok()?,
        third.parse().ok()?,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_basic_format_is_a_date() {
        let date = AmzDate::parse("20260807T013753Z").unwrap();
        assert_eq!(date, AmzDate::from_unix(1_786_066_673));
        assert_eq!(date.to_string(), "20260807T013753Z");
        assert_eq!(date.day(), "20260807");
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
            "19691231T235959Z",
            "+0260807T013753Z",
            "２0260807T013753Z",
            "Fri, 07 Aug 2026 01:37:53 GMT",
        ];
        for text in others {
            assert_eq!(AmzDate::parse(text), None, "{text}");
        }
    }
}
