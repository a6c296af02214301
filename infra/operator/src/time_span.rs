//! A length of time as a person writes it: `90s`, `30m`, `12h`, `7d`. A number alone is
//! refused, because everybody reads another unit into it.

use std::str::FromStr;
use std::time::Duration;

/// The units, with their length in seconds.
const UNITS: [(&str, u64); 4] = [("s", 1), ("m", 60), ("h", 60 * 60), ("d", 24 * 60 * 60)];

/// A length of time, in whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeSpan(pub Duration);

/// Why a text is no length of time.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidTimeSpan {
    /// A number alone.
    #[error("a number without a unit: write {0}s, {0}m, {0}h or {0}d")]
    NoUnit(u64),
    /// More seconds than can be counted.
    #[error("too long to be counted")]
    TooLong,
    /// Anything else.
    #[error("not a length of time: write a whole number and its unit, such as 90s, 30m, 12h or 7d")]
    NotATimeSpan,
}

impl FromStr for TimeSpan {
    type Err = InvalidTimeSpan;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
        let number = text.strip_suffix(unit).unwrap_or_default();
        if number.is_empty() {
            return Err(InvalidTimeSpan::NotATimeSpan);
        }
        let number: u64 = number.parse().map_err(|_| InvalidTimeSpan::TooLong)?;
        if unit.is_empty() {
            return Err(InvalidTimeSpan::NoUnit(number));
        }
        let known = UNITS.iter().find(|(name, _)| *name == unit);
        let (_, seconds) = known.ok_or(InvalidTimeSpan::NotATimeSpan)?;
        let seconds = number.checked_mul(*seconds);
        let seconds = seconds.ok_or(InvalidTimeSpan::TooLong)?;
        Ok(Self(Duration::from_secs(seconds)))
    }
}

/// So many seconds as a person reads them: the two largest units.
pub fn spelled(seconds: u64) -> String {
    let parts = UNITS.iter().rev().scan(seconds, |left, (unit, length)| {
        let count = *left / length;
        *left %= length;
        Some((count, unit))
    });
    let parts: Vec<_> = parts
        .skip_while(|(count, _)| *count == 0)
        .take(2)
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count}{unit}"))
        .collect();
    if parts.is_empty() {
        "0s".to_owned()
    } else {
        parts.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_spelled_in_their_two_largest_units() {
        let rows = [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (61, "1m 1s"),
            (3_600, "1h"),
            (3_659, "1h"),
            (3_660, "1h 1m"),
            (86_399, "23h 59m"),
            (86_400, "1d"),
            (90_000, "1d 1h"),
            (604_500, "6d 23h"),
            (u64::MAX, "213503982334601d 7h"),
        ];
        for (seconds, text) in rows {
            assert_eq!(spelled(seconds), text);
        }
    }

    #[test]
    fn a_number_and_its_unit_are_a_length_of_time() {
        let rows = [
            ("0s", 0),
            ("90s", 90),
            ("30m", 1_800),
            ("12h", 43_200),
            ("7d", 604_800),
            ("007d", 604_800),
        ];
        for (text, seconds) in rows {
            let span = TimeSpan(Duration::from_secs(seconds));
            assert_eq!(text.parse(), Ok(span), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused_with_what_to_write() {
        use InvalidTimeSpan as E;
        let rows = [
            ("", E::NotATimeSpan),
            ("7", E::NoUnit(7)),
            ("d", E::NotATimeSpan),
            ("7 d", E::NotATimeSpan),
            ("7D", E::NotATimeSpan),
            ("7days", E::NotATimeSpan),
            ("-7d", E::NotATimeSpan),
            ("1.5h", E::NotATimeSpan),
            ("1d12h", E::NotATimeSpan),
            ("७d", E::NotATimeSpan),
            ("99999999999999999999d", E::TooLong),
            ("18446744073709551615d", E::TooLong),
        ];
        for (text, expected) in rows {
            let refused = text.parse::<TimeSpan>().unwrap_err();
            assert_eq!(refused, expected, "{text}");
        }
        let told = E::NoUnit(7).to_string();
        assert!(told.contains("write 7s, 7m, 7h or 7d"), "{told}");
    }
}
