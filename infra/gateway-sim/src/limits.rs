//! How large a request may be. It owns the caps of API Gateway and Lambda and
//! the way a body is taken in: never more of it in memory than is allowed.

use std::{io, time::Duration};

use axum::{
    body::{Body, BodyDataStream},
    http::{header, request::Parts},
};
use futures::StreamExt;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequest;

use crate::refusal::GatewayRefusal;

/// Request line and headers together, in bytes (Amazon API Gateway, "Quotas for
/// HTTP APIs": total combined size of request line and header values).
const HEAD: usize = 10_240;

/// Payload of a request to an HTTP API, in bytes (same page: 10 MB).
pub(crate) const HTTP_API_BODY: usize = 10 * 1024 * 1024;

/// A Lambda event or answer in JSON, in bytes (AWS Lambda quotas: 6 MB for a
/// synchronous invocation).
pub const LAMBDA_PAYLOAD: usize = 6 * 1024 * 1024;

/// How much of a refused body is still read, and for how long: a connection that
/// is closed on a sender takes the answer with it.
const DISCARD: (usize, Duration) = (64 * 1024 * 1024, Duration::from_secs(10));

/// Refuses a request line with headers above 10,240 bytes. More than 100 headers
/// or 400 KB are refused by hyper before, with 431 and without a body.
///
/// Assumption: names count as well as values. AWS speaks of values only, so what
/// passes here passes there.
pub(crate) fn check_head(parts: &Parts) -> Result<(), GatewayRefusal> {
    let line = parts.method.as_str().len() + parts.uri.to_string().len() + "  HTTP/1.1".len();
    let headers: usize = parts
        .headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len())
        .sum();
    if line + headers > HEAD {
        return Err(GatewayRefusal::HeadTooLarge);
    }
    Ok(())
}

/// Takes the body in, up to `most` bytes; a longer one that says so is refused unread.
pub(crate) async fn read_body(
    parts: &Parts,
    body: Body,
    most: usize,
) -> Result<Vec<u8>, GatewayRefusal> {
    let mut stream = body.into_data_stream();
    if declared_length(parts).is_some_and(|length| length > most as u64) {
        // Who asks "Expect: 100-continue" has not begun to send and stops here.
        if !parts.headers.contains_key(header::EXPECT) {
            discard(stream);
        }
        return Err(GatewayRefusal::BodyTooLarge);
    }
    let mut taken = Vec::new();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| GatewayRefusal::BadRequest)?;
        if taken.len() + chunk.len() > most {
            discard(stream);
            return Err(GatewayRefusal::BodyTooLarge);
        }
        taken.extend_from_slice(&chunk);
    }
    Ok(taken)
}

/// Refuses an event that Lambda would not take: base64 and escapes make 6 MB of
/// JSON out of less.
pub(crate) fn check_event(event: &ApiGatewayV2httpRequest) -> Result<(), GatewayRefusal> {
    let mut length = Length(0);
    serde_json::to_writer(&mut length, event).map_err(|_| GatewayRefusal::BadRequest)?;
    if length.0 > LAMBDA_PAYLOAD {
        return Err(GatewayRefusal::BodyTooLarge);
    }
    Ok(())
}

fn declared_length(parts: &Parts) -> Option<u64> {
    let length = parts.headers.get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

/// Reads on beside the answer and throws away.
fn discard(mut stream: BodyDataStream) {
    let (most, time) = DISCARD;
    tokio::spawn(tokio::time::timeout(time, async move {
        let mut seen = 0;
        while let Some(Ok(chunk)) = stream.next().await {
            seen += chunk.len();
            if seen > most {
                break;
            }
        }
    }));
}

/// Counts what is written.
struct Length(usize);

impl io::Write for Length {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
