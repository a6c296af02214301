//! The result page: where every attempt ends, found by a sealed handle, so that no code
//! stays in the address.

use url::Url;

use super::flow::Consent;
use super::handles::{Handle, Outcome, RESULT_LIFE};
use super::refusal::ConsentRefusal;
use super::steps::ResultView;
use crate::cause::CauseCode;
use crate::identifiers::TenantId;

impl Consent {
    /// `GET /consent/result/{handle}`.
    pub async fn result_view(&self, handle: &Handle) -> Result<ResultView, ConsentRefusal> {
        let now = self.clock.now();
        let outcome = Outcome::open(handle, &self.keys).ok_or(CauseCode::StartAgain)?;
        if now >= outcome.expires_at {
            return Err(CauseCode::ResultExpired.into());
        }
        if let Some(refusal) = outcome.refusal() {
            return Ok(ResultView::Refused {
                refusal,
                at: outcome.at,
                request_id: outcome.request_id,
            });
        }
        let tenant = outcome.tenant.ok_or(CauseCode::StartAgain)?;
        let tenants = self.binding.tenants.as_ref();
        let found = tenants.find(tenant).await.map_err(|error| error.cause())?;
        let tenant = found.ok_or(CauseCode::StartAgain)?;
        let waiting = tenant.waiting(tenants, now).await;
        Ok(ResultView::Tenant {
            waiting: waiting.map_err(|error| error.cause())?,
            tenant: Box::new(tenant),
            // The list may be shorter than it was when the invite was made.
            return_url: outcome
                .return_url
                .filter(|url| self.settings.return_urls.allows(url)),
        })
    }

    /// The handle of a result page that tells `refusal` of the request `request_id`.
    pub fn refused(&self, refusal: ConsentRefusal, request_id: &str) -> Handle {
        tracing::info!(
            event = "consent_refused", cause = %refusal.cause, request_id,
            correlation_id = refusal.correlation_id,
            "a consent ended without a tenant: {}", refusal.cause
        );
        self.outcome(Outcome {
            refused: Some(refusal.cause),
            correlation_id: refusal.correlation_id,
            invited: refusal.invited,
            signed_in: refusal.tenant,
            request_id: request_id.to_owned(),
            ..Outcome::default()
        })
    }

    /// The handle of a result page that shows how `tenant` stands.
    pub(super) fn completed(&self, tenant: TenantId, return_url: Option<Url>) -> Handle {
        self.outcome(Outcome {
            tenant: Some(tenant),
            return_url,
            ..Outcome::default()
        })
    }

    fn outcome(&self, outcome: Outcome) -> Handle {
        let now = self.clock.now();
        let outcome = Outcome {
            at: now,
            expires_at: now + RESULT_LIFE,
            ..outcome
        };
        outcome.seal(&self.keys, self.random.as_ref())
    }
}
