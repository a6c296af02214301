//! From a request to its answer.

use std::sync::Arc;

use super::asker::Asker;
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
    /// Answers one. `asker`: by whose alias it came; `None` for any other way.
    pub async fn answer(&self, asker: Option<Asker>, request: Request) -> Answer {
        // Fails closed because an unknown asker may ask for nothing.
        if asker.is_some_and(|asker| asker.may_ask(&request)) {
            self.answer_allowed(request).await
        } else {
            denied(asker, &request)
        }
    }

    async fn answer_allowed(&self, request: Request) -> Answer {
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
            // What answers has been built, with all that it signs with.
            Request::Ready {} => Answer::Ready {},
        }
    }
}

/// A line of the audit log: an asker never sends what is not its own.
fn denied(asker: Option<Asker>, request: &Request) -> Answer {
    let (asker, kind) = (asker.map_or("none", Asker::alias), request.kind());
    tracing::error!(
        target: "audit",
        event = "on_demand_denied",
        asker,
        kind,
        "a request to {kind} was refused: the alias that it came by is not for it ({asker})"
    );
    Answer::Denied {}
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
