//! `tenants suspend`: the operator holds a tenant back. Asks before it acts. Nothing is
//! asked for and nothing handed out until `tenants resume`.

use auth::change::Changed;
use auth::text::printable;
use auth::{Tenant, TenantStatus};

use super::change::{ChangeArguments, Deed, REMEMBERED, changing, tell};
use crate::session::Session;

const DEED: Deed = Deed {
    verb: "suspend",
    done: "suspended",
};

pub(super) async fn run(
    arguments: ChangeArguments,
    session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let (platform, tenant) = DEED.begin(&arguments, &session).await?;
    check_not_removed(&tenant)?;
    if !arguments.yes && tenant.status != TenantStatus::Suspended {
        DEED.ask(session.console, &question(&tenant))?;
    }
    let changed = changing(&platform).suspend(&tenant).await;
    let changed = changed.map_err(|error| DEED.failed(tenant.id, error))?;
    check_not_removed(&changed.tenant)?;
    tell(session, &changed, for_a_person)
}

/// A removed tenant is held back already, and more than that.
fn check_not_removed(tenant: &Tenant) -> anyhow::Result<()> {
    match tenant.status {
        TenantStatus::Removed => Err(DEED.failed(
            tenant.id,
            format_args!(
                "it was removed at {}, so that nothing is asked for and nothing handed out; \
                 only a new consent of its admin brings it back",
                tenant.since
            ),
        )),
        _ => Ok(()),
    }
}

fn question(tenant: &Tenant) -> String {
    let customer = printable(tenant.customer.as_str());
    format!(
        "Suspend tenant {} of customer account {customer} ({})? Its tokens are deleted, and \
         its callers get none until it is resumed.",
        tenant.id, tenant.status
    )
}

fn for_a_person(changed: &Changed) -> String {
    let Tenant { id, since, .. } = &changed.tenant;
    let what = match changed.before {
        Some(_) => format!(
            "tenant {id} is suspended and its tokens are deleted.\n\
             Functions that run can hand out one they remember for up to \
             {REMEMBERED}.\n"
        ),
        None => format!("tenant {id} is suspended already, since {since}: nothing to do.\n"),
    };
    what + &format!("`operator tenants resume {id}` lifts it.\n")
}
