//! The contract of `Tenants::list`.

use auth::ports::Listing;
use auth::{Tenant, TenantId, TenantStatus};
use aws::Connection;

use super::world::{World, management, tenant};

/// `next` leads through every tenant once, in the order of tenant IDs.
pub async fn a_listing_pages_in_the_order_of_tenants(connection: &Connection) {
    let world = World::new(connection).await;
    let mut expected = Vec::new();
    for _ in 0..7 {
        expected.push(world.connected(&[management()]).await.id);
    }
    expected.sort();
    let all = Listing {
        examine: 3,
        ..Listing::default()
    };
    assert_eq!(world.list(all).await.0, expected);
    // `after` may be anything: it comes from a caller.
    let middle = Listing {
        after: Some(expected[2]),
        examine: 100,
        ..Listing::default()
    };
    assert_eq!(world.list(middle).await.0, expected[3..]);
    let gone: TenantId = "ffffffff-ffff-ffff-ffff-ffffffffffff".parse().unwrap();
    let end = Listing {
        after: Some(gone),
        examine: 100,
        ..Listing::default()
    };
    assert!(world.list(end).await.0.is_empty());
}

/// `examine` bounds what is looked at: a page may be empty with more to come.
pub async fn a_listing_filters_by_status_and_customer(connection: &Connection) {
    let world = World::new(connection).await;
    let mut wanted = Vec::new();
    for number in 0..6 {
        let (customer, status) = match number {
            0 | 3 => ("Contoso", TenantStatus::Revoked),
            1 => ("Contoso", TenantStatus::Active),
            _ => ("Fabrikam", TenantStatus::Revoked),
        };
        let customer = customer.parse().unwrap();
        let new = Tenant {
            customer,
            ..tenant(status)
        };
        world.connect(&new, &[]).await;
        if number == 0 || number == 3 {
            wanted.push(new.id);
        }
    }
    wanted.sort();
    let listing = Listing {
        status: Some(TenantStatus::Revoked),
        customer: Some("Contoso".parse().unwrap()),
        after: None,
        examine: 1,
    };
    assert_eq!(world.list(listing.clone()).await.0, wanted);
    let of_status = Listing {
        customer: None,
        ..listing.clone()
    };
    assert_eq!(world.list(of_status).await.0.len(), 5);
    let of_customer = Listing {
        status: None,
        ..listing
    };
    assert_eq!(world.list(of_customer).await.0.len(), 3);
}
