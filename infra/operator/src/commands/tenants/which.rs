//! Which tenants a command on many is about: `--status`, `--customer`, `--tag` and `--search`.
//! All that are given have to fit.

use auth::ports::{Listing, ListingPage, StoreError, Tenants};
use auth::tenant::TagFilter;
use auth::{Customer, Tenant, TenantStatus};
use clap::Args;
use futures::stream::BoxStream;
use futures::{StreamExt as _, stream};

/// Rows examined per request: well below the megabyte at which DynamoDB ends a page.
const EXAMINED: u32 = 500;

/// The tenants that are looked for: without any of these, all.
#[derive(Debug, Clone, Default, Args)]
pub struct Which {
    /// Only these: pending, propagating, active, degraded, revoked,
    /// suspended or removed
    #[arg(long)]
    pub status: Option<TenantStatus>,
    /// Only the tenants of this customer account
    #[arg(long)]
    pub customer: Option<Customer>,
    /// Only those with this tag, or with this value of it; given twice, with both
    #[arg(long, value_name = "KEY[=VALUE]")]
    pub tag: Vec<TagFilter>,
    /// Only those in whose ID, customer, cause or tags this text occurs; upper and lower case
    /// are the same
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
}

impl Which {
    /// Whether it says anything at all.
    pub(crate) fn is_everything(&self) -> bool {
        let filters = [
            self.status.is_some(),
            self.customer.is_some(),
            !self.tag.is_empty(),
            self.search.is_some(),
        ];
        !filters.contains(&true)
    }

    /// The words that were used, never a value.
    pub(crate) fn words(&self) -> [(&'static str, bool); 4] {
        [
            ("status", self.status.is_some()),
            ("customer", self.customer.is_some()),
            ("tag", !self.tag.is_empty()),
            ("search", self.search.is_some()),
        ]
    }

    /// What the table does not filter by.
    fn fits(&self, tenant: &Tenant) -> bool {
        let has_tags = self.tag.iter().all(|filter| filter.fits(&tenant.tags));
        has_tags && self.search.as_deref().is_none_or(|text| has(tenant, text))
    }
}

/// The tenant says `text` somewhere.
fn has(tenant: &Tenant, text: &str) -> bool {
    let text = text.to_lowercase();
    let cause = tenant.cause.as_ref().map(ToString::to_string);
    let named = [tenant.id.to_string(), tenant.customer.to_string()];
    let tags = tenant
        .tags
        .iter()
        .map(|(key, value)| format!("{key}={value}"));
    let mut texts = named.into_iter().chain(cause).chain(tags);
    texts.any(|part| part.to_lowercase().contains(&text))
}

/// The tenants, a page at a time as the table gives them. A page can be empty; after an error
/// comes none.
pub(crate) fn pages(
    tenants: &dyn Tenants,
    which: Which,
) -> BoxStream<'_, Result<ListingPage, StoreError>> {
    let first = Listing {
        status: which.status,
        customer: which.customer.clone(),
        after: None,
        examine: EXAMINED,
    };
    stream::try_unfold((Some(first), which), move |(listing, which)| async move {
        let Some(mut listing) = listing else {
            return Ok(None);
        };
        let mut page = tenants.list(&listing).await?;
        page.tenants.retain(|tenant| which.fits(tenant));
        let next = page.next.map(|next| {
            listing.after = Some(next);
            listing
        });
        Ok(Some((page, (next, which))))
    })
    .boxed()
}

/// All of them at once.
pub(crate) async fn all(tenants: &dyn Tenants, which: Which) -> Result<ListingPage, StoreError> {
    let mut found = ListingPage::default();
    let mut pages = pages(tenants, which);
    while let Some(page) = pages.next().await {
        let page = page?;
        found.tenants.extend(page.tenants);
        found.damaged.extend(page.damaged);
    }
    Ok(found)
}

#[cfg(test)]
#[path = "which_tests.rs"]
mod tests;
