//! The webhook function: Microsoft says that a tenant's audit log has something new, and a message
//! of the queue says so to a worker.
//!
//! It fetches nothing. It has the keys of the AuthIDs, our client ID and the queue, and no token,
//! no certificate and no table: an attacker who takes it over can wake workers, and nothing else.
//! Whether a tenant is active is judged by the worker. A notification that is lost, doubled, late
//! or forged changes when a window is listed, and nothing in the store (decision 0064).
//!
//! | what | where |
//! |---|---|
//! | whose request it is | `feed::auth_id` |
//! | what a notification says | `feed::notification` |
//! | what becomes of it: status and line of the log | `outcome.rs`, of many refusals `refusals.rs` |

mod build;
mod outcome;
mod refusals;

use std::sync::Arc;

use auth::ports::{Clock, Meter};
use auth::{ClientId, TenantId};
use feed::address::FeedHost;
use feed::auth_id::{AUTH_ID_HEADER, LiveAuthKeys};
use feed::notification::{self, Expected};
use feed::ports::Wakes;
use feed::wake::Wake;
use lambda::function::{AnswersRequests, TooEarly};
use lambda::{answer, request};
use lambda_http::http::{Method, StatusCode};
use lambda_http::{Body, Request, Response};
use wiring::settings::WebhookSettings;

use outcome::Outcome;
use refusals::Refusal;
pub use refusals::Refusals;

/// The one route, in spans.
const ROUTE: &str = "/feed/webhook";

/// The header by which Microsoft asks, while it starts a subscription, whether the address is
/// ours (protocol notes §4.1). The body says the same and is not read: the AuthID is the proof,
/// and an answer of 200 is all that is wanted.
const VALIDATION_HEADER: &str = "Webhook-ValidationCode";

/// Lambda takes no larger event.
const BODY_MAX: usize = 6 * 1024 * 1024;

/// The function, as `main` builds it.
pub struct Webhook {
    /// Makes and checks AuthIDs.
    pub keys: LiveAuthKeys,
    /// Our application.
    pub client_id: ClientId,
    /// Where contents are.
    pub hosts: Vec<FeedHost>,
    /// The queue.
    pub wakes: Arc<dyn Wakes>,
    /// What was refused lately.
    pub refusals: Refusals,
    /// By which it is reported once a minute.
    pub clock: Arc<dyn Clock>,
    /// Where figures go; `None` where they are not collected.
    pub meter: Option<Arc<dyn Meter>>,
}

impl AnswersRequests for Webhook {
    async fn answer(&self, request: &Request, id: &str) -> Response<Body> {
        request::on_route(ROUTE);
        let outcome = self.judge(request).await;
        outcome.log(&self.refusals, self.clock.since_start());
        answer::empty(outcome.status(), id)
    }

    /// Without its keys it can judge no request; Microsoft tries again.
    fn come_again(early: &TooEarly<'_, WebhookSettings>) -> Response<Body> {
        request::on_route(ROUTE);
        answer::empty(StatusCode::SERVICE_UNAVAILABLE, early.id)
    }

    fn meter(&self) -> Option<&dyn Meter> {
        self.meter.as_deref()
    }
}

impl Webhook {
    /// Fails closed because what has no right AuthID is refused before anything else of it is
    /// looked at.
    async fn judge(&self, request: &Request) -> Outcome {
        if request.method() != Method::POST {
            return Outcome::Refused(Refusal::Method, None);
        }
        // One that came twice is none.
        let auth_id = request::header(request, AUTH_ID_HEADER).unwrap_or_default();
        let Some(tenant) = self.keys.current().await.tenant_of(auth_id) else {
            return Outcome::Refused(Refusal::AuthId, None);
        };
        if request.headers().contains_key(VALIDATION_HEADER) {
            return Outcome::Validated(tenant);
        }
        let notified = self.notified(request, tenant).await;
        notified.unwrap_or_else(|refusal| Outcome::Refused(refusal, Some(tenant)))
    }

    /// Any content type is taken: Microsoft's own is malformed in its samples.
    async fn notified(&self, request: &Request, tenant: TenantId) -> Result<Outcome, Refusal> {
        let text = request::text(request, BODY_MAX).map_err(|_| Refusal::Body)?;
        let expected = Expected {
            tenant,
            client_id: self.client_id,
            hosts: &self.hosts,
        };
        let notified =
            notification::read(text, &expected).map_err(|_| Refusal::NotANotification)?;
        if !notified.fits() {
            return Err(Refusal::NothingFits);
        }
        let types = notified.types.clone();
        let wakes = [Wake::Notified { tenant, types }];
        // Of types that we do not know alone, there is nothing to say.
        let wakes = &wakes[usize::from(notified.types.is_empty())..];
        Ok(match self.wakes.send(wakes).await {
            Ok(()) => Outcome::Notified(tenant, notified),
            Err(error) => Outcome::NotQueued(tenant, error),
        })
    }
}
