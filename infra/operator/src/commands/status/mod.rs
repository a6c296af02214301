//! `status`: is everything well? The tenants, the last run, the audit logs, the certificate, the
//! keys and the policy on one page, and what wants attention. What cannot be read is said in
//! its place, and the rest is shown; then the command fails.

mod attention;
mod parts;
mod text;
mod view;

use std::time::Duration;

use auth::operator_action::Deed;
use auth::ports::{Clock as _, Pause as _};
use aws::{SystemClock, SystemPause};
use clap::Args;

use self::parts::Parts;
use crate::exit::UsageError;
use crate::record::Recorded;
use crate::session::Session;
use crate::time_span::TimeSpan;

/// What `status` takes.
#[derive(Debug, Clone, Args)]
pub struct StatusArguments {
    /// Show it again and again, until it is interrupted
    #[arg(long)]
    pub watch: bool,
    /// The wait between two pages of --watch, such as 30s; at least 1s
    #[arg(long, value_name = "SPAN", default_value = "10s", requires = "watch")]
    pub every: TimeSpan,
}

impl StatusArguments {
    /// It reads the secrets, though it shows none.
    pub(super) fn recorded(&self) -> Recorded {
        Recorded::Always(Deed {
            command: "status",
            ..Deed::default()
        })
    }
}

pub(super) async fn run(
    arguments: StatusArguments,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let pause = arguments.every.0;
    if pause < Duration::from_secs(1) {
        return Err(UsageError("--every is 1s at least".to_owned()).into());
    }
    let place = session.unrecorded_place().await?;
    loop {
        let parts = Parts::read(&place, &session).await;
        let now = SystemClock.now();
        let width = session.console.width;
        session.print(&view::view(&parts, now), || text::page(&parts, now, width))?;
        session.console.out.flush()?;
        if !arguments.watch {
            return refuse(&parts);
        }
        SystemPause.pause(pause).await;
        if !session.json {
            session.console.out.write_all(b"\n")?;
        }
    }
}

/// A page with a part that is missing is no answer.
fn refuse(parts: &Parts) -> anyhow::Result<()> {
    match parts.unread().len() {
        0 => Ok(()),
        count => anyhow::bail!(
            "{count} of the parts cannot be read, as the page says; `operator doctor` looks for \
             the reason"
        ),
    }
}
