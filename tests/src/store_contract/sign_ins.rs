//! The contract of `SignIns`: kept under a name that opens nothing, used with one invite.

use auth::Cloud;
use auth::invite::{InviteId, InviteKey};
use auth::ports::{SignIns as _, StoreError, Write, random_bytes};
use auth::sign_in::{AdminRole, ReceiptId, SignIn};
use aws::{Connection, Operation, SystemRandom, Units};
use aws_sdk_dynamodb::types::AttributeValue;

use super::world::{World, at, eight_times, one_done_seven_stale, tenant_id};

fn sign_in() -> SignIn {
    SignIn {
        tenant: tenant_id(),
        person: None,
        role: AdminRole::NotShown,
        delegated: false,
        home: None,
        expires_at: at(1_260),
    }
}

fn invite(number: u8) -> InviteKey {
    InviteId::new([number; 24]).key()
}

/// A sign-in in the table; its receipt.
async fn keep(world: &World, sign_in: &SignIn) -> ReceiptId {
    let id = ReceiptId::new(random_bytes(&SystemRandom));
    world.table.keep_sign_in(&id.key(), sign_in).await.unwrap();
    id
}

async fn found(world: &World, id: &ReceiptId) -> Option<SignIn> {
    world.table.find_sign_in(&id.key()).await.unwrap()
}

/// With everything that it can hold and with nothing of it, before its end and after it: whether
/// it is over is decided by who reads it. Kept twice, as by an attempt that is repeated, it is
/// the same.
pub async fn a_sign_in_is_found_as_it_was_kept(connection: &Connection) {
    let world = World::new(connection).await;
    let full = SignIn {
        person: Some("1cef1fdb-ff52-48c4-8e4e-dfb5ea83d357".parse().unwrap()),
        role: AdminRole::Held,
        delegated: true,
        home: Some(Cloud::Gcc),
        ..sign_in()
    };
    let over = SignIn {
        role: AdminRole::NotHeld,
        expires_at: at(-1),
        ..sign_in()
    };
    for kept in [sign_in(), full, over] {
        let id = keep(&world, &kept).await;
        assert_eq!(found(&world, &id).await, Some(kept.clone()));
        world.table.keep_sign_in(&id.key(), &kept).await.unwrap();
        assert_eq!(found(&world, &id).await, Some(kept));
    }
    assert_eq!(world.scan().await.len(), 3);
}

/// And using it makes none.
pub async fn a_sign_in_that_is_not_there_is_none(connection: &Connection) {
    let world = World::new(connection).await;
    keep(&world, &sign_in()).await;
    let unknown = ReceiptId::new(random_bytes(&SystemRandom));
    assert_eq!(found(&world, &unknown).await, None);
    for with in [None, Some(&invite(1))] {
        let used = world.table.use_sign_in(&unknown.key(), with).await;
        assert_eq!(used.unwrap(), Write::Stale);
    }
    assert_eq!(found(&world, &unknown).await, None);
    assert_eq!(world.scan().await.len(), 1);
}

/// As often as that one comes; none at all is one of them. What it shows stays.
pub async fn a_sign_in_is_used_with_the_first_invite_alone(connection: &Connection) {
    let world = World::new(connection).await;
    let all = [None, Some(invite(1)), Some(invite(2))];
    for first in &all {
        let kept = sign_in();
        let id = keep(&world, &kept).await;
        for _ in 0..2 {
            for with in [first].into_iter().chain(&all) {
                let used = world.table.use_sign_in(&id.key(), with.as_ref()).await;
                let expected = match with == first {
                    true => Write::Done,
                    false => Write::Stale,
                };
                assert_eq!(used.unwrap(), expected, "{first:?}, {with:?}");
            }
        }
        assert_eq!(found(&world, &id).await, Some(kept));
    }
}

/// Two tabs, or two who hold one receipt.
pub async fn of_eight_invites_at_once_one_has_the_sign_in(connection: &Connection) {
    let world = World::new(connection).await;
    let id = keep(&world, &sign_in()).await;
    let outcomes = eight_times(|number| {
        let (table, key) = (world.table.clone(), id.key());
        let invite = invite(u8::try_from(number).unwrap());
        async move { table.use_sign_in(&key, Some(&invite)).await.unwrap() }
    });
    assert_eq!(outcomes.await, one_done_seven_stale());
}

/// Fails closed: a row that cannot be read shows nothing of any person.
pub async fn a_damaged_sign_in_proves_nothing(connection: &Connection) {
    let world = World::new(connection).await;
    let id = keep(&world, &sign_in()).await;
    let good = world.scan().await.remove(0);
    let text = |text: &str| Some(AttributeValue::S(text.to_owned()));
    let damages = [
        ("tenant_id", None),
        ("tenant_id", text("contoso.example")),
        ("person", text("ada")),
        ("admin_role", None),
        ("admin_role", text("admin")),
        ("admin_role", Some(AttributeValue::Bool(true))),
        ("delegated", None),
        ("delegated", text("yes")),
        ("home", text("mars")),
        ("expires_at", None),
        ("expires_at", text("never")),
        ("v", Some(AttributeValue::N("2".to_owned()))),
        ("v", text("1")),
    ];
    for (name, value) in damages {
        let mut row = good.clone();
        row.remove(name);
        row.extend(value.map(|value| (name.to_owned(), value)));
        world.put(row).await;
        let read = world.table.find_sign_in(&id.key()).await;
        let Err(StoreError::Damaged(said)) = read else {
            panic!("{name}: {read:?}");
        };
        assert!(said.contains(&format!("attribute {name} ")), "{said}");
    }
}

/// Neither the receipt nor the invite's id is in the table; one unit for each request.
pub async fn a_sign_in_costs_one_unit_for_each_request(connection: &Connection) {
    let world = World::new(connection).await;
    let id = keep(&world, &sign_in()).await;
    found(&world, &id).await;
    let used = world.table.use_sign_in(&id.key(), Some(&invite(1))).await;
    assert_eq!(used.unwrap(), Write::Done);
    for (operation, units) in [
        (Operation::KeepSignIn, Units::Write),
        (Operation::FindSignIn, Units::Read),
        (Operation::UseSignIn, Units::Write),
    ] {
        let sum = world.tally.take(operation, units);
        assert_eq!((sum.requests, sum.total), (1, 1.0), "{operation:?}");
    }
    let table = format!("{:?}", world.scan().await);
    assert!(table.contains(&id.key().to_string()));
    let receipt = serde_json::to_string(&id).unwrap();
    assert!(!table.contains(receipt.trim_matches('"')));
}
