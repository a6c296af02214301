//! What all pages share, and the page of a refusal. A page is rendered on the server from its
//! HTML in `templates/`, where every value is escaped by the template library; texts of others
//! have no character that is not shown. No script, no outside asset. What a cause means comes
//! from the catalogue (`auth::cause`).

use askama::Template;
use auth::cause::CauseCode;
use auth::consent::ConsentRefusal;
use auth::text::printable;
use auth::{Customer, TenantId};

use crate::forward;
use crate::site::Site;
use crate::words::{StartAgain, Words, heading};

/// The one style sheet: inside every page, allowed by its hash.
pub(crate) const STYLE: &str = include_str!("../templates/style.css");

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage<'a> {
    style: &'static str,
    company: &'a str,
    heading: &'static str,
    /// It is certain that this attempt connected nothing.
    connected_nothing: bool,
    words: Words,
    /// A text for the admin, where it takes one.
    forward: Option<String>,
    /// Some browsers keep no `Secure` cookie of `http://localhost` (Safari).
    may_drop_cookies: bool,
    /// How the person can start again.
    start_again: StartAgain,
    at: &'a str,
    request_id: &'a str,
    correlation_id: Option<String>,
}

/// When and in which request a refusal happened: support asks for both.
pub(crate) struct Happened<'a> {
    pub(crate) at: &'a str,
    pub(crate) request_id: &'a str,
}

pub(crate) fn refused(site: &Site, refusal: &ConsentRefusal, happened: &Happened<'_>) -> String {
    let code = refusal.cause.code;
    render(&RefusedPage {
        style: STYLE,
        company: site.company(),
        heading: heading(code),
        // Somebody who reloads after all went well comes here too, and a table that does not
        // answer may have written.
        connected_nothing: !matches!(
            code,
            CauseCode::StartAgain
                | CauseCode::AttemptUsed
                | CauseCode::AttemptExpired
                | CauseCode::InviteUsed
                | CauseCode::ResultExpired
                | CauseCode::BrokerUnavailable
                | CauseCode::TooManyRequests
        ),
        words: Words::over(&refusal.cause),
        forward: forward::text(site, refusal),
        may_drop_cookies: site.is_without_tls() && code == CauseCode::OtherBrowser,
        start_again: StartAgain::after(site, refusal),
        at: happened.at,
        request_id: happened.request_id,
        correlation_id: refusal.correlation_id.as_deref().map(printable),
    })
}

/// The customer account that a tenant is bound to; `None` where that is the tenant itself.
pub(crate) fn account(tenant: TenantId, customer: &Customer) -> Option<String> {
    let is_itself = tenant.to_string() == customer.as_str();
    (!is_itself).then(|| printable(customer.as_str()))
}

pub(crate) fn render(page: &impl Template) -> String {
    // Rendering into a String fails only where a template calls code that fails;
    // ours print values.
    page.render().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::site;

    /// Safari keeps no `Secure` cookie of `http://localhost`: the person at it has changed no
    /// browser, and reads why every step is said to be another browser's.
    #[test]
    fn a_missing_cookie_at_http_is_explained_and_no_other_refusal() {
        for code in CauseCode::ALL {
            for (origin, without_tls) in [
                ("https://broker.example", false),
                ("http://localhost:8080", true),
            ] {
                let site = Site {
                    origin: origin.to_owned(),
                    ..site(&[])
                };
                let happened = Happened {
                    at: "now",
                    request_id: "request",
                };
                let page = refused(&site, &ConsentRefusal::from(*code), &happened);
                let expected = without_tls && *code == CauseCode::OtherBrowser;
                assert_eq!(page.contains("--tls"), expected, "{code}, {origin}");
            }
        }
    }
}
