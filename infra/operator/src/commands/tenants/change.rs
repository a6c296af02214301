//! What the commands share that change a tenant: who must be asked, what is found, what
//! is told. The changes themselves, and what happens when somebody else writes in
//! between, are those of [`auth::change`].

use std::fmt::Display;
use std::sync::Arc;

use auth::change::{Changed, Changing};
use auth::{Customer, Tenant, TenantId, TenantStatus};
use clap::Args;
use serde::Serialize;
use wiring::Platform;

use super::{TenantArgument, not_connected};
use crate::UsageError;
use crate::commands::Session;
use crate::console::Console;
use crate::output;

/// Functions that run remember a tenant for so long.
pub(super) const REMEMBERED: &str = "VEND_STATE_MAX_AGE_SECONDS (30 by default)";

/// What a command takes that asks before it acts.
#[derive(Debug, Clone, Args)]
pub struct ChangeArguments {
    /// Which tenant.
    #[command(flatten)]
    pub tenant: TenantArgument,
    /// Do not ask; needed where nobody is at the terminal
    #[arg(long)]
    pub yes: bool,
}

/// A change in two words: `remove`, `removed`.
#[derive(Clone, Copy)]
pub(super) struct Deed {
    pub(super) verb: &'static str,
    pub(super) done: &'static str,
}

impl Deed {
    /// The place and the tenant as it stands. A command that would have to ask where
    /// nobody can be asked is refused before anything is looked at.
    pub(super) async fn begin(
        self,
        arguments: &ChangeArguments,
        session: &Session<'_, '_>,
    ) -> anyhow::Result<(Platform, Tenant)> {
        let id = arguments.tenant.tenant;
        if !arguments.yes && session.console.person.is_none() {
            let verb = self.verb;
            return Err(UsageError(format!(
                "nobody can be asked here whether to {verb} tenant {id}: add --yes"
            ))
            .into());
        }
        let place = session.place().await?;
        let platform = place.platform(&place.table_name()?).await;
        let tenant = find(&platform, id).await?;
        Ok((platform, tenant))
    }

    /// Asks; anything but yes changes nothing.
    pub(super) fn ask(self, console: &mut Console<'_>, question: &str) -> anyhow::Result<()> {
        match console.confirm(question)? {
            true => Ok(()),
            false => anyhow::bail!("nothing was {}: the answer was not yes", self.done),
        }
    }

    /// Why it was not done.
    pub(super) fn failed(self, tenant: TenantId, why: impl Display) -> anyhow::Error {
        anyhow::anyhow!("tenant {tenant} was not {}: {why}", self.done)
    }
}

/// The tenant as it stands.
pub(super) async fn find(platform: &Platform, id: TenantId) -> anyhow::Result<Tenant> {
    let found = platform.store.tenants.find(id).await?;
    found.ok_or_else(|| not_connected(id))
}

/// The use case.
pub(super) fn changing(platform: &Platform) -> Changing {
    Changing {
        tenants: Arc::clone(&platform.store.tenants),
        clock: Arc::clone(&platform.clock),
    }
}

/// A changed tenant in JSON. Times are RFC 3339 in UTC.
#[derive(Serialize)]
struct ChangedView<'a> {
    tenant_id: TenantId,
    customer: &'a Customer,
    /// The account that it was moved from; only where it was moved.
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_customer: Option<&'a Customer>,
    status: TenantStatus,
    since: String,
    /// We changed it just now.
    changed: bool,
}

/// Tells what became of it.
pub(super) fn tell(
    session: Session<'_, '_>,
    changed: &Changed,
    for_a_person: impl FnOnce(&Changed) -> String,
) -> anyhow::Result<()> {
    let out = &mut *session.console.out;
    match session.json {
        true => output::json(out, &view(changed)),
        false => Ok(out.write_all(for_a_person(changed).as_bytes())?),
    }
}

fn view(changed: &Changed) -> ChangedView<'_> {
    let Changed { tenant, before } = changed;
    let previous = before.as_ref().map(|before| &before.customer);
    ChangedView {
        tenant_id: tenant.id,
        customer: &tenant.customer,
        previous_customer: previous.filter(|previous| **previous != tenant.customer),
        status: tenant.status,
        since: tenant.since.to_string(),
        changed: before.is_some(),
    }
}
