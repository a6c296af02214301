//! What a cause says of the trouble: who has to act, and what kind of trouble it is.

use serde::{Deserialize, Serialize};

/// Who has to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Fault {
    /// The service that asked.
    Caller,
    /// The customer's admin.
    Customer,
    /// Whoever operates this broker.
    Ours,
    /// Microsoft.
    Microsoft,
}

/// What failed in a run, by who has to act.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct FailedBy {
    /// We, the table and the object store included.
    pub ours: u32,
    /// The customer.
    pub customer: u32,
    /// Microsoft.
    pub microsoft: u32,
}

impl FailedBy {
    /// One more. A run has no caller: that is ours.
    pub fn add(&mut self, fault: Fault) {
        *match fault {
            Fault::Customer => &mut self.customer,
            Fault::Microsoft => &mut self.microsoft,
            Fault::Ours | Fault::Caller => &mut self.ours,
        } += 1;
    }
}

impl Fault {
    /// The word in answers and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Fault::Caller => "caller",
            Fault::Customer => "customer",
            Fault::Ours => "ours",
            Fault::Microsoft => "microsoft",
        }
    }

    /// Whose turn it is, as a person is told.
    pub fn whose_turn(self) -> &'static str {
        match self {
            Fault::Caller => "The service that asks has to change its request.",
            Fault::Customer => "It is the turn of the organisation that is to be connected.",
            Fault::Ours => "The operator of this service must act: it is not your mistake.",
            Fault::Microsoft => "It is Microsoft's turn: it is not your mistake.",
        }
    }
}

impl Class {
    /// The word for an operator.
    pub fn as_str(self) -> &'static str {
        match self {
            Class::Consent => "consent",
            Class::Ours => "ours",
            Class::Tenant => "tenant",
            Class::User => "user",
            Class::Code => "code",
            Class::Retry => "retry",
            Class::Throttle => "throttle",
            Class::Held => "held",
        }
    }
}

/// What kind of trouble a cause is: what the broker does about it follows from this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The customer has not granted access, has taken it away, or forbids it by policy:
    /// looked at again slowly.
    Consent,
    /// Our certificate, clock, request or configuration: every tenant has it, so the
    /// fleet's refresh stops with one alarm.
    Ours,
    /// The directory is gone or lives in another cloud.
    Tenant,
    /// Needs a person at the browser.
    User,
    /// The authorization code cannot be used: the sign-in starts again.
    Code,
    /// Passes by itself; also what nobody knows, so that it is never a revocation.
    Retry,
    /// Too many requests: nobody asks before the time is over.
    Throttle,
    /// Ours to change, and no fault that every tenant has: a tenant that we hold back, or
    /// something that only the consent pages meet. Never an alarm for the fleet.
    Held,
}
