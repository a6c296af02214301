//! Requests and answers as they go between two functions, in JSON. Neither side takes anything
//! that it does not know. A code and its verifier are in a request alone, whose `Debug` shows
//! neither; no answer holds a token.

use serde::{Deserialize, Serialize, Serializer};

use crate::cause::Cause;
use crate::cloud::Cloud;
use crate::identifiers::TenantId;
use crate::invite::InviteKey;
use crate::resource::Resource;
use crate::secret::{ExposeSecret as _, SecretString};
use crate::sign_in::{AdminRole, ReceiptId};
use crate::timestamp::Timestamp;

/// What is asked.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum OnDemandRequest {
    /// To redeem a code.
    Redeem {
        /// The tenant that the sign-in was limited to.
        tenant: Option<TenantId>,
        /// The cloud whose resource the sign-in named.
        cloud: Cloud,
        /// As the browser brought it.
        #[serde(serialize_with = "exposed")]
        code: SecretString,
        /// PKCE.
        #[serde(serialize_with = "exposed")]
        code_verifier: SecretString,
        /// Of the ID token.
        nonce: String,
    },
    /// To bind the tenant of a sign-in.
    Bind {
        /// Names the sign-in.
        receipt: ReceiptId,
        /// By its hash.
        invite: Option<InviteKey>,
    },
    /// To renew a token.
    Renew {
        /// Of this tenant.
        tenant: TenantId,
        /// For this resource.
        resource: Resource,
    },
    /// Whether it takes requests.
    Ready {},
}

impl OnDemandRequest {
    /// What is asked for, in a word.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Redeem { .. } => "redeem",
            Self::Bind { .. } => "bind",
            Self::Renew { .. } => "renew",
            Self::Ready {} => "ready",
        }
    }
}

/// What is answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum OnDemandAnswer {
    /// Who signed in.
    Redeemed {
        /// By which the sign-in is found again.
        receipt: ReceiptId,
        /// Its tenant.
        tenant: TenantId,
        /// For display.
        username: Option<String>,
        /// Whether the person can grant the permissions.
        role: AdminRole,
        /// Where the tenant lives.
        home: Option<Cloud>,
    },
    /// The tenant is bound.
    Bound {
        /// The cloud that it is bound under.
        cloud: Cloud,
        /// What was granted.
        roles: Vec<String>,
    },
    /// The tenant was bound before.
    BoundBefore {},
    /// A code or a binding was refused.
    Declined {
        /// Why.
        cause: Cause,
        /// Entra ID's.
        correlation_id: Option<String>,
    },
    /// The record says the rest.
    Renewed {},
    /// Entra ID gave no token.
    NotRenewed {
        /// Why.
        cause: Cause,
        /// It is not asked again before.
        next_attempt_at: Timestamp,
    },
    /// It takes requests.
    Ready {},
    /// A part of this service does not answer there.
    Unable {
        /// Why.
        cause: Cause,
    },
    /// More than it takes at once: nothing was begun.
    Busy {},
    /// Its time was over before it was done.
    Late {},
    /// No request that is known there.
    NotTaken {},
    /// A request that is not the asker's: it came by another alias than that of who may ask it.
    Denied {},
}

fn exposed<S: Serializer>(secret: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(secret.expose_secret())
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
