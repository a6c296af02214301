//! Pages that a browser leaves by itself, without a script: by the `Refresh` header, which
//! without an address loads the same page once more.

use lambda_http::http::{HeaderValue, Method, header};
use lambda_http::{Body, Response};

const REFRESH: &str = "refresh";
/// Seconds after which a page that is finishing looks again.
const FOLLOW: HeaderValue = HeaderValue::from_static("5");
/// Seconds after which there is room again where too many came at once.
const COME_BACK: HeaderValue = HeaderValue::from_static("15");

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

/// A page of too many at once: says when there will be room (RFC 6585 §4). After a button
/// was pressed it does not come again by itself: a reload would open an address that is no
/// page.
pub(crate) fn come_back(response: &mut Response<Body>, method: &Method) {
    let headers = response.headers_mut();
    headers.insert(header::RETRY_AFTER, COME_BACK);
    if method == Method::GET {
        headers.insert(REFRESH, COME_BACK);
    }
}
