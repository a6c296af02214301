//! `GET /consent`: who asks, for what, and the button; and `POST /consent/start`, where the
//! button leads.

use askama::Template;
use auth::cause::CauseCode;
use auth::consent::{ATTEMPTS_KEPT, AttemptCookie, ConsentRefusal, FormToken, LandingView};
use auth::protocol::ConsentFlow;
use auth::text::printable;
use lambda::fields::FieldError;
use lambda::pages::set_cookie;
use lambda::request;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};

use crate::ConsentFunction;
use crate::browser::source;
use crate::pages::{STYLE, render};
use crate::permissions::Permission;
use crate::site::Site;

/// The start form's cookie: as long as its token lives, an hour.
const FORM_COOKIE_SECONDS: u64 = 3600;
/// The longest invite id that is read, in bytes; ours have 32.
const INVITE_MAX: usize = 64;

#[derive(Template)]
#[template(path = "landing.html")]
struct LandingPage<'a> {
    style: &'static str,
    company: &'a str,
    customer: Option<String>,
    tenant: Option<String>,
    permissions: Vec<Permission<'a>>,
    /// The operator has listed all that is registered.
    is_complete: bool,
    form_token: &'a str,
    invite: Option<&'a str>,
    /// The permissions are accepted at the sign-in (v1 flow).
    accepts_at_sign_in: bool,
}

impl ConsentFunction {
    /// Who asks, for what, and the button.
    pub(crate) async fn landing(&self, request: &Request, id: &str) -> Response<Body> {
        let invite = match landing_invite(request) {
            Ok(invite) => invite,
            Err(refusal) => return self.refused_page(&refusal, id),
        };
        let view = match self
            .consent
            .landing(invite.as_deref(), source(request))
            .await
        {
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
        let html = page(&self.site, &view, invite.as_deref(), &token.field);
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
    pub(crate) async fn start(&self, request: &Request, id: &str) -> Response<Body> {
        let invite = match self.check_form(request) {
            Ok(invite) => invite,
            Err(refusal) => return self.refused_page(&refusal.into(), id),
        };
        match self.consent.begin(invite.as_deref(), source(request)).await {
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
        let form = self.own_form(request)?;
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

    /// Takes the oldest attempts' cookies back, before they are more than the gateway lets in.
    fn forget_old_attempts(&self, response: &mut Response<Body>, request: &Request, kept: usize) {
        let sent = request::cookies_beginning(request, AttemptCookie::PREFIX);
        for name in self.consent.surplus_attempts(sent, kept) {
            set_cookie(response, &name, "", 0);
        }
    }
}

/// The invite of the link that was opened.
fn landing_invite(request: &Request) -> Result<Option<String>, ConsentRefusal> {
    let damaged = |_: FieldError| ConsentRefusal::from(CauseCode::InviteUnknown);
    let query = request::query(request).map_err(damaged)?;
    let invite = query.optional("invite", INVITE_MAX).map_err(damaged)?;
    Ok(invite.map(str::to_owned))
}

fn page(site: &Site, view: &LandingView, invite: Option<&str>, form_token: &str) -> String {
    render(&LandingPage {
        style: STYLE,
        company: site.company(),
        customer: view.customer.as_ref().map(|name| printable(name.as_str())),
        tenant: view.tenant.map(|tenant| tenant.to_string()),
        permissions: site.permissions(),
        is_complete: site.registered.is_some(),
        form_token,
        invite,
        accepts_at_sign_in: site.flow == ConsentFlow::V1,
    })
}

#[cfg(test)]
mod tests {
    use auth::consent::RegisteredPermissions;

    use super::*;
    use crate::example::site;

    #[test]
    fn nothing_else_is_promised_only_where_all_that_is_registered_is_listed() {
        let view = LandingView {
            customer: None,
            tenant: None,
        };
        for listed in [None, Some("ActivityFeed.Read")] {
            let registered = listed.map(|text| text.parse::<RegisteredPermissions>().unwrap());
            let site = Site {
                registered,
                ..site(&[])
            };
            let page = page(&site, &view, None, "token");
            let promised = page.contains("Nothing else is asked for");
            assert_eq!(promised, listed.is_some(), "{page}");
        }
    }
}
