//! `tenants remove`: no token of the tenant is kept or handed out any more. Asks
//! before it acts. The tenant stays bound to its customer: a removal must not be a
//! way to take it over.

use auth::change::Changed;
use auth::text::printable;
use auth::{Tenant, TenantStatus};

use super::change::{ChangeArguments, Deed, REMEMBERED, changing, tell};
use crate::session::Session;

const DEED: Deed = Deed {
    verb: "remove",
    done: "removed",
};

pub(super) async fn run(
    arguments: ChangeArguments,
    session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let (platform, tenant) = DEED.begin(&arguments, &session).await?;
    if !arguments.yes && tenant.status != TenantStatus::Removed {
        DEED.ask(session.console, &question(&tenant))?;
    }
    let changed = changing(&platform).remove(&tenant).await;
    let changed = changed.map_err(|error| DEED.failed(tenant.id, error))?;
    tell(session, &changed, for_a_person)
}

fn question(tenant: &Tenant) -> String {
    let customer = printable(tenant.customer.as_str());
    format!(
        "Remove tenant {} of customer account {customer} ({})? Its tokens are deleted.",
        tenant.id, tenant.status
    )
}

fn for_a_person(changed: &Changed) -> String {
    let Tenant {
        id,
        customer,
        since,
        ..
    } = &changed.tenant;
    let what = match changed.before {
        Some(_) => format!(
            "tenant {id} is removed and its tokens are deleted.\n\
             Functions that run can hand out one they remember for up to \
             {REMEMBERED}.\n"
        ),
        None => format!("tenant {id} was removed already, at {since}: nothing to do.\n"),
    };
    let customer = printable(customer.as_str());
    what + &format!(
        "It stays bound to customer account {customer}: no consent link binds it to another \
         one, only an operator does (`operator tenants move`).\n"
    )
}
