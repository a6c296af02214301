//! The consent function: the pages that an admin sees, and the way between them.
//!
//! This crate owns the HTTP side: routes, cookies, pages and redirects. What a state,
//! a code or a tenant is worth is decided in `auth::consent`. Every outcome ends on a
//! page of ours at an address that holds no code: the callback answers with a 303.

mod callback;
mod pages;
mod wiring;

use auth::cause::{Cause, CauseCode};
use auth::consent::{Confirmed, Consent, FormToken, Handle};
use auth::tenant::TenantStatus;
use lambda::pages::{InvalidOrigin, PageHeaders, set_cookie};
use lambda::{fields::FieldError, request};
use lambda_http::http::{Method, StatusCode};
use lambda_http::{Body, Request, Response};

pub use callback::CALLBACK_FIELDS;

/// The start form's cookie: as long as its token lives, an hour.
const FORM_COOKIE_SECONDS: u64 = 3600;
/// The longest sealed handle, in bytes.
const HANDLE_MAX: usize = 2048;

/// The function, as `main` builds it.
pub struct ConsentFunction {
    consent: Consent,
    roles: Vec<String>,
    origin: String,
    headers: PageHeaders,
}

impl ConsentFunction {
    /// `roles`: what the landing page lists. `origin`: where the pages are.
    /// `authority_origins`: where their forms lead.
    pub fn new(
        consent: Consent,
        roles: Vec<String>,
        origin: String,
        authority_origins: &[String],
    ) -> Result<Self, InvalidOrigin> {
        Ok(Self {
            consent,
            roles,
            origin,
            headers: PageHeaders::new(pages::STYLE, authority_origins)?,
        })
    }

    /// Answers one request.
    pub async fn handle(&self, request: Request) -> Response<Body> {
        let id = request::request_id(&request);
        let path = request::path(&request).trim_end_matches('/').to_owned();
        let parts: Vec<&str> = path.split('/').collect();
        match (request.method(), &parts[..]) {
            (&Method::GET, ["", "consent"]) => self.landing(&request, &id),
            (&Method::POST, ["", "consent", "start"]) => self.start(&request, &id),
            (&Method::GET, ["", "consent", "callback"]) => self.callback(&request, &id).await,
            (&Method::GET, ["", "consent", "confirm", handle]) => self.confirm_page(handle, &id),
            (&Method::POST, ["", "consent", "confirm"]) => self.confirm(&request, &id).await,
            (&Method::GET, ["", "consent", "result", handle]) => self.result(handle, &id).await,
            _ => self.refused_page(StatusCode::NOT_FOUND, &CauseCode::StartAgain.into(), &id),
        }
    }

    /// Who asks, for what, and the button.
    fn landing(&self, request: &Request, id: &str) -> Response<Body> {
        let cookie = request::cookie(request, FormToken::COOKIE);
        let token = FormToken::issue(
            &self.consent.keys,
            cookie,
            self.consent.clock.now(),
            self.consent.random.as_ref(),
        );
        let html = pages::start(&self.roles, &token.field);
        let mut response = self.headers.page(StatusCode::OK, html, id);
        set_cookie(
            &mut response,
            FormToken::COOKIE,
            &token.cookie,
            FORM_COOKIE_SECONDS,
        );
        response
    }

    /// A new attempt, from a click on our own page only.
    fn start(&self, request: &Request, id: &str) -> Response<Body> {
        if let Err(refusal) = self.check_form(request) {
            return self.refused_page(StatusCode::BAD_REQUEST, &refusal, id);
        }
        match self.consent.begin() {
            Ok(begun) => {
                let mut response = self.headers.see_other(begun.location.as_str(), id);
                self.keep_attempt(&mut response, &begun.cookie);
                response
            }
            Err(refusal) => self.refused_page(StatusCode::FORBIDDEN, &refusal, id),
        }
    }

    fn check_form(&self, request: &Request) -> Result<(), Cause> {
        let again = || Cause::from(CauseCode::StartAgain);
        if !self.comes_from_our_page(request) {
            return Err(again());
        }
        let form = request::form(request).map_err(|_| again())?;
        let field = form.required("form_token", 256).map_err(|_| again())?;
        let token = FormToken {
            field: field.to_owned(),
            cookie: request::cookie(request, FormToken::COOKIE).ok_or_else(again)?,
        };
        match token.is_valid(&self.consent.keys, self.consent.clock.now()) {
            true => Ok(()),
            false => Err(again()),
        }
    }

    /// What the browser itself says of where a form came from. `Origin: null` is what
    /// browsers send from our own pages, because those forbid the Referer; the form
    /// token decides then.
    fn comes_from_our_page(&self, request: &Request) -> bool {
        let same_site = match request::header(request, "sec-fetch-site") {
            Some(site) => site == "same-origin",
            None => true,
        };
        let same_origin = match request::header(request, "origin") {
            Some(origin) => origin == "null" || origin == self.origin,
            None => true,
        };
        same_site && same_origin
    }

    /// The question before anything is bound.
    fn confirm_page(&self, handle: &str, id: &str) -> Response<Body> {
        match self.consent.confirm_view(&Handle(handle.to_owned())) {
            Ok(view) => {
                let html = pages::confirm(&view, handle);
                self.headers.page(StatusCode::OK, html, id)
            }
            Err(refusal) => self.refused_page(StatusCode::BAD_REQUEST, &refusal, id),
        }
    }

    /// The answer to it.
    async fn confirm(&self, request: &Request, id: &str) -> Response<Body> {
        let handle = match self.confirm_handle(request) {
            Ok(handle) => handle,
            Err(refusal) => return self.refused_page(StatusCode::BAD_REQUEST, &refusal, id),
        };
        let cookie = |name: &str| request::cookie(request, name);
        match self.consent.confirm(&handle, cookie).await {
            Ok((confirmed, cleared)) => {
                let mut response = match confirmed {
                    Confirmed::Consent(begun) => {
                        let mut response = self.headers.see_other(begun.location.as_str(), id);
                        self.keep_attempt(&mut response, &begun.cookie);
                        response
                    }
                    Confirmed::Done(handle) => self.to_result(&handle, id),
                };
                set_cookie(&mut response, &cleared.0, "", 0);
                response
            }
            Err(refusal) => self.to_refusal(refusal, id),
        }
    }

    fn confirm_handle(&self, request: &Request) -> Result<Handle, Cause> {
        let again = |_: FieldError| Cause::from(CauseCode::StartAgain);
        if !self.comes_from_our_page(request) {
            return Err(CauseCode::StartAgain.into());
        }
        let form = request::form(request).map_err(again)?;
        let handle = form.required("handle", HANDLE_MAX).map_err(again)?;
        Ok(Handle(handle.to_owned()))
    }

    /// Connected, finishing, or refused and why. A page that is finishing follows by
    /// itself.
    async fn result(&self, handle: &str, id: &str) -> Response<Body> {
        let view = self.consent.result_view(&Handle(handle.to_owned())).await;
        match view {
            Ok(auth::consent::ResultView::Tenant(tenant)) => {
                let html = pages::tenant(&tenant);
                let mut response = self.headers.page(StatusCode::OK, html, id);
                if tenant.status == TenantStatus::Propagating {
                    pages::follow(&mut response);
                }
                response
            }
            Ok(auth::consent::ResultView::Refused { cause, at }) => {
                let html = pages::refused(&cause, &at.to_string(), id);
                self.headers.page(status_of(&cause), html, id)
            }
            Err(refusal) => self.refused_page(status_of(&refusal), &refusal, id),
        }
    }

    fn keep_attempt(&self, response: &mut Response<Body>, cookie: &auth::consent::AttemptCookie) {
        let seconds = auth::consent::ATTEMPT_LIFE.as_secs();
        set_cookie(response, &cookie.name, &cookie.value, seconds);
    }

    fn to_result(&self, handle: &Handle, id: &str) -> Response<Body> {
        self.headers
            .see_other(&format!("/consent/result/{}", handle.0), id)
    }

    fn to_refusal(&self, refusal: Cause, id: &str) -> Response<Body> {
        self.to_result(&self.consent.refused(refusal), id)
    }

    fn refused_page(&self, status: StatusCode, cause: &Cause, id: &str) -> Response<Body> {
        let now = self.consent.clock.now().to_string();
        let html = pages::refused(cause, &now, id);
        self.headers.page(status, html, id)
    }
}

/// A page that tells of a fault of the person or of the customer is a 4xx, of ours or
/// Microsoft's a 503.
fn status_of(cause: &Cause) -> StatusCode {
    use auth::Fault;
    match cause.code.fault() {
        Fault::Caller | Fault::Customer => StatusCode::BAD_REQUEST,
        Fault::Ours | Fault::Microsoft => StatusCode::SERVICE_UNAVAILABLE,
    }
}
