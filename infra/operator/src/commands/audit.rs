//! `audit --operators`: what operators did on a day, as it was written down before it was done.
//! Fails, after the list, where rows cannot be read.

use std::time::Duration;

use auth::operator_action::OperatorAction;
use auth::ports::Clock as _;
use aws::SystemClock;
use clap::Args;
use serde::Serialize;

use crate::output;
use crate::session::Session;

/// What `audit` takes.
#[derive(Debug, Clone, Args)]
pub struct AuditArguments {
    /// What operators did
    #[arg(long, required = true)]
    pub operators: bool,
    /// On the day so many days ago, in UTC; today without it. Days are kept for 400 days
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub days_ago: u16,
}

/// An action in JSON. Times are RFC 3339 in UTC.
#[derive(Serialize)]
struct ActionView<'a> {
    began_at: String,
    who: &'a str,
    command: &'a str,
    tenant_id: Option<String>,
    customer: Option<&'a str>,
    name: Option<&'a str>,
    options: &'a [String],
    ended_at: Option<String>,
    /// `done` or `failed`; null where its end was never written.
    outcome: Option<&'static str>,
}

pub(super) async fn run(
    arguments: AuditArguments,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let log = session.platform().await?.store.operator_log;
    let ago = Duration::from_secs(u64::from(arguments.days_ago) * 24 * 60 * 60);
    let (actions, damaged) = log.of_day(SystemClock.now() - ago).await?;
    let views: Vec<_> = actions.iter().map(view).collect();
    session.print(&views, || for_a_person(&views))?;
    output::refuse_damaged(session.console.err, &damaged)
}

fn view(action: &OperatorAction) -> ActionView<'_> {
    ActionView {
        began_at: action.began_at.to_string(),
        who: &action.actor,
        command: &action.command,
        tenant_id: action.tenant.map(|tenant| tenant.to_string()),
        customer: action.customer.as_ref().map(|customer| customer.as_str()),
        name: action.name.as_deref(),
        options: &action.options,
        ended_at: action.ended.map(|(at, _)| at.to_string()),
        outcome: action.ended.map(|(_, outcome)| outcome.as_str()),
    }
}

fn for_a_person(views: &[ActionView<'_>]) -> String {
    if views.is_empty() {
        return "no operator did anything on that day\n".to_owned();
    }
    let rows: Vec<_> = views.iter().map(row).collect();
    output::table(["BEGAN", "OUTCOME", "WHO", "COMMAND", "ON"], &rows)
}

fn row(view: &ActionView<'_>) -> [String; 5] {
    let options = view.options.iter().map(|option| format!(" --{option}"));
    let on = [view.tenant_id.as_deref(), view.customer, view.name];
    [
        view.began_at.clone(),
        view.outcome.unwrap_or("not ended").to_owned(),
        view.who.to_owned(),
        view.command.to_owned() + &options.collect::<String>(),
        on.into_iter().flatten().collect::<Vec<_>>().join(", "),
    ]
}
