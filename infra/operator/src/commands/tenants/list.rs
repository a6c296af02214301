//! `tenants list`: those that are looked for, a page at a time as the table gives them, so that
//! a fleet of any size needs no room. For a person a table as wide as his terminal, for a script
//! one JSON array or CSV. Fails, after the list, where rows cannot be read.

use std::io::Write;

use auth::Tenant;
use clap::Args;
use futures::StreamExt as _;

use super::view::{CSV_HEADER, TenantView, csv_record};
use super::which::{Which, pages};
use crate::output::{self, JsonArray};
use crate::session::Session;

/// What `tenants list` takes.
#[derive(Debug, Clone, Args)]
pub struct ListArguments {
    /// Which ones.
    #[command(flatten)]
    pub which: Which,
    /// Print CSV, every column, with a header
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
}

/// How the list is written.
enum Form {
    Json(JsonArray),
    Csv,
    Table(Columns),
}

pub(super) async fn run(arguments: ListArguments, session: Session<'_, '_>) -> anyhow::Result<()> {
    let store = session.platform().await?.store;
    let mut form = match (session.json, arguments.csv) {
        (true, _) => Form::Json(JsonArray::default()),
        (false, true) => Form::Csv,
        (false, false) => Form::Table(Columns::of(session.console.width)),
    };
    let out = &mut *session.console.out;
    let mut pages = pages(store.tenants.as_ref(), arguments.which);
    let (mut listed, mut damaged) = (0, Vec::new());
    while let Some(page) = pages.next().await {
        let page = page?;
        for tenant in &page.tenants {
            form.row(tenant, listed == 0, out)?;
            listed += 1;
        }
        // A reader that has enough closes the pipe, and nothing more is asked of the table.
        out.flush()?;
        damaged.extend(page.damaged);
    }
    form.end(listed == 0, out)?;
    output::refuse_damaged(session.console.err, &damaged)
}

impl Form {
    fn row(&mut self, tenant: &Tenant, is_first: bool, out: &mut dyn Write) -> anyhow::Result<()> {
        match self {
            Form::Json(array) => array.push(out, &TenantView::from(tenant)),
            Form::Csv => {
                if is_first {
                    output::csv_line(out, &CSV_HEADER)?;
                }
                output::csv_line(out, &csv_record(tenant))
            }
            Form::Table(columns) => {
                if is_first {
                    out.write_all(columns.header().as_bytes())?;
                }
                Ok(out.write_all(columns.row(tenant).as_bytes())?)
            }
        }
    }

    fn end(self, is_empty: bool, out: &mut dyn Write) -> anyhow::Result<()> {
        match self {
            Form::Json(array) => array.end(out),
            Form::Csv if is_empty => output::csv_line(out, &CSV_HEADER),
            Form::Table(_) if is_empty => Ok(out.write_all(b"no tenants\n")?),
            Form::Csv | Form::Table(_) => Ok(()),
        }
    }
}

/// The columns of the table. They are chosen before the first row is known.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Columns {
    /// All of them, and no cell is cut: no terminal, or a wide one.
    All,
    /// Tenant, customer, and status with cause: so wide is the customer, and so wide the last.
    Narrow(usize, usize),
}

/// A tenant's ID, and the space behind it.
const ID: usize = 36 + 2;
/// What every column fits in, save a customer's long name.
const WIDE: usize = 150;
/// A customer's name in the wide table, where it is no longer than that.
const NAME: usize = 24;
/// A status with a cause, as long as most are.
const STATUS: usize = 29;

impl Columns {
    /// `width`: of the terminal, in characters.
    pub(crate) fn of(width: Option<usize>) -> Self {
        let Some(width) = width.filter(|width| *width < WIDE) else {
            return Self::All;
        };
        let customer = width.saturating_sub(ID + 2 + STATUS).clamp(11, NAME * 2);
        Self::Narrow(customer, width.saturating_sub(ID + customer + 2).max(11))
    }

    pub(crate) fn header(&self) -> String {
        let all = ["TENANT", "CUSTOMER", "CLOUD", "STATUS", "SINCE", "CAUSE"];
        let all = all.map(str::to_owned);
        match self {
            Self::All => self.line(&all),
            Self::Narrow(..) => self.line(&[all[0].clone(), all[1].clone(), all[3].clone()]),
        }
    }

    pub(crate) fn row(&self, tenant: &Tenant) -> String {
        let (id, customer) = (tenant.id.to_string(), tenant.customer.to_string());
        let (status, cause) = (tenant.status.to_string(), tenant.cause.as_ref());
        match self {
            Self::All => self.line(&[
                id,
                customer,
                tenant.cloud.to_string(),
                status,
                tenant.since.to_string(),
                cause.map(ToString::to_string).unwrap_or_default(),
            ]),
            Self::Narrow(..) => {
                let cause = cause.map(|cause| format!(": {}", cause.code));
                self.line(&[id, customer, status + &cause.unwrap_or_default()])
            }
        }
    }

    fn line(&self, cells: &[String]) -> String {
        match self {
            Self::All => output::line(cells, &[36, NAME, 8, 11, 20]),
            Self::Narrow(customer, status) => {
                let [customer, status] = [(1, customer), (2, status)]
                    .map(|(cell, width)| output::cut(&cells[cell], *width));
                let widths = [36, customer.chars().count().max(self.customer())];
                output::line(&[cells[0].clone(), customer, status], &widths)
            }
        }
    }

    fn customer(&self) -> usize {
        match self {
            Self::All => NAME,
            Self::Narrow(customer, _) => *customer,
        }
    }
}

#[cfg(test)]
#[path = "list_tests.rs"]
mod tests;
