//! `tenants list`: all of them, page by page. For a person a table, for a script one
//! JSON array. Fails, after the list, where rows cannot be read.

use auth::ports::{Listing, ListingPage, Tenants};
use auth::{Customer, Tenant, TenantStatus};
use clap::Args;

use super::view::TenantView;
use crate::output;
use crate::session::Session;

/// Rows examined per request: well below the megabyte at which DynamoDB ends a page.
const EXAMINED: u32 = 500;

/// What `tenants list` takes.
#[derive(Debug, Clone, Args)]
pub struct ListArguments {
    /// Only these: pending, propagating, active, degraded, revoked,
    /// suspended or removed
    #[arg(long)]
    pub status: Option<TenantStatus>,
    /// Only the tenants of this customer account
    #[arg(long)]
    pub customer: Option<Customer>,
}

pub(super) async fn run(
    arguments: ListArguments,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let store = session.platform().await?.store;
    let list = all(store.tenants.as_ref(), arguments).await?;
    let views: Vec<TenantView> = list.tenants.iter().map(TenantView::from).collect();
    session.print(&views, || for_a_person(&list.tenants))?;
    output::refuse_damaged(session.console.err, &list.damaged)
}

/// Every tenant.
pub(crate) async fn every(tenants: &dyn Tenants) -> anyhow::Result<ListingPage> {
    let arguments = ListArguments {
        status: None,
        customer: None,
    };
    all(tenants, arguments).await
}

/// Every page as one.
async fn all(tenants: &dyn Tenants, arguments: ListArguments) -> anyhow::Result<ListingPage> {
    let mut listing = Listing {
        status: arguments.status,
        customer: arguments.customer,
        after: None,
        examine: EXAMINED,
    };
    let mut found = ListingPage::default();
    loop {
        let page = tenants.list(&listing).await?;
        found.tenants.extend(page.tenants);
        found.damaged.extend(page.damaged);
        match page.next {
            Some(next) => listing.after = Some(next),
            None => return Ok(found),
        }
    }
}

fn for_a_person(tenants: &[Tenant]) -> String {
    if tenants.is_empty() {
        return "no tenants\n".to_owned();
    }
    let rows: Vec<_> = tenants.iter().map(row).collect();
    let header = ["TENANT", "CUSTOMER", "CLOUD", "STATUS", "SINCE", "CAUSE"];
    output::table(header, &rows)
}

fn row(tenant: &Tenant) -> [String; 6] {
    let cause = tenant.cause.as_ref();
    [
        tenant.id.to_string(),
        tenant.customer.to_string(),
        tenant.cloud.to_string(),
        tenant.status.to_string(),
        tenant.since.to_string(),
        cause.map(ToString::to_string).unwrap_or_default(),
    ]
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;
    use auth::ports::{Connecting, StoreError, Write};
    use auth::{Cause, CauseCode, Cloud, Resource, TenantId, Timestamp};

    use super::*;

    fn tenant(last_digit: u32, cause: Option<Cause>) -> Tenant {
        Tenant {
            customer: "Contoso, Inc.".parse().unwrap(),
            cloud: Cloud::Gcc,
            cause,
            consented_at: Some(Timestamp::from_unix(1_431_655_100)),
            roles: vec!["ActivityFeed.Read".to_owned()],
            ..Tenant::connected(id(last_digit), Timestamp::from_unix(1_431_655_194))
        }
    }

    fn id(last_digit: u32) -> TenantId {
        format!("41463f53-8812-40f4-890f-865bf6e3519{last_digit}")
            .parse()
            .unwrap()
    }

    #[test]
    fn a_person_reads_a_table() {
        let cause = Cause::with_aadsts(CauseCode::NotConsented, 700_016);
        let text = for_a_person(&[tenant(0, None), tenant(1, Some(cause))]);
        let expected = "\
TENANT                                CUSTOMER       CLOUD  STATUS  SINCE                 CAUSE
41463f53-8812-40f4-890f-865bf6e35190  Contoso, Inc.  gcc    active  2015-05-15T01:59:54Z  -
41463f53-8812-40f4-890f-865bf6e35191  Contoso, Inc.  gcc    active  2015-05-15T01:59:54Z  not_consented (AADSTS700016)
";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_script_reads_every_field() {
        let cause = Cause::with_aadsts(CauseCode::NotConsented, 700_016);
        let view = serde_json::to_value(TenantView::from(&tenant(0, Some(cause)))).unwrap();
        let expected = serde_json::json!({
            "tenant_id": "41463f53-8812-40f4-890f-865bf6e35190",
            "customer": "Contoso, Inc.",
            "cloud": "gcc",
            "status": "active",
            "cause": "not_consented",
            "aadsts": 700_016,
            "aadsts_also": [],
            "fault": "customer",
            "since": "2015-05-15T01:59:54Z",
            "consented_at": "2015-05-15T01:58:20Z",
            "roles": ["ActivityFeed.Read"],
            "tags": {},
        });
        assert_eq!(view, expected);
    }

    /// Gives out its pages in turn and remembers where each was asked to begin.
    struct Pages {
        pages: Mutex<Vec<ListingPage>>,
        asked: Mutex<Vec<Option<TenantId>>>,
    }

    #[async_trait]
    impl Tenants for Pages {
        async fn find(&self, _: TenantId) -> Result<Option<Tenant>, StoreError> {
            unreachable!("a listing finds nobody by ID")
        }

        async fn next_attempt_at(
            &self,
            _: TenantId,
            _: &Resource,
        ) -> Result<Option<Timestamp>, StoreError> {
            unreachable!("a listing asks for no token")
        }

        async fn connect(&self, _: Connecting<'_>) -> Result<Write, StoreError> {
            unreachable!("a listing writes nothing")
        }

        async fn change(&self, _: &Tenant, _: &Tenant) -> Result<Write, StoreError> {
            unreachable!("a listing writes nothing")
        }

        async fn remove(&self, _: &Tenant, _: &Tenant) -> Result<Write, StoreError> {
            unreachable!("a listing writes nothing")
        }

        async fn list(&self, listing: &Listing) -> Result<ListingPage, StoreError> {
            self.asked.lock().unwrap().push(listing.after);
            Ok(self.pages.lock().unwrap().remove(0))
        }
    }

    #[tokio::test]
    async fn an_empty_page_is_not_the_end() {
        let damaged = StoreError::Damaged("item T#x TENANT".to_owned());
        let page = |tenants, next| ListingPage {
            tenants,
            damaged: vec![damaged.clone()],
            next,
        };
        let pages = Pages {
            pages: Mutex::new(vec![
                page(vec![tenant(1, None)], Some(id(1))),
                page(vec![], Some(id(5))),
                page(vec![tenant(7, None)], None),
            ]),
            asked: Mutex::default(),
        };
        let arguments = ListArguments {
            status: None,
            customer: None,
        };
        let found = all(&pages, arguments).await.unwrap();
        assert_eq!(found.damaged.len(), 3);
        let found: Vec<_> = found.tenants.iter().map(|tenant| tenant.id).collect();
        assert_eq!(found, [id(1), id(7)]);
        let asked = pages.asked.lock().unwrap();
        assert_eq!(*asked, [None, Some(id(1)), Some(id(5))]);
    }
}
