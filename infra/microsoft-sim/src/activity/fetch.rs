//! `GET contentUri`: the records of one blob.

use axum::http::StatusCode;
use axum::response::Response;

use super::blob::{self, Blob};
use super::body::Alteration;
use super::call::Call;
use super::errors::{BAD_CONTENT_ID, EXPIRED, NO_CONTENT, Refused};
use super::shape::{is_shaped, shaped, streamed};
use super::subscription::Key;
use crate::answer;
use crate::faults::{Fault, FaultKind};

/// `GET /audit/{content id}`
pub(crate) fn respond(call: &Call) -> Result<Response, Refused> {
    let content_type = blob::type_of(&call.content_id).ok_or_else(|| {
        BAD_CONTENT_ID.because(format!(
            "Content ID {} in the URL is invalid.",
            call.content_id
        ))
    })?;
    call.require_for(content_type)?;
    let key = call.key(content_type);
    let blob = offered(call, key)?;
    let activity = &call.site.core.activity;
    let log = activity.log(key);
    if let Some(alteration) = alteration(call) {
        activity.alter(log, &blob, alteration)?;
    }
    let content = activity.content(log, blob);
    if content.is_huge() && !is_shaped(call) {
        let body = streamed(content.pieces());
        return Ok(answer::json_bytes(StatusCode::OK, body));
    }
    let body = content.pieces().flatten().collect();
    Ok(shaped(call, StatusCode::OK, body))
}

fn offered(call: &Call, key: Key) -> Result<Blob, Refused> {
    let activity = &call.site.core.activity;
    let subscription = activity.subscription(key);
    subscription.check()?;
    let id = &call.content_id;
    let blob = activity.log(key).find(id);
    let blob = blob.filter(|blob| activity.offers(key, &subscription, blob, call.now));
    let blob = blob.ok_or_else(|| {
        NO_CONTENT.because(format!("The specified content ({id}) does not exist."))
    })?;
    if blob.is_expired(call.now) {
        return Err(EXPIRED.because(format!(
            "Content requested with the key {id} has already expired. Content older than 7 days cannot be retrieved."
        )));
    }
    Ok(blob)
}

/// What a fault makes of the blob that is fetched next.
fn alteration(call: &Call) -> Option<Alteration> {
    let megabytes = |fault: Fault, default| fault.number_or(default);
    if let Some(fault) = call.fault(FaultKind::HugeBlob) {
        return Some(Alteration::HugeBlob(megabytes(fault, 100)));
    }
    if let Some(fault) = call.fault(FaultKind::HugeRecord) {
        return Some(Alteration::HugeRecord(megabytes(fault, 20)));
    }
    let fault = call.fault(FaultKind::OddRecord)?;
    Some(match fault.value.as_str() {
        Some("invalid_utf8") => Alteration::InvalidUtf8,
        Some("nul") => Alteration::Nul,
        Some("deep") => Alteration::Deep,
        _ => Alteration::WithoutId,
    })
}
