//! `GET /consent/go/{handle}`: the page between a form of ours and Microsoft's, for the
//! browser of the attempt alone. It leads on by itself: at once, or when Microsoft has had
//! time to set the application up.

use auth::consent::{AttemptCookie, Handle, PassageView, Source};
use lambda::request;
use lambda_http::http::StatusCode;
use lambda_http::{Body, Request, Response};

use crate::{ConsentFunction, again, pages};

impl ConsentFunction {
    pub(crate) async fn go_page(
        &self,
        request: &Request,
        handle: &str,
        id: &str,
    ) -> Response<Body> {
        let cookie = |name: &str| request::cookie(request, name);
        let source = Source::of(request::source(request));
        let handle = Handle(handle.to_owned());
        match self.consent.passage_view(&handle, cookie, source).await {
            Ok(PassageView::On(microsoft)) => {
                let html = pages::go(&self.site, &microsoft);
                self.leading_on(html, 0, microsoft.as_str(), id)
            }
            Ok(PassageView::Wait {
                cause,
                seconds,
                then,
            }) => {
                let place = place(&then);
                let html = pages::wait(&self.site, &cause, seconds, &place);
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
