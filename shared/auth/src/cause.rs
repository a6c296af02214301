//! Why a tenant has no token, or no consent: a stable code, whose fault it is and
//! what to do next. Pages, answers, logs and the operator's tool all speak these
//! codes; what Entra ID said in its own words stays in the log.

use std::fmt;
use std::str::FromStr;

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
}

macro_rules! cause_codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $class:ident, $fault:ident, $next:literal;)+) => {
        /// A stable code for a cause.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum CauseCode { $($(#[$doc])* $variant),+ }

        impl CauseCode {
            /// Every code, for documents and tests.
            pub const ALL: &[CauseCode] = &[$(CauseCode::$variant),+];

            /// The code in answers, logs and the table.
            pub fn as_str(self) -> &'static str {
                match self { $(CauseCode::$variant => $text),+ }
            }

            /// What kind of trouble it is.
            pub fn class(self) -> Class {
                match self { $(CauseCode::$variant => Class::$class),+ }
            }

            /// Whose turn it is.
            pub fn fault(self) -> Fault {
                match self { $(CauseCode::$variant => Fault::$fault),+ }
            }

            /// What to do next, in one sentence.
            pub fn next_step(self) -> &'static str {
                match self { $(CauseCode::$variant => $next),+ }
            }
        }
    };
}

cause_codes! {
    /// The application is not known or not consented to in the tenant (700016, 65001, 7000229).
    NotConsented = "not_consented", Consent, Customer,
        "An admin of the tenant opens the consent link and accepts.";
    /// The admin pressed Cancel, or may not consent.
    ConsentDeclined = "consent_declined", Consent, Customer,
        "Start again and accept, signed in as an admin who may grant permissions for the whole organisation.";
    /// The customer disabled our application (7000112).
    ApplicationDisabled = "application_disabled", Consent, Customer,
        "An admin of the tenant enables the enterprise application again.";
    /// A token came, but without the application permissions that we need.
    RolesMissing = "roles_missing", Consent, Customer,
        "An admin of the tenant opens the consent link and accepts; a grant made minutes ago may still be on its way.";
    /// The tenant has no such API: no subscription, or disabled (500011, 500014, 650052).
    ResourceMissing = "resource_missing", Consent, Customer,
        "The tenant needs a subscription that includes the requested API.";
    /// The directory does not exist, or no longer does (90002).
    TenantNotFound = "tenant_not_found", Tenant, Customer,
        "Check the tenant ID; a deleted directory has to be removed here too.";
    /// The tenant lives in another of Microsoft's clouds (900439, 90038).
    WrongCloud = "wrong_cloud", Tenant, Customer,
        "Connect the tenant under the cloud that it lives in.";
    /// A policy of the customer forbids it (53003).
    BlockedByPolicy = "blocked_by_policy", Consent, Customer,
        "An admin of the tenant exempts the application from the Conditional Access policy.";
    /// The person who signed in cannot finish the sign-in (several codes).
    SignInFailed = "sign_in_failed", User, Customer,
        "Sign in again, with an account of the organisation that is to be connected.";
    /// The tenant belongs to another customer account.
    BoundToAnotherCustomer = "bound_to_another_customer", User, Customer,
        "Ask the operator of this service to move the tenant.";
    /// Nobody may start without an invite.
    InviteNeeded = "invite_needed", User, Customer,
        "Ask the company that sent you here for an invite link.";
    /// The state, the cookie or the handle of a consent is missing, old, used or forged.
    StartAgain = "start_again", User, Customer,
        "If you finished before, it still holds. Otherwise start again from the consent page, in the same browser, within ten minutes.";
    /// The authorization code cannot be used (54005, 70008).
    CodeUnusable = "code_unusable", Code, Customer,
        "Start again from the consent page; do not reload the page that Microsoft sends you to.";
    /// The admin-consent answer names another tenant than the one that signed in.
    TenantMismatch = "tenant_mismatch", User, Customer,
        "Start again and use the same account for both of Microsoft's pages.";
    /// Entra ID refuses our certificate or secret (700027, 50012, 7000215).
    CredentialRefused = "credential_refused", Ours, Ours,
        "The operator compares the certificate in the secrets manager with the key credentials of the application.";
    /// Our clock and Entra ID's differ too much (700024).
    ClockSkew = "clock_skew", Ours, Ours,
        "The operator checks the clock of the machine that signs.";
    /// Entra ID finds our request or our registration at fault.
    RequestRefused = "request_refused", Ours, Ours,
        "The operator looks the AADSTS code up in the log and corrects the registration or the settings.";
    /// A token came that fails a check that it must pass.
    TokenInvalid = "token_invalid", Ours, Ours,
        "The operator looks at the log: a token did not pass its checks.";
    /// The signing key, a secret or the table cannot be had.
    BrokerUnavailable = "broker_unavailable", Ours, Ours,
        "Try again; if it lasts, the operator looks at the broker's log.";
    /// 429, or a loop that Entra ID stopped (50196).
    Throttled = "throttled", Throttle, Microsoft,
        "Nothing to do: the broker waits for as long as Microsoft asks.";
    /// Time-out, reset, 5xx, or an answer that is not one.
    Unavailable = "unavailable", Retry, Microsoft,
        "Nothing to do: the broker tries again.";
    /// A refusal whose code we do not know: treated as passing, never as revoked.
    Unknown = "unknown", Retry, Microsoft,
        "Copy the code and the time to the operator; the broker tries again.";
}

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

/// A cause as it is remembered: the code and, where Entra ID named one, its AADSTS number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// The stable code.
    pub code: CauseCode,
    /// The AADSTS number that decided, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aadsts: Option<u32>,
}

impl Cause {
    /// A cause without an AADSTS number.
    pub fn new(code: CauseCode) -> Self {
        Self { code, aadsts: None }
    }

    /// A cause for which Entra ID gave a number.
    pub fn with_aadsts(code: CauseCode, aadsts: u32) -> Self {
        Self {
            code,
            aadsts: Some(aadsts),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.aadsts {
            Some(number) => write!(f, "{} (AADSTS{number})", self.code),
            None => self.code.fmt(f),
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
    fn a_fault_of_ours_is_never_a_revocation() {
        for code in CauseCode::ALL {
            if code.fault() == Fault::Ours {
                assert!(!code.is_revocation(), "{code}");
            }
            assert_eq!(
                code.class() == Class::Ours,
                code.fault() == Fault::Ours,
                "{code}"
            );
        }
    }
}
