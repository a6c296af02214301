//! What the ledger of a run says, read beside it: for the judgement, and for the person who has to
//! find out why a record is missing.

use auth::TenantId;
use aws::Table;
use feed::content::ContentKey;
use feed::ledger::{BatchRow, TenantFeed, TypeFeed};
use feed::pass::Pass;
use feed::ports::Ledger as _;
use feed::{ContentType, Window};
use tests::audit_book::Offered;
use tests::moved_fleet::MovedFleet;

/// The ledger.
pub struct Ledger(Table);

impl Ledger {
    /// Of a fleet that is under way.
    pub fn of(fleet: &MovedFleet) -> Self {
        Self(fleet.neighbour.platform.store.table().clone())
    }

    /// A tenant's row.
    pub async fn feed(&self, tenant: TenantId) -> TenantFeed {
        self.0.feed(tenant).await.unwrap().unwrap()
    }

    /// The batches of an hour.
    pub async fn batches(
        &self,
        tenant: TenantId,
        content_type: ContentType,
        hour: Window,
    ) -> Vec<BatchRow> {
        let rows = self.0.batches(tenant, content_type, hour).await;
        rows.unwrap()
    }

    /// Which record, when it was offered, until when it could be listed, and what is known of it.
    pub async fn describe(&self, feed: &TenantFeed, record: &Offered) -> String {
        let Offered {
            content_type,
            content_id,
            created,
            available_at,
            until,
            id,
            ..
        } = record;
        let hour = Window::hour_of(*created);
        let rows = self.batches(feed.tenant, *content_type, hour).await;
        let key = ContentKey::of(content_id);
        let row = rows.iter().find(|row| row.contents.contains(&key));
        let mut types = feed.types.iter();
        let one = types.find(|one| one.content_type == *content_type);
        format!(
            "  record {id} of {content_type} of {}: content {content_id}, created {created}, \
             offered from {available_at}, could be listed until {until}\n    ledger: {}; {}\n",
            feed.tenant,
            row.map_or_else(
                || format!("not in the {} batches of its hour", rows.len()),
                shown
            ),
            one.map_or_else(|| "no type".to_owned(), marks),
        )
    }
}

fn shown(row: &BatchRow) -> String {
    format!("batch {} of its hour is {:?}", row.name.as_str(), row.state)
}

fn marks(one: &TypeFeed) -> String {
    let Some(progress) = &one.progress else {
        return format!("no listing began, {:?}", one.known);
    };
    let passes = Pass::ALL.map(|pass| {
        let unlisted = progress.unlisted(pass);
        let gaps = unlisted.gaps.windows().iter();
        let gaps: Vec<_> = gaps.map(|gap| gap.to_string()).collect();
        format!("{pass:?} until {} but for {gaps:?}", unlisted.mark)
    });
    format!(
        "wanted since {}; {}; {:?}; {:?}",
        progress.since(),
        passes.join(", "),
        one.totals,
        one.known,
    )
}
