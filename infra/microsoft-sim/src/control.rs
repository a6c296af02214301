//! The control surface under `/_sim/`: statistics, the book of issued tokens, faults.
//!
//! Not part of Entra ID: errors are `{"error": "a sentence"}`.

use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::answer;
use crate::faults::{Fault, FaultKind};
use crate::parameters::Parameters;
use crate::platform::random_uuid;
use crate::site::Site;

/// A fault as it is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FaultRequest {
    kind: String,
    tenant: Option<Uuid>,
    #[serde(default)]
    value: Value,
    times: Option<u64>,
    endpoint: Option<String>,
    share: Option<u8>,
}

/// `GET /_sim/stats`
pub(crate) async fn stats(State(site): State<Site>) -> Response {
    answer::json(StatusCode::OK, &json!(site.core.stats.read()))
}

/// `GET /_sim/issued?after=N`: everything that is remembered without `after`.
pub(crate) async fn issued(State(site): State<Site>, RawQuery(query): RawQuery) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    let after = query.get("after").map_or(Ok(0), str::parse);
    match after {
        Ok(number) => answer::json(
            StatusCode::OK,
            &json!({"issued": site.core.issued.after(number)}),
        ),
        Err(_) => failed(StatusCode::BAD_REQUEST, "after must be a number"),
    }
}

/// `GET /_sim/faults`
pub(crate) async fn list_faults(State(site): State<Site>) -> Response {
    answer::json(StatusCode::OK, &json!({"faults": site.core.faults.list()}))
}

/// `POST /_sim/faults`
pub(crate) async fn set_fault(State(site): State<Site>, body: Bytes) -> Response {
    let id = match random_uuid() {
        Ok(id) => id,
        Err(error) => return failed(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
    };
    match parse(&body, id, site.core.clock.unix_seconds()) {
        Ok(fault) => {
            site.core.faults.set(fault);
            changed(&site, answer::json(StatusCode::CREATED, &json!({"id": id})))
        }
        Err(problem) => failed(StatusCode::BAD_REQUEST, &problem),
    }
}

/// `DELETE /_sim/faults`
pub(crate) async fn end_all_faults(State(site): State<Site>) -> Response {
    site.core.faults.end_all();
    changed(&site, answer::text(StatusCode::NO_CONTENT, ""))
}

/// `DELETE /_sim/faults/{id}`: 404 where the fault has ended by itself.
pub(crate) async fn end_fault(State(site): State<Site>, Path(id): Path<Uuid>) -> Response {
    if site.core.faults.end(id) {
        changed(&site, answer::text(StatusCode::NO_CONTENT, ""))
    } else {
        failed(StatusCode::NOT_FOUND, "no such fault")
    }
}

/// The answer to a change of faults, once what follows from them at once is written down.
fn changed(site: &Site, answer: Response) -> Response {
    match site.core.note_auditing() {
        Ok(()) => answer,
        Err(error) => failed(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
    }
}

fn parse(body: &[u8], id: Uuid, now: u64) -> Result<Fault, String> {
    let request: FaultRequest = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    if request.times == Some(0) {
        return Err("times must be null or at least 1".to_owned());
    }
    let kind = FaultKind::parse(&request.kind, &request.value)?;
    check_share(kind, request.share)?;
    Ok(Fault {
        id,
        kind,
        tenant: request.tenant,
        value: request.value,
        times: request.times,
        endpoint: kind.endpoint(request.endpoint.as_deref())?,
        set_at: now,
        share: request.share,
        met: 0,
    })
}

/// The other kinds are looked at more than once for a request.
fn check_share(kind: FaultKind, share: Option<u8>) -> Result<(), String> {
    match share {
        Some(0 | 101..) => Err("share must be null or a number from 1 to 100".to_owned()),
        Some(_) if !kind.is_of_an_answer() => {
            Err("share goes with what replaces, delays or breaks an answer".to_owned())
        }
        _ => Ok(()),
    }
}

fn failed(status: StatusCode, problem: &str) -> Response {
    answer::json(status, &json!({"error": problem}))
}
