//! A moment as a person writes it: `2026-11-29`, `2026-11-29T06:00:00Z`, or how long ago: `36h`.
//! A time without its zone is refused, because everybody reads their own into it.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use auth::Timestamp;
use time::format_description::well_known::Rfc3339;
use time::{Date, OffsetDateTime};

use crate::time_span::{InvalidTimeSpan, TimeSpan};

/// A moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// This one.
    At(Timestamp),
    /// So long before now.
    Ago(Duration),
}

impl Moment {
    /// Where it is.
    pub fn before(self, now: Timestamp) -> Timestamp {
        match self {
            Moment::At(at) => at,
            Moment::Ago(ago) => now - ago,
        }
    }
}

/// As it can be written again.
impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Moment::At(at) => at.fmt(f),
            Moment::Ago(ago) => write!(f, "{}s", ago.as_secs()),
        }
    }
}

/// Why a text is no moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidMoment {
    /// A time without a zone.
    #[error("a time without its zone: add Z for UTC, as in 2026-11-29T06:00:00Z")]
    NoZone,
    /// No day of the calendar, or no time of a day.
    #[error(
        "no such time: write a day that is (2026-11-29), with a time if need be (2026-11-29T06:00:00Z)"
    )]
    NoSuchTime,
    /// A number alone.
    #[error("{0}, or a day such as 2026-11-29")]
    Span(InvalidTimeSpan),
    /// Anything else.
    #[error(
        "not a moment: write a day (2026-11-29, its beginning in UTC), a time (2026-11-29T06:00:00Z) or how long ago (36h)"
    )]
    NotAMoment,
}

impl FromStr for Moment {
    type Err = InvalidMoment;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse::<TimeSpan>() {
            Ok(TimeSpan(ago)) => return Ok(Moment::Ago(ago)),
            Err(InvalidTimeSpan::NotATimeSpan) => {}
            Err(error) => return Err(InvalidMoment::Span(error)),
        }
        let (day, of_day) = match text.split_once(['T', 't', ' ']) {
            Some((day, of_day)) => (day, Some(of_day)),
            None => (text, None),
        };
        check_day(day)?;
        let Some(of_day) = of_day else {
            return at(&format!("{day}T00:00:00Z"));
        };
        at(&format!("{day}T{}", with_seconds(of_day)?))
    }
}

/// `YYYY-MM-DD`, of the calendar.
fn check_day(day: &str) -> Result<(), InvalidMoment> {
    let parts: Vec<&str> = day.split('-').collect();
    let is_number = |text: &str, digits: usize| {
        text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    let [year, month, number] = parts[..] else {
        return Err(InvalidMoment::NotAMoment);
    };
    if !(is_number(year, 4) && is_number(month, 2) && is_number(number, 2)) {
        return Err(InvalidMoment::NotAMoment);
    }
    let month = month
        .parse::<u8>()
        .ok()
        .and_then(|month| month.try_into().ok());
    let date = month.zip(year.parse().ok()).zip(number.parse().ok());
    let date =
        date.and_then(|((month, year), day)| Date::from_calendar_date(year, month, day).ok());
    date.map(drop).ok_or(InvalidMoment::NoSuchTime)
}

/// A time of the day with its zone; `06:00Z` is taken, too.
fn with_seconds(of_day: &str) -> Result<String, InvalidMoment> {
    let zone = of_day
        .find(['Z', 'z', '+', '-'])
        .ok_or(InvalidMoment::NoZone)?;
    let (time, zone) = of_day.split_at(zone);
    let seconds = if time.matches(':').count() == 1 {
        ":00"
    } else {
        ""
    };
    Ok(format!("{time}{seconds}{zone}"))
}

fn at(text: &str) -> Result<Moment, InvalidMoment> {
    let at = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| InvalidMoment::NoSuchTime)?;
    Ok(Moment::At(Timestamp::from_unix(at.unix_timestamp())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_a_time_and_a_while_ago_are_moments() {
        let at = |unix| Moment::At(Timestamp::from_unix(unix));
        let rows = [
            ("2026-11-29", at(1_795_910_400)),
            ("2024-02-29", at(1_709_164_800)),
            ("2026-11-29T06:00:00Z", at(1_795_932_000)),
            ("2026-11-29T06:00Z", at(1_795_932_000)),
            ("2026-11-29 06:00Z", at(1_795_932_000)),
            ("2026-11-29t06:00:00z", at(1_795_932_000)),
            ("2026-11-29T07:00:00+01:00", at(1_795_932_000)),
            ("2026-11-28T23:30:00-06:30", at(1_795_932_000)),
            ("2026-11-29T06:00:00.750Z", at(1_795_932_000)),
            ("36h", Moment::Ago(Duration::from_secs(36 * 3_600))),
            ("7d", Moment::Ago(Duration::from_secs(7 * 86_400))),
            ("0s", Moment::Ago(Duration::ZERO)),
        ];
        for (text, expected) in rows {
            assert_eq!(text.parse(), Ok(expected), "{text}");
            let again = expected.to_string().parse();
            assert_eq!(again, Ok(expected), "{expected}");
        }
        let now = Timestamp::from_unix(1_000);
        assert_eq!(Moment::Ago(Duration::from_secs(10)).before(now).unix(), 990);
        assert_eq!(at(5).before(now).unix(), 5);
    }

    #[test]
    fn everything_else_is_refused_with_what_to_write() {
        use InvalidMoment as E;
        let rows = [
            ("", E::NotAMoment),
            ("yesterday", E::NotAMoment),
            ("29.11.2026", E::NotAMoment),
            ("11/29/2026", E::NotAMoment),
            ("2026-11", E::NotAMoment),
            ("26-11-29", E::NotAMoment),
            ("2026-1-2", E::NotAMoment),
            ("+2026-11-29", E::NotAMoment),
            ("2026-11-29-30", E::NotAMoment),
            ("२०२६-11-29", E::NotAMoment),
            ("2026-13-01", E::NoSuchTime),
            ("2026-00-01", E::NoSuchTime),
            ("2026-02-29", E::NoSuchTime),
            ("2026-11-31", E::NoSuchTime),
            ("2026-11-29T24:00:00Z", E::NoSuchTime),
            ("2026-11-29T06:60:00Z", E::NoSuchTime),
            ("2026-11-29T06Z", E::NoSuchTime),
            ("2026-11-29TZ", E::NoSuchTime),
            ("2026-11-29T06:00:00Zulu", E::NoSuchTime),
            ("2026-11-29T06:00:00+25:99", E::NoSuchTime),
            ("2026-11-29T06:00:00", E::NoZone),
            ("2026-11-29T06:00", E::NoZone),
            ("2026-11-29T", E::NoZone),
            ("20261129", E::Span(InvalidTimeSpan::NoUnit(20_261_129))),
            ("99999999999999999999d", E::Span(InvalidTimeSpan::TooLong)),
        ];
        for (text, expected) in rows {
            assert_eq!(text.parse::<Moment>(), Err(expected), "{text}");
        }
    }
}
