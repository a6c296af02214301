//! `feed pause` and `feed resume`: of a tenant, or of all that have an audit log. What fails for
//! one tenant fails for it alone.

use auth::TenantId;
use clap::Args;
use feed::operate::{Feeds, OperateError, Operated};
use futures::StreamExt as _;
use serde::Serialize;

use super::place::{Feed, failed};
use crate::session::Session;
use crate::tenant_name::TenantName;

/// Tenants that are written side by side.
const AT_A_TIME: usize = 16;

/// What `feed pause` and `feed resume` take.
#[derive(Debug, Clone, Args)]
pub struct HoldArguments {
    /// The tenant's ID, or a domain of it
    #[arg(
        value_name = "TENANT",
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    pub tenant: Option<TenantName>,
    /// Every tenant that has an audit log
    #[arg(long)]
    pub all: bool,
    /// Do not ask, with --all; needed where no one is at the terminal
    #[arg(long)]
    pub yes: bool,
}

/// One of the two.
#[derive(Clone, Copy)]
pub(super) struct Hold {
    verb: &'static str,
    done: &'static str,
    is_paused: bool,
    then: &'static str,
}

pub(super) const PAUSE: Hold = Hold {
    verb: "pause",
    done: "paused",
    is_paused: true,
    then: "Nothing is listed from now on, but for the turn that is under way. What is made now can \
           be fetched for seven days: `operator feed resume` before that loses nothing.",
};

pub(super) const RESUME: Hold = Hold {
    verb: "resume",
    done: "resumed",
    is_paused: false,
    then: "The collector's next run goes on where it was.",
};

/// What became of it, in JSON.
#[derive(Serialize)]
struct HeldView {
    tenant_id: TenantId,
    paused: bool,
    /// We changed it just now.
    changed: bool,
}

/// Of all, in JSON.
#[derive(Serialize)]
struct AllView {
    paused: bool,
    changed: usize,
    as_before: usize,
    failed: usize,
}

pub(super) async fn run(
    hold: Hold,
    arguments: HoldArguments,
    session: Session<'_, '_>,
) -> anyhow::Result<()> {
    match &arguments.tenant {
        Some(tenant) => one(hold, tenant.id(), session).await,
        None => all(hold, arguments.yes, session).await,
    }
}

impl Hold {
    async fn of(self, feeds: &Feeds, tenant: TenantId) -> Result<Operated, OperateError> {
        if self.is_paused {
            feeds.pause(tenant).await
        } else {
            feeds.resume(tenant).await
        }
    }
}

async fn one(hold: Hold, id: TenantId, mut session: Session<'_, '_>) -> anyhow::Result<()> {
    let feed = Feed::of(&session.place().await?).await?;
    let tenant = feed.tenant(id).await?;
    let done = hold.of(&feed.feeds, id).await;
    let done = done.map_err(|error| failed(&tenant, &error))?;
    let view = HeldView {
        tenant_id: id,
        paused: hold.is_paused,
        changed: done == Operated::Done,
    };
    session.print(&view, || match done {
        Operated::Done => format!(
            "the audit log of tenant {id} is {}. {}\n",
            hold.done, hold.then
        ),
        Operated::AsBefore if hold.is_paused => {
            format!("the audit log of tenant {id} is paused already: nothing to do.\n")
        }
        Operated::AsBefore => {
            format!("the audit log of tenant {id} is not paused: nothing to do.\n")
        }
    })
}

async fn all(hold: Hold, yes: bool, mut session: Session<'_, '_>) -> anyhow::Result<()> {
    let deed = format!("{} every audit log", hold.verb);
    session.console.check_answerable(yes, &deed)?;
    let feed = Feed::of(&session.place().await?).await?;
    let tenants = feed.feeds.tenants().await?;
    if !yes {
        let question = format!(
            "{} the audit logs of all {} tenants that have one?",
            if hold.is_paused { "Pause" } else { "Resume" },
            tenants.len()
        );
        session
            .console
            .ask(&question, &format!("nothing was {}", hold.done))?;
    }
    let feeds = &feed.feeds;
    let done: Vec<_> = futures::stream::iter(tenants)
        .map(|(id, _)| async move { (id, hold.of(feeds, id).await) })
        .buffer_unordered(AT_A_TIME)
        .collect()
        .await;
    report(hold, &done, &mut session)
}

fn report(
    hold: Hold,
    done: &[(TenantId, Result<Operated, OperateError>)],
    session: &mut Session<'_, '_>,
) -> anyhow::Result<()> {
    let count = |of: fn(&Result<Operated, OperateError>) -> bool| {
        done.iter().filter(|(_, one)| of(one)).count()
    };
    let view = AllView {
        paused: hold.is_paused,
        changed: count(|one| matches!(one, Ok(Operated::Done))),
        as_before: count(|one| matches!(one, Ok(Operated::AsBefore))),
        failed: count(Result::is_err),
    };
    session.print(&view, || {
        format!(
            "{} audit logs are {}; {} were so already. {}\n",
            view.changed, hold.done, view.as_before, hold.then
        )
    })?;
    for (id, error) in done
        .iter()
        .filter_map(|(id, one)| Some((id, one.as_ref().err()?)))
    {
        writeln!(
            session.console.err,
            "tenant {id} was not {}: {error}",
            hold.done
        )?;
    }
    match view.failed {
        0 => Ok(()),
        failed => anyhow::bail!(
            "{failed} of {} audit logs were not {}: run the command again, which passes over \
             those that are",
            done.len(),
            hold.done
        ),
    }
}
