//! `runs`: the refresher's last run, and how the fleet stands after it. It reads one row.

use auth::fleet::FleetState;
use auth::last_run::LastRun;
use auth::ports::Clock as _;
use auth::{CauseCode, Cloud, FailedBy, Timestamp};
use aws::SystemClock;
use clap::Args;
use serde::Serialize;

use crate::output;
use crate::session::Session;
use crate::time_span::spelled;

/// What `runs` takes.
#[derive(Debug, Clone, Args)]
pub struct RunsArguments {}

/// The run in JSON. Times are RFC 3339 in UTC.
#[derive(Serialize)]
pub(crate) struct RunView<'a> {
    started_at: String,
    ended_at: String,
    /// Why it ended early; null where it did not.
    ended_early: Option<&'static str>,
    refreshed: u32,
    skipped: u32,
    lost: u32,
    failed_by: FailedBy,
    causes: Vec<CauseView>,
    clouds: Vec<CloudView>,
    slowest_ms: Option<u64>,
    life_left: Option<auth::last_run::LifeLeft>,
    units: auth::last_run::RequestUnits,
    fleet: FleetView<'a>,
}

#[derive(Serialize)]
struct CauseView {
    cause: CauseCode,
    class: &'static str,
    fault: &'static str,
    count: u32,
    next_step: &'static str,
}

#[derive(Serialize)]
struct CloudView {
    cloud: Cloud,
    #[serde(flatten)]
    of: auth::last_run::OfCloud,
}

#[derive(Serialize)]
struct FleetView<'a> {
    /// `well`, `our_fault` or `cloud_down`.
    state: &'a str,
    fault: Option<FaultView>,
    down: Vec<DownView>,
    last_token_at: Option<String>,
    /// How often the state has changed.
    changes: u64,
}

#[derive(Serialize)]
struct FaultView {
    cause: CauseCode,
    since: String,
    next_step: &'static str,
}

#[derive(Serialize)]
struct DownView {
    cloud: Cloud,
    since: String,
}

pub(super) async fn run(_: RunsArguments, mut session: Session<'_, '_>) -> anyhow::Result<()> {
    let last = session.platform().await?.store.runs.last_run().await?;
    let view = last.as_ref().map(view);
    session.print(&view, || match &last {
        Some(run) => for_a_person(run, SystemClock.now()),
        None => "no run has renewed anything yet\n".to_owned(),
    })
}

pub(crate) fn view(run: &LastRun) -> RunView<'_> {
    RunView {
        started_at: run.times.0.to_string(),
        ended_at: run.times.1.to_string(),
        ended_early: run.ended_early.map(|end| end.as_str()),
        refreshed: run.refreshed,
        skipped: run.skipped,
        lost: run.lost,
        failed_by: run.failed_by,
        causes: run.causes.iter().map(cause_view).collect(),
        clouds: (run.clouds.iter())
            .map(|(cloud, of)| CloudView {
                cloud: *cloud,
                of: *of,
            })
            .collect(),
        slowest_ms: run.slowest_ms,
        life_left: run.life_left,
        units: run.units,
        fleet: fleet_view(&run.fleet),
    }
}

fn cause_view((cause, count): (&CauseCode, &u32)) -> CauseView {
    CauseView {
        cause: *cause,
        class: cause.class().as_str(),
        fault: cause.fault().as_str(),
        count: *count,
        next_step: cause.next_step(),
    }
}

fn fleet_view(fleet: &FleetState) -> FleetView<'_> {
    FleetView {
        state: match (fleet.fault, fleet.down.is_empty()) {
            (Some(_), _) => "our_fault",
            (None, false) => "cloud_down",
            (None, true) => "well",
        },
        fault: fleet.fault.map(|fault| FaultView {
            cause: fault.cause,
            since: fault.since.to_string(),
            next_step: fault.cause.next_step(),
        }),
        down: (fleet.down.iter())
            .map(|(cloud, since)| DownView {
                cloud: *cloud,
                since: since.to_string(),
            })
            .collect(),
        last_token_at: fleet.token_at.map(|at| at.to_string()),
        changes: fleet.changes,
    }
}

fn for_a_person(run: &LastRun, now: Timestamp) -> String {
    let mut text = output::fields(0, &facts(run, now));
    if !run.causes.is_empty() {
        let rows: Vec<_> = run.causes.iter().map(cause_row).collect();
        text += "\n";
        text += &output::table(["FAILED WITH", "CLASS", "WHOSE TURN", "COUNT"], &rows);
    }
    if run.clouds.len() > 1 {
        let rows: Vec<_> = (run.clouds.iter())
            .map(|(cloud, of)| {
                let counts = [of.refreshed, of.failed].map(|count| count.to_string());
                let [refreshed, failed] = counts;
                [cloud.to_string(), refreshed, failed]
            })
            .collect();
        text += "\n";
        text += &output::table(["CLOUD", "REFRESHED", "FAILED"], &rows);
    }
    text + &next_step(&run.fleet)
}

fn facts(run: &LastRun, now: Timestamp) -> Vec<(&'static str, String)> {
    let (began, ended) = run.times;
    let took = spelled(began.seconds_until(ended));
    let ago = spelled(ended.seconds_until(now));
    let by = run.failed_by;
    let failed = by.ours + by.customer + by.microsoft;
    let ended_early = run.ended_early.map(|end| end.as_str());
    let life = run.life_left.map(|life| {
        let [least, median] = [life.least, life.median].map(spelled);
        format!("{least} at least, {median} in the median, when renewed")
    });
    vec![
        ("fleet", standing(&run.fleet)),
        ("ended", format!("{ended} ({ago} ago), after {took}")),
        ("ended early", ended_early.unwrap_or("no").to_owned()),
        ("refreshed", run.refreshed.to_string()),
        (
            "failed",
            format!(
                "{failed}: {} ours, {} customers', {} Microsoft's",
                by.ours, by.customer, by.microsoft
            ),
        ),
        (
            "skipped",
            format!(
                "{} not due yet, {} another writer was first",
                run.skipped, run.lost
            ),
        ),
        (
            "slowest",
            run.slowest_ms
                .map_or_else(String::new, |ms| format!("{ms} ms")),
        ),
        ("life left", life.unwrap_or_default()),
        (
            "units",
            format!("{} read, {} written", run.units.read, run.units.write),
        ),
    ]
}

pub(crate) fn standing(fleet: &FleetState) -> String {
    if let Some(fault) = fleet.fault {
        return format!("stopped by a fault on our side since {}", fault.since);
    }
    let down = fleet.down.iter();
    let down: Vec<_> = down
        .map(|(cloud, since)| format!("{cloud} is down since {since}"))
        .collect();
    match down.is_empty() {
        true => "well".to_owned(),
        false => down.join("; "),
    }
}

fn cause_row((cause, count): (&CauseCode, &u32)) -> [String; 4] {
    [
        cause.to_string(),
        cause.class().as_str().to_owned(),
        cause.fault().as_str().to_owned(),
        count.to_string(),
    ]
}

/// What to do, where something is to be done.
fn next_step(fleet: &FleetState) -> String {
    if let Some(fault) = fleet.fault {
        return format!(
            "\n{}: {}\nOne tenant in each run is asked for until it gets a token; \
             then all go on.\nSee infra/runbooks/fleet-refresh-fault.md.\n",
            fault.cause,
            fault.cause.next_step()
        );
    }
    if fleet.down.is_empty() {
        return String::new();
    }
    "\nNothing to do: one tenant of each cloud that is down is asked for in each run, \nand its \
     tenants go on with the first that gets a token. Their last tokens are \nhanded out until \
     they end.\n"
        .to_owned()
}

#[cfg(test)]
#[path = "runs_tests.rs"]
mod tests;
