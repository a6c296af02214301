//! The consent function: the pages that an admin sees, and the way between them.
//!
//! This crate owns the HTTP side: routes, cookies, pages and redirects. What a state,
//! a code or a tenant is worth is decided in `auth::consent`. Every outcome ends on a
//! page of ours at an address that holds no code: the callback answers with a 303.

mod again;
mod build;
mod callback;
mod confirm;
mod forward;
mod go;
mod pages;
mod permissions;
mod routes;
mod site;
mod words;

use std::sync::Arc;

use auth::cause::CauseCode;
use auth::consent::{
    ATTEMPT_LIFE, ATTEMPTS_KEPT, AttemptCookie, Consent, ConsentRefusal, FormToken, Handle,
    ResultView, Source,
};
use auth::ports::Meter;
use auth::tenant::TenantStatus;
use lambda::fields::FieldError;
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

/// The start form's cookie: as long as its token lives, an hour.
const FORM_COOKIE_SECONDS: u64 = 3600;
/// The longest invite id that is read, in bytes; ours have 32.
const INVITE_MAX: usize = 64;

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
        if response.status() == StatusCode::TOO_MANY_REQUESTS {
            again::come_back(&mut response, request::method(request));
        }
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
        PageHeaders::new(pages::STYLE).page(status_of(cause), html, early.id)
    }

    fn meter(&self) -> Option<&dyn Meter> {
        self.meter.as_deref()
    }
}

impl ConsentFunction {
    async fn routed(&self, request: &Request, id: &str) -> Response<Body> {
        let page = find_page(request::path(request));
        match page.filter(|page| request::method(request) == page.method()) {
            Some(Page::Landing) => self.landing(request, id).await,
            Some(Page::Start) => self.start(request, id).await,
            Some(Page::Go(handle)) => self.go_page(request, handle, id).await,
            Some(Page::Callback) => self.callback(request, id).await,
            Some(Page::Question(handle)) => self.confirm_page(request, handle, id).await,
            Some(Page::Confirm) => self.confirm(request, id).await,
            Some(Page::Result(handle)) => self.result(handle, id).await,
            None => self.no_such_page(page, id),
        }
    }

    /// There is no such page, or there is and takes another method.
    fn no_such_page(&self, page: Option<Page<'_>>, id: &str) -> Response<Body> {
        let again = CauseCode::StartAgain.into();
        let Some(page) = page else {
            return self.page_of(StatusCode::NOT_FOUND, &again, id);
        };
        let mut response = self.page_of(StatusCode::METHOD_NOT_ALLOWED, &again, id);
        let allow = request::allow(&page.method());
        response.headers_mut().insert(header::ALLOW, allow);
        response
    }

    /// Who asks, for what, and the button.
    async fn landing(&self, request: &Request, id: &str) -> Response<Body> {
        let invite = match landing_invite(request) {
            Ok(invite) => invite,
            Err(refusal) => return self.refused_page(&refusal, id),
        };
        let source = Source::of(request::source(request));
        let view = match self.consent.landing(invite.as_deref(), source).await {
            Ok(view) => view,
            Err(refusal) => return self.refused_page(&refusal, id),
        };
        let cookie = request::cookie(request, FormToken::COOKIE);
        let token = FormToken::issue(
            &self.consent.keys,
            cookie,
            self.consent.clock.now(),
            self.consent.random.as_ref(),
        );
        let html = pages::start(&self.site, &view, invite.as_deref(), &token.field);
        let mut response = self.headers.page(StatusCode::OK, html, id);
        set_cookie(
            &mut response,
            FormToken::COOKIE,
            &token.cookie,
            FORM_COOKIE_SECONDS,
        );
        self.forget_old_attempts(&mut response, request, ATTEMPTS_KEPT);
        response
    }

    /// A new attempt, from a click on our own page only.
    async fn start(&self, request: &Request, id: &str) -> Response<Body> {
        let invite = match self.check_form(request) {
            Ok(invite) => invite,
            Err(refusal) => return self.refused_page(&refusal.into(), id),
        };
        let source = Source::of(request::source(request));
        match self.consent.begin(invite.as_deref(), source).await {
            Ok(begun) => {
                let mut response = self.to_go(&begun.handle, &begun.cookie, id);
                // The new one makes it as many as are kept.
                self.forget_old_attempts(&mut response, request, ATTEMPTS_KEPT - 1);
                response
            }
            Err(refusal) => self.refused_page(&refusal, id),
        }
    }

    /// The invite of a form that is ours, if it has one.
    fn check_form(&self, request: &Request) -> Result<Option<String>, CauseCode> {
        let again = |_: FieldError| CauseCode::StartAgain;
        if !self.comes_from_our_page(request) {
            return Err(CauseCode::StartAgain);
        }
        let form = request::form(request).map_err(again)?;
        let field = form.required("form_token", 256).map_err(again)?;
        let token = FormToken {
            field: field.to_owned(),
            cookie: request::cookie(request, FormToken::COOKIE).ok_or(CauseCode::OtherBrowser)?,
        };
        if !token.is_valid(&self.consent.keys, self.consent.clock.now()) {
            return Err(CauseCode::StartAgain);
        }
        let invite = form.optional("invite", INVITE_MAX).map_err(again)?;
        Ok(invite.map(str::to_owned))
    }

    /// What the browser itself says of where a form came from. `Origin: null` is what
    /// browsers send from our own pages, because those forbid the Referer; the form
    /// token decides then.
    fn comes_from_our_page(&self, request: &Request) -> bool {
        let ours = self.consent.settings.redirect_uri.origin();
        request::every(request, "sec-fetch-site", |site| site == "same-origin")
            && request::every(request, "origin", |from| from == "null" || from == ours)
    }

    /// Connected, finishing, or refused and why. A page that is finishing follows by
    /// itself.
    async fn result(&self, handle: &str, id: &str) -> Response<Body> {
        let view = self.consent.result_view(&Handle(handle.to_owned())).await;
        match view {
            Ok(ResultView::Tenant {
                tenant,
                waiting,
                return_url,
            }) => {
                let html = pages::result(&self.site, &tenant, waiting, return_url.as_ref());
                let mut response = self.headers.page(StatusCode::OK, html, id);
                if tenant.status == TenantStatus::Propagating {
                    again::follow(&mut response);
                }
                response
            }
            Ok(ResultView::Refused {
                refusal,
                at,
                request_id,
            }) => {
                let happened = Happened {
                    at: &at.to_string(),
                    request_id: &request_id,
                };
                let html = pages::refused(&self.site, &refusal, &happened);
                self.headers.page(status_of(refusal.cause.code), html, id)
            }
            Err(refusal) => self.refused_page(&refusal, id),
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

    /// Takes the oldest attempts' cookies back, before they are more than the gateway lets in.
    fn forget_old_attempts(&self, response: &mut Response<Body>, request: &Request, kept: usize) {
        let sent = request::cookies_beginning(request, AttemptCookie::PREFIX);
        for name in self.consent.surplus_attempts(sent, kept) {
            set_cookie(response, &name, "", 0);
        }
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

/// The invite of the link that was opened.
fn landing_invite(request: &Request) -> Result<Option<String>, ConsentRefusal> {
    let damaged = |_: FieldError| ConsentRefusal::from(CauseCode::InviteUnknown);
    let query = request::query(request).map_err(damaged)?;
    let invite = query.optional("invite", INVITE_MAX).map_err(damaged)?;
    Ok(invite.map(str::to_owned))
}

/// A page that tells of a fault of the person or of the customer is a 4xx, of ours or
/// Microsoft's a 503.
fn status_of(code: CauseCode) -> StatusCode {
    use auth::Fault;
    match (code, code.fault()) {
        (CauseCode::InviteNeeded | CauseCode::Suspended, _) => StatusCode::FORBIDDEN,
        (CauseCode::TooManyRequests, _) => StatusCode::TOO_MANY_REQUESTS,
        // Who made the link named the cloud, as `pages` says.
        (CauseCode::WrongCloud, _) => StatusCode::SERVICE_UNAVAILABLE,
        (_, Fault::Caller | Fault::Customer) => StatusCode::BAD_REQUEST,
        (_, Fault::Ours | Fault::Microsoft) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
