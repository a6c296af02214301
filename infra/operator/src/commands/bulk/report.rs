//! What became of the tenants: for a person what was refused, with what to do, and totals; for a
//! script one JSON document. Links are CSV. Then the command fails where a tenant was refused or
//! not tried.

use std::collections::BTreeSet;

use auth::{Customer, TenantId, TenantStatus};
use serde::Serialize;

use super::targets::{Found, Row};
use super::verbs::{End, Words};
use super::work::{Done, Stopped};
use crate::commands::tenants::list::Columns;
use crate::output;
use crate::session::Session;

/// The report in JSON.
#[derive(Serialize)]
struct ReportView<'d> {
    done: Vec<DoneView<'d>>,
    passed_over: usize,
    refused: Vec<RefusedView<'d>>,
    not_tried: Vec<TenantId>,
    /// Rows of the table that cannot be read.
    damaged: usize,
}

#[derive(Serialize)]
struct DoneView<'d> {
    tenant_id: TenantId,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<&'d Customer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    consent_url: Option<&'d str>,
    /// Unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_on: Option<i64>,
}

#[derive(Serialize)]
struct RefusedView<'d> {
    tenant_id: TenantId,
    customer: Option<&'d Customer>,
    reason: &'d str,
    next_step: &'d str,
}

/// A tenant that a dry run found, in JSON.
#[derive(Serialize)]
struct MeantView<'f> {
    tenant_id: TenantId,
    customer: Option<&'f Customer>,
    status: Option<TenantStatus>,
}

/// Whether to do it: how many, and of how many customers.
pub(super) fn question(found: &Found, words: Words) -> String {
    let customers: BTreeSet<_> = (found.rows.iter())
        .filter_map(|row| Some(row.tenant()?.customer.as_str()))
        .collect();
    format!(
        "{} {} of {}?{}",
        capital(words.verb),
        output::counted(found.rows.len() as u64, "tenant"),
        output::counted(customers.len() as u64, "customer account"),
        words.means
    )
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// Which tenants it would be.
pub(super) fn dry_run(
    found: &Found,
    words: Words,
    session: &mut Session<'_, '_>,
) -> anyhow::Result<()> {
    let views: Vec<_> = found.rows.iter().map(meant).collect();
    let columns = Columns::of(session.console.width);
    session.print(&views, || {
        let header = match found.rows.is_empty() {
            true => String::new(),
            false => columns.header(),
        };
        let rows = found.rows.iter().map(|row| match row.tenant() {
            Some(tenant) => columns.row(tenant),
            None => match &row.found {
                Err(error) => format!("{}  {error}\n", row.id),
                Ok(_) => format!("{}  not connected\n", row.id),
            },
        });
        format!(
            "{header}{}{} would be {}. This was a dry run: nothing was changed.\n",
            rows.collect::<String>(),
            output::counted(views.len() as u64, "tenant"),
            words.done
        )
    })?;
    output::refuse_damaged(session.console.err, &found.damaged)?;
    let unread = found.rows.iter().filter(|row| row.found.is_err()).count();
    anyhow::ensure!(
        unread == 0,
        "{} cannot be read, as the list says",
        output::counted(unread as u64, "tenant")
    );
    Ok(())
}

fn meant(row: &Row) -> MeantView<'_> {
    let tenant = row.tenant();
    MeantView {
        tenant_id: row.id,
        customer: tenant.map(|tenant| &tenant.customer),
        status: tenant.map(|tenant| tenant.status),
    }
}

/// Prints the report.
pub(super) fn print(
    done: &Done,
    words: Words,
    session: &mut Session<'_, '_>,
) -> anyhow::Result<()> {
    let view = view(done);
    if session.json {
        return output::json(session.console.out, &view);
    }
    if words.makes_links {
        links(&view, session)?;
        // The CSV alone goes to standard output.
        session
            .console
            .err
            .write_all(text(&view, words).as_bytes())?;
        return Ok(());
    }
    session
        .console
        .out
        .write_all(text(&view, words).as_bytes())?;
    Ok(())
}

fn view(done: &Done) -> ReportView<'_> {
    let mut view = ReportView {
        done: Vec::new(),
        passed_over: 0,
        refused: Vec::new(),
        not_tried: Vec::new(),
        damaged: done.damaged,
    };
    for (row, end) in &done.rows {
        let customer = row.tenant().map(|tenant| &tenant.customer);
        match end {
            End::Done(link) => view.done.push(DoneView {
                tenant_id: row.id,
                customer,
                consent_url: link.as_ref().map(|link| link.consent_url.as_str()),
                expires_on: link.as_ref().map(|link| link.expires_at.unix()),
            }),
            End::PassedOver => view.passed_over += 1,
            End::Refused(refusal) => view.refused.push(RefusedView {
                tenant_id: row.id,
                customer,
                reason: &refusal.what,
                next_step: &refusal.next_step,
            }),
            End::NotTried => view.not_tried.push(row.id),
        }
    }
    view
}

fn links(view: &ReportView<'_>, session: &mut Session<'_, '_>) -> anyhow::Result<()> {
    let out = &mut *session.console.out;
    output::csv_line(out, &["tenant_id", "customer", "consent_url", "expires_on"])?;
    for done in &view.done {
        let customer = done.customer.map(ToString::to_string);
        let expires_on = done.expires_on.map(|at| at.to_string());
        output::csv_line(
            out,
            &[
                done.tenant_id.to_string(),
                customer.unwrap_or_default(),
                done.consent_url.unwrap_or_default().to_owned(),
                expires_on.unwrap_or_default(),
            ],
        )?;
    }
    Ok(())
}

fn text(view: &ReportView<'_>, words: Words) -> String {
    let rows: Vec<_> = (view.refused.iter())
        .map(|refused| {
            let customer = refused.customer.map(ToString::to_string);
            [
                refused.tenant_id.to_string(),
                customer.unwrap_or_default(),
                refused.reason.to_owned(),
                refused.next_step.to_owned(),
            ]
        })
        .collect();
    let table = match rows.is_empty() {
        true => String::new(),
        false => output::table(["TENANT", "CUSTOMER", "REASON", "NEXT STEP"], &rows) + "\n",
    };
    format!(
        "{table}{} {}, {} passed over, {} refused, {} not tried\n",
        view.done.len(),
        words.done,
        view.passed_over,
        view.refused.len(),
        view.not_tried.len()
    )
}

/// Fails where a tenant was refused or not tried, in one line.
pub(super) fn refuse(done: &Done, words: Words) -> anyhow::Result<()> {
    let count = |is: fn(&End) -> bool| done.rows.iter().filter(|(_, end)| is(end)).count();
    let not_tried = count(|end| matches!(end, End::NotTried));
    let refused = count(|end| matches!(end, End::Refused(_)));
    let again = format!(
        "{} not tried: {}",
        output::counted(not_tried as u64, "tenant"),
        words.again
    );
    match &done.stopped {
        Some(Stopped::Interrupted) => anyhow::bail!("it was interrupted; {again}"),
        Some(Stopped::Failures(times, cause)) => anyhow::bail!(
            "it stopped after {times} failures in a row: {cause}. {} {}; {again}",
            cause.code.what_happened(),
            cause.code.next_step().trim_end_matches('.')
        ),
        None => {}
    }
    anyhow::ensure!(
        refused == 0,
        "{} not {}: do what the report says, then run the command again",
        output::counted(refused as u64, "tenant"),
        words.done
    );
    anyhow::ensure!(
        done.damaged == 0,
        "{} of the table cannot be read: `operator tenants list` names them",
        output::counted(done.damaged as u64, "row")
    );
    Ok(())
}
