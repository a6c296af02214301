//! `tenants show`: all that the table knows of a tenant, whose turn it is, whether its admin has to
//! consent, and what is recorded of its tokens. Never a token. It only reads.

use auth::ports::TokenStore;
use auth::tenant::Waiting;
use auth::{Fault, Resource, Tenant, TenantId, TenantStatus, Timestamp, TokenRecord};
use serde::Serialize;
use wiring::settings::TokenSettings;

use super::link::needs_consent;
use super::tag::one_line;
use super::tenant::{TenantArgument, find};
use super::view::{CauseView, TenantView};
use crate::commands::feed::place::Feed;
use crate::commands::feed::view::short;
use crate::output;
use crate::session::Session;

/// A tenant with its tokens in JSON.
#[derive(Debug, Serialize)]
struct ShownTenant {
    #[serde(flatten)]
    tenant: TenantView,
    /// The resource whose token the cause is about.
    cause_resource: Option<Resource>,
    what_happened: Option<&'static str>,
    next_step: Option<String>,
    /// Whether its admin has to consent: `operator tenants link` makes the link.
    consent_needed: bool,
    /// How its audit log stands; `operator feed status` says all of it.
    audit_log: String,
    tokens: Vec<ShownToken>,
}

/// What is recorded of the token for one resource. Times are RFC 3339 in UTC.
#[derive(Debug, Serialize)]
struct ShownToken {
    resource: Resource,
    state: TokenState,
    expires_at: Option<String>,
    refresh_at: Option<String>,
    failures: Option<u32>,
    /// Why the last attempt brought no token, whatever the tenant's status says.
    last_failure: Option<CauseView>,
    /// Since when Entra ID's answers read as if the consent were gone; it is believed when
    /// they go on for `REVOCATION_CONFIRM_SECONDS`.
    suspected_at: Option<String>,
    next_attempt_at: Option<String>,
}

/// Whether there is a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum TokenState {
    /// It can be handed out.
    Living,
    /// Its time is over.
    Expired,
    /// There is none yet, it was dropped, or it does not open with the sealing ring.
    None,
    /// The tenant has no record for this resource.
    NoRecord,
}

pub(super) async fn run(
    arguments: TenantArgument,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let place = session.place().await?;
    let settings = place.settings(TokenSettings::read)?;
    let platform = place.platform(&settings.entra.tables).await;
    let tenant = find(&platform, arguments.tenant.id()).await?;
    let store = wiring::sealed_tokens(&settings, &platform).await?;
    let now = platform.clock.now();
    let mut tokens = Vec::new();
    for resource in settings.entra.requirements.resources(tenant.cloud) {
        tokens.push(shown_token(store.as_ref(), &tenant, resource, now).await?);
    }
    let audit_log = audit_log(&Feed::over(&place, platform.clone())?, tenant.id).await;
    let waiting = tenant.waiting(platform.store.tenants.as_ref(), now).await?;
    let shown = ShownTenant {
        audit_log,
        ..shown(&tenant, waiting, tokens)
    };
    session.print(&shown, || for_a_person(&tenant, waiting, &shown))
}

/// In one line. What is wrong with its row is no reason to show nothing else.
async fn audit_log(feed: &Feed, tenant: TenantId) -> String {
    match feed.feeds.status(tenant).await {
        Ok(Some(status)) => short(&status),
        Ok(None) => "not collected".to_owned(),
        Err(error) => error.to_string(),
    }
}

async fn shown_token(
    store: &dyn TokenStore,
    tenant: &Tenant,
    resource: Resource,
    now: Timestamp,
) -> anyhow::Result<ShownToken> {
    let record = store.read(tenant.id, &resource).await?;
    let record = record.as_ref();
    let token = record.and_then(|record| record.token.as_ref());
    let next_attempt_at = record.and_then(|record| record.next_attempt_at);
    let last_failure = record.and_then(|record| record.last_failure.as_ref());
    let suspected_at = record.and_then(|record| record.suspected_at);
    Ok(ShownToken {
        resource,
        state: state(record, now),
        expires_at: token.map(|token| token.expires_at.to_string()),
        refresh_at: record.map(|record| record.refresh_at.to_string()),
        failures: record.map(|record| record.failures),
        last_failure: last_failure.map(CauseView::from),
        suspected_at: suspected_at.map(|at| at.to_string()),
        next_attempt_at: next_attempt_at.map(|at| at.to_string()),
    })
}

fn state(record: Option<&TokenRecord>, now: Timestamp) -> TokenState {
    match record {
        None => TokenState::NoRecord,
        Some(TokenRecord { token: None, .. }) => TokenState::None,
        Some(record) => match record.token_living_for(0, now) {
            Some(_) => TokenState::Living,
            None => TokenState::Expired,
        },
    }
}

/// What to do next: what it waits for, else as the cause says, else as the status does.
fn next_step(tenant: &Tenant, waiting: Option<Waiting>) -> Option<String> {
    if let Some(waiting) = waiting {
        return Some(waiting.to_string());
    }
    if let Some(cause) = &tenant.cause {
        return Some(cause.code.next_step().to_owned());
    }
    let step = match tenant.status {
        TenantStatus::Pending => "An admin of the tenant opens the consent link.",
        TenantStatus::Removed => {
            "Nothing to do; to connect it again, its admin opens the consent link."
        }
        TenantStatus::Active
        | TenantStatus::Propagating
        | TenantStatus::Degraded
        | TenantStatus::Revoked
        | TenantStatus::Suspended => return None,
    };
    Some(step.to_owned())
}

fn shown(tenant: &Tenant, waiting: Option<Waiting>, tokens: Vec<ShownToken>) -> ShownTenant {
    let cause = tenant.cause.as_ref();
    ShownTenant {
        tenant: TenantView::from(tenant),
        cause_resource: tenant.cause_resource.clone(),
        what_happened: cause.map(|cause| cause.code.what_happened()),
        next_step: next_step(tenant, waiting),
        consent_needed: needs_consent(tenant),
        audit_log: String::new(),
        tokens,
    }
}

fn for_a_person(tenant: &Tenant, waiting: Option<Waiting>, shown: &ShownTenant) -> String {
    let mut fields = vec![
        ("tenant", tenant.id.to_string()),
        ("customer", tenant.customer.to_string()),
        ("cloud", tenant.cloud.to_string()),
        ("status", tenant.status.to_string()),
        ("since", tenant.since.to_string()),
    ];
    fields.extend(why(tenant, waiting));
    if shown.consent_needed {
        let command = format!(
            "`operator tenants link {}` makes one for its admin",
            tenant.id
        );
        fields.push(("consent link", command));
    }
    let seen = tenant.consented_at.map(|at| at.to_string());
    let seen = seen.unwrap_or_else(|| "before it was imported".to_owned());
    fields.push(("consented at", seen));
    fields.push(("roles", tenant.roles.join(", ")));
    fields.push(("tags", one_line(&tenant.tags)));
    fields.push(("audit log", shown.audit_log.clone()));
    let mut text = output::fields(0, &fields);
    for token in &shown.tokens {
        text.push_str(&format!(
            "\ntoken for {}: {}\n",
            token.resource,
            told(token.state)
        ));
        if token.state != TokenState::NoRecord {
            text.push_str(&token_fields(token));
        }
    }
    text
}

/// Why it has its status, and what to do.
fn why(tenant: &Tenant, waiting: Option<Waiting>) -> Vec<(&'static str, String)> {
    let step = next_step(tenant, waiting).unwrap_or_default();
    let Some(cause) = &tenant.cause else {
        return vec![("cause", String::new()), ("next step", step)];
    };
    let turn = tenant.fault().map_or("", Fault::whose_turn);
    let mut fields = vec![
        ("cause", cause.to_string()),
        ("what happened", cause.code.what_happened().to_owned()),
        ("whose turn", turn.to_owned()),
        ("next step", step),
    ];
    if let Some(resource) = &tenant.cause_resource {
        fields.insert(1, ("cause is about", resource.to_string()));
    }
    fields
}

fn told(state: TokenState) -> &'static str {
    match state {
        TokenState::Living => "living",
        TokenState::Expired => "expired",
        TokenState::None => "none at the moment",
        TokenState::NoRecord => "no record",
    }
}

fn token_fields(token: &ShownToken) -> String {
    let last_failure = token.last_failure.as_ref();
    output::fields(
        2,
        &[
            ("expires at", text_of(token.expires_at.as_ref())),
            ("refresh at", text_of(token.refresh_at.as_ref())),
            ("failures", text_of(token.failures.as_ref())),
            (
                "last failure",
                text_of(last_failure.map(|cause| &cause.in_one_line)),
            ),
            ("looks revoked since", text_of(token.suspected_at.as_ref())),
            ("next attempt at", text_of(token.next_attempt_at.as_ref())),
        ],
    )
}

fn text_of(value: Option<&impl ToString>) -> String {
    value.map(ToString::to_string).unwrap_or_default()
}
