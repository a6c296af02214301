//! A request to Graph: whose it is, which application it names, and what becomes of it.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::Value;

use super::bearer::Bearer;
use super::errors::{BAD_REQUEST, NOT_FOUND, Refused};
use super::{application, keys};
use crate::answer;
use crate::directory::applications::Application;
use crate::faults::FaultyEndpoint;
use crate::parameters::Parameters;
use crate::site::Site;

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Read,
    AddKey,
    RemoveKey,
}

/// A request of the application itself.
pub(super) struct Call {
    pub(super) site: Site,
    pub(super) application: Arc<Application>,
    pub(super) now: u64,
    /// Null where there is none, or none that can be read.
    pub(super) body: Value,
}

type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

/// What answers an operation.
pub(super) fn handler(
    operation: Operation,
) -> impl Fn(State<Site>, Path<String>, RawQuery, HeaderMap, Bytes) -> Answering + Clone {
    move |State(site), Path(named), RawQuery(query), headers, body| {
        Box::pin(async move {
            let faults = &site.core.faults;
            if let Some(response) = faults.replaced(FaultyEndpoint::Graph, None) {
                return response;
            }
            let query = query.unwrap_or_default();
            let answered = answered(operation, site, &named, &query, &headers, &body);
            answered.unwrap_or_else(|refused| refused.answer())
        })
    }
}

fn answered(
    operation: Operation,
    site: Site,
    named: &str,
    query: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, Refused> {
    let now = site.core.clock.unix_seconds();
    let bearer = Bearer::check(headers, &site.core.signing_key, now)?;
    let application = application::named(named, &site.core.directory.snapshot());
    let application = application
        .ok_or_else(|| Refused::by(NOT_FOUND, format!("Resource '{named}' does not exist.")))?;
    bearer.check_own(&application)?;
    let call = Call {
        site,
        application,
        now,
        body: serde_json::from_slice(body).unwrap_or_default(),
    };
    match operation {
        Operation::Read => {
            bearer.check_reader()?;
            let query = Parameters::parse(query.as_bytes());
            let shown = application::shown(&call.application, query.get("$select"));
            Ok(answer::json(StatusCode::OK, &shown))
        }
        Operation::AddKey => keys::add(&call),
        Operation::RemoveKey => keys::remove(&call),
    }
}

impl Call {
    pub(super) fn text(&self, pointer: &str) -> Option<&str> {
        self.body.pointer(pointer).and_then(Value::as_str)
    }

    pub(super) fn required(&self, pointer: &str) -> Result<&str, Refused> {
        self.text(pointer).ok_or_else(|| {
            let name = pointer.trim_start_matches('/');
            Refused::by(BAD_REQUEST, format!("Property {name} is required."))
        })
    }
}
