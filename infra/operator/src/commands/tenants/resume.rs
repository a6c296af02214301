//! `tenants resume`: a suspended tenant comes back, when an app-only token for each
//! resource shows that it is still consented. If not, nothing changes.

use std::fmt::Display;

use auth::change::{Changed, ResumeError, Resuming};
use auth::proof::NotProven;
use auth::text::printable;
use auth::{CauseCode, Tenant, TenantId, TenantStatus};
use wiring::settings::SigningSettings;

use super::change::{Deed, changing, tell};
use super::tenant::{TenantArgument, find};
use crate::session::Session;

const DEED: Deed = Deed {
    verb: "resume",
    done: "resumed",
};

pub(super) async fn run(arguments: TenantArgument, session: Session<'_, '_>) -> anyhow::Result<()> {
    let place = session.place().await?;
    let settings = place.settings(SigningSettings::read)?;
    let platform = place.platform(&settings.entra.tables).await;
    let tenant = find(&platform, arguments.tenant.id()).await?;
    check_not_removed(&tenant)?;
    let resuming = Resuming {
        changing: changing(&platform),
        issuer: wiring::token_issuer(&settings, &platform, settings.entra.trust_roots()?).await?,
        requirements: settings.entra.requirements,
    };
    let changed = resuming.resume(&tenant).await;
    let changed = changed.map_err(|error| refused(&tenant, &error))?;
    check_not_removed(&changed.tenant)?;
    tell(session, &changed, for_a_person)
}

/// A removal is not lifted: who was removed has to consent again.
fn check_not_removed(tenant: &Tenant) -> anyhow::Result<()> {
    match tenant.status {
        TenantStatus::Removed => Err(failed(
            tenant,
            format_args!(
                "it was removed at {}. To connect it again, its admin opens a consent link: \
                 `operator tenants link {}` makes one",
                tenant.since, tenant.id
            ),
        )),
        _ => Ok(()),
    }
}

fn refused(tenant: &Tenant, error: &ResumeError) -> anyhow::Error {
    match error {
        ResumeError::NotProven(NotProven { error, resource }) => {
            let cause = &error.cause;
            failed(
                tenant,
                format_args!(
                    "no token for {resource}: {cause}. {} {} {} Nothing was changed.",
                    cause.code.what_happened(),
                    cause.code.fault().whose_turn(),
                    next_step(tenant.id, cause.code)
                ),
            )
        }
        ResumeError::Change(error) => failed(tenant, error),
    }
}

/// The broker asks for no suspended tenant by itself, also not for what passes; and its
/// consent link is refused for as long as it is suspended.
pub(crate) fn next_step(id: TenantId, code: CauseCode) -> String {
    match (code.is_transient(), code.is_revocation()) {
        (true, _) => "Run the command again later.".to_owned(),
        (_, true) => format!(
            "Its admin has to consent, and a suspended tenant's link is refused: \
             `operator tenants remove {id}`, then send the link that `operator tenants link {id}` \
             makes."
        ),
        (false, false) => code.next_step().to_owned(),
    }
}

fn failed(tenant: &Tenant, why: impl Display) -> anyhow::Error {
    DEED.failed(tenant.id, why)
}

fn for_a_person(changed: &Changed) -> String {
    let Tenant {
        id,
        customer,
        status,
        roles,
        ..
    } = &changed.tenant;
    match changed.before {
        Some(_) => format!(
            "tenant {id} of customer account {} is {status} again, proven by a token with the \
             roles {}.\nIts tokens are fetched by the next run of the refresher or the next \
             vend.\n",
            printable(customer.as_str()),
            printable(&roles.join(", "))
        ),
        None => format!(
            "tenant {id} is not suspended but {status}: nothing was asked and nothing changed. \
             `operator tenants recheck {id}` asks Entra ID now.\n"
        ),
    }
}
