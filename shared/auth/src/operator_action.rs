//! What an operator did, as it is written down: who, what, on whom, when, and how it ended.
//! Never a secret, a path or a text that was typed: names and words of a list alone.

use std::time::Duration;

use crate::identifiers::{Customer, TenantId};
use crate::timestamp::Timestamp;

/// How long an action is kept, beyond a year: so long an auditor may look back.
pub const KEPT_FOR: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// A command that changes something or reads a secret, before it is begun.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Deed {
    /// The command's words: `tenants suspend`.
    pub command: &'static str,
    /// On which tenant.
    pub tenant: Option<TenantId>,
    /// For which customer account.
    pub customer: Option<Customer>,
    /// On which caller key, key of the ring, or the like: fit to be shown.
    pub name: Option<String>,
    /// Options that say what it does, such as `raw`: none holds a value.
    pub options: Vec<&'static str>,
}

/// Who acts, by the word of the program that writes it down: its credentials' principal at AWS,
/// or the user of this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor(pub String);

/// How an action ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It did what was asked, or there was nothing to do.
    Done,
    /// It did not, or not all of it; a person who answers no ends it so too.
    Failed,
}

/// An action as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorAction {
    /// Who.
    pub actor: String,
    /// The command's words.
    pub command: String,
    /// On which tenant.
    pub tenant: Option<TenantId>,
    /// For which customer account.
    pub customer: Option<Customer>,
    /// On what else.
    pub name: Option<String>,
    /// Its options.
    pub options: Vec<String>,
    /// When it was begun.
    pub began_at: Timestamp,
    /// When and how it ended; `None` where that was never written: the program was killed, or
    /// the table did not answer.
    pub ended: Option<(Timestamp, Outcome)>,
}

impl Outcome {
    /// The word that is kept.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Done => "done",
            Outcome::Failed => "failed",
        }
    }

    /// The outcome of its word.
    pub fn of(word: &str) -> Option<Self> {
        [Outcome::Done, Outcome::Failed]
            .into_iter()
            .find(|outcome| outcome.as_str() == word)
    }
}
