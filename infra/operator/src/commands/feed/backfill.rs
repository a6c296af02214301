//! `feed backfill`: a time is listed once more. Everything that is wrong with the time is said
//! before anything is looked at.

use std::time::Duration;

use auth::operator_action::Deed;
use auth::ports::Clock as _;
use auth::{TenantId, Timestamp};
use aws::SystemClock;
use clap::Args;
use feed::Window;
use feed::operate::{Backfill, OperateError};
use serde::Serialize;

use super::following::{End, Following};
use super::place::{Feed, failed};
use super::view::State;
use crate::exit::UsageError;
use crate::moment::Moment;
use crate::session::Session;
use crate::tenant_name::TenantName;
use crate::time_span::spelled;

/// Microsoft keeps content for so long (Activity API reference). The last five minutes of it are left
/// out without a word, because no one can hit them.
const KEPT: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What `feed backfill` takes.
#[derive(Debug, Clone, Args)]
pub struct BackfillArguments {
    /// The tenant's ID, or a domain of it
    #[arg(value_name = "TENANT")]
    pub tenant: TenantName,
    /// From when on: 2026-11-29, 2026-11-29T06:00:00Z, or how long ago: 36h, 7d. Seven days
    /// ago at most
    #[arg(long, value_name = "WHEN")]
    pub from: Moment,
    /// Up to when, without it; by default now
    #[arg(long, value_name = "WHEN")]
    pub to: Option<Moment>,
    /// Mark the time and end, instead of waiting until it is done
    #[arg(long)]
    pub no_wait: bool,
}

/// Where the backfill stands in JSON. Times are RFC 3339 in UTC.
#[derive(Serialize)]
struct BackfillView {
    tenant_id: TenantId,
    from: String,
    to: String,
    content_types: Vec<&'static str>,
    /// `marked` (the collector does it), or `done`.
    state: &'static str,
}

impl BackfillArguments {
    pub(super) fn deed(&self) -> Deed {
        let to = self
            .to
            .map_or_else(|| "now".to_owned(), |to| to.to_string());
        Deed {
            command: "feed backfill",
            tenant: Some(self.tenant.id()),
            name: Some(format!("{}/{to}", self.from)),
            ..Deed::default()
        }
    }
}

pub(super) async fn run(
    arguments: BackfillArguments,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let window = window(&arguments, SystemClock.now())?;
    let feed = Feed::of(&session.place().await?).await?;
    let tenant = feed.tenant(arguments.tenant.id()).await?;
    let status = feed.status(&tenant).await?;
    check_collected(arguments.tenant.id(), State::of(&status))?;
    let done = feed.feeds.backfill(tenant.id, window).await;
    let done = done.map_err(|error| match error {
        OperateError::OutOfReach => out_of_reach(tenant.id, &status),
        error => failed(&tenant, &error),
    })?;
    if arguments.no_wait {
        return session.print(&view(tenant.id, &done, "marked"), || marked(&done));
    }
    if !session.json {
        session.console.err.write_all(marked(&done).as_bytes())?;
    }
    let following = Following {
        feeds: &feed.feeds,
        pause: feed.platform.pause.as_ref(),
        tenant: tenant.id,
        window: done.window,
    };
    let interrupted = async {
        // A signal that cannot be waited for ends the program, which changes nothing of the work.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let shown = !session.json;
    match following.run(session.console, shown, interrupted).await? {
        End::Done => session.print(&view(tenant.id, &done, "done"), || {
            format!(
                "done: {} was listed again, and what was new in it is stored.\n",
                done.window
            )
        }),
        End::Interrupted => session.print(&view(tenant.id, &done, "marked"), || {
            format!(
                "the backfill goes on without this command. `operator feed gaps --tenant {}` shows \
                 what is left.\n",
                tenant.id
            )
        }),
    }
}

/// The time that was asked for, if it can be.
fn window(arguments: &BackfillArguments, now: Timestamp) -> Result<Window, UsageError> {
    let from = arguments.from.before(now);
    let to = arguments.to.map_or(now, |to| to.before(now));
    let oldest = now - KEPT;
    let problem = if from > now {
        format!("--from {from} is yet to come; now it is {now}")
    } else if to > now {
        format!("--to {to} is yet to come; leave it out to go up to now, {now}")
    } else if from > to {
        format!("--from {from} is after --to {to}: swap them")
    } else if from < oldest {
        format!(
            "--from {from} is {} ago, and Microsoft keeps content for seven days: write --from 7d",
            spelled(from.seconds_until(now))
        )
    } else {
        let window = Window::new(from, to);
        return window.ok_or_else(|| {
            UsageError(format!(
                "--from and --to are both {from}: there is no time between them"
            ))
        });
    };
    Err(UsageError(problem))
}

/// What is held back would wait for ever.
fn check_collected(tenant: TenantId, state: State) -> anyhow::Result<()> {
    match state {
        State::Collected => Ok(()),
        State::Paused => anyhow::bail!(
            "the audit log of tenant {tenant} is paused: `operator feed resume {tenant}` first. Then \
             what the pause left out is listed anyhow"
        ),
        state => anyhow::bail!(
            "the audit log of tenant {tenant} is {}: `operator tenants show {tenant}` says why, and \
             what to do",
            state.spelled()
        ),
    }
}

fn out_of_reach(tenant: TenantId, status: &feed::operate::Status) -> anyhow::Error {
    let since = status.types.iter().filter_map(|one| one.since).min();
    match since {
        Some(since) => anyhow::anyhow!(
            "tenant {tenant}: there is nothing to list again: its subscriptions begin at {since}, \
             or the time waits for its listing anyhow (`operator feed gaps --tenant {tenant}`)"
        ),
        None => anyhow::anyhow!(
            "tenant {tenant}: no subscription of it runs yet: `operator feed status --tenant \
             {tenant}` says why"
        ),
    }
}

fn view(tenant_id: TenantId, done: &Backfill, state: &'static str) -> BackfillView {
    BackfillView {
        tenant_id,
        from: done.window.start().to_string(),
        to: done.window.end().to_string(),
        content_types: done.types.iter().map(|one| one.as_str()).collect(),
        state,
    }
}

fn marked(done: &Backfill) -> String {
    let types: Vec<_> = done.types.iter().map(|one| one.as_str()).collect();
    format!(
        "{} is marked as not listed, for {}: {} of log. The collector's next runs take it.\n",
        done.window,
        types.join(", "),
        spelled(done.window.seconds())
    )
}

#[cfg(test)]
#[path = "backfill_tests.rs"]
mod tests;
