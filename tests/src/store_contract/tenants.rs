//! The contract of `Tenants`.

use auth::ports::{Connecting, Tenants as _, TokenStore as _, Write};
use auth::version::Version;
use auth::{Cause, CauseCode, Cloud, Tenant, TenantStatus};
use aws::Connection;
use aws_sdk_dynamodb::types::AttributeValue;

use super::world::{
    NOW, World, at, eight_times, graph, management, one_done_seven_stale, tenant, tenant_id,
    tenant_with, text_of,
};

/// Every field comes back; only the version is the store's own.
pub async fn a_tenant_is_found_as_it_was_written(connection: &Connection) {
    let world = World::new(connection).await;
    assert!(world.table.find(tenant_id()).await.unwrap().is_none());
    let plain = tenant(TenantStatus::Active);
    let full = Tenant {
        customer: "Contoso, Inc. ✓".parse().unwrap(),
        cloud: Cloud::GccHigh,
        cause: Some(Cause::with_aadsts(CauseCode::ResourceMissing, 500_011)),
        cause_resource: Some(graph()),
        since: at(1),
        consented_at: Some(at(-5)),
        roles: vec!["ActivityFeed.Read".into(), "ServiceHealth.Read".into()],
        tags: [("team".into(), "red, ✓".into())].into(),
        ..tenant(TenantStatus::Degraded)
    };
    for written in [plain, full] {
        let found = world.connect(&written, &[]).await;
        let version = found.version.clone();
        assert_eq!(version.as_ref().map(|version| version.0.len()), Some(16));
        let expected = Tenant { version, ..written };
        assert_eq!(format!("{found:?}"), format!("{expected:?}"));
    }
}

/// Without a token, due at once, with what a vend needs to know of the tenant.
pub async fn connecting_writes_a_due_record_for_each_resource(connection: &Connection) {
    let world = World::new(connection).await;
    let propagating = Tenant {
        customer: "Contoso".parse().unwrap(),
        cloud: Cloud::Gcc,
        cause: Some(CauseCode::RolesMissing.into()),
        ..tenant(TenantStatus::Propagating)
    };
    let resources = [management(), graph(), management()];
    let connected = world.connect(&propagating, &resources).await;
    for resource in [management(), graph()] {
        let record = world.read(connected.id, &resource).await;
        assert_eq!((record.tenant, &record.resource), (connected.id, &resource));
        assert_eq!(record.customer, connected.customer);
        assert_eq!(record.cloud, Cloud::Gcc);
        assert_eq!(record.status, TenantStatus::Propagating);
        assert_eq!(record.cause, connected.cause);
        assert!(record.token.is_none());
        assert_eq!((record.refresh_at, record.failures), (NOW, 0));
        assert_eq!(record.next_attempt_at, None);
    }
    assert_eq!(world.due(NOW).await.len(), 2);
    let unknown = world.tokens.read(tenant_id(), &graph()).await.unwrap();
    assert!(unknown.is_none());
}

/// Whether it works or not: the next token shows what was granted now. What was read
/// before a new consent settles nothing after it.
pub async fn connecting_again_drops_earlier_tokens(connection: &Connection) {
    let world = World::new(connection).await;
    for status in [TenantStatus::Propagating, TenantStatus::Active] {
        let before = world.connected(&[management()]).await;
        let held = world.holding(before.id, &management(), "old").await;
        let after = tenant_with(before.id, status);
        let resources = [management(), graph()];
        let connecting = Connecting {
            before: Some(&before),
            ..Connecting::new(&after, &resources, at(9))
        };
        let write = world.table.connect(connecting).await;
        assert_eq!(write.unwrap(), Write::Done);
        for resource in resources {
            let record = world.read(before.id, &resource).await;
            assert_eq!((text_of(&record), record.refresh_at), (None, at(9)));
            assert_ne!(record.version, held.version);
        }
        assert_ne!(world.find(before.id).await.version, before.version);
    }
}

/// The resources of two clouds are not the same.
pub async fn connecting_under_another_cloud_leaves_no_record_of_the_old_one(
    connection: &Connection,
) {
    let world = World::new(connection).await;
    let before = world.connected(&[management(), graph()]).await;
    let after = Tenant {
        cloud: Cloud::Gcc,
        ..before.clone()
    };
    let resources = [Cloud::Gcc.management_resource(), graph()];
    let connecting = Connecting {
        before: Some(&before),
        ..Connecting::new(&after, &resources, NOW)
    };
    let write = world.table.connect(connecting).await;
    assert_eq!(write.unwrap(), Write::Done);
    let old = world.tokens.read(before.id, &management()).await.unwrap();
    assert!(old.is_none());
    for resource in &resources {
        assert_eq!(world.read(before.id, resource).await.cloud, Cloud::Gcc);
    }
    assert_eq!(world.due(NOW).await.len(), 2);
}

/// Its account is another one in every record; all else, the token too, stays.
pub async fn a_moved_tenant_keeps_its_token_under_its_new_account(connection: &Connection) {
    let world = World::new(connection).await;
    let before = world.connected(&[management(), graph()]).await;
    let held = world.holding(before.id, &graph(), "kept").await;
    let after = before.moved_to(&"Fabrikam".parse().unwrap()).unwrap();
    let write = world.table.change(&before, &after).await.unwrap();
    assert_eq!(write, Write::Done);
    let record = world.read(before.id, &graph()).await;
    assert_eq!(record.customer, after.customer);
    assert_eq!(text_of(&record), Some("kept"));
    assert_ne!(record.version, held.version);
    assert_eq!(world.find(before.id).await.customer, after.customer);
    let again = world.table.change(&before, &after).await.unwrap();
    assert_eq!(again, Write::Stale);
}

/// Its tokens are gone, and nobody renews them.
pub async fn a_suspended_tenant_keeps_no_token_and_leaves_the_due_index(connection: &Connection) {
    let world = World::new(connection).await;
    let before = world.connected(&[management(), graph()]).await;
    world.holding(before.id, &graph(), "dropped").await;
    let after = before.suspended(at(9)).unwrap();
    let write = world.table.change(&before, &after).await.unwrap();
    assert_eq!(write, Write::Done);
    for resource in [management(), graph()] {
        let record = world.read(before.id, &resource).await;
        assert_eq!(record.status, TenantStatus::Suspended);
        assert_eq!(record.cause, Some(CauseCode::Suspended.into()));
        assert_eq!(text_of(&record), None);
    }
    assert!(world.due(at(1_000_000)).await.is_empty());
}

/// A suspension must always succeed: whatever is wrong with a record, its token is gone, it says
/// that its tenant is suspended, and the refresher leaves it.
pub async fn no_damage_in_a_record_keeps_its_tenant_from_being_suspended(connection: &Connection) {
    let world = World::new(connection).await;
    let text = |text: &str| Some(AttributeValue::S(text.to_owned()));
    let damages = [
        ("refresh_at", None),
        ("refresh_at", text("soon")),
        ("refresh_at", Some(AttributeValue::Bool(true))),
        ("turn", None),
        ("due_shard", None),
        ("sealed", text("a token")),
        ("expires_at", text("never")),
        ("issued_at", None),
        ("version", None),
        ("version", Some(AttributeValue::N("1".to_owned()))),
        ("cloud", None),
        ("customer", Some(AttributeValue::N("1".to_owned()))),
        ("status", text("unheard-of")),
        ("tags", text("env=prod")),
        ("failures", text("many")),
        ("v", text("one")),
        ("v", Some(AttributeValue::N("2".to_owned()))),
    ];
    for (name, value) in damages {
        let before = world.connected(&[management(), graph()]).await;
        world.holding(before.id, &management(), "dropped").await;
        let mut row = world.raw(before.id, &management()).await;
        row.remove(name);
        row.extend(value.clone().map(|value| (name.to_owned(), value)));
        world.put(row).await;
        let after = before.suspended(at(9)).unwrap();
        let write = world.table.change(&before, &after).await;
        assert_eq!(write.unwrap(), Write::Done, "{name} {value:?}");
        for resource in [management(), graph()] {
            let row = world.raw(before.id, &resource).await;
            assert_eq!(
                row["status"].as_s().unwrap(),
                "suspended",
                "{name} {value:?}"
            );
            let gone = ["sealed", "expires_at", "issued_at", "due_shard"];
            let left = gone.iter().find(|gone| row.contains_key(**gone));
            assert_eq!(left, None, "{name} {value:?}");
        }
    }
}

/// Neither over a tenant that is there, nor over one that was changed, nor over one
/// that is not there.
pub async fn connecting_from_a_stale_read_writes_nothing(connection: &Connection) {
    let world = World::new(connection).await;
    let there = world.connected(&[management()]).await;
    let held = world.holding(there.id, &management(), "kept").await;
    let outdated = Tenant {
        version: Some(Version("outdated".into())),
        ..there.clone()
    };
    let never_read = tenant(TenantStatus::Active);
    let gone = Tenant {
        version: Some(Version("of a row that is gone".into())),
        ..never_read.clone()
    };
    let rows = [
        (None, &there),
        (Some(&outdated), &there),
        (Some(&gone), &gone),
        (Some(&never_read), &never_read),
    ];
    for (before, after) in rows {
        let resources = [management()];
        let connecting = Connecting {
            before,
            ..Connecting::new(after, &resources, NOW)
        };
        let write = world.table.connect(connecting).await;
        assert_eq!(write.unwrap(), Write::Stale);
    }
    let record = world.read(there.id, &management()).await;
    assert_eq!(
        (text_of(&record), &record.version),
        (Some("kept"), &held.version)
    );
    assert!(world.table.find(gone.id).await.unwrap().is_none());
}

/// Two clicks of one person are one connection.
pub async fn of_eight_connections_at_once_one_is_written(connection: &Connection) {
    let world = World::new(connection).await;
    let new = tenant(TenantStatus::Active);
    let outcomes = eight_times(|_| {
        let (table, new) = (world.table.clone(), new.clone());
        async move {
            table
                .connect(Connecting::new(&new, &[management()], NOW))
                .await
                .unwrap()
        }
    });
    assert_eq!(outcomes.await, one_done_seven_stale());
}

/// The tenant stays, bound to its customer, with nothing that could be vended.
pub async fn removing_deletes_the_tokens_and_leaves_the_due_index(connection: &Connection) {
    let world = World::new(connection).await;
    let before = world.connected(&[management(), graph()]).await;
    let other = world.connected(&[management()]).await;
    world.holding(before.id, &management(), "gone").await;
    let after = tenant_with(before.id, TenantStatus::Removed);
    let outdated = Tenant {
        version: Some(Version("outdated".into())),
        ..before.clone()
    };
    let stale = world.table.remove(&outdated, &after).await.unwrap();
    assert_eq!(stale, Write::Stale);
    let rows = [world.due(NOW).await.len(), world.at_turns().await.len()];
    assert_eq!(rows, [2, 1]);

    let done = world.table.remove(&before, &after).await.unwrap();
    assert_eq!(done, Write::Done);
    for resource in [management(), graph()] {
        let record = world.tokens.read(before.id, &resource).await.unwrap();
        assert!(record.is_none());
    }
    assert_eq!(world.due(at(9_999)).await, [(other.id, management())]);
    assert!(world.at_turns().await.is_empty());
    assert_eq!(world.find(before.id).await.status, TenantStatus::Removed);
}
