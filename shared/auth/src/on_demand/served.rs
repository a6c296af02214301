//! From a request to its answer.

use std::sync::Arc;

use super::message::{OnDemandAnswer as Answer, OnDemandRequest as Request};
use crate::ports::{
    Declined, Granted, NotRenewed, OutOfReach, Receipted, Redemption, TenantConnector, TokenRenewer,
};

/// Answers requests.
pub struct OnDemand {
    /// Redeems codes and binds tenants.
    pub connector: Arc<dyn TenantConnector>,
    /// Renews tokens.
    pub renewer: Arc<dyn TokenRenewer>,
}

impl OnDemand {
    /// Answers one.
    pub async fn answer(&self, request: Request) -> Answer {
        match request {
            Request::Redeem {
                tenant,
                cloud,
                code,
                code_verifier,
                nonce,
            } => {
                let redemption = Redemption {
                    tenant,
                    cloud,
                    unverified_code: code,
                    code_verifier,
                    nonce,
                };
                redeemed(self.connector.redeem(&redemption).await)
            }
            Request::Bind { receipt, invite } => {
                bound(self.connector.bind(&receipt, invite.as_ref()).await)
            }
            Request::Renew { tenant, resource } => {
                renewed(self.renewer.renew(tenant, &resource).await)
            }
            Request::Ready {} => match self.renewer.ready().await {
                Ok(()) => Answer::Ready {},
                Err(cause) => Answer::Unable { cause },
            },
        }
    }
}

fn redeemed(outcome: Result<Receipted, Declined>) -> Answer {
    match outcome {
        Ok(redeemed) => Answer::Redeemed {
            receipt: redeemed.receipt,
            tenant: redeemed.tenant,
            username: redeemed.username,
            role: redeemed.role,
            home: redeemed.home,
        },
        Err(declined) => not_connected(declined),
    }
}

fn bound(outcome: Result<Option<Granted>, Declined>) -> Answer {
    match outcome {
        Ok(Some(Granted { cloud, roles })) => Answer::Bound { cloud, roles },
        Ok(None) => Answer::BoundBefore {},
        Err(declined) => not_connected(declined),
    }
}

fn not_connected(declined: Declined) -> Answer {
    match declined {
        Declined::Refused {
            cause,
            correlation_id,
        } => Answer::Declined {
            cause,
            correlation_id,
        },
        Declined::OutOfReach(why) => unanswered(why),
    }
}

fn renewed(outcome: Result<(), NotRenewed>) -> Answer {
    match outcome {
        Ok(()) => Answer::Renewed {},
        Err(NotRenewed::Refused {
            cause,
            next_attempt_at,
        }) => Answer::NotRenewed {
            cause,
            next_attempt_at,
        },
        Err(NotRenewed::Unable(cause)) => Answer::Unable { cause },
        Err(NotRenewed::OutOfReach(why)) => unanswered(why),
    }
}

fn unanswered(why: OutOfReach) -> Answer {
    match why {
        OutOfReach::Busy => Answer::Busy {},
        _ => Answer::Late {},
    }
}
