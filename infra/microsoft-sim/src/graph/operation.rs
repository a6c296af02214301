//! The operations, and what answers each.

use std::future::{Ready, ready};

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::errors::Refused;
use super::request::Call;
use super::{application, keys};
use crate::answer;
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

/// What answers an operation.
pub(super) fn handler(
    operation: Operation,
) -> impl Fn(State<Site>, Path<String>, RawQuery, HeaderMap, Bytes) -> Ready<Response> + Clone {
    move |State(site), Path(named), RawQuery(query), headers, body| {
        let faults = &site.core.faults;
        if let Some(response) = faults.replaced(FaultyEndpoint::Graph, None) {
            return ready(response);
        }
        let call = Call::admit(site, &named, &headers, &body);
        let answered = call.and_then(|call| match operation {
            Operation::Read => read(&call, query.as_deref().unwrap_or_default()),
            Operation::AddKey => keys::add(&call),
            Operation::RemoveKey => keys::remove(&call),
        });
        ready(answered.unwrap_or_else(|refused| refused.answer()))
    }
}

fn read(call: &Call, query: &str) -> Result<Response, Refused> {
    call.bearer.check_reader()?;
    let query = Parameters::parse(query.as_bytes());
    let shown = application::shown(&call.application, query.get("$select"));
    Ok(answer::json(StatusCode::OK, &shown))
}
