//! The webhook of a subscription: what the API says of it against what is wanted.
//!
//! A webhook only wakes. A subscription without one that works is listed in its turns like any
//! other, so that nothing here holds up a subscription: what is wrong is mended when there is
//! time, and never more often than a start may be sent (`subscription`).

use std::time::Duration;

use auth::secret::{ExposeSecret, SecretString};
use auth::{Fault, Timestamp};
use url::Url;

/// After a start with the webhook that did not help.
const BETWEEN_TRIES: Duration = Duration::from_secs(60 * 60);

/// What a subscription is started with. `Debug` shows no AuthID.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Where notifications are sent (`FEED_WEBHOOK_URL`).
    pub address: Url,
    /// What they carry as Webhook-AuthID.
    pub auth_id: SecretString,
}

/// The webhook of a subscription as the API says it. `Debug` shows no AuthID.
#[derive(Debug, Clone)]
pub struct ListedWebhook {
    /// As it is written.
    pub address: String,
    /// `None` where it has none.
    pub auth_id: Option<SecretString>,
    /// Its last moment. `None` where it names none, or one that cannot be read.
    pub expires_at: Option<Timestamp>,
    /// Its status.
    pub status: WebhookStatus,
}

/// What the API says of a webhook that is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookStatus {
    /// It is called; so is one without a status.
    Enabled,
    /// Disabled by Microsoft, or in a state that we do not know.
    Disabled,
    /// Past its expiration.
    Expired,
}

impl WebhookStatus {
    /// The status of a list's entry.
    pub fn of(text: Option<&str>) -> Self {
        match text.map(str::to_ascii_lowercase).as_deref() {
            None | Some("enabled") => WebhookStatus::Enabled,
            Some("expired") => WebhookStatus::Expired,
            Some(_) => WebhookStatus::Disabled,
        }
    }
}

macro_rules! states {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $fault:expr, $happened:literal, $next:literal;)+) => {
        /// How a type's webhook is, as far as is known.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum WebhookState { $($(#[$doc])* $variant),+ }

        impl WebhookState {
            /// Every state, for documents and tests.
            pub const ALL: &[WebhookState] = &[$(WebhookState::$variant),+];

            /// The word in answers and in the table.
            pub fn as_str(self) -> &'static str {
                match self { $(WebhookState::$variant => $text),+ }
            }

            /// Who has to act where it stays so; `None` where no one has to.
            pub fn fault(self) -> Option<Fault> {
                match self { $(WebhookState::$variant => $fault),+ }
            }

            /// What happened, in one sentence.
            pub fn what_happened(self) -> &'static str {
                match self { $(WebhookState::$variant => $happened),+ }
            }

            /// What to do next, in one or two sentences.
            pub fn next_step(self) -> &'static str {
                match self { $(WebhookState::$variant => $next),+ }
            }
        }
    };
}

states! {
    /// There is none of ours: none is wanted, or it was not set yet.
    None = "none", None,
        "The subscription has no webhook.",
        "Nothing to do: where FEED_WEBHOOK_URL is set, the next turn sets it.";
    /// It is there as it is wanted.
    Enabled = "enabled", None,
        "New content is notified.",
        "Nothing to do.";
    /// The subscription runs without it: it has vanished, or the start did not set it.
    Missing = "missing", Some(Fault::Microsoft),
        "The subscription runs without its webhook.",
        "It is put back by itself.";
    /// Microsoft has disabled it, after notifications that were not answered with 200.
    Disabled = "disabled", Some(Fault::Ours),
        "Microsoft has disabled the webhook because notifications failed.",
        "It is enabled again by itself. If it happens again, look at the log of the webhook function.";
    /// Its expiration is over.
    Expired = "expired", Some(Fault::Ours),
        "The webhook has expired; ours have no end, so that it was set by something else.",
        "It is replaced by itself.";
    /// It has another address: of an earlier `FEED_WEBHOOK_URL`, or somebody else's.
    OtherAddress = "other_address", Some(Fault::Ours),
        "The subscription has a webhook with another address.",
        "It is replaced by itself. If it happens again, another deployment uses the same application.";
    /// It has another AuthID: of an older key.
    OtherAuthId = "other_auth_id", Some(Fault::Ours),
        "The webhook has an AuthID of an older key.",
        "It is replaced by itself. Retire no key while webhooks still have its AuthID.";
    /// It is not wanted any more.
    Unwanted = "unwanted", Some(Fault::Ours),
        "The subscription has a webhook, and FEED_WEBHOOK_URL is not set any more.",
        "It is removed by itself.";
    /// The keys of our AuthIDs cannot be read.
    NoKeys = "no_keys", Some(Fault::Ours),
        "The keys of the webhook's AuthIDs cannot be read, so that subscriptions are started without it.",
        "Check FEED_WEBHOOK_KEYS_SECRET_ID; `operator keys create` fills the secret. It is tried again every hour.";
    /// Our address did not answer Microsoft's validation with 200 (AF20021).
    NotValidated = "not_validated", Some(Fault::Ours),
        "Microsoft could not validate the webhook: its address did not answer with 200.",
        "Check that FEED_WEBHOOK_URL reaches the webhook function over HTTPS. It is tried again every hour; content is collected without it.";
}

/// What the ledger says of a type's webhook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownWebhook {
    /// How it was found, or left, the last time.
    pub state: WebhookState,
    /// When a start for its sake was last sent, where that did not help, or is not known to have.
    pub tried_at: Option<Timestamp>,
}

impl Default for KnownWebhook {
    fn default() -> Self {
        Self::of(WebhookState::None)
    }
}

impl KnownWebhook {
    /// One that nothing has to be done about.
    pub fn of(state: WebhookState) -> Self {
        let tried_at = None;
        Self { state, tried_at }
    }

    /// The same after a start that did not help.
    pub fn tried(state: WebhookState, at: Timestamp) -> Self {
        Self {
            state,
            tried_at: Some(at),
        }
    }

    /// Whether it is as it should be. `is_wanted`: one is configured.
    pub fn is_well(self, is_wanted: bool) -> bool {
        let well = if is_wanted {
            WebhookState::Enabled
        } else {
            WebhookState::None
        };
        self.state == well
    }

    /// Whether a start may carry the webhook: it did not fail within the hour.
    pub fn may_try(self, now: Timestamp) -> bool {
        has_passed(self.tried_at, BETWEEN_TRIES, now)
    }
}

/// A moment that is yet to come was written by a clock that was ahead, and says nothing.
pub(crate) fn has_passed(at: Option<Timestamp>, pause: Duration, now: Timestamp) -> bool {
    at.is_none_or(|at| at > now || at.seconds_until(now) >= pause.as_secs())
}

/// How the webhook of a type is. `listed`: what the API names of the type; a type may be listed
/// twice, and one webhook that works is enough. `at`: Microsoft's clock.
pub fn judge<'a>(
    listed: impl IntoIterator<Item = &'a ListedWebhook>,
    wanted: Option<&Webhook>,
    at: Timestamp,
) -> WebhookState {
    let judged = listed.into_iter().map(|one| judge_one(one, wanted, at));
    let best = judged.min_by_key(|state| *state != WebhookState::Enabled);
    best.unwrap_or(match wanted {
        Some(_) => WebhookState::Missing,
        None => WebhookState::None,
    })
}

fn judge_one(listed: &ListedWebhook, wanted: Option<&Webhook>, at: Timestamp) -> WebhookState {
    let Some(wanted) = wanted else {
        return WebhookState::Unwanted;
    };
    // Parsed: the API may write a slash or a case of its own.
    let address = Url::parse(&listed.address);
    let auth_id = listed.auth_id.as_ref().map(ExposeSecret::expose_secret);
    match listed.status {
        WebhookStatus::Disabled => WebhookState::Disabled,
        WebhookStatus::Expired => WebhookState::Expired,
        _ if listed.expires_at.is_some_and(|end| end <= at) => WebhookState::Expired,
        _ if address.as_ref() != Ok(&wanted.address) => WebhookState::OtherAddress,
        // Not constant time: the other side is Microsoft, which we have given it to.
        _ if auth_id != Some(wanted.auth_id.expose_secret()) => WebhookState::OtherAuthId,
        _ => WebhookState::Enabled,
    }
}

#[cfg(test)]
#[path = "webhook_tests.rs"]
mod tests;
