//! `tenants move`: a tenant is bound to another customer account, removed or not. Asks
//! before it acts. No consent link can do this: it is the operator's word alone.

use auth::change::Changed;
use auth::text::printable;
use auth::{Customer, Tenant, TenantStatus};
use clap::Args;

use super::change::{ChangeArguments, Deed, REMEMBERED, changing, tell};
use crate::session::Session;

const DEED: Deed = Deed {
    verb: "move",
    done: "moved",
};

/// What `tenants move` takes.
#[derive(Debug, Clone, Args)]
pub struct MoveArguments {
    /// Which tenant, and whether to ask.
    #[command(flatten)]
    pub change: ChangeArguments,
    /// The customer account that it is bound to from now on
    #[arg(long, value_name = "CUSTOMER")]
    pub to: Customer,
}

pub(super) async fn run(arguments: MoveArguments, session: Session<'_, '_>) -> anyhow::Result<()> {
    let MoveArguments { change, to } = arguments;
    let (platform, tenant) = DEED.begin(&change, &session).await?;
    if !change.yes && tenant.customer != to {
        DEED.ask(session.console, &question(&tenant, &to))?;
    }
    let changed = changing(&platform).move_to(&tenant, &to).await;
    let changed = changed.map_err(|error| DEED.failed(tenant.id, error))?;
    tell(session, &changed, for_a_person)
}

fn question(tenant: &Tenant, to: &Customer) -> String {
    let (from, to) = (printable(tenant.customer.as_str()), printable(to.as_str()));
    format!(
        "Move tenant {} ({}) from customer account {from} to {to}? Callers that may have the \
         tokens of {to} can then have this tenant's.",
        tenant.id, tenant.status
    )
}

fn for_a_person(changed: &Changed) -> String {
    let Tenant {
        id,
        customer,
        status,
        ..
    } = &changed.tenant;
    let to = printable(customer.as_str());
    let Some(before) = &changed.before else {
        return format!("tenant {id} is bound to customer account {to} already: nothing to do.\n");
    };
    let from = printable(before.customer.as_str());
    let what = format!("tenant {id} is moved from customer account {from} to {to}.\n");
    let then = match status {
        TenantStatus::Removed => format!(
            "It stays removed; from now on a consent link of {to} connects it again \
             (`operator invite`), and none of {from}.\n"
        ),
        _ => format!(
            "Its tokens stay. Who may have them follows the new account: functions that run \
             notice it within {REMEMBERED}.\n"
        ),
    };
    what + &then
}
