//! `GET contentUri`: the records of one blob.

use axum::http::StatusCode;
use axum::response::Response;

use super::addresses;
use super::blob::{self, Blob};
use super::call::Call;
use super::errors::{BAD_CONTENT_ID, EXPIRED, NO_CONTENT, Refused};
use super::sending::{Ticket, sent};
use super::shape::{is_shaped, shaped_content};
use super::subscription::Key;
use crate::answer;

/// `GET /audit/{content id}`
pub(crate) fn respond(call: &Call) -> Result<Response, Refused> {
    let id = addresses::own_id(&call.content_id);
    let content_type = blob::type_of(id)
        .ok_or_else(|| BAD_CONTENT_ID.because(format!("Content ID {id} in the URL is invalid.")))?;
    call.require_for(content_type)?;
    let key = call.key(content_type);
    let (blob, offered_at) = offered(call, key, id)?;
    let core = &call.site.core;
    let ticket = Ticket::of(call, key, blob.content_id.clone());
    let content = core
        .activity
        .content(key.tenant, blob, offered_at, &core.faults)?;
    if content.is_large() && !is_shaped(call) {
        let broken = ticket.broken.clone();
        let body = sent(content.pieces(), None, Some(ticket));
        let mut response = answer::json_bytes(StatusCode::OK, body);
        response.extensions_mut().insert(broken);
        return Ok(response);
    }
    let mut body = Vec::new();
    for piece in content.pieces() {
        body.extend_from_slice(&piece);
    }
    Ok(shaped_content(call, StatusCode::OK, body, Some(ticket)))
}

/// The blob, and since when it is offered.
fn offered(call: &Call, key: Key, id: &str) -> Result<(Blob, u64), Refused> {
    let activity = &call.site.core.activity;
    let subscription = activity.subscription(key);
    subscription.check()?;
    let found = activity.log(key).find(id).and_then(|blob| {
        let offer = activity.offer(key, &subscription, &blob, call.now)?;
        offer.withdrawn_at.is_none().then_some((blob, offer.from))
    });
    let (blob, offered_at) = found.ok_or_else(|| {
        NO_CONTENT.because(format!("The specified content ({id}) does not exist."))
    })?;
    if blob.is_expired(call.now) {
        return Err(EXPIRED.because(format!(
            "Content requested with the key {id} has already expired. Content older than 7 days cannot be retrieved."
        )));
    }
    Ok((blob, offered_at))
}
