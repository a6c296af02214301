//! What the commands share that change a tenant: who must be asked, what is found, what
//! is told. The changes themselves, and what happens when somebody else writes in
//! between, are those of [`auth::change`].

use std::fmt::Display;
use std::sync::Arc;

use auth::change::{Changed, Changing};
use auth::ports::Tenants as _;
use auth::{Customer, Tenant, TenantId, TenantStatus};
use aws::Platform;
use clap::Args;
use serde::Serialize;

use super::{TenantArgument, not_connected};
use crate::UsageError;
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
    /// Refuses a command that would have to ask where nobody can be asked, before
    /// anything is looked at.
    pub(super) fn check_answerable(
        self,
        arguments: &ChangeArguments,
        console: &Console<'_>,
    ) -> Result<(), UsageError> {
        match arguments.yes || console.person.is_some() {
            true => Ok(()),
            false => Err(UsageError(format!(
                "nobody can be asked here whether to {} tenant {}: add --yes",
                self.verb, arguments.tenant.tenant
            ))),
        }
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
    let found = platform.table.find(id).await?;
    found.ok_or_else(|| not_connected(id))
}

/// The use case.
pub(super) fn changing(platform: &Platform) -> Changing {
    Changing {
        tenants: Arc::new(platform.table.clone()),
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

/// Tells what became of it: `text` for a person.
pub(super) fn tell(
    console: &mut Console<'_>,
    json: bool,
    changed: &Changed,
    text: &str,
) -> anyhow::Result<()> {
    match json {
        true => output::json(console.out, &view(changed)),
        false => Ok(console.out.write_all(text.as_bytes())?),
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
