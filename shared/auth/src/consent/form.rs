//! The token of the start form: an attempt begins with a click on our own page and
//! never with a link. The token is bound to a random cookie of the browser that was
//! shown the form, and to a time (double-submit, authenticated).

use std::time::Duration;

use super::keys::ConsentKeys;
use crate::encoding::{base64url, from_base64url};
use crate::ports::{Random, random_text};
use crate::timestamp::Timestamp;

const PURPOSE: &str = "consent form";
/// A page that was left open longer asks to be loaded again.
const LIFE: Duration = Duration::from_secs(60 * 60);

/// A form token with the cookie that it is bound to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormToken {
    /// The value of the form's hidden field.
    pub field: String,
    /// The value of the cookie [`COOKIE`](Self::COOKIE).
    pub cookie: String,
}

impl FormToken {
    /// The cookie's name.
    pub const COOKIE: &str = "__Host-consent-form";

    /// A token for a browser; one that has the cookie already keeps it, so that two
    /// tabs work.
    pub fn issue(
        keys: &ConsentKeys,
        cookie: Option<String>,
        now: Timestamp,
        random: &dyn Random,
    ) -> Self {
        let cookie = cookie.unwrap_or_else(|| random_text::<16>(random));
        let end = (now + LIFE).unix().to_be_bytes();
        let mac = keys.sign(PURPOSE, &message(&end, &cookie));
        Self {
            field: base64url(&[&end[..], &mac].concat()),
            cookie,
        }
    }

    /// Whether the field was made for this cookie, by us, not long ago.
    pub fn is_valid(&self, keys: &ConsentKeys, now: Timestamp) -> bool {
        let Some(bytes) = from_base64url(&self.field) else {
            return false;
        };
        let Some((end, mac)) = bytes.split_first_chunk::<8>() else {
            return false;
        };
        now < Timestamp::from_unix(i64::from_be_bytes(*end))
            && keys.verify(PURPOSE, &message(end, &self.cookie), mac)
    }
}

fn message(end: &[u8; 8], cookie: &str) -> Vec<u8> {
    [&end[..], cookie.as_bytes()].concat()
}
