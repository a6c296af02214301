//! `GET /consent/go/{handle}`: the page between our form and Microsoft's, for the
//! browser of the attempt alone. It leads on by itself: at once, or when Microsoft has had
//! time to set the application up.

use askama::Template;
use auth::consent::{AttemptCookie, Handle, PassageView};
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};
use url::Url;

use crate::browser::{cookies, source};
use crate::pages::{STYLE, render};
use crate::site::Site;
use crate::words::Words;
use crate::{ConsentFunction, again};

#[derive(Template)]
#[template(path = "go.html")]
struct GoPage<'a> {
    style: &'static str,
    company: &'a str,
    microsoft: &'a str,
}

#[derive(Template)]
#[template(path = "wait.html")]
struct WaitPage<'a> {
    style: &'static str,
    company: &'a str,
    words: Words,
    seconds: u64,
    /// The page that leads on.
    then: &'a str,
}

impl ConsentFunction {
    pub(crate) async fn go_page(
        &self,
        request: &Request,
        handle: &str,
        id: &str,
    ) -> Response<Body> {
        let handle = Handle(handle.to_owned());
        match self
            .consent
            .passage_view(&handle, cookies(request), source(request))
            .await
        {
            Ok(PassageView::On(microsoft)) => {
                let html = go(&self.site, &microsoft);
                self.leading_on(html, 0, microsoft.as_str(), id)
            }
            Ok(PassageView::Wait {
                cause,
                seconds,
                then,
            }) => {
                let place = place(&then);
                let html = wait(&self.site, &cause, seconds, &place);
                self.leading_on(html, seconds, &place, id)
            }
            Err(refusal) => self.refused_page(&refusal, id),
        }
    }

    /// 303 to that page, with the cookie that it asks for.
    pub(crate) fn to_go(
        &self,
        handle: &Handle,
        cookie: &AttemptCookie,
        id: &str,
    ) -> Response<Body> {
        let mut response = self.headers.see_other(&place(handle), id);
        self.keep_attempt(&mut response, cookie);
        response
    }

    fn leading_on(&self, html: String, seconds: u64, address: &str, id: &str) -> Response<Body> {
        let mut response = self.headers.page(StatusCode::OK, html, id);
        again::lead_on(&mut response, seconds, address);
        response
    }
}

fn place(handle: &Handle) -> String {
    format!("/consent/go/{}", handle.0)
}

fn go(site: &Site, microsoft: &Url) -> String {
    render(&GoPage {
        style: STYLE,
        company: site.company(),
        microsoft: microsoft.as_str(),
    })
}

/// `then`: where the page leads on.
fn wait(site: &Site, cause: &auth::Cause, seconds: u64, then: &str) -> String {
    render(&WaitPage {
        style: STYLE,
        company: site.company(),
        words: Words::from(cause),
        seconds,
        then,
    })
}
