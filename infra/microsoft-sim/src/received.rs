//! A request to an endpoint of an authority as it was received: nothing of it is judged.
//!
//! One shape for both versions and both methods. The route knows the version; what was sent
//! is the query of a GET and the body of a POST.

use std::sync::Arc;

use axum::RequestExt as _;
use axum::body::Bytes;
use axum::extract::{FromRequest, Path, Request};
use axum::http::{HeaderMap, Method};
use axum::response::{IntoResponse as _, Response};

use crate::authority::Authority;
use crate::directory::Snapshot;
use crate::errors::Refusal;
use crate::exchange::Exchange;
use crate::parameters::Parameters;
use crate::site::Site;

/// A request whose path begins with a tenant or an alias.
pub(crate) struct ReceivedRequest {
    pub(crate) site: Site,
    pub(crate) exchange: Exchange,
    /// The directory at the moment of the request.
    pub(crate) directory: Arc<Snapshot>,
    /// The path's first segment.
    pub(crate) tenant: String,
    /// The whole path: a page's form posts back to it.
    pub(crate) path: String,
    pub(crate) headers: HeaderMap,
    /// Query or body, still encoded.
    pub(crate) sent: Bytes,
}

impl ReceivedRequest {
    pub(crate) fn authority(&self) -> Result<Authority, Refusal> {
        Authority::resolve(&self.tenant, &self.directory, &self.site.core.faults)
    }

    pub(crate) fn parameters(&self) -> Parameters {
        Parameters::parse(&self.sent)
    }
}

impl FromRequest<Site> for ReceivedRequest {
    type Rejection = Response;

    async fn from_request(mut request: Request, site: &Site) -> Result<Self, Response> {
        let tenant = request.extract_parts::<Path<String>>().await;
        let Path(tenant) = tenant.map_err(|rejection| rejection.into_response())?;
        let path = request.uri().path().to_owned();
        let headers = request.headers().clone();
        let sent = if request.method() == Method::POST {
            let body = request.extract::<Bytes, _>().await;
            body.map_err(|rejection| rejection.into_response())?
        } else {
            Bytes::copy_from_slice(request.uri().query().unwrap_or_default().as_bytes())
        };
        Ok(Self {
            exchange: site.begin(&headers),
            directory: site.core.directory.snapshot(),
            site: site.clone(),
            tenant,
            path,
            headers,
            sent,
        })
    }
}
