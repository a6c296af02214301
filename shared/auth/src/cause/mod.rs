//! Why a tenant has no token, or no consent: a stable code, whose fault it is and
//! what to do next. Pages, answers, logs and the operator's tool all speak these
//! codes; what Entra ID said in its own words stays in the log. The codes with their
//! words stand in `catalogue.rs`.

mod catalogue;
mod fault;

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use catalogue::CauseCode;
pub use fault::{Class, FailedBy, Fault};

impl CauseCode {
    /// A fault of ours that every tenant has: the fleet's refresh stops with one alarm.
    pub fn is_fleet_wide(self) -> bool {
        self.class() == Class::Ours
    }

    /// The customer has taken the consent away (or the whole directory).
    pub fn is_revocation(self) -> bool {
        matches!(
            self,
            CauseCode::NotConsented
                | CauseCode::ApplicationDisabled
                | CauseCode::RolesMissing
                | CauseCode::TenantNotFound
        )
    }

    /// What happened, whose turn it is and what to do, for a person or a log.
    pub fn explained(self) -> String {
        format!(
            "{} {} {}",
            self.what_happened(),
            self.fault().whose_turn(),
            self.next_step()
        )
    }

    /// What comes by itself after a consent: a grant reaches some replicas of Entra ID later
    /// than others, and an authority is out of breath at times.
    pub fn is_on_its_way(self) -> bool {
        self.is_transient() || matches!(self, CauseCode::NotConsented | CauseCode::RolesMissing)
    }

    /// It passes by itself.
    pub fn is_transient(self) -> bool {
        matches!(self.class(), Class::Retry | Class::Throttle)
    }
}

impl fmt::Display for CauseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is no cause code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a cause code")]
pub struct UnknownCauseCode;

impl FromStr for CauseCode {
    type Err = UnknownCauseCode;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        CauseCode::ALL
            .iter()
            .copied()
            .find(|code| code.as_str() == text)
            .ok_or(UnknownCauseCode)
    }
}

impl Serialize for CauseCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for CauseCode {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A cause as it is remembered: the code and Entra ID's AADSTS numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// The stable code.
    pub code: CauseCode,
    /// The AADSTS number that decided, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aadsts: Option<u32>,
    /// The other numbers of the same answer, known or not, at most [`ALSO_MAX`]: they decide
    /// nothing, and somebody who looks for the reason needs them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<u32>,
}

/// How many numbers beside the deciding one are remembered; real answers hold two or three.
pub const ALSO_MAX: usize = 7;

impl Cause {
    /// A cause without an AADSTS number.
    pub fn new(code: CauseCode) -> Self {
        Self {
            code,
            aadsts: None,
            also: Vec::new(),
        }
    }

    /// A cause for which Entra ID gave a number.
    pub fn with_aadsts(code: CauseCode, aadsts: u32) -> Self {
        Self {
            code,
            aadsts: Some(aadsts),
            ..Self::new(code)
        }
    }

    /// The same cause, of an answer that held all these numbers.
    pub fn among(mut self, numbers: &[u32]) -> Self {
        for number in numbers {
            let is_new = self.aadsts != Some(*number) && !self.also.contains(number);
            if is_new && self.also.len() < ALSO_MAX {
                self.also.push(*number);
            }
        }
        self
    }

    /// Every number, the deciding one first.
    pub fn numbers(&self) -> impl Iterator<Item = u32> {
        self.aadsts.into_iter().chain(self.also.iter().copied())
    }
}

impl Cause {
    /// The cause in the light of what is known of the tenant: a consent saw why the roles are
    /// missing, and a bare token does not show it.
    pub fn with_what_is_known<'a>(&'a self, known: Option<&'a Cause>) -> &'a Cause {
        match known {
            Some(known)
                if known.code == CauseCode::DelegatedOnly
                    && self.code == CauseCode::RolesMissing =>
            {
                known
            }
            _ => self,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.code.fmt(f)?;
        let numbers: Vec<_> = self.numbers().map(|n| format!("AADSTS{n}")).collect();
        match numbers.is_empty() {
            true => Ok(()),
            false => write!(f, " ({})", numbers.join(", ")),
        }
    }
}

impl From<CauseCode> for Cause {
    fn from(code: CauseCode) -> Self {
        Cause::new(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_comes_back_from_its_text() {
        for code in CauseCode::ALL {
            assert_eq!(code.as_str().parse(), Ok(*code));
        }
    }

    #[test]
    fn every_code_is_told_in_whole_sentences() {
        for code in CauseCode::ALL {
            for sentence in [code.what_happened(), code.next_step()] {
                assert!(
                    sentence.ends_with('.') && sentence.len() > 15,
                    "{code}: {sentence}"
                );
                assert!(
                    sentence.starts_with(char::is_uppercase),
                    "{code}: {sentence}"
                );
            }
            assert_ne!(code.what_happened(), code.next_step(), "{code}");
        }
    }

    #[test]
    fn a_fault_of_ours_is_never_a_revocation() {
        for code in CauseCode::ALL {
            if code.fault() == Fault::Ours {
                assert!(!code.is_revocation(), "{code}");
            }
            assert_eq!(
                matches!(code.class(), Class::Ours | Class::Held),
                code.fault() == Fault::Ours,
                "{code}"
            );
        }
    }
}
