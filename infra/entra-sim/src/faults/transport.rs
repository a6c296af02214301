//! Faults below HTTP: the answer comes late, in part, or not at all.
//!
//! The request is counted and carried out first: a code whose answer is lost is
//! redeemed all the same, which is the harder case for a client.

use std::time::Duration;

use axum::body::HttpBody as _;
use axum::extract::{ConnectInfo, RawPathParams, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use uuid::Uuid;

use crate::connection::Peer;
use crate::faults::{Endpoint, Fault, Kind};
use crate::server::Site;

/// The endpoint that a group of routes is.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) site: Site,
    pub(crate) endpoint: Endpoint,
}

/// Around every route of an authority endpoint.
pub(crate) async fn disturb(
    State(place): State<Place>,
    ConnectInfo(peer): ConnectInfo<Peer>,
    parameters: RawPathParams,
    request: Request,
    next: Next,
) -> Response {
    let tenant = place.tenant(&parameters);
    let response = next.run(request).await;
    if let Some(fault) = place.hit_by(Kind::Latency, tenant) {
        wait(Duration::from_millis(fault.number_or(0))).await;
    }
    if place.hit_by(Kind::Reset, tenant).is_some() {
        peer.reset();
    } else if let Some(fault) = place.hit_by(Kind::Truncate, tenant) {
        peer.truncate_after(bytes_to_send(&fault, &response));
    }
    response
}

impl Place {
    /// The tenant of the path; `None` for an alias and for instance discovery.
    fn tenant(&self, parameters: &RawPathParams) -> Option<Uuid> {
        let (_, segment) = parameters.iter().find(|(name, _)| *name == "tenant")?;
        let directory = self.site.core.directory.snapshot();
        directory.tenant(segment).map(|tenant| tenant.tenant_id)
    }

    fn hit_by(&self, kind: Kind, tenant: Option<Uuid>) -> Option<Fault> {
        let faults = &self.site.core.faults;
        faults.hit(tenant, |fault| {
            fault.kind == kind && fault.endpoint == self.endpoint
        })
    }
}

/// As many as were asked for, by default half; always less than all of them.
fn bytes_to_send(fault: &Fault, response: &Response) -> usize {
    let whole = response.body().size_hint().exact().unwrap_or_default();
    let wanted = fault.number_or(whole / 2).min(whole.saturating_sub(1));
    usize::try_from(wanted).unwrap_or(usize::MAX)
}

#[expect(
    clippy::disallowed_methods,
    reason = "a late answer is what was asked for; nothing is synchronised by it"
)]
async fn wait(duration: Duration) {
    tokio::time::sleep(duration).await;
}
