//! `tenants remove`: no token of the tenant is kept or handed out any more. Asks
//! before it acts. The tenant stays bound to its customer: a removal must not be a
//! way to take it over.

use auth::ports::{Clock, Tenants, Write};
use auth::renew::report_change;
use auth::{Customer, Tenant, TenantId, TenantStatus, Timestamp};
use clap::Args;
use serde::Serialize;

use super::{TenantArgument, not_connected};
use crate::UsageError;
use crate::commands::Session;
use crate::console::Console;
use crate::output::{self, printable};

/// How often the removal is tried again when somebody else wrote in between.
const RETRIES: u32 = 3;

/// What `tenants remove` takes.
#[derive(Debug, Clone, Args)]
pub struct RemoveArguments {
    /// Which tenant.
    #[command(flatten)]
    pub tenant: TenantArgument,
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
}

/// What became of it.
struct Removal {
    tenant: Tenant,
    /// We removed it just now.
    changed: bool,
}

/// [`Removal`] in JSON.
#[derive(Serialize)]
struct RemovalView {
    tenant_id: TenantId,
    customer: Customer,
    status: TenantStatus,
    since: String,
    changed: bool,
}

pub(super) async fn run(
    arguments: RemoveArguments,
    session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let id = arguments.tenant.tenant;
    if !arguments.yes && session.console.person.is_none() {
        return Err(UsageError(format!(
            "nobody can be asked here whether to remove tenant {id}: add --yes"
        ))
        .into());
    }
    let place = session.place().await?;
    let name = place.table_name()?;
    let platform = place.platform(&name).await;
    let tenant = platform.table.find(id).await?;
    let tenant = tenant.ok_or_else(|| not_connected(id))?;
    if !arguments.yes && tenant.status != TenantStatus::Removed {
        confirm(session.console, &tenant)?;
    }
    let removal = remove(&platform.table, platform.clock.as_ref(), tenant).await?;
    let out = &mut *session.console.out;
    match session.json {
        true => output::json(out, &view(&removal)),
        false => Ok(out.write_all(for_a_person(&removal).as_bytes())?),
    }
}

fn confirm(console: &mut Console<'_>, tenant: &Tenant) -> anyhow::Result<()> {
    let customer = printable(tenant.customer.as_str());
    let question = format!(
        "Remove tenant {} of customer account {customer} ({})? Its tokens are deleted.",
        tenant.id, tenant.status
    );
    match console.confirm(&question)? {
        true => Ok(()),
        false => anyhow::bail!("nothing was removed: the answer was not yes"),
    }
}

async fn remove(
    tenants: &dyn Tenants,
    clock: &dyn Clock,
    mut before: Tenant,
) -> anyhow::Result<Removal> {
    for _ in 0..=RETRIES {
        if before.status == TenantStatus::Removed {
            return Ok(Removal {
                tenant: before,
                changed: false,
            });
        }
        let after = removed(&before, clock.now());
        match tenants.remove(&before, &after).await? {
            Write::Done => {
                report_change(&before, &after);
                return Ok(Removal {
                    tenant: after,
                    changed: true,
                });
            }
            Write::Stale => {
                let id = before.id;
                let found = tenants.find(id).await?;
                before = found.ok_or_else(|| not_connected(id))?;
            }
        }
    }
    anyhow::bail!(
        "tenant {} was not removed: somebody else writes to it all the time; try again",
        before.id
    )
}

fn removed(tenant: &Tenant, now: Timestamp) -> Tenant {
    Tenant {
        status: TenantStatus::Removed,
        cause: None,
        cause_resource: None,
        since: now,
        ..tenant.clone()
    }
}

fn view(removal: &Removal) -> RemovalView {
    RemovalView {
        tenant_id: removal.tenant.id,
        customer: removal.tenant.customer.clone(),
        status: removal.tenant.status,
        since: removal.tenant.since.to_string(),
        changed: removal.changed,
    }
}

fn for_a_person(removal: &Removal) -> String {
    let Tenant {
        id,
        customer,
        since,
        ..
    } = &removal.tenant;
    let what = match removal.changed {
        true => format!(
            "tenant {id} is removed and its tokens are deleted.\n\
             Functions that run can hand out one they remember for up to \
             VEND_STATE_MAX_AGE_SECONDS (30 by default).\n"
        ),
        false => format!("tenant {id} was removed already, at {since}: nothing to do.\n"),
    };
    let customer = printable(customer.as_str());
    what + &format!(
        "It stays bound to customer account {customer}: no consent link binds it to another \
         one, only an operator does (`operator tenants move`).\n"
    )
}

#[cfg(test)]
#[path = "remove_tests.rs"]
mod tests;
