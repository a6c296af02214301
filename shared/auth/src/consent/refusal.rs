//! Why an attempt to connect a tenant ends without one.

use serde::{Deserialize, Serialize};

use crate::cause::{Cause, CauseCode};
use crate::identifiers::TenantId;
use crate::ports::{AuthorityError, Declined};

/// Why an attempt ends here, with what a person can pass on to whoever helps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsentRefusal {
    /// Why.
    pub cause: Cause,
    /// Entra ID's id of the exchange, where there was one.
    pub correlation_id: Option<String>,
    /// The attempt had an invite: to start again, its link is opened again.
    pub invited: bool,
    /// The tenant that signed in, where that is known and of use to the person.
    pub tenant: Option<TenantId>,
}

impl ConsentRefusal {
    /// The same of an attempt with an invite, or without.
    pub(super) fn of_attempt(self, invited: bool) -> Self {
        Self { invited, ..self }
    }
}

impl From<Cause> for ConsentRefusal {
    fn from(cause: Cause) -> Self {
        Self {
            cause,
            correlation_id: None,
            invited: false,
            tenant: None,
        }
    }
}

impl From<CauseCode> for ConsentRefusal {
    fn from(code: CauseCode) -> Self {
        Cause::new(code).into()
    }
}

impl From<AuthorityError> for ConsentRefusal {
    fn from(error: AuthorityError) -> Self {
        Self {
            cause: error.cause,
            correlation_id: error.correlation_id,
            invited: false,
            tenant: None,
        }
    }
}

impl From<ConsentRefusal> for Declined {
    fn from(refusal: ConsentRefusal) -> Self {
        Declined::Refused {
            cause: refusal.cause,
            correlation_id: refusal.correlation_id,
        }
    }
}

impl From<Declined> for ConsentRefusal {
    fn from(declined: Declined) -> Self {
        match declined {
            Declined::Refused {
                cause,
                correlation_id,
            } => Self {
                correlation_id,
                ..cause.into()
            },
            Declined::OutOfReach(why) => why.cause().into(),
        }
    }
}
