//! The report of an import: for a person what was refused, with what to do, and totals;
//! for a script one JSON document. Then the command fails where a row was refused or not
//! tried, so that a script that goes on after exit code 0 goes on with all its tenants.

use auth::text::printable;
use auth::{Cause, Customer, Fault, TenantId};
use serde::Serialize;

use super::done::{Done, RowEnd, Stopped, next_step};
use super::rows::Row;
use crate::output;
use crate::session::Session;

/// The report in JSON.
#[derive(Serialize)]
struct ReportView<'d> {
    /// Nothing was changed: `connected` counts those that would be.
    dry_run: bool,
    connected: usize,
    already: usize,
    refused: Vec<RefusedView<'d>>,
    not_tried: Vec<RowView<'d>>,
}

/// A row in JSON.
#[derive(Serialize)]
struct RowView<'d> {
    tenant_id: TenantId,
    customer: &'d Customer,
}

/// A row that was refused, in JSON.
#[derive(Serialize)]
struct RefusedView<'d> {
    #[serde(flatten)]
    row: RowView<'d>,
    cause: &'static str,
    aadsts: Option<u32>,
    fault: Fault,
    next_step: &'static str,
}

/// Prints the report.
pub(super) fn print(
    done: &Done,
    dry_run: bool,
    session: &mut Session<'_, '_>,
) -> anyhow::Result<()> {
    session.print(&view(done, dry_run), || for_a_person(done, dry_run))
}

/// Fails where a row was refused or not tried, in one line.
pub(super) fn refuse(done: &Done) -> anyhow::Result<()> {
    if let Some(stopped) = &done.stopped {
        anyhow::bail!("{}", told(stopped, done));
    }
    let refused = done.refused().count();
    if refused > 0 {
        anyhow::bail!(
            "{refused} of {} tenants were refused: mend what the report says, then run the \
             import again; it goes on where it stopped",
            done.rows.len()
        );
    }
    Ok(())
}

/// Why it stopped, what to do, and what was not tried.
fn told(stopped: &Stopped, done: &Done) -> String {
    let Stopped {
        times,
        cause,
        detail,
    } = stopped;
    let whose = match cause.code.fault() {
        Fault::Ours => "faults on our side",
        _ => "failures of Microsoft's",
    };
    let detail = match detail {
        Some(detail) => format!(" ({})", printable(detail)),
        None => String::new(),
    };
    format!(
        "the import stopped after {times} {whose} in a row: {cause}{detail}. {} {} {}",
        cause.code.what_happened(),
        next_step(cause),
        not_tried(done)
    )
}

fn not_tried(done: &Done) -> String {
    let mut rows = done.not_tried();
    match rows.next() {
        None => "All rows were tried.".to_owned(),
        Some(first) => format!(
            "Not tried: {} of {} tenants, from {} on; run the import again then, it goes on \
             where it stopped",
            rows.count() + 1,
            done.rows.len(),
            first.position
        ),
    }
}

fn view(done: &Done, dry_run: bool) -> ReportView<'_> {
    ReportView {
        dry_run,
        connected: done.count(&RowEnd::Connected),
        already: done.count(&RowEnd::Already),
        refused: done.refused().map(refused_view).collect(),
        not_tried: done.not_tried().map(row_view).collect(),
    }
}

fn row_view(row: &Row) -> RowView<'_> {
    RowView {
        tenant_id: row.tenant,
        customer: &row.customer,
    }
}

fn refused_view<'d>((row, cause): (&'d Row, &Cause)) -> RefusedView<'d> {
    RefusedView {
        row: row_view(row),
        cause: cause.code.as_str(),
        aadsts: cause.aadsts,
        fault: cause.code.fault(),
        next_step: next_step(cause),
    }
}

fn for_a_person(done: &Done, dry_run: bool) -> String {
    let refused: Vec<_> = done.refused().map(refused_row).collect();
    let mut text = String::new();
    if let Some((first, _)) = done.rows.first()
        && !refused.is_empty()
    {
        let unit = first.position.unit().to_uppercase();
        let header = [&unit, "TENANT", "CUSTOMER", "CAUSE", "NEXT STEP"];
        text.push_str(&output::table(header, &refused));
        text.push('\n');
    }
    text + &totals(done, dry_run)
}

fn refused_row((row, cause): (&Row, &Cause)) -> [String; 5] {
    [
        row.position.number().to_string(),
        row.tenant.to_string(),
        row.customer.to_string(),
        cause.to_string(),
        next_step(cause).to_owned(),
    ]
}

fn totals(done: &Done, dry_run: bool) -> String {
    let view = view(done, dry_run);
    let connected = if dry_run {
        "would be connected"
    } else {
        "connected"
    };
    let mut text = format!(
        "{} {connected}, {} connected already, {} refused, {} not tried\n",
        view.connected,
        view.already,
        view.refused.len(),
        view.not_tried.len()
    );
    if dry_run {
        text.push_str("This was a dry run: nothing was changed.\n");
    }
    text
}
