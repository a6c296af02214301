//! Why a step was not done, by what follows.

use crate::ports::{DeployedSecret, KeysError, SecretError};

/// Why a step of a rotation, or the daily check, was not done.
#[derive(Debug, Clone, thiserror::Error)]
pub enum RotationError {
    /// The request is not of a rotation of this secret: nothing was looked at.
    #[error("no step of a rotation of this secret: {0}")]
    NotOurs(&'static str),
    /// The secret cannot be read or written.
    #[error(transparent)]
    Secret(SecretError),
    /// A version of the secret holds no certificate that can be used.
    #[error("the secret's {version} version cannot be used: {reason}")]
    Unusable {
        /// Which one.
        version: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// No certificate could be made.
    #[error("no certificate could be made: {0}")]
    NotMade(String),
    /// An operator has to add the pending certificate to the application, or mend what keeps
    /// us from it. The next attempt goes on from there.
    #[error(
        "the rotation waits for an operator: {0}: mend that, or run `operator certificate publish \
         --pending DIR` and add what it writes to the application's certificates"
    )]
    Waits(KeysError),
    /// Entra ID or Graph did not do it; the step may be repeated.
    #[error("{0}")]
    Keys(KeysError),
    /// The secret was changed by someone else meanwhile; the step may be repeated.
    #[error("the secret's current version was changed meanwhile: nothing was moved")]
    Changed,
    /// The rotation was rolled back; the next one starts afresh.
    #[error("the rotation was given up and rolled back: {0}")]
    GivenUp(&'static str),
}

impl RotationError {
    /// The word for it in the log.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotOurs(_) => "not_ours",
            Self::Secret(_) => "secret",
            Self::Unusable { .. } => "version_unusable",
            Self::NotMade(_) => "not_made",
            Self::Waits(_) => "waits_for_operator",
            Self::Keys(KeysError::NoToken(_)) => "no_token",
            Self::Keys(KeysError::Refused(_)) => "graph_refused",
            Self::Keys(KeysError::Unavailable { .. }) => "graph_unavailable",
            Self::Changed => "changed_meanwhile",
            Self::GivenUp(_) => "given_up",
        }
    }
}

/// Named by its variable, with the command that fills it.
impl From<SecretError> for RotationError {
    fn from(error: SecretError) -> Self {
        Self::Secret(error.of(DeployedSecret::Certificate))
    }
}

/// A refusal of Graph is an operator's to mend, whatever was asked.
impl From<KeysError> for RotationError {
    fn from(error: KeysError) -> Self {
        match error {
            KeysError::Refused(_) => Self::Waits(error),
            other => Self::Keys(other),
        }
    }
}
