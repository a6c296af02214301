//! Which tenants: by filters, by a file, or all of them by that very word.

use std::path::PathBuf;

use auth::ports::StoreError;
use auth::{Tenant, TenantId};
use clap::Args;
use futures::StreamExt as _;
use wiring::Platform;

use super::file;
use crate::commands::tenants::which::{Which, all};
use crate::console::Console;
use crate::exit::UsageError;

/// Tenants of a file that are read side by side.
const AT_A_TIME: usize = 32;

/// What every bulk command takes.
#[derive(Debug, Clone, Args)]
pub struct Targets {
    /// Which ones.
    #[command(flatten)]
    pub which: Which,
    /// Those of a file: a tenant's ID at the beginning of each line, alone or as the first
    /// column of CSV (as `tenants list --csv` prints it); - is standard input
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["status", "customer", "tag", "search", "all"]
    )]
    pub file: Option<PathBuf>,
    /// All tenants
    #[arg(long, conflicts_with_all = ["status", "customer", "tag", "search"])]
    pub all: bool,
    /// How many at a time, from 1 to 64
    #[arg(long, value_name = "N", default_value_t = 16, value_parser = clap::value_parser!(u8).range(1..=64))]
    pub concurrency: u8,
    /// Print which tenants it would be, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Do not ask; needed where no one is at the terminal
    #[arg(long)]
    pub yes: bool,
}

/// A tenant that is meant, and what the table has of it.
pub(super) struct Row {
    pub(super) id: TenantId,
    pub(super) found: Result<Option<Tenant>, StoreError>,
}

/// The tenants.
pub(super) struct Found {
    /// In the order of their IDs, or of the file.
    pub(super) rows: Vec<Row>,
    /// Rows of the table that cannot be read.
    pub(super) damaged: Vec<StoreError>,
}

impl Targets {
    /// The words that were used, never a value.
    pub(super) fn words(&self) -> Vec<(&'static str, bool)> {
        let mut words = self.which.words().to_vec();
        words.extend([
            ("file", self.file.is_some()),
            ("all", self.all),
            ("dry-run", self.dry_run),
        ]);
        words
    }

    /// The IDs of the file, where one is named. Everything that is wrong with it is said before
    /// anything is done; and no tenant is meant by saying nothing.
    pub(super) fn check(&self, console: &mut Console<'_>) -> anyhow::Result<Option<Vec<TenantId>>> {
        if let Some(file) = &self.file {
            return file::read(file, console).map(Some);
        }
        if self.which.is_everything() && !self.all {
            let what = "which tenants? Name them by --status, --customer, --tag, --search or \
                        --file; --all are all of them";
            return Err(UsageError(what.to_owned()).into());
        }
        Ok(None)
    }

    pub(super) async fn find(
        &self,
        named: Option<Vec<TenantId>>,
        platform: &Platform,
    ) -> anyhow::Result<Found> {
        let tenants = platform.store.tenants.as_ref();
        let Some(named) = named else {
            let found = all(tenants, self.which.clone()).await?;
            return Ok(Found {
                rows: found.tenants.into_iter().map(Row::of).collect(),
                damaged: found.damaged,
            });
        };
        let rows = futures::stream::iter(named).map(|id| async move {
            let found = tenants.find(id).await;
            Row { id, found }
        });
        Ok(Found {
            rows: rows.buffered(AT_A_TIME).collect().await,
            damaged: Vec::new(),
        })
    }
}

impl Row {
    fn of(tenant: Tenant) -> Self {
        Self {
            id: tenant.id,
            found: Ok(Some(tenant)),
        }
    }

    /// What is known of it.
    pub(super) fn tenant(&self) -> Option<&Tenant> {
        self.found.as_ref().ok()?.as_ref()
    }
}
