//! What the commands share that change a tenant: when a person is asked, and what is
//! printed. The changes themselves, and what happens when another writer is faster, are
//! those of [`auth::change`].

use std::fmt::Display;
use std::sync::Arc;

use auth::change::{Changed, Changing};
use auth::{Customer, Tenant, TenantId, TenantStatus};
use clap::Args;
use serde::Serialize;
use wiring::Platform;

use super::tenant::{TenantArgument, find};
use crate::console::Console;
use crate::session::Session;

/// Functions that run remember a tenant for so long.
pub(super) const REMEMBERED: &str = "VEND_STATE_MAX_AGE_SECONDS (30 by default)";

/// What a command takes that asks before it acts.
#[derive(Debug, Clone, Args)]
pub struct ChangeArguments {
    /// Which tenant.
    #[command(flatten)]
    pub tenant: TenantArgument,
    /// Do not ask; needed where no one is at the terminal
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
        let (verb, id) = (self.verb, arguments.tenant.tenant.id());
        session
            .console
            .check_answerable(arguments.yes, format_args!("{verb} tenant {id}"))?;
        let platform = session.platform().await?;
        let tenant = find(&platform, id).await?;
        Ok((platform, tenant))
    }

    /// Asks; anything but yes changes nothing.
    pub(super) fn ask(self, console: &mut Console<'_>, question: &str) -> anyhow::Result<()> {
        console.ask(question, &format!("nothing was {}", self.done))
    }

    /// Why it was not done.
    pub(super) fn failed(self, tenant: TenantId, why: impl Display) -> anyhow::Error {
        anyhow::anyhow!("tenant {tenant} was not {}: {why}", self.done)
    }
}

/// The use case.
pub(crate) fn changing(platform: &Platform) -> Changing {
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

/// Prints what became of it.
pub(super) fn tell(
    mut session: Session<'_, '_>,
    changed: &Changed,
    for_a_person: impl FnOnce(&Changed) -> String,
) -> anyhow::Result<()> {
    session.print(&view(changed), || for_a_person(changed))
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
