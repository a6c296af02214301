//! Pages of the due index in memory.

use auth::TenantId;
use auth::ports::{DuePage, PageEnd, Paging};

use crate::fakes::resource;

/// The rows behind the key that the page before ended at, as the real index pages them.
pub(super) fn page(rows: Vec<(i64, TenantId)>, paging: &Paging) -> DuePage {
    let end = |(turn, id): &(i64, TenantId)| format!("{turn:020}{id}");
    let after = paging.after.as_ref().map(|end| end.0.clone());
    let rows = rows.into_iter();
    let mut rest = rows.filter(|row| after.as_ref().is_none_or(|after| end(row) > *after));
    let page: Vec<_> = rest.by_ref().take(paging.rows as usize).collect();
    // DynamoDB says that there may be more where a page is full.
    let is_full = page.len() == paging.rows as usize;
    DuePage {
        next: page.last().filter(|_| is_full).map(|row| PageEnd(end(row))),
        records: page.into_iter().map(|(_, id)| (id, resource())).collect(),
    }
}
