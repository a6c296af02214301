//! The confirm page and its button. The page names a person and an organisation: it is for
//! the browser that signed in alone, and so is the button. Who that is, `auth::consent`
//! decides by the attempt's cookie.

use auth::cause::CauseCode;
use auth::consent::{Confirmed, Handle, Source};
use lambda::fields::FieldError;
use lambda::pages::set_cookie;
use lambda::request;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};

use crate::{ConsentFunction, pages};

/// The longest sealed handle, in bytes.
const HANDLE_MAX: usize = 2048;

impl ConsentFunction {
    /// The question before anything is bound, for the browser that signed in.
    pub(crate) async fn confirm_page(
        &self,
        request: &Request,
        handle: &str,
        id: &str,
    ) -> Response<Body> {
        let cookie = |name: &str| request::cookie(request, name);
        let source = Source::of(request::source(request));
        let handle = Handle(handle.to_owned());
        match self.consent.confirm_view(&handle, cookie, source).await {
            Ok(view) => {
                let html = pages::confirm(&self.site, &view, &handle.0);
                self.headers.page(StatusCode::OK, html, id)
            }
            Err(refusal) => self.refused_page(&refusal, id),
        }
    }

    /// The answer to it.
    pub(crate) async fn confirm(&self, request: &Request, id: &str) -> Response<Body> {
        let handle = match self.confirm_handle(request) {
            Ok(handle) => handle,
            Err(refusal) => return self.refused_page(&refusal.into(), id),
        };
        let cookie = |name: &str| request::cookie(request, name);
        let source = Source::of(request::source(request));
        match self.consent.confirm(&handle, cookie, source).await {
            Ok((confirmed, cleared)) => {
                let mut response = match confirmed {
                    Confirmed::Consent(begun) => self.to_go(&begun.handle, &begun.cookie, id),
                    Confirmed::Done(handle) => self.to_result(&handle, id),
                };
                set_cookie(&mut response, &cleared.0, "", 0);
                response
            }
            Err(refusal) => self.to_refusal(refusal, id),
        }
    }

    fn confirm_handle(&self, request: &Request) -> Result<Handle, CauseCode> {
        let again = |_: FieldError| CauseCode::StartAgain;
        if !self.comes_from_our_page(request) {
            return Err(CauseCode::StartAgain);
        }
        let form = request::form(request).map_err(again)?;
        let handle = form.required("handle", HANDLE_MAX).map_err(again)?;
        Ok(Handle(handle.to_owned()))
    }
}
