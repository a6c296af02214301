//! Which token a caller can use.

use std::time::Duration;

use crate::timestamp::Timestamp;
use crate::token::{AppOnlyToken, TokenRecord};

/// SHA-256 of a token's text: names a token without being one.
pub type TokenDigest = [u8; 32];

/// What a token must be for a caller to use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The life that the caller needs.
    pub min_ttl: Duration,
    /// The token that the API refused: any other one.
    pub rejected: Option<TokenDigest>,
}

impl Wanted {
    /// Any token that lives so long.
    pub fn living(min_ttl: Duration) -> Self {
        Self {
            min_ttl,
            rejected: None,
        }
    }

    /// The record's token, if it is good enough.
    pub(super) fn good<'a>(
        &self,
        record: &'a TokenRecord,
        now: Timestamp,
    ) -> Option<&'a AppOnlyToken> {
        let token = record.token_living_for(self.min_ttl.as_secs(), now)?;
        (!self.rejects(token)).then_some(token)
    }

    /// The record's token, if it is better than none: it lives and was not rejected.
    pub(super) fn usable<'a>(
        &self,
        record: &'a TokenRecord,
        now: Timestamp,
    ) -> Option<&'a AppOnlyToken> {
        let token = record.token_living_for(0, now)?;
        (!self.rejects(token)).then_some(token)
    }

    /// Whether this is the token that the API refused.
    pub(super) fn rejects(&self, token: &AppOnlyToken) -> bool {
        // Of many secrets this is none: the caller names a token that it holds.
        self.rejected
            .is_some_and(|digest| digest == token.access_token.fingerprint())
    }
}
