//! Why a signed request goes no further, whichever service was asked.

use super::date::{AmzDate, CLOCK_SKEW};
use crate::refusal::GatewayRefusal;

/// Why a signed request goes no further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Denied {
    /// For a reason that every gateway has.
    Gateway(GatewayRefusal),
    /// Not signed at all, or with something else than Signature Version 4.
    Unsigned,
    /// The Authorization header, or what it refers to, is not complete or not well formed.
    /// Says what is wrong, in our words.
    Incomplete(&'static str),
    /// Signed in the query, which AWS takes and this run does not.
    InTheQuery,
    /// Not for this day, region or service, or not over all that must be signed.
    Invalid(&'static str),
    /// Signed too long ago.
    Expired { signed: AmzDate, now: AmzDate },
    /// Signed in the future.
    NotYet { signed: AmzDate, now: AmzDate },
    /// Another key, or a session token, which the run's key does not have.
    UnknownKey,
    /// The signature is not of this request by this key.
    Mismatch,
}

impl From<GatewayRefusal> for Denied {
    fn from(refusal: GatewayRefusal) -> Self {
        Self::Gateway(refusal)
    }
}

impl Denied {
    /// The words for what is signed for something else, or at another time, or by another
    /// secret ("Troubleshoot signed requests for AWS APIs", IAM User Guide).
    pub(crate) fn why_invalid(&self) -> String {
        match self {
            Self::Invalid(message) => (*message).to_owned(),
            Self::Expired { signed, now } => {
                let least = now.before(CLOCK_SKEW);
                format!("Signature expired: {signed} is now earlier than {least} ({now} - 5 min.)")
            }
            Self::NotYet { signed, now } => {
                let most = now.after(CLOCK_SKEW);
                format!(
                    "Signature not yet current: {signed} is still later than {most} ({now} + 5 min.)"
                )
            }
            _ => "The request signature we calculated does not match the signature you provided. \
                  Check your AWS Secret Access Key and signing method. Consult the service \
                  documentation for details."
                .to_owned(),
        }
    }
}
