//! Invites: kept under a name that opens nothing, and used up by the tenant that is bound.

use auth::invite::{Invite, InviteId};
use auth::ports::{Connecting, Invites as _, Tenants as _, TokenStore as _, Write, random_bytes};
use auth::{Cloud, Tenant, TenantStatus};
use aws::{Connection, SystemRandom};

use super::world::{NOW, World, at, eight_times, management, one_done_seven_stale, tenant};

fn invite() -> Invite {
    Invite {
        customer: "Contoso, Inc.".parse().unwrap(),
        tenant: None,
        vouched: false,
        cloud: None,
        created_at: NOW,
        expires_at: at(3600),
        return_url: None,
        used_by: None,
    }
}

/// A new invite in the table; its id.
async fn keep(world: &World, invite: &Invite) -> InviteId {
    let id = InviteId::new(random_bytes(&SystemRandom));
    world.table.create_invite(&id.key(), invite).await.unwrap();
    id
}

/// With everything that it can hold, and with nothing of it.
pub async fn an_invite_is_found_as_it_was_written(connection: &Connection) {
    let world = World::new(connection).await;
    let full = Invite {
        tenant: Some(tenant(TenantStatus::Active).id),
        vouched: true,
        cloud: Some(Cloud::Gcc),
        return_url: Some("https://portal.example/done?x=1".parse().unwrap()),
        ..invite()
    };
    for written in [invite(), full] {
        let id = keep(&world, &written).await;
        let found = world.table.find_invite(&id.key()).await.unwrap();
        assert_eq!(found, Some(written));
    }
    let unknown = InviteId::new(random_bytes(&SystemRandom)).key();
    assert_eq!(world.table.find_invite(&unknown).await.unwrap(), None);
}

async fn connect(world: &World, after: &Tenant, id: &InviteId) -> Write {
    let (resources, key) = ([management()], id.key());
    let connecting = Connecting {
        invite: Some(&key),
        ..Connecting::new(after, &resources, NOW)
    };
    world.table.connect(connecting).await.unwrap()
}

/// The invite then names the tenant.
pub async fn an_invite_is_used_up_by_the_tenant_that_is_bound(connection: &Connection) {
    let world = World::new(connection).await;
    let id = keep(&world, &invite()).await;
    let bound = tenant(TenantStatus::Propagating);
    assert_eq!(connect(&world, &bound, &id).await, Write::Done);
    let found = world.table.find_invite(&id.key()).await.unwrap();
    let expected = Invite {
        used_by: Some(bound.id),
        ..invite()
    };
    assert_eq!(found, Some(expected));
    assert_eq!(world.find(bound.id).await.status, TenantStatus::Propagating);
}

/// Neither tenant nor record is written.
pub async fn a_used_or_a_missing_invite_binds_nobody(connection: &Connection) {
    let world = World::new(connection).await;
    let used = keep(&world, &invite()).await;
    let first = tenant(TenantStatus::Active);
    assert_eq!(connect(&world, &first, &used).await, Write::Done);
    let missing = InviteId::new(random_bytes(&SystemRandom));
    for id in [used, missing] {
        let second = tenant(TenantStatus::Active);
        assert_eq!(connect(&world, &second, &id).await, Write::Stale);
        assert!(world.table.find(second.id).await.unwrap().is_none());
        let record = world.tokens.read(second.id, &management()).await;
        assert!(record.unwrap().is_none());
    }
}

/// Two tabs, two tenants, one link.
pub async fn of_eight_tenants_with_one_invite_one_is_bound(connection: &Connection) {
    let world = World::new(connection).await;
    let id = keep(&world, &invite()).await;
    let outcomes = eight_times(|_| {
        let (table, key) = (world.table.clone(), id.key());
        async move {
            let (after, resources) = (tenant(TenantStatus::Active), [management()]);
            let connecting = Connecting {
                invite: Some(&key),
                ..Connecting::new(&after, &resources, NOW)
            };
            table.connect(connecting).await.unwrap()
        }
    });
    assert_eq!(outcomes.await, one_done_seven_stale());
}

/// Whoever can read the table holds no link.
pub async fn no_row_of_an_invite_holds_its_id(connection: &Connection) {
    let world = World::new(connection).await;
    let id = keep(&world, &invite()).await;
    assert_eq!(
        connect(&world, &tenant(TenantStatus::Active), &id).await,
        Write::Done
    );
    let table = format!("{:?}", world.scan().await);
    assert!(table.contains(&id.key().to_string()));
    assert!(!table.contains(id.expose()));
}
