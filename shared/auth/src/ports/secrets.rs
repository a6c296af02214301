//! Where secrets come from, where the operator puts them, and which ones there are.

use std::fmt;

use async_trait::async_trait;

use super::Write;
use crate::secret::SecretString;
use crate::text::shown_secret;

/// The secrets of a deployment. Each has readers of its own, and starts empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeployedSecret {
    /// The certificate and its key, with which client assertions are signed.
    Certificate,
    /// The state key and the cookie key of the consent function.
    ConsentKeys,
    /// The ring of keys that seals tokens.
    SealingRing,
    /// The ring of keys that webhooks' AuthIDs are made with.
    WebhookKeys,
    /// The ring of keys that events for the operator's own webhook are signed with.
    EventKeys,
}

impl DeployedSecret {
    /// The variable that holds its name.
    pub const fn variable(self) -> &'static str {
        match self {
            Self::Certificate => "CERTIFICATE_SECRET_ID",
            Self::ConsentKeys => "CONSENT_KEYS_SECRET_ID",
            Self::SealingRing => "SEALING_KEYS_SECRET_ID",
            Self::WebhookKeys => "FEED_WEBHOOK_KEYS_SECRET_ID",
            Self::EventKeys => "EVENT_WEBHOOK_KEYS_SECRET_ID",
        }
    }

    /// The operator's command that fills it.
    pub const fn filled_by(self) -> &'static str {
        match self {
            Self::Certificate => "operator certificate publish DIR",
            Self::ConsentKeys | Self::SealingRing | Self::WebhookKeys | Self::EventKeys => {
                "operator keys create"
            }
        }
    }
}

/// A secret's name for people and logs: without the account and region that its ARN
/// carries; and not, where the secret itself was given in its name's place.
pub fn short_secret_name(name: &str) -> String {
    let short = name.split_once(":secret:").map_or(name, |(_, name)| name);
    shown_secret(short).to_string()
}

/// Why a secret cannot be had. Carries the secret's name, never its value.
#[derive(Debug, Clone, thiserror::Error)]
pub enum SecretError {
    /// There is no such secret.
    #[error("secret {name} does not exist: {hint}")]
    Missing {
        /// The secret's name.
        name: String,
        /// What to do about it.
        hint: String,
    },
    /// It exists, and nothing was ever put into it.
    #[error("secret {name} has no value yet: {hint}")]
    Empty {
        /// The secret's name.
        name: String,
        /// What to do about it.
        hint: String,
    },
    /// It exists but cannot be read or understood.
    #[error("secret {name} cannot be used: {reason}")]
    Unusable {
        /// The secret's name.
        name: String,
        /// What is wrong, without a word of the value.
        reason: String,
    },
    /// The source does not answer; worth another try.
    #[error("secret {name} cannot be read at the moment: {reason}")]
    Unavailable {
        /// The secret's name.
        name: String,
        /// What the source said.
        reason: String,
    },
}

impl SecretError {
    /// A secret whose value will not do; `reason` holds no word of it.
    pub fn unusable(name: &str, reason: impl fmt::Display) -> Self {
        SecretError::Unusable {
            name: short_secret_name(name),
            reason: reason.to_string(),
        }
    }

    /// The same of a secret that is known by what it is for: named by its variable too,
    /// and told with the command that fills it.
    #[must_use]
    pub fn of(mut self, secret: DeployedSecret) -> Self {
        if let Self::Empty { hint, .. } = &mut self {
            *hint = format!("fill it with `{}`", secret.filled_by());
        }
        let (Self::Missing { name, .. }
        | Self::Empty { name, .. }
        | Self::Unusable { name, .. }
        | Self::Unavailable { name, .. }) = &mut self;
        let variable = secret.variable();
        if !name.contains(variable) {
            *name = format!("{name} ({variable})");
        }
        self
    }

    /// Nothing was ever put there. Whether there is a place to put it shows when it is
    /// written.
    pub const fn is_without_value(&self) -> bool {
        matches!(self, Self::Missing { .. } | Self::Empty { .. })
    }
}

/// A store of secrets: the secrets manager, or the files of one machine.
///
/// Failure policy: a function that lacks a secret serves what it can without it and asks
/// again (decision 0025); one that has it keeps it and asks again later.
#[async_trait]
pub trait SecretSource: Send + Sync {
    /// The current value of the secret called `name`.
    async fn read(&self, name: &str) -> Result<SecretString, SecretError>;

    /// The value before the current one; `None` where there is none. A source that
    /// keeps one version has none.
    async fn read_previous(&self, name: &str) -> Result<Option<SecretString>, SecretError> {
        let _ = name;
        Ok(None)
    }
}

/// A store of secrets that may be written: the operator's, never a function's that faces
/// callers.
///
/// Failure policy: after [`SecretError::Unavailable`] the value may have been written; who
/// needs to know reads again.
#[async_trait]
pub trait SecretSink: Send + Sync {
    /// Makes `value` the current one of the secret called `name`; the one that was current
    /// becomes the one before it. Readers see the old value or the new one, never a part.
    async fn write(&self, name: &str, value: &SecretString) -> Result<(), SecretError>;

    /// Makes `value` the first one of a secret that has none. [`Write::Stale`]: it has one,
    /// which was left as it is; of several that write at once one is done.
    async fn write_first(&self, name: &str, value: &SecretString) -> Result<Write, SecretError>;
}
