//! Faults below HTTP: the answer comes late, in part, or not at all.
//!
//! The request is counted and carried out first: a code whose answer is lost is
//! redeemed all the same, which is the harder case for a client.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::HttpBody as _;
use axum::extract::{ConnectInfo, RawPathParams, Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use uuid::Uuid;

use super::endpoint::FaultyEndpoint;
use super::fault::Fault;
use super::kind::FaultKind;
use crate::connection::Peer;
use crate::moment;
use crate::site::Site;

/// The routes of one endpoint, in both versions.
#[derive(Clone)]
pub(crate) struct RouteGroup {
    pub(crate) site: Site,
    pub(crate) endpoint: FaultyEndpoint,
}

/// Whether an answer was broken on its way: an extension of one that is noted once it is sent.
#[derive(Debug, Clone, Default)]
pub(crate) struct Broken(Arc<AtomicBool>);

impl Broken {
    pub(crate) fn is(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Around every route of an endpoint that a fault can name. The answer's `Date` is the
/// simulated clock's.
pub(crate) async fn disturb(
    State(routes): State<RouteGroup>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    parameters: RawPathParams,
    request: Request,
    next: Next,
) -> Response {
    let tenant = routes.tenant(&parameters);
    let mut response = next.run(request).await;
    routes.date(&mut response, tenant);
    if let Some(fault) = routes.hit_by(FaultKind::Latency, tenant) {
        wait(Duration::from_millis(fault.number_or(0))).await;
    }
    if routes.hit_by(FaultKind::Reset, tenant).is_some() {
        break_off(&response);
        peer.reset();
    } else if let Some(fault) = routes.hit_by(FaultKind::Truncate, tenant) {
        break_off(&response);
        peer.truncate_after(bytes_to_send(&fault, &response));
    }
    response
}

impl RouteGroup {
    /// The tenant of the path; `None` for an alias and for instance discovery.
    fn tenant(&self, parameters: &RawPathParams) -> Option<Uuid> {
        let (_, segment) = parameters.iter().find(|(name, _)| *name == "tenant")?;
        let directory = self.site.core.directory.snapshot();
        directory.tenant(segment).map(|tenant| tenant.tenant_id)
    }

    fn date(&self, response: &mut Response, tenant: Option<Uuid>) {
        let skew = self.hit_by(FaultKind::DateSkew, tenant);
        let skew = skew.and_then(|fault| fault.value.as_i64()).unwrap_or(0);
        let now = self.site.core.clock.unix_seconds();
        let date = moment::http_date(now.saturating_add_signed(skew));
        if let Ok(date) = HeaderValue::try_from(date) {
            response.headers_mut().insert(header::DATE, date);
        }
    }

    fn hit_by(&self, kind: FaultKind, tenant: Option<Uuid>) -> Option<Fault> {
        let faults = &self.site.core.faults;
        faults.hit(tenant, |fault| {
            fault.kind == kind && fault.endpoint == self.endpoint
        })
    }
}

fn break_off(response: &Response) {
    if let Some(Broken(broken)) = response.extensions().get() {
        broken.store(true, Ordering::Relaxed);
    }
}

/// What is sent of a body that is made while it is sent, where the fault does not say.
const STREAMED: u64 = 100_000;

/// As many as were asked for, by default half; always less than all of them.
fn bytes_to_send(fault: &Fault, response: &Response) -> usize {
    let said = response.headers().get(header::CONTENT_LENGTH);
    let said = said.and_then(|value| value.to_str().ok()?.parse().ok());
    let whole = said.or_else(|| response.body().size_hint().exact());
    let whole = whole.unwrap_or(STREAMED * 2);
    let wanted = fault.number_or(whole / 2).min(whole.saturating_sub(1));
    usize::try_from(wanted).unwrap_or(usize::MAX)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a late answer is what was asked for; nothing is synchronised by it"
)]
pub(crate) async fn wait(duration: Duration) {
    tokio::time::sleep(duration).await;
}
