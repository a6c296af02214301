//! The identities of callers. There is no way to make one from what a client merely says:
//! each kind has one maker, the adapter that checks its proof; and one constructor, which
//! the operator's commands share, so that what is checked is what is decided.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::{AwsRole, Workload};

/// The longest name of a caller key, in characters.
const NAME_MAX: usize = 40;

/// A caller whose identity was proven.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A role of AWS IAM: the function URL or STS says who signed.
    AwsRole(AwsRole),
    /// A workload with a token of its own cloud (OpenID Connect).
    Workload(Workload),
    /// The holder of a caller key.
    Key {
        /// What the operator called it.
        name: CallerName,
    },
}

/// The name of a caller key: `[a-z0-9-]`, 1 to 40 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct CallerName(String);

/// The text is no name of a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a caller's name: 1 to 40 of a-z, 0-9 and -")]
pub struct InvalidCaller;

impl CallerName {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CallerName {
    type Err = InvalidCaller;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        match (1..=NAME_MAX).contains(&text.len()) && text.bytes().all(allowed) {
            true => Ok(Self(text.to_owned())),
            false => Err(InvalidCaller),
        }
    }
}

impl fmt::Display for CallerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Caller {
    /// Its name as policies write it: `Key::"collector"`. What cannot stand in a text of
    /// Cedar is escaped as Cedar reads it.
    pub fn principal(&self) -> String {
        let (of, name) = match self {
            Caller::AwsRole(role) => ("AwsRole", format!("{}/{}", role.account(), role.name())),
            Caller::Workload(workload) => (
                "Workload",
                format!("{} {}", workload.issuer(), workload.subject()),
            ),
            Caller::Key { name } => ("Key", name.to_string()),
        };
        format!("{of}::\"{}\"", name.escape_debug())
    }
}

impl fmt::Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Caller::AwsRole(role) => {
                write!(f, "role {} of account {}", role.name(), role.account())
            }
            Caller::Workload(workload) => {
                write!(f, "{} of {}", workload.subject(), workload.issuer())
            }
            Caller::Key { name } => write!(f, "key {name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_plain() {
        for text in ["a", "collector-1", &"x".repeat(40)] {
            assert!(text.parse::<CallerName>().is_ok(), "{text}");
        }
        for text in ["", "A", "a_b", "a b", "ä", &"x".repeat(41)] {
            assert!(text.parse::<CallerName>().is_err(), "{text}");
        }
    }
}
