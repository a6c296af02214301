//! Deletes all that is stored of a tenant's audit log: the objects with every version, then the
//! rows of the ledger. The caller has shown the operator what there is, and has a yes.
//!
//! Only what no run works on is deleted: a turn under way would store again what is gone. The
//! tenant's row is changed first, so that a tenant that is resumed is collected from then on, and
//! nothing of before is fetched once more.

use std::sync::Arc;
use std::time::Duration;

use auth::ports::{Clock, StoreError, Write};
use auth::{TenantId, TenantStatus};

use crate::content_type::ContentType;
use crate::due::{Due, Hold};
use crate::ledger::{TenantFeed, Totals, TypeFeed};
use crate::planner::OVERLAP;
use crate::ports::{Ledger, LedgerErasure, MOST_VERSIONS, ObjectError, StoredVersions};
use crate::progress::Progress;
use crate::rhythm::Rhythm;

/// Listed again after each round of deletions; what still appears then, someone stores.
const ROUNDS: usize = 3;

/// Deletes audit logs.
pub struct Purging {
    /// The rows.
    pub ledger: Arc<dyn Ledger>,
    /// The same, to be deleted.
    pub rows: Arc<dyn LedgerErasure>,
    /// The objects.
    pub objects: Arc<dyn StoredVersions>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// Seconds for which content settles: `FEED_SETTLE_SECONDS`.
    pub settle: u32,
}

/// What is stored of a tenant.
#[derive(Debug, Clone)]
pub struct Stock {
    /// Versions of objects.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The tenant's row as it was read, if there is one.
    feed: Option<TenantFeed>,
    tenant: TenantId,
    /// Its row goes too.
    is_gone: bool,
}

/// What was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Purged {
    /// Versions of objects.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Rows of batches.
    pub rows: u64,
    /// What the object store would not delete, by its codes, each once. Rows are left then.
    pub kept: Vec<String>,
}

/// Why nothing, or not all of it, was deleted.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PurgeError {
    /// A run collects it, or the next one does.
    #[error("its audit log is being collected")]
    Collected,
    /// It is held, and a run may not know yet.
    #[error("no run has seen yet that it is held")]
    NotSeen,
    /// A session that was woken, or a worker of a window, may still store of it.
    #[error("a worker may be storing of it")]
    AtWork,
    /// The ledger says that something was stored, and the store has nothing of it.
    #[error("the table says that something of it is stored, and there is nothing of it here")]
    Elsewhere,
    /// Its row was changed meanwhile.
    #[error("its row was changed meanwhile")]
    Raced,
    /// Objects appear again and again.
    #[error("something still stores objects of it")]
    StillStored,
    /// The object store did not answer, or refuses.
    #[error(transparent)]
    Objects(#[from] ObjectError),
    /// The table did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Purging {
    /// What is stored of a tenant that may be purged. `status`: the tenant's; `None` where no row
    /// says that it is connected.
    pub async fn stock(
        &self,
        tenant: TenantId,
        status: Option<TenantStatus>,
    ) -> Result<Stock, PurgeError> {
        let feed = self.ledger.feed(tenant).await?;
        check_held(status, feed.as_ref())?;
        // What has a claim may store until it ends.
        if feed.iter().any(|feed| feed.is_worked_on(self.clock.now())) {
            return Err(PurgeError::AtWork);
        }
        let (mut objects, mut bytes, mut after) = (0, 0, None);
        loop {
            let page = self
                .objects
                .versions(&below(tenant), after.as_ref(), MOST_VERSIONS)
                .await?;
            let sizes = page.versions.iter().filter_map(|version| version.size);
            (objects, bytes) = sizes.fold((objects, bytes), |(objects, bytes), size| {
                (objects + 1, bytes + size)
            });
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        let stored = feed.iter().flat_map(|feed| &feed.types);
        if objects == 0 && stored.map(|one| one.totals.stored).any(|stored| stored > 0) {
            return Err(PurgeError::Elsewhere);
        }
        Ok(Stock {
            objects,
            bytes,
            feed,
            tenant,
            is_gone: matches!(status, None | Some(TenantStatus::Removed)),
        })
    }

    /// Deletes it.
    pub async fn purge(&self, stock: &Stock) -> Result<Purged, PurgeError> {
        let held = self.begin_again(stock).await?;
        let mut purged = self.erase_objects(stock.tenant).await?;
        if !purged.kept.is_empty() {
            return Ok(purged);
        }
        for content_type in ContentType::ALL {
            purged.rows += self.rows.erase_batches(stock.tenant, content_type).await?;
        }
        match held {
            Some(feed) if stock.is_gone => match self.rows.erase_feed(&feed).await? {
                Write::Done => Ok(purged),
                Write::Stale => Err(PurgeError::Raced),
            },
            _ => Ok(purged),
        }
    }

    /// Its row says from now on that nothing of before is wanted; the row as it is then.
    async fn begin_again(&self, stock: &Stock) -> Result<Option<TenantFeed>, PurgeError> {
        let Some(feed) = &stock.feed else {
            return Ok(None);
        };
        let types = feed.types.iter();
        let feed = TenantFeed {
            types: types.map(|one| self.forgotten(one)).collect(),
            handed: Vec::new(),
            ..feed.clone()
        };
        match self.ledger.put_feed(&feed).await? {
            Write::Done => Ok(self.ledger.feed(stock.tenant).await?),
            Write::Stale => Err(PurgeError::Raced),
        }
    }

    /// The first window will reach back to this moment, and no further: it laps over what is
    /// before its beginning.
    fn forgotten(&self, one: &TypeFeed) -> TypeFeed {
        let since = self.clock.now() + Duration::from_secs(OVERLAP.unsigned_abs());
        let progress = one.progress.as_ref();
        TypeFeed {
            progress: progress.map(|_| Progress::beginning(since, self.settle)),
            totals: Totals::default(),
            stored_at: None,
            rhythm: Rhythm::default(),
            listed_at: None,
            ..one.clone()
        }
    }

    /// Page by page from the beginning, because what is deleted is not listed any more.
    async fn erase_objects(&self, tenant: TenantId) -> Result<Purged, PurgeError> {
        let mut purged = Purged::default();
        for _ in 0..ROUNDS {
            let mut after = None;
            loop {
                let page = self
                    .objects
                    .versions(&below(tenant), after.as_ref(), MOST_VERSIONS)
                    .await?;
                if page.versions.is_empty() {
                    break;
                }
                let kept = self.objects.erase(&page.versions).await?;
                if !kept.is_empty() {
                    purged.kept = kept;
                    purged.kept.sort_unstable();
                    purged.kept.dedup();
                    return Ok(purged);
                }
                for size in page.versions.iter().filter_map(|version| version.size) {
                    purged.objects += 1;
                    purged.bytes += size;
                }
                after = page.next;
                if after.is_none() {
                    break;
                }
            }
            let left = self.objects.versions(&below(tenant), None, 1).await?;
            if left.versions.is_empty() {
                return Ok(purged);
            }
        }
        Err(PurgeError::StillStored)
    }
}

/// What the keys of its objects begin with.
fn below(tenant: TenantId) -> String {
    format!("tenant={tenant}/")
}

/// Fails closed because a run that works on a tenant, or is about to, stores again what is deleted.
fn check_held(status: Option<TenantStatus>, feed: Option<&TenantFeed>) -> Result<(), PurgeError> {
    let is_active = status.is_some_and(TenantStatus::is_vended);
    match feed.map(|feed| (feed.due, feed.is_paused)) {
        // A run makes its row.
        None if is_active => Err(PurgeError::Collected),
        None => Ok(()),
        // One that left stays away until its next consent.
        Some((Due::Held(Hold::Left), _)) => Ok(()),
        Some((Due::Held(Hold::Paused), true)) => Ok(()),
        Some((Due::Held(Hold::Inactive), _)) if !is_active => Ok(()),
        Some((_, true)) => Err(PurgeError::NotSeen),
        Some(_) if is_active => Err(PurgeError::Collected),
        Some(_) => Err(PurgeError::NotSeen),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_run_works_on_may_be_purged_and_nothing_else() {
        use PurgeError::{Collected, NotSeen};
        use TenantStatus as S;
        let tenant: TenantId = "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap();
        let now = auth::Timestamp::from_unix(1_796_032_800);
        let [paused, inactive, left] = [Hold::Paused, Hold::Inactive, Hold::Left].map(Due::Held);
        let row = |due, is_paused| {
            Some(TenantFeed {
                due,
                is_paused,
                ..TenantFeed::beginning(tenant, now)
            })
        };
        let rows: [(Option<S>, Option<TenantFeed>, Option<PurgeError>); 18] = [
            (None, None, None),
            (Some(S::Removed), None, None),
            (Some(S::Suspended), None, None),
            (Some(S::Active), None, Some(Collected)),
            (Some(S::Degraded), None, Some(Collected)),
            (Some(S::Active), row(paused, true), None),
            (Some(S::Active), row(Due::From(now), true), Some(NotSeen)),
            (Some(S::Active), row(Due::From(now), false), Some(Collected)),
            // Resumed, and no run has seen it.
            (Some(S::Active), row(paused, false), Some(Collected)),
            // Active again: the next run goes on with it.
            (Some(S::Active), row(inactive, false), Some(Collected)),
            (Some(S::Active), row(inactive, true), Some(NotSeen)),
            (Some(S::Active), row(left, false), None),
            (Some(S::Suspended), row(inactive, false), None),
            (
                Some(S::Suspended),
                row(Due::From(now), false),
                Some(NotSeen),
            ),
            (Some(S::Removed), row(Due::From(now), false), Some(NotSeen)),
            (Some(S::Removed), row(left, false), None),
            (None, row(inactive, true), None),
            (None, row(Due::From(now), false), Some(NotSeen)),
        ];
        for (status, feed, expected) in rows {
            let found = check_held(status, feed.as_ref()).err();
            let said = |error: &Option<PurgeError>| error.as_ref().map(ToString::to_string);
            let what = feed.map(|feed| (feed.due, feed.is_paused));
            assert_eq!(said(&found), said(&expected), "{status:?} {what:?}");
        }
    }
}
