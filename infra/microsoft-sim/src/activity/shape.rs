//! The body of an answer as a fault shapes it: another JSON value, cut off, packed, slow.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use futures::stream;

use super::call::Call;
use super::gzip;
use crate::answer;
use crate::faults::{FaultKind, transport};

/// A slow answer comes in that many pieces.
const SLOW_PIECES: usize = 16;

/// An answer with this JSON body, as the faults of this moment shape it.
pub(crate) fn shaped(call: &Call, status: StatusCode, mut body: Vec<u8>) -> Response {
    if call.fault(FaultKind::ObjectBody).is_some() {
        body = br#"{"Message":"An error has occurred."}"#.to_vec();
    }
    if call.fault(FaultKind::CutBody).is_some() {
        body.truncate(body.len() / 2);
    }
    let packed = call.fault(FaultKind::Gzip).is_some();
    if packed {
        body = gzip::packed(&body);
    }
    let slow = call.fault(FaultKind::Slow);
    let mut response = match slow {
        None => answer::json_bytes(status, Body::from(body)),
        Some(fault) => answer::json_bytes(status, trickling(body, fault.number_or(100))),
    };
    if packed {
        let encoding = HeaderValue::from_static("gzip");
        response
            .headers_mut()
            .insert(header::CONTENT_ENCODING, encoding);
    }
    response
}

/// Whether a fault of this moment needs the whole body. Counts no hit.
pub(crate) fn is_shaped(call: &Call) -> bool {
    let kinds = [
        FaultKind::ObjectBody,
        FaultKind::CutBody,
        FaultKind::Gzip,
        FaultKind::Slow,
    ];
    let faults = &call.site.core.faults;
    let mut set = kinds.into_iter();
    set.any(|kind| faults.see(kind, Some(call.tenant)).is_some())
}

/// A body that is made while it is sent.
pub(crate) fn streamed(pieces: impl Iterator<Item = Vec<u8>> + Send + 'static) -> Body {
    let pieces = pieces.map(|piece| Ok::<_, Infallible>(Bytes::from(piece)));
    Body::from_stream(stream::iter(pieces))
}

fn trickling(body: Vec<u8>, milliseconds: u64) -> Body {
    let pause = Duration::from_millis(milliseconds);
    let size = (body.len() / SLOW_PIECES).max(1);
    Body::from_stream(stream::unfold(
        Bytes::from(body),
        move |mut rest| async move {
            if rest.is_empty() {
                return None;
            }
            transport::wait(pause).await;
            let piece = rest.split_to(size.min(rest.len()));
            Some((Ok::<_, Infallible>(piece), rest))
        },
    ))
}
