//! `tenants import`: connects tenants that have consented already. Each is proven by an
//! app-only token for each resource and bound to its customer account.
//!
//! Everything that is wrong with the file is found before anything is asked. What fails
//! afterwards fails for its tenant alone, and the import can be run again: tenants that
//! are connected by then are passed over, so that it goes on where it stopped.

mod csv_rows;
mod dry_run;
mod file;
mod json_rows;
mod outcome;
mod progress;
mod prove;
mod report;
mod rows;

use std::path::PathBuf;
use std::sync::Arc;

use auth::consent::Binding;
use auth::{Cloud, Customer, TenantId};
use clap::Args;
use wiring::Platform;
use wiring::settings::EntraSettings;

pub use self::file::Format;
use self::progress::Progress;
use self::prove::Import;
use self::rows::{Check, Row};
use crate::commands::Session;

/// What `tenants import` takes.
#[derive(Debug, Clone, Args)]
pub struct ImportArguments {
    /// CSV with the header tenant_id,customer or tenant_id,customer,cloud, or a JSON array
    /// of objects with these fields, in UTF-8, at most 100,000 tenants; - is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// How FILE is written, where its name does not end in .csv or .json
    #[arg(long, value_enum)]
    pub format: Option<Format>,
    /// How many tenants are asked for at a time, from 1 to 64
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub concurrency: u8,
    /// Check the file and ask for the tenants, but change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// What a row of an import says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedRow {
    /// The tenant.
    pub tenant: TenantId,
    /// The account that it will be bound to.
    pub customer: Customer,
    /// Where the row names one.
    pub cloud: Option<Cloud>,
}

pub(super) async fn run(
    arguments: ImportArguments,
    session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let source = file::read(&arguments, session.console)?;
    let place = session.place().await?;
    let settings = place.settings(EntraSettings::read)?;
    let cloud = settings.authority.cloud;
    let rows = rows(&source, cloud)?;
    let platform = place.platform(&settings.table_name).await;
    let bar = session.console.progress && !session.json;
    let import = Import::new(binding(&arguments, settings, &platform).await?, cloud);
    let progress = Progress::new(rows.len(), bar);
    let done = import
        .run(rows, arguments.concurrency.into(), &progress)
        .await;
    progress.end();
    report::tell(&done, arguments.dry_run, session.json, session.console.out)?;
    report::refuse(&done)
}

/// The rows of a file's bytes, and what is wrong with them: an import's first step alone.
pub fn read_rows(bytes: Vec<u8>, format: Format, cloud: Cloud) -> anyhow::Result<Vec<ImportedRow>> {
    let source = file::Source::of("the file", format, &bytes)?;
    let rows = rows(&source, cloud)?.into_iter();
    let imported = rows.map(|row| ImportedRow {
        tenant: row.tenant,
        customer: row.customer,
        cloud: row.cloud,
    });
    Ok(imported.collect())
}

/// The rows of the file, when nothing is wrong with it.
fn rows(source: &file::Source, cloud: Cloud) -> anyhow::Result<Vec<Row>> {
    let mut check = Check::new(cloud);
    match source.format {
        Format::Csv => csv_rows::read(&source.text, &mut check),
        Format::Json => json_rows::read(&source.text, &mut check),
    }
    check.finish(&source.name)
}

/// The use case that the consent pages bind with.
async fn binding(
    arguments: &ImportArguments,
    settings: EntraSettings,
    platform: &Platform,
) -> anyhow::Result<Binding> {
    let tenants = Arc::clone(&platform.store.tenants);
    let roots = settings.trust_roots()?;
    Ok(Binding {
        tenants: match arguments.dry_run {
            true => Arc::new(dry_run::ReadOnly(tenants)),
            false => tenants,
        },
        invites: Arc::clone(&platform.store.invites),
        issuer: wiring::token_issuer(&settings, platform, roots).await?,
        requirements: settings.requirements,
        clock: Arc::clone(&platform.clock),
    })
}
