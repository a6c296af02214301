//! The pages, rendered on the server from `templates/`, where every value is escaped
//! by the template library; texts of others have no character that is not shown. No
//! script, no outside asset. What a cause means comes from the catalogue (`auth::cause`), what a permission allows from `permissions.rs`.

use askama::Template;
use auth::cause::CauseCode;
use auth::consent::{ConfirmView, ConsentRefusal, LandingView};
use auth::protocol::ConsentFlow;
use auth::tenant::{Tenant, TenantStatus, Waiting};
use auth::text::printable;
use url::Url;

use crate::forward;
use crate::permissions::Permission;
use crate::site::Site;
use crate::words::{StartAgain, Words, heading};

/// The one style sheet: inside every page, allowed by its hash.
pub(crate) const STYLE: &str = include_str!("../templates/style.css");

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage<'a> {
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

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage<'a> {
    style: &'static str,
    company: &'a str,
    tenant: String,
    customer: String,
    to_itself: bool,
    username: Option<String>,
    asks_microsoft: bool,
    handle: &'a str,
}

#[derive(Template)]
#[template(path = "result.html")]
struct ResultPage<'a> {
    style: &'static str,
    company: &'a str,
    standing: Standing,
    tenant: String,
    customer: String,
    to_itself: bool,
    status: &'static str,
    /// What a tenant that is finishing waits for, where nothing is to be done.
    waiting: Option<String>,
    cause: Option<Words>,
    return_url: Option<&'a str>,
    return_host: &'a str,
    /// What is read is the audit log, which has to be on.
    reads_audit_log: bool,
}

/// How a tenant stands after its consent.
#[derive(PartialEq, Eq)]
enum Standing {
    Connected,
    Finishing,
    Broken,
}

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

pub(crate) fn start(
    site: &Site,
    view: &LandingView,
    invite: Option<&str>,
    form_token: &str,
) -> String {
    render(&StartPage {
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

pub(crate) fn confirm(site: &Site, view: &ConfirmView, handle: &str) -> String {
    let tenant = view.tenant.to_string();
    render(&ConfirmPage {
        style: STYLE,
        company: site.company(),
        to_itself: tenant == view.customer.as_str(),
        tenant,
        customer: printable(view.customer.as_str()),
        username: view.username.as_deref().map(printable),
        asks_microsoft: view.asks_microsoft,
        handle,
    })
}

pub(crate) fn result(
    site: &Site,
    tenant: &Tenant,
    waiting: Option<Waiting>,
    return_url: Option<&Url>,
) -> String {
    let id = tenant.id.to_string();
    render(&ResultPage {
        style: STYLE,
        company: site.company(),
        standing: match tenant.status {
            TenantStatus::Active => Standing::Connected,
            TenantStatus::Propagating => Standing::Finishing,
            _ => Standing::Broken,
        },
        to_itself: id == tenant.customer.as_str(),
        tenant: id,
        customer: printable(tenant.customer.as_str()),
        status: tenant.status.as_str(),
        waiting: waiting.map(|waiting| waiting.to_string()),
        cause: tenant.cause.as_ref().map(Words::from),
        return_url: return_url.map(Url::as_str),
        return_host: return_url.and_then(Url::host_str).unwrap_or_default(),
        reads_audit_log: site.reads_audit_log(tenant.cloud),
    })
}

/// Where a refusal happened, as whoever helps asks for it.
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

pub(crate) fn render(page: &impl Template) -> String {
    // Rendering into a String fails only where a template calls code that fails;
    // ours print values.
    page.render().unwrap_or_default()
}

#[cfg(test)]
#[path = "pages_tests.rs"]
mod tests;
