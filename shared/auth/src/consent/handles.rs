//! What a browser carries for us, sealed: the handle of the page that leads on to Microsoft,
//! of the confirm page and of the result page, and the cookie of an attempt (`attempts.rs`).
//! None can be read or made by others, and none opens as another.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use url::Url;

use super::keys::ConsentKeys;
use super::refusal::ConsentRefusal;
use crate::cause::Cause;
use crate::cloud::Cloud;
use crate::encoding::{base64url, from_base64url};
use crate::identifiers::{Customer, TenantId};
use crate::invite::InviteKey;
use crate::ports::Random;
use crate::sign_in::ReceiptId;
use crate::timestamp::Timestamp;

/// How long an admin has from Start to the end.
pub const ATTEMPT_LIFE: Duration = Duration::from_secs(10 * 60);
/// How long a result page can be looked at.
pub(super) const RESULT_LIFE: Duration = Duration::from_secs(24 * 60 * 60);
/// Longer values are not ours; they are not even decoded.
const HANDLE_MAX_CHARS: usize = 2048;

/// An opaque, sealed value for a path of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handle(pub String);

/// Where the page between a form of ours and Microsoft leads: the address itself is made of
/// the attempt's cookie when the page is opened.
#[derive(Serialize, Deserialize)]
pub(super) struct Passage {
    /// The `state` parameter of the attempt, whose cookie must come along.
    pub(super) state: String,
    /// The attempt has an invite.
    pub(super) invited: bool,
    /// The page waits first.
    pub(super) wait: Option<Wait>,
}

/// Microsoft needs a moment.
#[derive(Serialize, Deserialize)]
pub(super) struct Wait {
    pub(super) until: Timestamp,
    /// What for.
    pub(super) cause: Cause,
}

/// What the confirm page asks about.
#[derive(Serialize, Deserialize)]
pub(super) struct Confirmation {
    /// The attempt; its cookie must come along.
    pub(super) state_id: String,
    pub(super) expires_at: Timestamp,
    pub(super) tenant: TenantId,
    pub(super) customer: Customer,
    pub(super) username: Option<String>,
    pub(super) invite: Option<InviteKey>,
    pub(super) cloud: Cloud,
    pub(super) receipt: ReceiptId,
}

/// How an attempt ended: what the result page shows.
#[derive(Serialize, Deserialize)]
pub(super) struct Conclusion {
    pub(super) at: Timestamp,
    pub(super) end: End,
}

/// How an attempt ends.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum End {
    /// Consent was completed: the page shows the tenant's own status.
    Completed {
        tenant: TenantId,
        return_url: Option<Url>,
    },
    Refused {
        refusal: ConsentRefusal,
        request_id: String,
    },
}

impl Passage {
    pub(super) fn seal(&self, keys: &ConsentKeys, random: &dyn Random) -> Handle {
        Handle(seal(keys, "consent passage", &[], self, random))
    }

    /// Opens a handle that is ours; whether its attempt is in time is the caller's to see.
    pub(super) fn open(handle: &Handle, keys: &ConsentKeys) -> Option<Self> {
        open(keys, "consent passage", &[], &handle.0)
    }
}

impl Confirmation {
    pub(super) fn seal(&self, keys: &ConsentKeys, random: &dyn Random) -> Handle {
        Handle(seal(keys, "consent confirmation", &[], self, random))
    }

    /// Opens a handle that is ours; whether it is in time is the caller's to see.
    pub(super) fn open(handle: &Handle, keys: &ConsentKeys) -> Option<Self> {
        open(keys, "consent confirmation", &[], &handle.0)
    }
}

impl Conclusion {
    pub(super) fn seal(&self, keys: &ConsentKeys, random: &dyn Random) -> Handle {
        Handle(seal(keys, "consent result", &[], self, random))
    }

    /// Opens a handle that is ours; whether it is in time is the caller's to see.
    pub(super) fn open(handle: &Handle, keys: &ConsentKeys) -> Option<Self> {
        open(keys, "consent result", &[], &handle.0)
    }
}

pub(super) fn seal<T: Serialize>(
    keys: &ConsentKeys,
    purpose: &str,
    fields: &[&[u8]],
    value: &T,
    random: &dyn Random,
) -> String {
    // The types above hold strings and numbers: they always serialise.
    let json = serde_json::to_vec(value).unwrap_or_default();
    base64url(&keys.cookies().seal(purpose, fields, &json, random))
}

pub(super) fn open<T: DeserializeOwned>(
    keys: &ConsentKeys,
    purpose: &str,
    fields: &[&[u8]],
    text: &str,
) -> Option<T> {
    if text.len() > HANDLE_MAX_CHARS {
        return None;
    }
    let plaintext = keys
        .cookies()
        .open(purpose, fields, &from_base64url(text)?)
        .ok()?;
    serde_json::from_slice(&plaintext).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::base64_standard;
    use crate::ports::HeldRandom;

    /// For a day after an update; the person opens the link again.
    #[test]
    fn a_conclusion_in_an_earlier_form_does_not_open() {
        let key = base64_standard(&[7; 32]);
        let text = serde_json::json!({"state_key": key, "cookie_key": key}).to_string();
        let keys = ConsentKeys::from_json(&text).unwrap();
        let earlier = serde_json::json!({
            "at": 1_800_000_000, "expires_at": 1_800_086_400, "tenant": TenantId::CONSUMERS,
            "return_url": null, "refused": null, "correlation_id": null, "invited": false,
            "request_id": ""
        });
        let handle = Handle(seal(
            &keys,
            "consent result",
            &[],
            &earlier,
            &HeldRandom::always(7),
        ));
        assert!(Conclusion::open(&handle, &keys).is_none());
    }
}
