//! Pages that a browser leaves by itself, without a script: by the `Refresh` header, which
//! without an address loads the same page once more. And when to come again after a refusal
//! that passes.

use lambda_http::http::{HeaderValue, Method, StatusCode, header};
use lambda_http::{Body, Response};

const REFRESH: &str = "refresh";
/// Seconds after which a page that is finishing looks again.
const FOLLOW: HeaderValue = HeaderValue::from_static("5");
/// Seconds after which there is room again where too many came at once.
const COME_BACK: HeaderValue = HeaderValue::from_static("15");
/// Seconds after which a fault of ours or of Microsoft's may be over: as a vend says.
const SOON: HeaderValue = HeaderValue::from_static("2");

/// A page that is finishing.
pub(crate) fn follow(response: &mut Response<Body>) {
    response.headers_mut().insert(REFRESH, FOLLOW);
}

/// A page that leads on to `address` after so many seconds. This is no redirect of a form, so
/// the pages' `form-action` has no say in where it ends.
pub(crate) fn lead_on(response: &mut Response<Body>, seconds: u64, address: &str) {
    // Addresses are ASCII; the page has a link for a browser that does not follow.
    if let Ok(refresh) = HeaderValue::from_str(&format!("{seconds}; url={address}")) {
        response.headers_mut().insert(REFRESH, refresh);
    }
}

/// Every page of too many at once (429) and of a fault that is not the person's (503) says
/// when to come again (RFC 6585 §4, RFC 9110 §15.6.4).
pub(crate) fn say_when(response: &mut Response<Body>, method: &Method) {
    let seconds = match response.status() {
        StatusCode::TOO_MANY_REQUESTS => COME_BACK,
        StatusCode::SERVICE_UNAVAILABLE => SOON,
        _ => return,
    };
    // After a button was pressed a page does not come again by itself: a reload would open an
    // address that is no page. Nor does one of a 503, whose attempt may be over.
    let reloads = response.status() == StatusCode::TOO_MANY_REQUESTS && method == Method::GET;
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, seconds);
    if reloads {
        headers.insert(REFRESH, COME_BACK);
    }
}

#[cfg(test)]
mod tests {
    use auth::cause::CauseCode;

    use super::*;
    use crate::status_of;

    #[test]
    fn every_cause_that_is_a_503_or_a_429_says_when_to_come_again_and_no_other() {
        let mut counted = [0, 0];
        for (code, method) in CauseCode::ALL
            .iter()
            .flat_map(|code| [Method::GET, Method::POST].map(|method| (*code, method)))
        {
            let status = status_of(code);
            let (retry, reloads) = match status.as_u16() {
                503 => (Some("2"), false),
                429 => (Some("15"), method == Method::GET),
                _ => (None, false),
            };
            let mut response = Response::new(Body::Empty);
            *response.status_mut() = status;
            say_when(&mut response, &method);
            let said = response.headers().get(header::RETRY_AFTER);
            let said = said.map(|seconds| seconds.to_str().unwrap());
            assert_eq!(said, retry, "{code}, {method}");
            let refresh = response.headers().contains_key(REFRESH);
            assert_eq!(refresh, reloads, "{code}, {method}");
            counted[0] += usize::from(status == 503);
            counted[1] += usize::from(status == 429);
        }
        assert!(counted[0] >= 20 && counted[1] == 2, "{counted:?}");
    }
}
