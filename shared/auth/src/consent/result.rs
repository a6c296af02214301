//! The result page: where every attempt ends, found by a sealed handle, so that no code
//! stays in the address.

use url::Url;

use super::flow::Consent;
use super::handles::{Conclusion, End, Handle, RESULT_LIFE};
use super::refusal::ConsentRefusal;
use super::steps::ResultView;
use crate::cause::CauseCode;
use crate::identifiers::TenantId;

impl Consent {
    /// `GET /consent/result/{handle}`.
    pub async fn result_view(&self, handle: &Handle) -> Result<ResultView, ConsentRefusal> {
        let conclusion = Conclusion::open(handle, &self.keys).ok_or(CauseCode::StartAgain)?;
        if self.clock.now() >= conclusion.at + RESULT_LIFE {
            return Err(CauseCode::ResultExpired.into());
        }
        match conclusion.end {
            End::Completed { tenant, return_url } => self.standing_of(tenant, return_url).await,
            End::Refused {
                refusal,
                request_id,
            } => Ok(ResultView::Refused {
                refusal,
                at: conclusion.at,
                request_id,
            }),
        }
    }

    /// How the tenant stands now.
    async fn standing_of(
        &self,
        tenant: TenantId,
        return_url: Option<Url>,
    ) -> Result<ResultView, ConsentRefusal> {
        let tenants = self.tenants.as_ref();
        let found = tenants.find(tenant).await.map_err(|error| error.cause())?;
        let tenant = found.ok_or(CauseCode::StartAgain)?;
        let waiting = tenant.waiting(tenants, self.clock.now()).await;
        Ok(ResultView::Tenant {
            waiting: waiting.map_err(|error| error.cause())?,
            tenant: Box::new(tenant),
            // The list may be shorter than it was when the invite was made.
            return_url: return_url.filter(|url| self.settings.return_urls.allows(url)),
        })
    }

    /// The handle of a result page that shows `refusal` of the request `request_id`.
    pub fn refused(&self, refusal: ConsentRefusal, request_id: &str) -> Handle {
        tracing::info!(
            event = "consent_refused", cause = %refusal.cause, request_id,
            correlation_id = refusal.correlation_id,
            "a consent ended without a tenant: {}", refusal.cause
        );
        self.concluded(End::Refused {
            refusal,
            request_id: request_id.to_owned(),
        })
    }

    /// The handle of a result page that shows how `tenant` stands.
    pub(super) fn completed(&self, tenant: TenantId, return_url: Option<Url>) -> Handle {
        self.concluded(End::Completed { tenant, return_url })
    }

    fn concluded(&self, end: End) -> Handle {
        let at = self.clock.now();
        Conclusion { at, end }.seal(&self.keys, self.random.as_ref())
    }
}
