//! The body of an answer as a fault shapes it: another JSON value, cut off, packed, slow.

use std::time::Duration;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use flate2::Compression;

use super::call::Call;
use super::gzip;
use super::sending::{Ticket, sent};
use crate::answer;
use crate::faults::{Fault, FaultKind};

/// A slow answer comes in that many pieces.
const SLOW_PIECES: usize = 16;

/// An answer with this JSON body, as the faults of this moment shape it.
pub(crate) fn shaped(call: &Call, status: StatusCode, body: Vec<u8>) -> Response {
    shaped_content(call, status, body, None)
}

/// The same of a content, which is noted in the log unless a fault leaves it out or cuts it.
pub(crate) fn shaped_content(
    call: &Call,
    status: StatusCode,
    mut body: Vec<u8>,
    mut ticket: Option<Ticket>,
) -> Response {
    if call.fault(FaultKind::ObjectBody).is_some() {
        body = br#"{"Message":"An error has occurred."}"#.to_vec();
        ticket = None;
    }
    if call.fault(FaultKind::CutBody).is_some() {
        body.truncate(body.len() / 2);
        ticket = None;
    }
    let packed = call.fault(FaultKind::Gzip).is_some();
    if packed {
        if let Some(ticket) = &mut ticket {
            ticket.complete(&body);
        }
        body = gzip::packed(&body, Compression::fast());
    }
    let slow = call.fault(FaultKind::Slow);
    let mut response = whole(status, body, slow.as_ref(), ticket);
    if packed {
        let encoding = HeaderValue::from_static("gzip");
        response
            .headers_mut()
            .insert(header::CONTENT_ENCODING, encoding);
    }
    response
}

/// A body of a known length.
fn whole(
    status: StatusCode,
    body: Vec<u8>,
    slow: Option<&Fault>,
    ticket: Option<Ticket>,
) -> Response {
    let broken = ticket.as_ref().map(|ticket| ticket.broken.clone());
    let length = HeaderValue::from(body.len());
    let pause = slow.map(|fault| Duration::from_millis(fault.number_or(100)));
    let size = if slow.is_some() {
        (body.len() / SLOW_PIECES).max(1)
    } else {
        body.len()
    };
    let body = sent(in_pieces(body, size), pause, ticket);
    let mut response = answer::json_bytes(status, body);
    response
        .headers_mut()
        .insert(header::CONTENT_LENGTH, length);
    if let Some(broken) = broken {
        response.extensions_mut().insert(broken);
    }
    response
}

/// Not empty, unless the body is.
fn in_pieces(mut body: Vec<u8>, size: usize) -> impl Iterator<Item = Vec<u8>> + Send + 'static {
    std::iter::from_fn(move || {
        if body.is_empty() {
            return None;
        }
        let rest = body.split_off(size.min(body.len()));
        Some(std::mem::replace(&mut body, rest))
    })
}

/// Whether a fault of this moment needs the whole body. Counts no hit.
pub(crate) fn is_shaped(call: &Call) -> bool {
    let kinds = [
        FaultKind::ObjectBody,
        FaultKind::CutBody,
        FaultKind::Gzip,
        FaultKind::Slow,
    ];
    let mut set = kinds.into_iter();
    set.any(|kind| call.sees(kind).is_some())
}
