//! Which browser a request comes from: its cookies, its address, and whether its form is our own.

use auth::cause::CauseCode;
use auth::consent::Source;
use lambda::fields::Fields;
use lambda::request;
use lambda_http::Request;

use crate::ConsentFunction;

/// The browser's cookies by their names.
pub(crate) fn cookies(request: &Request) -> impl Fn(&str) -> Option<String> {
    move |name: &str| request::cookie(request, name)
}

/// The address whose attempts are counted.
pub(crate) fn source(request: &Request) -> Source {
    Source::of(request::source(request))
}

impl ConsentFunction {
    /// The fields of a form that our own page sent.
    pub(crate) fn own_form(&self, request: &Request) -> Result<Fields, CauseCode> {
        if !self.comes_from_our_page(request) {
            return Err(CauseCode::StartAgain);
        }
        request::form(request).map_err(|_| CauseCode::StartAgain)
    }

    /// What the browser itself says of where a form came from. `Origin: null` is what
    /// browsers send from our own pages, because those forbid the Referer; the form
    /// token decides then.
    fn comes_from_our_page(&self, request: &Request) -> bool {
        let ours = self.consent.settings.redirect_uri.origin();
        request::every(request, "sec-fetch-site", |site| site == "same-origin")
            && request::every(request, "origin", |from| from == "null" || from == ours)
    }
}
