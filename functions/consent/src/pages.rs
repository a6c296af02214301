//! The pages, rendered on the server from `templates/`, where every value is escaped
//! by the template library. No script, no outside asset.

use askama::Template;
use auth::cause::{Cause, CauseCode, Fault};
use auth::consent::ConfirmView;
use auth::tenant::{Tenant, TenantStatus};
use lambda_http::http::HeaderValue;
use lambda_http::{Body, Response};

/// The one style sheet: inside every page, allowed by its hash.
pub(crate) const STYLE: &str = include_str!("../templates/style.css");
/// A page that is finishing looks again after so many seconds.
const FOLLOW_SECONDS: &str = "5";

#[derive(Template)]
#[template(path = "start.html")]
struct StartPage<'a> {
    style: &'static str,
    permissions: Vec<Permission<'a>>,
    form_token: &'a str,
}

struct Permission<'a> {
    role: &'a str,
    meaning: &'static str,
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct ConfirmPage<'a> {
    style: &'static str,
    tenant: String,
    customer: &'a str,
    to_itself: bool,
    username: Option<&'a str>,
    handle: &'a str,
}

#[derive(Template)]
#[template(path = "connected.html")]
struct ConnectedPage {
    style: &'static str,
    tenant: String,
    status: &'static str,
    connected: bool,
    finishing: bool,
    next_step: &'static str,
}

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage<'a> {
    style: &'static str,
    heading: &'static str,
    next_step: &'static str,
    whose_turn: &'static str,
    cause: String,
    at: &'a str,
    request_id: &'a str,
}

pub(crate) fn start(roles: &[String], form_token: &str) -> String {
    let permissions = roles
        .iter()
        .map(|role| Permission {
            role,
            meaning: meaning(role),
        })
        .collect();
    render(&StartPage {
        style: STYLE,
        permissions,
        form_token,
    })
}

pub(crate) fn confirm(view: &ConfirmView, handle: &str) -> String {
    let tenant = view.tenant.to_string();
    render(&ConfirmPage {
        style: STYLE,
        to_itself: tenant == view.customer.as_str(),
        tenant,
        customer: view.customer.as_str(),
        username: view.username.as_deref(),
        handle,
    })
}

pub(crate) fn tenant(tenant: &Tenant) -> String {
    render(&ConnectedPage {
        style: STYLE,
        tenant: tenant.id.to_string(),
        status: tenant.status.as_str(),
        connected: tenant.status == TenantStatus::Active,
        finishing: tenant.status == TenantStatus::Propagating,
        next_step: tenant
            .cause
            .as_ref()
            .map_or("", |cause| cause.code.next_step()),
    })
}

pub(crate) fn refused(cause: &Cause, at: &str, request_id: &str) -> String {
    render(&RefusedPage {
        style: STYLE,
        // Somebody who reloads after all went well comes here too: say nothing of the tenant.
        heading: match cause.code {
            CauseCode::StartAgain => "This page cannot be used any more",
            _ => "Nothing was changed",
        },
        next_step: cause.code.next_step(),
        whose_turn: match cause.code.fault() {
            Fault::Caller | Fault::Customer => "It is your turn.",
            Fault::Ours => "It is our turn: this is not your mistake.",
            Fault::Microsoft => "It is Microsoft's turn: this is not your mistake.",
        },
        cause: cause.to_string(),
        at,
        request_id,
    })
}

/// Makes the page look again by itself.
pub(crate) fn follow(response: &mut Response<Body>) {
    let seconds = HeaderValue::from_static(FOLLOW_SECONDS);
    response.headers_mut().insert("refresh", seconds);
}

/// What a role allows, in plain words.
fn meaning(role: &str) -> &'static str {
    match role {
        "ActivityFeed.Read" => "read the organisation's audit log: who did what, and when",
        "ActivityFeed.ReadDlp" => {
            "read the findings of data loss prevention, with the sensitive data they quote"
        }
        "ServiceHealth.Read" => "read the state of the organisation's Microsoft services",
        _ => "an application permission that Microsoft's page explains",
    }
}

fn render(page: &impl Template) -> String {
    // Rendering into a String fails only where a template calls code that fails;
    // ours print values.
    page.render().unwrap_or_default()
}
