//! `tenants recheck`: Entra ID is asked now for each resource, and the outcome is written
//! as the refresher writes it. Fails when a token is missing.
//!
//! It counts as an attempt of the refresher counts: one refusal that reads as a revocation
//! is a suspicion here as well, and a second one some minutes later revokes. A fault of ours
//! changes no tenant.

use auth::renew::{Judgement, Renewal, RenewalError};
use auth::{Cause, Cloud, Fault, Resource, Tenant, TenantStatus, Timestamp, TokenRecord};
use serde::Serialize;
use wiring::settings::RenewalSettings;

use super::tenant::{TenantArgument, find};
use super::view::{CauseView, cause_fields};
use crate::output;
use crate::session::Session;

/// What a suspicion means for the person who rechecks.
pub(crate) const NOT_BELIEVED_YET: &str = "Entra ID refuses healthy tenants like this now and then: the \
    last token is handed out while it lives. Recheck in some minutes (REVOCATION_CONFIRM_SECONDS); \
    a second refusal then counts.";

/// What asking for one resource brought.
struct Rechecked {
    resource: Resource,
    token: TokenNow,
}

/// Whether there is a token now.
pub(crate) enum TokenNow {
    /// There is one, until then.
    Until(Timestamp),
    /// There is none.
    Refused(Cause),
    /// There is none, for a reason that is not believed before it comes a second time.
    Suspected(Cause),
    /// The tenant was not connected for this resource: nothing was asked.
    NoRecord,
    /// Another writer changed the tenant meanwhile (a suspension, a new consent), and that
    /// counts.
    Overtaken,
}

/// The tenant in JSON, before and after.
#[derive(Serialize)]
struct RecheckView {
    tenant_id: String,
    customer: String,
    status_before: TenantStatus,
    status: TenantStatus,
    /// Where the tenant's own metadata say that it lives, if that is not `cloud`.
    lives_in: Option<Cloud>,
    resources: Vec<RecheckedView>,
}

/// [`Rechecked`] in JSON.
#[derive(Serialize)]
struct RecheckedView {
    resource: Resource,
    /// There is a token.
    token: bool,
    /// RFC 3339 in UTC.
    expires_at: Option<String>,
    #[serde(flatten)]
    cause: Option<CauseView>,
}

pub(super) async fn run(
    arguments: TenantArgument,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let place = session.place().await?;
    let settings = place.settings(RenewalSettings::read)?;
    let platform = place.platform(&settings.tokens.entra.tables).await;
    let before = find(&platform, arguments.tenant.id()).await?;
    check_is_asked_for(&before)?;
    let roots = settings.tokens.entra.trust_roots()?;
    let renewal = wiring::renewal(&settings, &platform, roots).await?;
    let mut checked = Vec::new();
    for resource in settings.tokens.entra.requirements.resources(before.cloud) {
        let token = check(&renewal, &before, &resource).await?;
        checked.push(Rechecked { resource, token });
    }
    let after = find(&platform, before.id).await?;
    let home = renewal.issuer.home_of(after.id).await;
    let home = home.filter(|home| *home != after.cloud);
    let view = view(&before, &after, home, &checked);
    session.print(&view, || {
        for_a_person(&before, &after, &checked) + &elsewhere(&after, home)
    })?;
    refuse(&after, &checked)
}

/// What the refresher does not ask for is not asked for here either.
fn check_is_asked_for(tenant: &Tenant) -> anyhow::Result<()> {
    let id = tenant.id;
    let instead = match tenant.status {
        TenantStatus::Suspended => {
            format!("`operator tenants resume {id}` asks Entra ID and lifts it")
        }
        TenantStatus::Removed | TenantStatus::Pending => {
            format!("its admin opens a consent link first: `operator tenants show {id}` says more")
        }
        _ => return Ok(()),
    };
    anyhow::bail!(
        "tenant {id} is {}: nothing was asked; {instead}",
        tenant.status
    )
}

pub(crate) async fn check(
    renewal: &Renewal,
    tenant: &Tenant,
    resource: &Resource,
) -> anyhow::Result<TokenNow> {
    let record = renewal.tokens.read_latest(tenant.id, resource).await?;
    let Some(record) = record else {
        return Ok(TokenNow::NoRecord);
    };
    let attempt = renewal.attempt(&record).await;
    match renewal.settle(&record, &attempt, Judgement::Final).await {
        Ok(settled) => Ok(held(&settled.into_record(), renewal.clock.now())),
        Err(RenewalError::Refused {
            cause,
            is_suspicion: true,
            ..
        }) => Ok(TokenNow::Suspected(cause)),
        Err(RenewalError::Refused { cause, .. }) => Ok(TokenNow::Refused(cause)),
        Err(RenewalError::Store(error)) => Err(error.into()),
    }
}

/// What the record says: what this command wrote, or a faster writer.
fn held(record: &TokenRecord, now: Timestamp) -> TokenNow {
    if let Some(token) = record.token_living_for(0, now) {
        return TokenNow::Until(token.expires_at);
    }
    match &record.last_failure {
        Some(cause) if record.status.is_refreshed() => TokenNow::Refused(cause.clone()),
        _ => TokenNow::Overtaken,
    }
}

/// Fails where a token is missing, with the first reason.
fn refuse(tenant: &Tenant, checked: &[Rechecked]) -> anyhow::Result<()> {
    let id = tenant.id;
    for Rechecked { resource, token } in checked {
        match token {
            TokenNow::Until(_) => {}
            TokenNow::Refused(cause) => {
                let next = cause.code.next_step();
                anyhow::bail!("tenant {id} has no token for {resource}: {cause}. {next}")
            }
            TokenNow::Suspected(cause) => anyhow::bail!(
                "tenant {id} has no new token for {resource}: {cause}. {NOT_BELIEVED_YET}"
            ),
            TokenNow::NoRecord => anyhow::bail!(
                "tenant {id} was not connected for {resource}: have its admin open a consent \
                 link again, or take the resource out of ENTRA_RESOURCES"
            ),
            TokenNow::Overtaken => anyhow::bail!(
                "somebody else changed tenant {id} meanwhile: look at it with `operator tenants \
                 show {id}`"
            ),
        }
    }
    Ok(())
}

fn view(
    before: &Tenant,
    after: &Tenant,
    lives_in: Option<Cloud>,
    checked: &[Rechecked],
) -> RecheckView {
    RecheckView {
        tenant_id: after.id.to_string(),
        customer: after.customer.to_string(),
        status_before: before.status,
        status: after.status,
        lives_in,
        resources: checked.iter().map(rechecked_view).collect(),
    }
}

fn rechecked_view(checked: &Rechecked) -> RecheckedView {
    let expires_at = match &checked.token {
        TokenNow::Until(at) => Some(at.to_string()),
        _ => None,
    };
    let cause = match &checked.token {
        TokenNow::Refused(cause) => Some(cause.into()),
        TokenNow::Suspected(cause) => Some(CauseView::from(cause).advising(NOT_BELIEVED_YET)),
        _ => None,
    };
    RecheckedView {
        resource: checked.resource.clone(),
        token: expires_at.is_some(),
        expires_at,
        cause,
    }
}

fn for_a_person(before: &Tenant, after: &Tenant, checked: &[Rechecked]) -> String {
    let mut text = output::fields(
        0,
        &[
            ("tenant", after.id.to_string()),
            ("customer", after.customer.to_string()),
            ("status before", before.status.to_string()),
            ("status now", after.status.to_string()),
        ],
    );
    for Rechecked { resource, token } in checked {
        text.push_str(&match token {
            TokenNow::Until(at) => format!("\n{resource}: a token came, until {at}\n"),
            TokenNow::NoRecord => format!("\n{resource}: the tenant was not connected for it\n"),
            TokenNow::Overtaken => format!("\n{resource}: the tenant was changed meanwhile\n"),
            TokenNow::Suspected(cause) => {
                let fields = output::fields(2, &[("cause", cause.to_string())]);
                format!("\n{resource}: no new token\n{fields}  {NOT_BELIEVED_YET}\n")
            }
            TokenNow::Refused(cause) => {
                let fields = output::fields(2, &cause_fields(cause));
                let link = consent_link(after, cause);
                format!("\n{resource}: no token\n{fields}{link}")
            }
        });
    }
    text
}

/// A token of the wrong cloud's API opens nothing, and only a connection changes the cloud.
fn elsewhere(tenant: &Tenant, home: Option<Cloud>) -> String {
    let (id, known) = (tenant.id, tenant.cloud);
    home.map_or_else(String::new, |home| {
        format!(
            "\nMicrosoft says that tenant {id} lives in {home}, not in {known}: import it with \
             the cloud {home}, or have its admin open a consent link again.\n"
        )
    })
}

/// Where the customer's admin has to act, he needs a link.
fn consent_link(tenant: &Tenant, cause: &Cause) -> String {
    match cause.code.fault() {
        Fault::Customer => format!(
            "  `operator tenants link {}` makes a consent link for its admin.\n",
            tenant.id
        ),
        _ => String::new(),
    }
}
