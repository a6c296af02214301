//! Pages of what is due: a run holds one of them at a time, however many tenants there are.

use crate::identifiers::TenantId;
use crate::resource::Resource;

/// Which page of what is due.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paging {
    /// How many rows may be read (not: returned).
    pub rows: u32,
    /// Goes on behind the page that said this; `None` begins.
    pub after: Option<PageEnd>,
}

/// Where a page ended, in the table's own words: a row that has moved meanwhile is passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageEnd(pub String);

/// A page of what is due. It may be short, even empty, with more to come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DuePage {
    /// In their order.
    pub records: Vec<(TenantId, Resource)>,
    /// Pass as [`Paging::after`] to go on; `None` at the end.
    pub next: Option<PageEnd>,
}

impl Paging {
    /// The first page, of so many rows.
    pub fn first(rows: u32) -> Self {
        Self { rows, after: None }
    }
}
