//! When a token begins and ends (RFC 7519 §4.1.4 to 4.1.6); a caller's is read from its
//! payload.

use std::time::Duration;

use auth::Timestamp;
use auth::caller::Payload;
use serde::Deserialize as _;

use super::wire::Seconds;

/// Clocks of callers' clouds are well kept; a minute is what they differ by at most.
pub(crate) const CALLERS_LEEWAY_SECONDS: i64 = 60;

/// The times of a caller's token. `exp` is there; a time that is there can be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TokenTimes {
    pub(crate) exp: Seconds,
    pub(crate) nbf: Seconds,
    pub(crate) iat: Seconds,
}

impl TokenTimes {
    /// Reads them. Fails closed because a time that cannot be read is not one that the issuer
    /// left out: the reason says which.
    pub(crate) fn of(payload: &Payload) -> Result<Self, &'static str> {
        let times = Self {
            exp: time(payload, "exp", "the token's exp is not a time")?,
            nbf: time(payload, "nbf", "the token's nbf is not a time")?,
            iat: time(payload, "iat", "the token's iat is not a time")?,
        };
        match times.exp.0 {
            Some(_) => Ok(times),
            None => Err("the token has no exp"),
        }
    }

    /// Whether it lives at most `longest`: from `iat`, or from now where there is none or it
    /// is still to come.
    pub(crate) fn live_at_most(&self, longest: Duration, leeway: i64, now: Timestamp) -> bool {
        let now = now.unix();
        let begins = self.iat.0.map_or(now, |iat| iat.min(now));
        let longest = i64::try_from(longest.as_secs()).unwrap_or(i64::MAX);
        self.exp
            .0
            .is_some_and(|exp| exp.saturating_sub(begins) <= longest.saturating_add(leeway))
    }
}

/// `exp` must be there and not be over; `nbf`, where there is one, must have begun.
pub(crate) fn check_times(exp: Seconds, nbf: Seconds, leeway: i64, now: Timestamp) -> bool {
    let now = now.unix();
    let living = exp.0.is_some_and(|exp| now < exp.saturating_add(leeway));
    let begun = nbf.0.is_none_or(|nbf| nbf <= now.saturating_add(leeway));
    living && begun
}

fn time(payload: &Payload, name: &str, wrong: &'static str) -> Result<Seconds, &'static str> {
    let Some(value) = payload.get(name) else {
        return Ok(Seconds(None));
    };
    match Seconds::deserialize(value) {
        Ok(seconds @ Seconds(Some(_))) => Ok(seconds),
        Ok(Seconds(None)) | Err(_) => Err(wrong),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn of(payload: Value) -> Result<TokenTimes, &'static str> {
        match payload {
            Value::Object(members) => TokenTimes::of(&members.into()),
            _ => unreachable!("an object"),
        }
    }

    #[test]
    fn a_time_that_is_there_can_be_read() {
        let rows = [
            (json!({"exp": 9}), None),
            (json!({"exp": "9", "nbf": 1.5, "iat": 1}), None),
            (json!({}), Some("the token has no exp")),
            (json!({"nbf": 1}), Some("the token has no exp")),
            (json!({"exp": null}), Some("the token's exp is not a time")),
            (
                json!({"exp": "never"}),
                Some("the token's exp is not a time"),
            ),
            (json!({"exp": [9]}), Some("the token's exp is not a time")),
            (json!({"exp": 1e300}), Some("the token's exp is not a time")),
            (
                json!({"exp": 9, "nbf": "soon"}),
                Some("the token's nbf is not a time"),
            ),
            (
                json!({"exp": 9, "nbf": null}),
                Some("the token's nbf is not a time"),
            ),
            (
                json!({"exp": 9, "nbf": {}}),
                Some("the token's nbf is not a time"),
            ),
            (
                json!({"exp": 9, "iat": true}),
                Some("the token's iat is not a time"),
            ),
        ];
        for (payload, wrong) in rows {
            assert_eq!(of(payload.clone()).err(), wrong, "{payload}");
        }
    }

    #[test]
    fn a_token_lives_from_its_making_or_from_now() {
        const DAY: i64 = 86_400;
        let now = 1_800_000_000;
        // iat, exp, whether it lives a day at most; a minute is forgiven.
        let rows = [
            (Some(now), now + DAY, true),
            (Some(now), now + DAY + 60, true),
            (Some(now), now + DAY + 61, false),
            (Some(now - DAY), now + 1, true),
            (Some(now - DAY), now + 61, false),
            (Some(now - 2 * DAY), now + 1, false),
            (None, now + DAY, true),
            (None, now + DAY + 60, true),
            (None, now + DAY + 61, false),
            // Made in the future: what counts is how long it would prove from now on.
            (Some(now + 30), now + DAY + 30, true),
            (Some(now + 365 * DAY), now + 366 * DAY, false),
            (Some(i64::MIN), i64::MAX, false),
            (Some(i64::MAX), now + 60, true),
        ];
        for (iat, exp, fits) in rows {
            let times = TokenTimes {
                exp: Seconds(Some(exp)),
                nbf: Seconds(None),
                iat: Seconds(iat),
            };
            let day = Duration::from_secs(86_400);
            let lives = times.live_at_most(day, 60, Timestamp::from_unix(now));
            assert_eq!(lives, fits, "{iat:?} {exp}");
        }
    }
}
