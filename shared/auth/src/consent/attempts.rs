//! The cookies of a browser's attempts: one for each, sealed, so that two tabs work. They
//! all come with every request, and the gateway refuses a request whose line and headers
//! have more than 10,240 bytes (431) before this function sees it. So a browser keeps
//! [`ATTEMPTS_KEPT`], and the oldest goes when another begins.

use std::cmp::Reverse;

use serde::{Deserialize, Serialize};

use super::form::FormToken;
use super::handles::{open, seal};
use super::keys::ConsentKeys;
use super::state::ConsentState;
use crate::cloud::Cloud;
use crate::identifiers::TenantId;
use crate::invite::InviteKey;
use crate::ports::Random;
use crate::sign_in::ReceiptId;
use crate::timestamp::Timestamp;

/// Attempts that a browser keeps. A cookie has at most 600 bytes (name, value and the `; `
/// between), so that all of them take 3,000 of the gateway's 10,240; Microsoft's code takes
/// up to 2,000 and a browser's own headers 1,500, which leaves as much again for the cookies
/// of the domains above this host.
pub const ATTEMPTS_KEPT: usize = 5;
/// Cookies that one answer takes back, at most: the gateway bounds the headers of an answer
/// as well.
const TAKEN_BACK_MAX: usize = 40;

/// A cookie to be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttemptCookie {
    /// `__Host-consent-{id}`: one per attempt, so that two tabs work.
    pub name: String,
    /// Sealed.
    pub value: String,
}

impl AttemptCookie {
    /// What the name of every attempt's cookie begins with.
    pub const PREFIX: &str = "__Host-consent-";
}

pub(super) fn cookie_name(state_id: &str) -> String {
    format!("{}{state_id}", AttemptCookie::PREFIX)
}

/// What the browser keeps of an attempt between two steps. Holds the PKCE verifier:
/// no `Debug`, and it leaves this process only sealed.
#[derive(Serialize, Deserialize)]
pub(super) struct Attempt {
    /// When the browser got this cookie first.
    pub(super) began_at: Timestamp,
    /// What the attempt binds with; `None` in open mode.
    pub(super) invite: Option<InviteKey>,
    /// The cloud that the tenant lives in.
    pub(super) cloud: Cloud,
    pub(super) step: Step,
    /// When Microsoft's page said first that the application is still being set up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) set_up_since: Option<Timestamp>,
}

/// What Microsoft is asked for, with what its answer is held against.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Step {
    SignIn(SignIn),
    AdminConsent(AdminConsent),
}

/// A sign-in, which is answered with a code.
#[derive(Serialize, Deserialize)]
pub(super) struct SignIn {
    pub(super) code_verifier: String,
    pub(super) nonce: String,
    /// The only tenant that may sign in, if the attempt names one.
    pub(super) tenant: Option<TenantId>,
}

/// The consent of a tenant that has signed in (v2 flow).
#[derive(Serialize, Deserialize)]
pub(super) struct AdminConsent {
    pub(super) tenant: TenantId,
    pub(super) receipt: ReceiptId,
}

impl Step {
    /// The tenant that has signed in, once that is known.
    pub(super) fn signed_in(&self) -> Option<TenantId> {
        match self {
            Step::SignIn(_) => None,
            Step::AdminConsent(asked) => Some(asked.tenant),
        }
    }
}

impl Attempt {
    pub(super) fn to_cookie(
        &self,
        state: &ConsentState,
        keys: &ConsentKeys,
        random: &dyn Random,
    ) -> AttemptCookie {
        let id = state.id();
        AttemptCookie {
            value: seal(keys, "consent attempt", &[id.as_bytes()], self, random),
            name: cookie_name(&id),
        }
    }

    pub(super) fn from_cookie(value: &str, state_id: &str, keys: &ConsentKeys) -> Option<Self> {
        open(keys, "consent attempt", &[state_id.as_bytes()], value)
    }
}

/// The cookies to take back, as `Consent::surplus_attempts` says.
pub(super) fn surplus(
    cookies: Vec<(String, String)>,
    kept: usize,
    keys: &ConsentKeys,
) -> Vec<String> {
    let attempts = cookies
        .into_iter()
        .filter(|(name, _)| name != FormToken::COOKIE);
    let mut dated: Vec<_> = attempts
        .map(|(name, value)| (began_at(&name, &value, keys), name))
        .collect();
    // Stable: browsers send older cookies first (RFC 6265 §5.4), which decides within a
    // second.
    dated.reverse();
    dated.sort_by_key(|(began_at, _)| Reverse(*began_at));
    let surplus = dated.into_iter().skip(kept).rev();
    let names = surplus.map(|(_, name)| name);
    names.take(TAKEN_BACK_MAX).collect()
}

/// `None`, which is before every time, for what is not ours.
fn began_at(name: &str, value: &str, keys: &ConsentKeys) -> Option<Timestamp> {
    let id = name.strip_prefix(AttemptCookie::PREFIX)?;
    Attempt::from_cookie(value, id, keys).map(|attempt| attempt.began_at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::base64_standard;
    use crate::ports::HeldRandom;

    fn keys(byte: u8) -> ConsentKeys {
        let key = base64_standard(&[byte; 32]);
        let text = serde_json::json!({"state_key": key, "cookie_key": key}).to_string();
        ConsentKeys::from_json(&text).unwrap()
    }

    /// The longest that we set.
    fn attempt(began_at: i64) -> Attempt {
        let invite = crate::invite::InviteId::new([7; 24]).key();
        Attempt {
            began_at: Timestamp::from_unix(1_800_000_000 + began_at),
            invite: Some(invite),
            cloud: Cloud::GccHigh,
            step: Step::SignIn(SignIn {
                code_verifier: "v".repeat(43),
                nonce: "n".repeat(22),
                tenant: Some(TenantId::CONSUMERS),
            }),
            set_up_since: Some(Timestamp::from_unix(1_800_000_000)),
        }
    }

    /// Cookies that began at these seconds, under `keys`.
    fn cookies(began: &[i64], keys: &ConsentKeys) -> Vec<(String, String)> {
        let random = HeldRandom::counting();
        let cookie = |began_at: &i64| {
            let end = Timestamp::from_unix(1_800_000_600);
            let state = ConsentState::new(end, &random);
            let cookie = attempt(*began_at).to_cookie(&state, keys, &random);
            (cookie.name, cookie.value)
        };
        began.iter().map(cookie).collect()
    }

    #[test]
    fn the_oldest_attempts_go_and_the_newest_stay() {
        // When the cookies began, how many are kept, which go (by their place).
        let rows: [(&[i64], usize, &[usize]); 10] = [
            (&[], 5, &[]),
            (&[1], 5, &[]),
            (&[1, 2, 3, 4, 5], 5, &[]),
            (&[1, 2, 3, 4, 5, 6], 5, &[0]),
            (&[6, 5, 4, 3, 2, 1], 5, &[5]),
            (&[6, 1, 5, 2, 4, 3], 4, &[1, 3]),
            (&[3, 3, 3, 3, 3, 3], 4, &[0, 1]),
            (&[2, 1, 2, 1, 2, 1], 4, &[1, 3]),
            (&[1, 2], 0, &[0, 1]),
            (&[7, 7, 8, 1], 1, &[3, 0, 1]),
        ];
        for (began, kept, gone) in rows {
            let sent = cookies(began, &keys(1));
            let expected: Vec<_> = gone.iter().map(|at| sent[*at].0.clone()).collect();
            let found = surplus(sent, kept, &keys(1));
            assert_eq!(found, expected, "{began:?} {kept}");
        }
    }

    #[test]
    fn what_does_not_open_goes_first_and_the_forms_cookie_never() {
        let ours = cookies(&[1, 2], &keys(1));
        let foreign = cookies(&[9], &keys(2)).remove(0);
        let named = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let rows = [
            foreign,
            named("__Host-consent-", &ours[0].1),
            named("__Host-consent-x", &ours[0].1),
            named(&ours[1].0, &ours[0].1),
            named("__Host-consent-AAAAAAAAAAAAAAAAAAAAAA", ""),
            named("__Host-consent-AAAAAAAAAAAAAAAAAAAAAA", "AAAA"),
            named("__Host-consent-form2", "x"),
            named("__Host-consent-\u{e9}", "x"),
            named("__Host-consent-long", &"A".repeat(4000)),
            named("__Host-consent-plain", r#"{"began_at":9999999999}"#),
        ];
        for (name, value) in rows {
            let sent = vec![
                named(FormToken::COOKIE, "kept"),
                ours[0].clone(),
                (name.clone(), value),
            ];
            assert_eq!(surplus(sent, 1, &keys(1)), [name]);
        }
    }

    #[test]
    fn an_answer_takes_back_a_bounded_number() {
        let sent = cookies(&[1; 100], &keys(1));
        assert_eq!(surplus(sent, 5, &keys(1)).len(), TAKEN_BACK_MAX);
    }

    #[test]
    fn the_longest_cookie_has_600_bytes_at_most() {
        let random = HeldRandom::counting();
        let state = ConsentState::new(Timestamp::from_unix(0), &random);
        let cookie = attempt(0).to_cookie(&state, &keys(1), &random);
        let length = cookie.name.len() + "=; ".len() + cookie.value.len();
        assert!(length <= 600, "{length}");
    }

    /// For ten minutes after an update; the person starts again.
    #[test]
    fn an_attempt_in_an_earlier_form_does_not_open() {
        let (random, keys) = (HeldRandom::counting(), keys(1));
        let earlier = serde_json::json!({
            "began_at": 1_800_000_000, "code_verifier": "v", "nonce": "n", "invite": null,
            "cloud": "public", "expected_tenant": null, "signed_in": null,
            "seen": {"admin": false, "delegated": false}
        });
        let sealed = seal(
            &keys,
            "consent attempt",
            &["id".as_bytes()],
            &earlier,
            &random,
        );
        assert!(Attempt::from_cookie(&sealed, "id", &keys).is_none());
    }
}
