//! The ports of consent and vending over requests to the function that signs. An answer that
//! does not fit what was asked is as good as none.

use std::sync::Arc;

use async_trait::async_trait;

use super::asker::Asker;
use super::message::{OnDemandAnswer as Answer, OnDemandRequest as Request};
use crate::cause::Cause;
use crate::identifiers::TenantId;
use crate::invite::InviteKey;
use crate::ports::{
    Declined, Granted, NotRenewed, OutOfReach, Receipted, Redemption, TenantConnector, TokenRenewer,
};
use crate::resource::Resource;
use crate::sign_in::ReceiptId;

/// The function that signs, wherever it runs.
///
/// Failure policy: a request is sent once.
#[async_trait]
pub trait OnDemandFunction: Send + Sync {
    /// Asks it. What went wrong is in the log when this returns.
    async fn ask(&self, request: &Request) -> Result<Answer, OutOfReach>;
}

/// Where there is none: for who never asks it.
#[derive(Debug, Clone, Copy)]
pub struct NoFunction;

#[async_trait]
impl OnDemandFunction for NoFunction {
    async fn ask(&self, _: &Request) -> Result<Answer, OutOfReach> {
        let kind = OutOfReach::Unreached;
        tracing::error!(
            event = "on_demand_unanswered",
            kind = kind.as_str(),
            "there is no function that signs here"
        );
        Err(kind)
    }
}

/// The function that signs, as each asker reaches it: by its own alias.
#[derive(Clone)]
pub struct OnDemandPorts {
    /// For consent.
    pub consent: Arc<dyn OnDemandFunction>,
    /// For vending.
    pub vending: Arc<dyn OnDemandFunction>,
}

impl OnDemandPorts {
    /// Where this process is one of the two askers, and `function` its way there.
    pub fn one(function: Arc<dyn OnDemandFunction>) -> Self {
        Self::by(|_| Arc::clone(&function))
    }

    /// The way there of each asker.
    pub fn by(way: impl Fn(Asker) -> Arc<dyn OnDemandFunction>) -> Self {
        Self {
            consent: way(Asker::Consent),
            vending: way(Asker::Vending),
        }
    }

    /// The way of this asker.
    pub fn of(&self, asker: Asker) -> &dyn OnDemandFunction {
        match asker {
            Asker::Consent => self.consent.as_ref(),
            Asker::Vending => self.vending.as_ref(),
        }
    }
}

/// The ports over such a function. Cheap to clone.
#[derive(Clone)]
pub struct Remote(pub Arc<dyn OnDemandFunction>);

impl Remote {
    /// An answer that belongs to what was asked, or the reason why there is none.
    async fn ask(&self, request: Request) -> Result<Answer, OutOfReach> {
        match self.0.ask(&request).await? {
            Answer::Busy {} => Err(says(OutOfReach::Busy, ITS_ANSWER)),
            Answer::Late {} => Err(says(OutOfReach::Late, ITS_ANSWER)),
            Answer::NotTaken {} => Err(says(OutOfReach::Failed, ITS_ANSWER)),
            Answer::Denied {} => Err(says(OutOfReach::Failed, NOT_ITS_ALIAS)),
            answer => Ok(answer),
        }
    }
}

#[async_trait]
impl TenantConnector for Remote {
    async fn ready(&self) -> Result<(), Declined> {
        match self.ask(Request::Ready {}).await? {
            Answer::Ready {} => Ok(()),
            other => Err(declined(other)),
        }
    }

    async fn redeem(&self, redemption: &Redemption) -> Result<Receipted, Declined> {
        let redemption = redemption.clone();
        let request = Request::Redeem {
            tenant: redemption.tenant,
            cloud: redemption.cloud,
            code: redemption.unverified_code,
            code_verifier: redemption.code_verifier,
            nonce: redemption.nonce,
        };
        match self.ask(request).await? {
            Answer::Redeemed {
                receipt,
                tenant,
                username,
                role,
                home,
            } => Ok(Receipted {
                receipt,
                tenant,
                username,
                role,
                home,
            }),
            other => Err(declined(other)),
        }
    }

    async fn bind(
        &self,
        receipt: &ReceiptId,
        invite: Option<&InviteKey>,
    ) -> Result<Option<Granted>, Declined> {
        let request = Request::Bind {
            receipt: receipt.clone(),
            invite: invite.cloned(),
        };
        match self.ask(request).await? {
            Answer::Bound { cloud, roles } => Ok(Some(Granted { cloud, roles })),
            Answer::BoundBefore {} => Ok(None),
            other => Err(declined(other)),
        }
    }
}

#[async_trait]
impl TokenRenewer for Remote {
    async fn renew(&self, tenant: TenantId, resource: &Resource) -> Result<(), NotRenewed> {
        let resource = resource.clone();
        match self.ask(Request::Renew { tenant, resource }).await? {
            Answer::Renewed {} => Ok(()),
            Answer::NotRenewed {
                cause,
                next_attempt_at,
            } => Err(NotRenewed::Refused {
                cause,
                next_attempt_at,
            }),
            Answer::Unable { cause } => Err(NotRenewed::Unable(cause)),
            _ => Err(OutOfReach::Unreadable.into()),
        }
    }

    async fn ready(&self) -> Result<(), Cause> {
        let asked = self.ask(Request::Ready {}).await;
        match asked.map_err(OutOfReach::cause)? {
            Answer::Ready {} => Ok(()),
            Answer::Unable { cause } => Err(cause),
            _ => Err(OutOfReach::Unreadable.cause()),
        }
    }
}

/// Why there is no answer to what was asked.
const ITS_ANSWER: &str = "its own answer";
/// Consent and vending each have an alias.
const NOT_ITS_ALIAS: &str =
    "its own answer: this is not for the alias that was asked, check ON_DEMAND_FUNCTION";

/// It answered that it did not do it.
fn says(kind: OutOfReach, why: &'static str) -> OutOfReach {
    tracing::error!(
        event = "on_demand_unanswered",
        kind = kind.as_str(),
        why,
        "the function that signs did not do what it was asked: {kind}"
    );
    kind
}

fn declined(answer: Answer) -> Declined {
    match answer {
        Answer::Declined {
            cause,
            correlation_id,
        } => Declined::Refused {
            cause,
            correlation_id,
        },
        Answer::Unable { cause } => cause.into(),
        _ => OutOfReach::Unreadable.into(),
    }
}
