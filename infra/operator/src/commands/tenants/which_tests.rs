//! The filters, and the pages.

use std::sync::Mutex;

use async_trait::async_trait;
use auth::ports::{Connecting, Write};
use auth::{Cause, CauseCode, Resource, TenantId, Timestamp};

use super::*;

fn tenant(last_digit: u32) -> Tenant {
    Tenant {
        customer: "Contoso, Inc.".parse().unwrap(),
        cause: Some(Cause::with_aadsts(CauseCode::NotConsented, 700_016)),
        tags: [("team".to_owned(), "Red".to_owned())].into(),
        ..Tenant::connected(id(last_digit), Timestamp::from_unix(1_431_655_194))
    }
}

fn id(last_digit: u32) -> TenantId {
    format!("41463f53-8812-40f4-890f-865bf6e3519{last_digit}")
        .parse()
        .unwrap()
}

#[test]
fn every_filter_has_to_fit() {
    let rows: [(&[&str], &str, bool); 14] = [
        (&[], "", true),
        (&[], "CONTOSO", true),
        (&[], "fabrikam", false),
        (&[], "890f-865", true),
        (&[], "890F-865", true),
        (&[], "not_consented", true),
        (&[], "700016", true),
        (&[], "team=red", true),
        (&["team"], "", true),
        (&["team=Red"], "contoso", true),
        (&["team=red"], "", false),
        (&["team", "ring"], "", false),
        (&["team=Red"], "fabrikam", false),
        (&["ring"], "contoso", false),
    ];
    for (tags, search, expected) in rows {
        let which = Which {
            tag: tags.iter().map(|tag| tag.parse().unwrap()).collect(),
            search: (!search.is_empty()).then(|| search.to_owned()),
            ..Which::default()
        };
        assert_eq!(which.fits(&tenant(0)), expected, "{tags:?} {search:?}");
        let is_everything = tags.is_empty() && search.is_empty();
        assert_eq!(which.is_everything(), is_everything, "{tags:?} {search:?}");
    }
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
            page(vec![tenant(1)], Some(id(1))),
            page(vec![], Some(id(5))),
            page(vec![tenant(7)], None),
        ]),
        asked: Mutex::default(),
    };
    let found = all(&pages, Which::default()).await.unwrap();
    assert_eq!(found.damaged.len(), 3);
    let found: Vec<_> = found.tenants.iter().map(|tenant| tenant.id).collect();
    assert_eq!(found, [id(1), id(7)]);
    let asked = pages.asked.lock().unwrap();
    assert_eq!(*asked, [None, Some(id(1)), Some(id(5))]);
}
