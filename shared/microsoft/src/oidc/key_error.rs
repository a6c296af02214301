//! Why an issuer's keys are not at hand: for the log in full, for a caller in words that
//! name no part of its token and nothing of what was asked.

use auth::cause::CauseCode;
use auth::transport::{NoAnswer, Party, TransportFault, Untrusted};

use crate::http::HttpError;

/// Why a key cannot be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeyError {
    /// The issuer publishes no such key.
    Unknown,
    /// What the issuer publishes cannot be fetched, or is not what it should be.
    Unavailable(Unavailable),
}

/// Why keys cannot be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unavailable {
    /// No answer came.
    NoAnswer(TransportFault),
    /// One came that is not what it should be.
    OddAnswer,
}

/// A fetch that failed, as the log has it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotFetched {
    #[error("{0}")]
    NoAnswer(NoAnswer),
    #[error("{0}")]
    OddAnswer(&'static str),
}

impl NotFetched {
    pub(crate) fn reason(&self, party: Party) -> String {
        match self {
            NotFetched::NoAnswer(none) => none.explained(party),
            NotFetched::OddAnswer(reason) => (*reason).to_owned(),
        }
    }

    /// The log's `transport`.
    pub(crate) fn transport(&self) -> Option<&'static str> {
        match self {
            NotFetched::NoAnswer(none) => Some(none.fault.as_str()),
            NotFetched::OddAnswer(_) => None,
        }
    }
}

impl From<&'static str> for NotFetched {
    fn from(reason: &'static str) -> Self {
        NotFetched::OddAnswer(reason)
    }
}

impl From<HttpError> for NotFetched {
    fn from(error: HttpError) -> Self {
        match error {
            HttpError::NoAnswer(none) => NotFetched::NoAnswer(none),
            HttpError::TooLarge => NotFetched::OddAnswer("the answer is too large"),
            HttpError::Client => NotFetched::OddAnswer("no CA of the system can be read"),
        }
    }
}

impl From<&NotFetched> for Unavailable {
    fn from(failed: &NotFetched) -> Self {
        match failed {
            NotFetched::NoAnswer(none) => Unavailable::NoAnswer(none.fault),
            NotFetched::OddAnswer(_) => Unavailable::OddAnswer,
        }
    }
}

impl Unavailable {
    /// What it means when the keys are the authority's.
    pub(crate) fn cause(self) -> CauseCode {
        match self {
            Unavailable::NoAnswer(fault) => fault.cause(),
            Unavailable::OddAnswer => CauseCode::Unavailable,
        }
    }

    /// What a caller reads whose issuer it is. A caller that is not proven yet: it learns
    /// what to pass on to the operator, and no address.
    pub(crate) fn to_the_caller(self) -> &'static str {
        use TransportFault as T;
        match self {
            Unavailable::NoAnswer(T::Untrusted(Untrusted::UnknownIssuer)) => {
                "the keys of your token's issuer cannot be fetched: its certificate leads to no \
                 CA that the broker trusts; the operator of the broker names that CA in \
                 EXTRA_CA_FILE"
            }
            Unavailable::NoAnswer(T::Untrusted(_) | T::NoTls) => {
                "the keys of your token's issuer cannot be fetched: its certificate does not \
                 pass; the broker's log says why"
            }
            Unavailable::NoAnswer(T::Unresolved) => {
                "the keys of your token's issuer cannot be fetched: its host name cannot be \
                 resolved where the broker runs"
            }
            Unavailable::NoAnswer(T::Refused | T::Unreachable) => {
                "the keys of your token's issuer cannot be fetched: no connection to it can be \
                 made from where the broker runs"
            }
            Unavailable::NoAnswer(T::TimedOut(_) | T::Broken) => {
                "the keys of your token's issuer cannot be fetched: it gave no complete answer \
                 in time"
            }
            Unavailable::OddAnswer => {
                "the keys of your token's issuer cannot be fetched at the moment: its answer is \
                 not what it should be"
            }
        }
    }
}
