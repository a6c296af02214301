//! The consent function: the pages that an admin sees, and the way between them.
//!
//! This crate owns the HTTP side: routes, cookies, pages and redirects. What a state,
//! a code or a tenant is worth is decided in `auth::consent`. Every attempt ends on one
//! of our pages, at an address that holds no code: the callback answers with a 303.
//!
//! | what | where |
//! |---|---|
//! | which path leads to which page | `routes.rs` |
//! | a page: what it shows and who may see it | `landing.rs`, `go.rs`, `confirm.rs`, `result.rs`, of a refusal `pages.rs` |
//! | a page's HTML | `templates/`, named by the page's `#[template(path = …)]` |
//! | what comes back from Microsoft | `callback.rs` |
//! | the words for a cause and for a permission | `words.rs`, `permissions.rs`, `forward.rs` |
//! | pages that a browser leaves by itself, and when to come again | `again.rs` |
//! | whose browser it is | `browser.rs` |

mod again;
mod browser;
mod build;
mod callback;
mod confirm;
#[cfg(test)]
mod example;
mod forward;
mod go;
mod landing;
mod pages;
mod permissions;
mod result;
mod routes;
mod site;
mod words;

use std::sync::Arc;

use auth::cause::{CauseCode, Fault};
use auth::consent::{ATTEMPT_LIFE, AttemptCookie, Consent, ConsentRefusal, Handle};
use auth::ports::Meter;
use lambda::function::{AnswersRequests, TooEarly};
use lambda::pages::{PageHeaders, set_cookie};
use lambda::request;
use lambda_http::http::{StatusCode, header};
use lambda_http::{Body, Request, Response};
use wiring::settings::ConsentFunctionSettings;

pub use callback::CALLBACK_FIELDS;
use pages::Happened;
use routes::{Page, find_page};
pub use site::Site;

/// The function, as `main` builds it.
pub struct ConsentFunction {
    consent: Consent,
    site: Site,
    headers: PageHeaders,
    meter: Option<Arc<dyn Meter>>,
}

impl AnswersRequests for ConsentFunction {
    async fn answer(&self, request: &Request, id: &str) -> Response<Body> {
        let mut response = self.routed(request, id).await;
        again::say_when(&mut response, request::method(request));
        response
    }

    /// Without its secrets no page leads anywhere: each asks to come again, before an admin
    /// has clicked through Microsoft's for nothing.
    fn come_again(early: &TooEarly<'_, ConsentFunctionSettings>) -> Response<Body> {
        let happened = Happened {
            at: &early.clock.now().to_string(),
            request_id: early.id,
        };
        let cause = CauseCode::BrokerUnavailable;
        let html = pages::refused(&Site::of(early.settings), &cause.into(), &happened);
        let headers = PageHeaders::new(pages::STYLE);
        let mut response = headers.page(status_of(cause), html, early.id);
        again::say_when(&mut response, request::method(early.request));
        response
    }

    fn meter(&self) -> Option<&dyn Meter> {
        self.meter.as_deref()
    }
}

impl ConsentFunction {
    async fn routed(&self, request: &Request, id: &str) -> Response<Body> {
        let again = || CauseCode::StartAgain.into();
        let Some(page) = find_page(request::path(request)) else {
            return self.page_of(StatusCode::NOT_FOUND, &again(), id);
        };
        let method = page.method();
        if request::method(request) != method {
            let mut response = self.page_of(StatusCode::METHOD_NOT_ALLOWED, &again(), id);
            let headers = response.headers_mut();
            headers.insert(header::ALLOW, request::allow(&method));
            return response;
        }
        match page {
            Page::Landing => self.landing(request, id).await,
            Page::Start => self.start(request, id).await,
            Page::Go(handle) => self.go_page(request, handle, id).await,
            Page::Callback => self.callback(request, id).await,
            Page::Question(handle) => self.confirm_page(request, handle, id).await,
            Page::Confirm => self.confirm(request, id).await,
            Page::Result(handle) => self.result(handle, id).await,
        }
    }

    fn keep_attempt(&self, response: &mut Response<Body>, cookie: &AttemptCookie) {
        set_cookie(
            response,
            &cookie.name,
            &cookie.value,
            ATTEMPT_LIFE.as_secs(),
        );
    }

    fn to_result(&self, handle: &Handle, id: &str) -> Response<Body> {
        self.headers
            .see_other(&format!("/consent/result/{}", handle.0), id)
    }

    /// To the page of a refusal; where nothing is over, to no other address.
    fn to_refusal(&self, refusal: ConsentRefusal, id: &str) -> Response<Body> {
        match refusal.cause.code {
            CauseCode::TooManyRequests => self.refused_page(&refusal, id),
            _ => self.to_result(&self.consent.refused(refusal, id), id),
        }
    }

    fn refused_page(&self, refusal: &ConsentRefusal, id: &str) -> Response<Body> {
        self.page_of(status_of(refusal.cause.code), refusal, id)
    }

    fn page_of(&self, status: StatusCode, refusal: &ConsentRefusal, id: &str) -> Response<Body> {
        let happened = Happened {
            at: &self.consent.clock.now().to_string(),
            request_id: id,
        };
        let html = pages::refused(&self.site, refusal, &happened);
        self.headers.page(status, html, id)
    }
}

/// A fault of the person or of the customer is a 4xx, of ours or Microsoft's a 503.
fn status_of(code: CauseCode) -> StatusCode {
    match (code, code.fault()) {
        (CauseCode::InviteNeeded | CauseCode::Suspended, _) => StatusCode::FORBIDDEN,
        (CauseCode::TooManyRequests, _) => StatusCode::TOO_MANY_REQUESTS,
        // Who made the link named the cloud, as `words` says.
        (CauseCode::WrongCloud, _) => StatusCode::SERVICE_UNAVAILABLE,
        (_, Fault::Caller | Fault::Customer) => StatusCode::BAD_REQUEST,
        (_, Fault::Ours | Fault::Microsoft) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
