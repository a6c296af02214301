//! `tenants remove`: no token of the tenant is kept or handed out any more. Asks
//! before it acts. The tenant stays bound to its customer: a removal must not be a
//! way to take it over.
//!
//! The subscriptions of its audit log are to be stopped, for which the collector needs a token: so
//! its row says that the tenant leaves before anything is deleted. The next run stops them while
//! the collector still has a token in memory; the removal waits for nothing.

use auth::change::Changed;
use auth::text::printable;
use auth::{Tenant, TenantStatus};

use feed::operate::OperateError;

use super::change::{ChangeArguments, Deed, REMEMBERED, changing, tell};
use crate::commands::feed::place::Feed;
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
    let leaves = if tenant.status == TenantStatus::Removed {
        Leaves::NoLog
    } else {
        leave(&session, &tenant).await
    };
    let changed = changing(&platform).remove(&tenant).await;
    let changed = changed.map_err(|error| DEED.failed(tenant.id, error))?;
    if let Leaves::Unknown(error) = &leaves {
        writeln!(
            session.console.err,
            "the audit log of tenant {} is not marked as leaving: {error}. The collector stops its \
             subscriptions all the same, if it has a token",
            tenant.id
        )?;
    }
    tell(session, &changed, |changed| for_a_person(changed, &leaves))
}

/// What the row of the audit log says now.
enum Leaves {
    /// The tenant leaves.
    Yes,
    /// It has no audit log here, or left before.
    NoLog,
    /// It could not be written; the removal goes on.
    Unknown(String),
}

/// Marks its audit log as leaving. Whatever comes of it, the tenant is removed: what is given to
/// callers matters more than what Microsoft keeps for a week.
async fn leave(session: &Session<'_, '_>, tenant: &Tenant) -> Leaves {
    let feed = match session.place().await {
        Ok(place) => Feed::of(&place).await,
        Err(error) => Err(error),
    };
    let feed = match feed {
        Ok(feed) => feed,
        Err(error) => return Leaves::Unknown(error.to_string()),
    };
    match feed.feeds.leave(tenant.id).await {
        Ok(_) => Leaves::Yes,
        Err(OperateError::NotCollected) => Leaves::NoLog,
        Err(error) => Leaves::Unknown(error.to_string()),
    }
}

fn question(tenant: &Tenant) -> String {
    let customer = printable(tenant.customer.as_str());
    format!(
        "Remove tenant {} of customer account {customer} ({})? Its tokens are deleted.",
        tenant.id, tenant.status
    )
}

fn for_a_person(changed: &Changed, leaves: &Leaves) -> String {
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
    let log = match leaves {
        Leaves::Yes => {
            "The collector's next run stops the subscriptions of its audit log, if it still has a \
             token in memory; else Microsoft keeps them, and no one fetches what they bring.\n"
        }
        Leaves::NoLog | Leaves::Unknown(_) => "",
    };
    what + log
        + &format!(
            "It stays bound to customer account {customer}: no consent link binds it to another \
         one, only an operator does (`operator tenants move`).\n"
        )
}
