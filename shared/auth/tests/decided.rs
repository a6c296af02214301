//! A token is decided on before it is handed out, on what is known of its tenant: whatever
//! happens between the two, the token is of the record that was decided on.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use auth::tenant::TenantStatus;
use auth::vend::{DEFAULT_MIN_TTL, Taken, VendRefusal, Wanted};
use auth::{Cloud, Customer, TokenRecord};

use crate::fakes::{FakeStore, World, resource, tenant};

const LEASE: Duration = Duration::from_secs(30);

fn other_customer() -> Customer {
    "another-account".parse().unwrap()
}

fn moved(record: &mut TokenRecord) {
    record.customer = other_customer();
}

fn tag(record: &mut TokenRecord, name: &str, value: &str) {
    record.tags.insert(name.to_owned(), value.to_owned());
}

fn while_entra_answers(world: &World, change: fn(&FakeStore)) {
    let store = Arc::clone(&world.store);
    world.issuer.meanwhile(move |_| change(&store));
}

fn while_we_wait(world: &World, change: fn(&FakeStore)) {
    world.leases.held_by_another(world.now() + LEASE);
    let store = Arc::clone(&world.store);
    world.pause.meanwhile(move |_| change(&store));
}

/// What the caller gets in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Token,
    NotActive(TenantStatus),
    NotFound,
}

fn end_of(taken: Result<Taken<'_>, VendRefusal>) -> Result<End, ()> {
    match taken {
        Ok(Taken::Vended(_)) => Ok(End::Token),
        Err(VendRefusal::NotActive { status, .. }) => Ok(End::NotActive(status)),
        Err(VendRefusal::NotFound) => Ok(End::NotFound),
        Err(other) => panic!("{other:?}"),
        Ok(Taken::Changed(_)) => Err(()),
    }
}

/// What happens, whether it has to be decided on again, and what comes of it.
type Row = (&'static str, fn(&World), bool, End);

const ROWS: [Row; 21] = [
    ("nothing", |_| {}, false, End::Token),
    (
        "renewed by another",
        |world| world.store.write_token(3599),
        false,
        End::Token,
    ),
    (
        "a failure was noted and is over",
        |world| world.store.replace(|record| record.failures = 3),
        false,
        End::Token,
    ),
    (
        "moved there and back",
        |world| {
            let customer = world.store.record().customer;
            world.store.replace(moved);
            world.store.replace(|record| record.customer = customer);
        },
        false,
        End::Token,
    ),
    (
        "moved to another account",
        |world| world.store.replace(moved),
        true,
        End::Token,
    ),
    (
        "moved and renewed",
        |world| {
            world.store.replace(moved);
            world.store.write_token(3599);
        },
        true,
        End::Token,
    ),
    (
        "under another cloud, and renewed",
        |world| {
            let other = |record: &mut TokenRecord| record.cloud = Cloud::GccHigh;
            world.store.replace(other);
            world.store.write_token(3599);
        },
        true,
        End::Token,
    ),
    (
        "a tag was added",
        |world| world.store.replace(|record| tag(record, "tier", "gold")),
        true,
        End::Token,
    ),
    (
        "a tag was changed",
        |world| world.store.replace(|record| tag(record, "env", "test")),
        true,
        End::Token,
    ),
    (
        "a tag was removed",
        |world| world.store.replace(|record| record.tags.clear()),
        true,
        End::Token,
    ),
    (
        "failing, and vended all the same",
        |world| {
            world
                .store
                .replace(|record| record.status = TenantStatus::Degraded);
        },
        true,
        End::Token,
    ),
    (
        "suspended",
        |world| {
            world
                .store
                .replace(|record| record.status = TenantStatus::Suspended);
        },
        true,
        End::NotActive(TenantStatus::Suspended),
    ),
    (
        "revoked, and its token dropped",
        |world| {
            world.store.replace(|record| {
                record.status = TenantStatus::Revoked;
                record.token = None;
            });
        },
        true,
        End::NotActive(TenantStatus::Revoked),
    ),
    (
        "removed",
        |world| world.store.remove_record(),
        true,
        End::NotFound,
    ),
    (
        "moved while Entra ID answered",
        |world| {
            while_entra_answers(world, |store| {
                store.replace(moved);
                store.write_token(3599);
            });
        },
        true,
        End::Token,
    ),
    (
        "a tag was added while Entra ID answered",
        |world| {
            while_entra_answers(world, |store| {
                store.replace(|record| tag(record, "tier", "gold"));
                store.write_token(3599);
            });
        },
        true,
        End::Token,
    ),
    (
        "suspended while Entra ID answered",
        |world| {
            while_entra_answers(world, |store| {
                store.replace(|record| record.status = TenantStatus::Suspended);
            });
        },
        true,
        End::NotActive(TenantStatus::Suspended),
    ),
    (
        "renewed while another process asked",
        |world| while_we_wait(world, |store| store.write_token(3599)),
        false,
        End::Token,
    ),
    (
        "moved while another process asked",
        |world| {
            while_we_wait(world, |store| {
                store.replace(moved);
                store.write_token(3599);
            });
        },
        true,
        End::Token,
    ),
    (
        "suspended while another process asked",
        |world| {
            while_we_wait(world, |store| {
                store.replace(|record| record.status = TenantStatus::Suspended);
            });
        },
        true,
        End::NotActive(TenantStatus::Suspended),
    ),
    (
        "removed while another process asked",
        |world| while_we_wait(world, FakeStore::remove_record),
        true,
        End::NotFound,
    ),
];

#[tokio::test]
async fn a_token_is_of_the_record_that_was_decided_on_or_is_decided_on_again() {
    let resource = resource();
    for ((row, happens, again, end), remembered) in
        ROWS.into_iter().flat_map(|row| [(row, false), (row, true)])
    {
        let row = format!("{row}, remembered: {remembered}");
        let world = World::with_token(300);
        world.store.change(|record| tag(record, "env", "prod"));
        if remembered {
            let any = Duration::ZERO;
            world.vend.vend(tenant(), &resource, any).await.unwrap();
        }
        let wanted = Wanted::living(DEFAULT_MIN_TTL);
        let opened = world.vend.open(tenant(), &resource, wanted);
        let opened = opened.await.unwrap();
        assert!(opened.facts().connected.is_some(), "{row}");
        happens(&world);
        let taken = opened.token().await;
        let Ok(Taken::Changed(changed)) = taken else {
            assert_eq!(end_of(taken), Ok(end), "{row}");
            assert!(!again, "{row}: it was not decided on again");
            continue;
        };
        assert!(again, "{row}: nothing has changed");
        let now = (end != End::NotFound).then(|| world.store.record());
        let shown = changed.facts().connected;
        assert_eq!(
            shown.map(|facts| (facts.customer.clone(), facts.status, facts.tags.clone())),
            now.map(|record| (record.customer, record.status, record.tags)),
            "{row}"
        );
        let asked = world.issuer.asked.load(Ordering::SeqCst);
        // What was decided on the second time is what is handed out, whatever comes next.
        world.store.replace(|record| tag(record, "late", "yes"));
        assert_eq!(end_of(changed.token().await), Ok(end), "{row}");
        assert_eq!(world.issuer.asked.load(Ordering::SeqCst), asked, "{row}");
    }
}
