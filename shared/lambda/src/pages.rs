//! Pages and redirects for a browser: never stored, never framed, no Referer, no
//! outside asset, no script. The one style sheet is allowed by its hash (CSP Level 3).

use auth::digest::sha256;
use auth::encoding::base64_standard;
use lambda_http::Body;
use lambda_http::http::{HeaderValue, Response, StatusCode, header};

use crate::answer::never_stored;

/// The headers of all pages of one function.
#[derive(Debug, Clone)]
pub struct PageHeaders {
    policy: HeaderValue,
}

impl PageHeaders {
    /// `style`: the text of the pages' one `<style>` element. Our forms end at our own
    /// pages: browsers apply `form-action` to the redirects that follow a form as well, and
    /// where those lead beyond Microsoft (a federated home realm) is not ours to list.
    pub fn new(style: &str) -> Self {
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{}'; form-action 'self'; base-uri 'none'; \
             frame-ancestors 'none'",
            base64_standard(&sha256(style.as_bytes())),
        );
        // Base64 always fits into a header. Fails closed: without it, no style.
        let policy = HeaderValue::from_str(&policy);
        Self {
            policy: policy.unwrap_or(HeaderValue::from_static("default-src 'none'")),
        }
    }

    /// A page.
    pub fn page(&self, status: StatusCode, html: String, request_id: &str) -> Response<Body> {
        let mut response = Response::new(Body::Text(html));
        *response.status_mut() = status;
        let html = HeaderValue::from_static("text/html; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, html);
        self.protect(&mut response, request_id);
        response
    }

    /// 303: the browser goes on with GET, whatever it came with.
    pub fn see_other(&self, location: &str, request_id: &str) -> Response<Body> {
        let mut response = Response::new(Body::Empty);
        *response.status_mut() = StatusCode::SEE_OTHER;
        match HeaderValue::from_str(location) {
            Ok(location) => {
                response.headers_mut().insert(header::LOCATION, location);
            }
            Err(_) => *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR,
        }
        self.protect(&mut response, request_id);
        response
    }

    fn protect(&self, response: &mut Response<Body>, request_id: &str) {
        never_stored(response, request_id);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        headers.insert(
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        );
        headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    }
}

/// Sets a cookie that only this host gets back, over TLS (or on localhost), and no
/// script reads. `seconds` 0 clears it.
pub fn set_cookie(response: &mut Response<Body>, name: &str, value: &str, seconds: u64) {
    let cookie =
        format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}
