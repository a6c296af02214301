//! What is due of a shard, over all its pages.

use std::ops::RangeInclusive;

use auth::ports::{DuePage, Paging, StoreError, TokenStore};
use auth::{Resource, TenantId, Timestamp};

type Records = Vec<(TenantId, Resource)>;

/// What waits for no turn, in pages of so many rows.
pub async fn all_due(
    tokens: &dyn TokenStore,
    shard: u32,
    now: Timestamp,
    rows: u32,
) -> Result<Records, StoreError> {
    let mut pages = Pages::of(rows);
    while let Some(paging) = pages.next() {
        pages.take(tokens.due(shard, now, &paging).await?);
    }
    Ok(pages.found)
}

/// What is looked at in the turns of these slots, in pages of so many rows.
pub async fn all_at_turns(
    tokens: &dyn TokenStore,
    shard: u32,
    slots: &RangeInclusive<u8>,
    rows: u32,
) -> Result<Records, StoreError> {
    let mut pages = Pages::of(rows);
    while let Some(paging) = pages.next() {
        pages.take(tokens.at_turns(shard, slots, &paging).await?);
    }
    Ok(pages.found)
}

struct Pages {
    next: Option<Paging>,
    rows: u32,
    found: Records,
}

impl Pages {
    fn of(rows: u32) -> Self {
        Self {
            next: Some(Paging::first(rows)),
            rows,
            found: Vec::new(),
        }
    }

    fn next(&mut self) -> Option<Paging> {
        self.next.take()
    }

    fn take(&mut self, page: DuePage) {
        self.found.extend(page.records);
        let (rows, after) = (self.rows, page.next);
        self.next = after.map(|end| Paging {
            rows,
            after: Some(end),
        });
    }
}
