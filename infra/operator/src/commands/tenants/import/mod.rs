//! `tenants import`: connects tenants that have consented already. Each is proven by an
//! app-only token for each resource and bound to its customer account.
//!
//! Everything that is wrong with the file is found before anything is asked. What fails
//! afterwards fails for its tenant alone, and the import can be run again: tenants that
//! are connected by then are passed over, so that it goes on where it stopped.

mod csv_rows;
mod done;
mod dry_run;
mod file;
mod json_rows;
mod prove;
mod report;
mod rows;

use std::path::PathBuf;
use std::sync::Arc;

use auth::Cloud;
use auth::consent::Binding;
use clap::Args;
use wiring::Platform;
use wiring::settings::SigningSettings;

pub use self::file::Format;
use self::prove::Import;
use self::rows::Check;
pub use self::rows::Row;
use crate::commands::progress::Progress;
use crate::input::Input;
use crate::session::Session;

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

pub(super) async fn run(
    arguments: ImportArguments,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let (format, input) = file::read(&arguments.file, arguments.format, session.console)?;
    let place = session.place().await?;
    let settings = place.settings(SigningSettings::read)?;
    let cloud = settings.entra.authority.cloud;
    let rows = rows(format, &input, cloud)?;
    let platform = place.platform(&settings.entra.tables).await;
    let bar = session.console.progress && !session.json;
    let import = Import::new(binding(&arguments, settings, &platform).await?, cloud);
    let progress = Progress::new(rows.len(), bar);
    let done = import
        .run(rows, arguments.concurrency.into(), &progress)
        .await;
    progress.end();
    report::print(&done, arguments.dry_run, &mut session)?;
    report::refuse(&done)
}

/// The rows of a file's bytes, and what is wrong with them: an import's first step alone.
pub fn read_rows(bytes: &[u8], format: Format, cloud: Cloud) -> anyhow::Result<Vec<Row>> {
    rows(format, &Input::of("the file".to_owned(), bytes)?, cloud)
}

/// The rows of the file, when nothing is wrong with it.
fn rows(format: Format, input: &Input, cloud: Cloud) -> anyhow::Result<Vec<Row>> {
    let mut check = Check::new(cloud);
    match format {
        Format::Csv => csv_rows::read(&input.text, &mut check),
        Format::Json => json_rows::read(&input.text, &mut check),
    }
    check.finish(&input.name)
}

/// The use case that the consent pages bind with.
async fn binding(
    arguments: &ImportArguments,
    settings: SigningSettings,
    platform: &Platform,
) -> anyhow::Result<Binding> {
    let tenants = Arc::clone(&platform.store.tenants);
    let roots = settings.entra.trust_roots()?;
    Ok(Binding {
        tenants: if arguments.dry_run {
            Arc::new(dry_run::ReadOnly(tenants))
        } else {
            tenants
        },
        invites: Arc::clone(&platform.store.invites),
        issuer: wiring::token_issuer(&settings, platform, roots).await?,
        requirements: settings.entra.requirements,
        clock: Arc::clone(&platform.clock),
    })
}
