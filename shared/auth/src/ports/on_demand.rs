//! What is asked of the one program that signs, on demand: consent asks it to redeem a code
//! and to bind a tenant, vending to renew a token. No answer holds a token.

use async_trait::async_trait;

use super::store::{StoreError, Write};
use crate::cause::{Cause, CauseCode};
use crate::cloud::Cloud;
use crate::identifiers::TenantId;
use crate::invite::InviteKey;
use crate::resource::Resource;
use crate::secret::SecretString;
use crate::sign_in::{AdminRole, ReceiptId, ReceiptKey, SignIn};
use crate::timestamp::Timestamp;

/// Why the function that signs gave no answer that could be used. What was asked may have
/// been done all the same, unless it is [`Busy`](Self::Busy).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OutOfReach {
    /// It takes no more at the moment: nothing was begun.
    #[error("it takes no more requests at the moment")]
    Busy,
    /// It could not be asked.
    #[error("it could not be asked")]
    Unreached,
    /// It took too long.
    #[error("it did not answer in time")]
    Late,
    /// It ended with an error.
    #[error("it ended with an error")]
    Failed,
    /// Its answer is none that is known here.
    #[error("its answer cannot be read")]
    Unreadable,
}

impl OutOfReach {
    /// The word in logs.
    pub fn as_str(self) -> &'static str {
        match self {
            OutOfReach::Busy => "busy",
            OutOfReach::Unreached => "unreached",
            OutOfReach::Late => "late",
            OutOfReach::Failed => "failed",
            OutOfReach::Unreadable => "unreadable",
        }
    }

    /// The cause in answers and on pages.
    pub fn cause(self) -> Cause {
        CauseCode::BrokerUnavailable.into()
    }
}

/// An authorization code as consent hands it on. Its `Debug` shows neither code nor verifier.
#[derive(Debug, Clone)]
pub struct Redemption {
    /// The tenant that the sign-in was limited to, if any.
    pub tenant: Option<TenantId>,
    /// The cloud whose resource the sign-in named (v1 flow).
    pub cloud: Cloud,
    /// The code, as the browser brought it.
    pub unverified_code: SecretString,
    /// The PKCE verifier.
    pub code_verifier: SecretString,
    /// The nonce that the ID token must carry.
    pub nonce: String,
}

/// Who signed in, checked; and the receipt by which the sign-in is found again.
#[derive(Debug, Clone)]
pub struct Receipted {
    /// The receipt.
    pub receipt: ReceiptId,
    /// The tenant (`tid`).
    pub tenant: TenantId,
    /// The person's sign-in name, for display only.
    pub username: Option<String>,
    /// Whether the person can grant the permissions.
    pub role: AdminRole,
    /// Where the tenant lives, by its own metadata.
    pub home: Option<Cloud>,
}

/// What a tenant granted when it was bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// The cloud that it is bound under.
    pub cloud: Cloud,
    /// The application permissions that the proof showed.
    pub roles: Vec<String>,
}

/// Why a code was not redeemed, or a tenant not bound.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Declined {
    /// It was refused.
    #[error("{cause}")]
    Refused {
        /// Why.
        cause: Cause,
        /// Entra ID's id of the exchange, where there was one.
        correlation_id: Option<String>,
    },
    /// The function that signs gave no answer.
    #[error("the function that signs: {0}")]
    OutOfReach(#[from] OutOfReach),
}

impl From<Cause> for Declined {
    fn from(cause: Cause) -> Self {
        Declined::Refused {
            cause,
            correlation_id: None,
        }
    }
}

impl From<CauseCode> for Declined {
    fn from(code: CauseCode) -> Self {
        Cause::new(code).into()
    }
}

/// Connects a tenant.
///
/// Failure policy: fails closed. What is not answered is not bound, as far as is known here;
/// nothing is asked twice.
#[async_trait]
pub trait TenantConnector: Send + Sync {
    /// Whether it could be asked now: before a state is used up. What runs in this process is
    /// ready once it is built.
    async fn ready(&self) -> Result<(), Declined> {
        Ok(())
    }

    /// Redeems a code and says who signed in.
    async fn redeem(&self, redemption: &Redemption) -> Result<Receipted, Declined>;

    /// Binds the tenant of a receipt to the account of `invite`, or to itself. What was
    /// granted; `None` where it was bound before and nothing was left to do.
    async fn bind(
        &self,
        receipt: &ReceiptId,
        invite: Option<&InviteKey>,
    ) -> Result<Option<Granted>, Declined>;
}

/// Why a token was not renewed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum NotRenewed {
    /// Entra ID gave none; the record says so too.
    #[error("no token: {cause}")]
    Refused {
        /// Why.
        cause: Cause,
        /// Entra ID is not asked again before this.
        next_attempt_at: Timestamp,
    },
    /// There is nothing to sign with, or the table does not answer there: the record is as it
    /// was.
    #[error("the function that signs cannot work: {0}")]
    Unable(Cause),
    /// The function that signs gave no answer.
    #[error("the function that signs: {0}")]
    OutOfReach(#[from] OutOfReach),
}

/// Renews a tenant's token. The new one is in the table afterwards.
///
/// Failure policy: the caller reads the record again, whatever the answer, and serves a token
/// that still lives.
#[async_trait]
pub trait TokenRenewer: Send + Sync {
    /// Renews the token, unless the record says that there is nothing to be had by it now.
    async fn renew(&self, tenant: TenantId, resource: &Resource) -> Result<(), NotRenewed>;

    /// Whether it could be asked now. Not an answer about any tenant. What runs in this process
    /// is ready once it is built.
    async fn ready(&self) -> Result<(), Cause> {
        Ok(())
    }
}

/// Checked sign-ins. Only the function that signs writes them.
///
/// Failure policy: a [`StoreError`] proves no sign-in.
#[async_trait]
pub trait SignIns: Send + Sync {
    /// Keeps a new one.
    async fn keep_sign_in(&self, key: &ReceiptKey, sign_in: &SignIn) -> Result<(), StoreError>;

    /// The sign-in; `None` when there is none, or none any more. Strongly consistent.
    async fn find_sign_in(&self, key: &ReceiptKey) -> Result<Option<SignIn>, StoreError>;

    /// Notes that a tenant is to be bound by the sign-in, to the account of `invite` or to
    /// itself: before it is bound. [`Write::Done`] for the first invite, as often as it comes;
    /// [`Write::Stale`] for every other one, and where there is no such sign-in.
    async fn use_sign_in(
        &self,
        key: &ReceiptKey,
        invite: Option<&InviteKey>,
    ) -> Result<Write, StoreError>;
}
