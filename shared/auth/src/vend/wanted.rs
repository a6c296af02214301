//! Which token a caller can use.
//!
//! An API that refuses a token says so in one of two ways: the caller names the token that
//! was refused, or it hands on the API's time (`claims` with `nbf`, continuous access
//! evaluation), before which the API takes none. By that time there are two questions.
//! Which token is good is asked of the token's own `nbf`, because the API compares that.
//! But Entra ID back-dates it by about 300 s: for five minutes no token that can be had is
//! good. Meanwhile one that was asked for after the API's time is the best there is: it is
//! served for a minute, then another is asked for, until one is good.

use std::time::Duration;

use crate::timestamp::Timestamp;
use crate::token::{AppOnlyToken, TokenRecord};

/// The life that a caller needs unless it says otherwise (`min_ttl`): Azure SDKs do
/// not keep a token that lives less than five minutes.
pub const DEFAULT_MIN_TTL: Duration = Duration::from_secs(360);
/// The API's clock may be ahead of ours by this.
const CLOCKS_APART: Duration = Duration::from_secs(5);

/// SHA-256 of a token's text: names a token without being one.
pub type TokenDigest = [u8; 32];

/// What a token must be for a caller to use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The life that the caller needs.
    pub min_ttl: Duration,
    /// The token that the API refused: any other one.
    pub rejected: Option<TokenDigest>,
    /// The API refuses the tokens from before this time.
    pub not_before: Option<Timestamp>,
    /// No new token is waited for from this reading of the clock on
    /// ([`Clock::since_start`](crate::ports::Clock::since_start)); as long as one takes where it
    /// is not set.
    pub until: Option<Duration>,
}

impl Wanted {
    /// Any token that lives so long.
    pub fn living(min_ttl: Duration) -> Self {
        Self {
            min_ttl,
            rejected: None,
            not_before: None,
            until: None,
        }
    }

    /// The record's token, if it is good enough.
    pub(super) fn good<'a>(
        &self,
        record: &'a TokenRecord,
        now: Timestamp,
    ) -> Option<&'a AppOnlyToken> {
        let token = record.token_living_for(self.min_ttl.as_secs(), now)?;
        let says = || token.access_token.unverified_not_before();
        let is_late_enough =
            |time: Timestamp| says().map_or(token.issued_at >= time, |from| from >= time);
        (!self.rejects(token) && self.not_before.is_none_or(is_late_enough)).then_some(token)
    }

    /// The record's token, if it is better than none: it lives, was not rejected, and was
    /// asked for after the API's time.
    pub(super) fn usable<'a>(
        &self,
        record: &'a TokenRecord,
        now: Timestamp,
    ) -> Option<&'a AppOnlyToken> {
        let token = record.token_living_for(0, now)?;
        let is_late_enough = |time: Timestamp| token.issued_at + CLOCKS_APART >= time;
        (!self.rejects(token) && self.not_before.is_none_or(is_late_enough)).then_some(token)
    }

    /// Whether this is the token that the API refused.
    fn rejects(&self, token: &AppOnlyToken) -> bool {
        // Not secret, so no constant-time comparison: the caller names a token that it holds.
        self.rejected
            .is_some_and(|digest| digest == token.access_token.fingerprint())
    }
}
