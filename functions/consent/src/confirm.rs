//! The confirm page and its button. The page names a person and an organisation: it is for
//! the browser that signed in alone, and so is the button. Who that is, `auth::consent`
//! decides by the attempt's cookie.

use askama::Template;
use auth::cause::CauseCode;
use auth::consent::{ConfirmView, Confirmed, Handle};
use auth::text::printable;
use lambda::pages::set_cookie;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};

use crate::ConsentFunction;
use crate::browser::{cookies, source};
use crate::pages::{STYLE, account, render};
use crate::site::Site;

/// The longest sealed handle, in bytes.
const HANDLE_MAX: usize = 2048;

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage<'a> {
    style: &'static str,
    company: &'a str,
    tenant: String,
    /// The customer account; `None` where the tenant is bound to itself.
    customer: Option<String>,
    username: Option<String>,
    asks_microsoft: bool,
    handle: &'a str,
}

impl ConsentFunction {
    /// The question before anything is bound, for the browser that signed in.
    pub(crate) async fn confirm_page(
        &self,
        request: &Request,
        handle: &str,
        id: &str,
    ) -> Response<Body> {
        let handle = Handle(handle.to_owned());
        match self
            .consent
            .confirm_view(&handle, cookies(request), source(request))
            .await
        {
            Ok(view) => {
                let html = page(&self.site, &view, &handle.0);
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
        match self
            .consent
            .confirm(&handle, cookies(request), source(request))
            .await
        {
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
        let form = self.own_form(request)?;
        let handle = form.required("handle", HANDLE_MAX);
        let handle = handle.map_err(|_| CauseCode::StartAgain)?;
        Ok(Handle(handle.to_owned()))
    }
}

fn page(site: &Site, view: &ConfirmView, handle: &str) -> String {
    render(&ConfirmPage {
        style: STYLE,
        company: site.company(),
        tenant: view.tenant.to_string(),
        customer: account(view.tenant, &view.customer),
        username: view.username.as_deref().map(printable),
        asks_microsoft: view.asks_microsoft,
        handle,
    })
}
