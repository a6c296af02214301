//! `feed purge`: deletes all that is stored of a tenant's audit log, for good. It says first how
//! much there is and where, and asks.

use std::sync::Arc;

use auth::TenantId;
use auth::operator_action::Deed;
use clap::Args;
use feed::operate::{PurgeError, Purged, Purging, Stock};
use serde::Serialize;
use wiring::settings::FeedPlace;

use super::place::Feed;
use crate::session::Session;
use crate::tenant_name::TenantName;

/// What `feed purge` takes.
#[derive(Debug, Clone, Args)]
pub struct PurgeArguments {
    /// The tenant's ID, or a domain of it
    #[arg(value_name = "TENANT")]
    pub tenant: TenantName,
    /// Do not ask; needed where no one is at the terminal
    #[arg(long)]
    pub yes: bool,
}

/// What was deleted, in JSON.
#[derive(Serialize)]
struct PurgedView<'a> {
    tenant_id: TenantId,
    bucket: &'a str,
    prefix: &'a str,
    /// Versions of objects.
    objects: u64,
    bytes: u64,
    /// Rows of batches.
    rows: u64,
    /// Nothing is left but what the tenants' table has of the tenant itself.
    complete: bool,
    /// What the object store would not delete: its codes.
    kept: &'a [String],
}

impl PurgeArguments {
    pub(super) fn deed(&self) -> Deed {
        Deed {
            command: "feed purge",
            tenant: Some(self.tenant.id()),
            ..Deed::default()
        }
    }
}

pub(super) async fn run(
    arguments: PurgeArguments,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let id = arguments.tenant.id();
    let deed = format!("purge the audit log of tenant {id}");
    session.console.check_answerable(arguments.yes, &deed)?;
    let place = session.place().await?;
    let at = place.settings(FeedPlace::read)?;
    let feed = Feed::of(&place).await?;
    let purging = Purging {
        ledger: Arc::clone(&feed.feeds.ledger),
        rows: Arc::new(feed.platform.store.table().clone()),
        objects: Arc::new(place.objects(&at).await?),
        clock: Arc::clone(&feed.platform.clock),
        settle: feed.feeds.settle,
    };
    // A tenant whose row is gone can be purged as well.
    let status = feed.tenants.find(id).await?.map(|tenant| tenant.status);
    let stock = purging.stock(id, status).await;
    let stock = stock.map_err(|error| failed(id, &at, &error))?;
    if !arguments.yes {
        let question = question(id, &at, &stock);
        session.console.ask(&question, "nothing was deleted")?;
    }
    let purged = purging.purge(&stock).await;
    let purged = purged.map_err(|error| failed(id, &at, &error))?;
    session.print(&view(id, &at, &purged), || for_a_person(id, &at, &purged))?;
    anyhow::ensure!(
        purged.kept.is_empty(),
        "tenant {id}: the bucket keeps objects of it ({}): a lock (FeedLockMode) that has not ended, or \
         your permission for s3:DeleteObjectVersion is missing. The ledger's rows are left: run it \
         again then",
        purged.kept.join(", ")
    );
    Ok(())
}

fn place(at: &FeedPlace, id: TenantId) -> String {
    format!("{}/{}tenant={id}/", at.bucket, at.prefix)
}

fn question(id: TenantId, at: &FeedPlace, stock: &Stock) -> String {
    format!(
        "Delete {} objects with {} of the audit log of tenant {id}, every version of them, below {}? Nothing \
         brings them back: Microsoft keeps content for seven days.",
        stock.objects,
        spelled(stock.bytes),
        place(at, id)
    )
}

fn view<'a>(id: TenantId, at: &'a FeedPlace, purged: &'a Purged) -> PurgedView<'a> {
    PurgedView {
        tenant_id: id,
        bucket: &at.bucket,
        prefix: &at.prefix,
        objects: purged.objects,
        bytes: purged.bytes,
        rows: purged.rows,
        complete: purged.kept.is_empty(),
        kept: &purged.kept,
    }
}

fn for_a_person(id: TenantId, at: &FeedPlace, purged: &Purged) -> String {
    format!(
        "{} objects with {} were deleted below {}, and {} rows of the ledger.\n\
         A deployed table's backups have the rows for 35 days more; they name no person.\n",
        purged.objects,
        spelled(purged.bytes),
        place(at, id),
        purged.rows
    )
}

/// In the unit that leaves at most four digits.
fn spelled(bytes: u64) -> String {
    let units = ["bytes", "KB", "MB", "GB", "TB"];
    let (mut amount, mut unit) = (bytes, 0);
    while amount >= 10_000 && unit + 1 < units.len() {
        amount /= 1_000;
        unit += 1;
    }
    format!("{amount} {}", units[unit])
}

/// Why nothing, or not all of it, was deleted, and what to do.
fn failed(id: TenantId, at: &FeedPlace, error: &PurgeError) -> anyhow::Error {
    match error {
        PurgeError::Collected => anyhow::anyhow!(
            "tenant {id}: {error}: `operator feed pause {id}` first, or `operator tenants remove {id}`, and \
             run it again five minutes later"
        ),
        PurgeError::NotSeen => anyhow::anyhow!(
            "tenant {id}: {error}: run it again when the collector's next run has ended, in five minutes"
        ),
        PurgeError::AtWork => anyhow::anyhow!(
            "tenant {id}: {error}: run it again in a quarter of an hour, when its claim has ended"
        ),
        PurgeError::Elsewhere => anyhow::anyhow!(
            "tenant {id}: {error}, below {}: check FEED_BUCKET and FEED_PREFIX. Where it was deleted in \
             another way, nothing is left to do: the ledger's rows end by themselves",
            place(at, id)
        ),
        PurgeError::Raced | PurgeError::StillStored => anyhow::anyhow!(
            "tenant {id}: {error}: see that it is paused (`operator feed status --tenant {id}`), and run it \
             again"
        ),
        error => anyhow::anyhow!(
            "tenant {id}: {error}; what was deleted is gone, run it again for the rest"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_is_said_in_four_digits_at_most() {
        let rows = [
            (0, "0 bytes"),
            (1, "1 bytes"),
            (9_999, "9999 bytes"),
            (10_000, "10 KB"),
            (9_999_999, "9999 KB"),
            (10_000_000, "10 MB"),
            (2_700_000_000, "2700 MB"),
            (81_000_000_000, "81 GB"),
            (30_000_000_000_000, "30 TB"),
            (u64::MAX, "18446744 TB"),
        ];
        for (bytes, expected) in rows {
            assert_eq!(spelled(bytes), expected);
        }
    }
}
