//! The contract of `TokenStore`: settlements, changes of a tenant.

use auth::ports::{Settlement, Tenants as _, TokenStore as _, Write};
use auth::token::TokenRecord;
use auth::turns::Look;
use auth::version::Version;
use auth::{Cause, CauseCode, Tenant, TenantStatus};
use aws::{Connection, Operation, Units};

use super::world::{
    FAILED, NOW, World, at, eight_times, graph, management, one_done_seven_stale, tenant,
    tenant_with, text_of, token,
};

/// With its expiry, its next refresh, and no trace of failures before it.
pub async fn a_token_comes_back_as_it_was_settled(connection: &Connection) {
    let world = World::new(connection).await;
    let id = world.connected(&[management()]).await.id;
    let fresh = world.read(id, &management()).await;
    let failed = world.tokens.settle(&fresh, FAILED).await.unwrap();
    assert_eq!(failed, Write::Done);
    let record = world
        .holding(id, &management(), "header.payload.signature")
        .await;
    assert_eq!(text_of(&record), Some("header.payload.signature"));
    assert_eq!(record.token.as_ref().unwrap().expires_at, at(3_599));
    assert_eq!(record.refresh_at, at(2_700));
    assert_eq!((record.failures, record.next_attempt_at), (0, None));
    assert_eq!((record.last_failure, record.suspected_at), (None, None));
    assert_eq!(record.status, TenantStatus::Active);
    assert_eq!(record.version.0.len(), 16);
    assert_ne!(record.version, fresh.version);
}

/// In their order, whatever the engine's is: what is there, what is not, and what is asked for
/// twice; 100 with one request, each for half a unit.
pub async fn many_records_are_read_as_each_is_by_itself(connection: &Connection) {
    let world = World::new(connection).await;
    let mut named = Vec::new();
    for _ in 0..52 {
        let tenant = world.connected(&[management(), graph()]).await;
        named.extend([(tenant.id, graph()), (tenant.id, management())]);
    }
    let (held, resource) = named[3].clone();
    world
        .holding(held, &resource, "header.payload.signature")
        .await;
    named.insert(7, (tenant(TenantStatus::Active).id, management()));
    named.insert(50, named[3].clone());
    world.tally.take(Operation::ReadEach, Units::Read);
    let read = world.tokens.read_each(&named).await;
    let sum = world.tally.take(Operation::ReadEach, Units::Read);
    // ministack says nothing of what a batch consumes.
    if sum.requests > 0 {
        assert_eq!((sum.requests, sum.total), (2, 52.5));
    }
    assert_eq!(read.len(), named.len());
    for (number, ((tenant, resource), read)) in named.iter().zip(read).enumerate() {
        let by_itself = world.tokens.read(*tenant, resource).await.unwrap();
        let said = |record: &Option<TokenRecord>| {
            let record = record.as_ref()?;
            let text = text_of(record).map(str::to_owned);
            Some((
                record.tenant,
                record.resource.clone(),
                record.version.clone(),
                text,
            ))
        };
        assert_eq!(said(&read.unwrap()), said(&by_itself), "{number}");
        assert_eq!(by_itself.is_none(), number == 7);
    }
}

/// All read the same version; the table holds what the winner wrote.
pub async fn of_eight_writers_one_settles(connection: &Connection) {
    let world = World::new(connection).await;
    let id = world.connected(&[management()]).await.id;
    let record = world.read(id, &management()).await;
    let outcomes = eight_times(|number| {
        let (tokens, record) = (world.tokens.clone(), record.clone());
        async move {
            let token = token(&format!("token {number}"));
            let refresh_at = at(i64::from(number));
            let settlement = Settlement::Token {
                token: &token,
                refresh_at,
                look: Look::AtItsTurns,
            };
            tokens.settle(&record, settlement).await.unwrap()
        }
    });
    assert_eq!(outcomes.await, one_done_seven_stale());
    let settled = world.read(id, &management()).await;
    let written_by = settled.refresh_at.unix() - NOW.unix();
    assert_eq!(
        text_of(&settled),
        Some(format!("token {written_by}").as_str())
    );
}

/// Nobody asks again before its time; the token goes only when it must.
pub async fn a_failure_keeps_the_token_or_drops_it(connection: &Connection) {
    let world = World::new(connection).await;
    let id = world.connected(&[management()]).await.id;
    let mut record = world.holding(id, &management(), "kept").await;
    let cause = Cause::with_aadsts(CauseCode::Unavailable, 50033).among(&[7, 50033, 123_456]);
    for (drop_token, expected) in [(false, Some("kept")), (true, None)] {
        let settlement = Settlement::Failure {
            next_attempt_at: at(60),
            refresh_at: at(60),
            failures: 3,
            cause: &cause,
            suspected_at: Some(at(-7)),
            drop_token,
        };
        let write = world.tokens.settle(&record, settlement).await.unwrap();
        assert_eq!(write, Write::Done);
        record = world.read(id, &management()).await;
        assert_eq!(text_of(&record), expected);
        assert_eq!(record.next_attempt_at, Some(at(60)));
        assert_eq!(record.last_failure.as_ref(), Some(&cause));
        assert_eq!(record.suspected_at, Some(at(-7)));
        assert_eq!((record.refresh_at, record.failures), (at(60), 3));
        assert_eq!(record.status, TenantStatus::Active);
    }
}

/// A refresher that is late does not bring a removed tenant's token back.
pub async fn a_record_that_is_gone_is_not_settled(connection: &Connection) {
    let world = World::new(connection).await;
    let tenant = world.connected(&[management()]).await;
    let record = world.read(tenant.id, &management()).await;
    let removed = tenant_with(tenant.id, TenantStatus::Removed);
    let write = world.table.remove(&tenant, &removed).await.unwrap();
    assert_eq!(write, Write::Done);
    let late = token("late");
    let settlement = Settlement::Token {
        token: &late,
        refresh_at: at(1),
        look: Look::AtItsTurns,
    };
    let write = world.tokens.settle(&record, settlement).await.unwrap();
    assert_eq!(write, Write::Stale);
    let degraded = tenant_with(tenant.id, TenantStatus::Degraded);
    let write = world
        .tokens
        .settle_and_change(&record, settlement, &tenant, &degraded);
    assert_eq!(write.await.unwrap(), Write::Stale);
    assert_eq!(
        world.beside_events().await.len(),
        1,
        "only the tenant itself"
    );
}

/// A change of state is one event, however many functions see it.
pub async fn of_eight_changes_of_a_tenant_one_wins(connection: &Connection) {
    let world = World::new(connection).await;
    let before = world.connected(&[management(), graph()]).await;
    let record = world.read(before.id, &management()).await;
    let outcomes = eight_times(|_| {
        let tokens = world.tokens.clone();
        let (record, before) = (record.clone(), before.clone());
        let after = revoked(&before);
        async move {
            let write = tokens.settle_and_change(&record, FAILED, &before, &after);
            write.await.unwrap()
        }
    });
    assert_eq!(outcomes.await, one_done_seven_stale());
    assert_eq!(world.find(before.id).await.status, TenantStatus::Revoked);
}

/// Either one being out of date leaves both as they were.
pub async fn a_change_needs_the_tenant_and_the_record_as_they_were_read(connection: &Connection) {
    let world = World::new(connection).await;
    let before = world.connected(&[management()]).await;
    let record = world.read(before.id, &management()).await;
    let outdated = Version("outdated".into());
    let old_tenant = Tenant {
        version: Some(outdated.clone()),
        ..before.clone()
    };
    let old_record = TokenRecord {
        version: outdated,
        ..record.clone()
    };
    for (record, before) in [(&record, &old_tenant), (&old_record, &before)] {
        let after = revoked(before);
        let write = world
            .tokens
            .settle_and_change(record, FAILED, before, &after);
        assert_eq!(write.await.unwrap(), Write::Stale);
    }
    let unchanged = world.read(before.id, &management()).await;
    assert_eq!(unchanged.version, record.version);
    assert_eq!(unchanged.status, TenantStatus::Active);
    assert_eq!(world.find(before.id).await.version, before.version);
}

/// One read serves a vend, so each record has to know. Whoever was renewing another
/// record of the tenant at that moment is told that it is out of date.
pub async fn a_change_reaches_every_record_of_its_tenant(connection: &Connection) {
    let world = World::new(connection).await;
    let before = world.connected(&[management(), graph()]).await;
    let record = world.holding(before.id, &management(), "own").await;
    let sibling = world.holding(before.id, &graph(), "sibling").await;
    let after = revoked(&before);
    let settlement = Settlement::Failure {
        next_attempt_at: at(60),
        refresh_at: at(60),
        failures: 1,
        cause: &CauseCode::Unavailable.into(),
        suspected_at: None,
        drop_token: true,
    };
    let write = world
        .tokens
        .settle_and_change(&record, settlement, &before, &after);
    assert_eq!(write.await.unwrap(), Write::Done);
    let tenant = world.find(before.id).await;
    assert_eq!(
        (tenant.status, &tenant.cause),
        (TenantStatus::Revoked, &after.cause)
    );
    assert_ne!(tenant.version, before.version);
    let own = world.read(before.id, &management()).await;
    assert_eq!(
        (own.status, &own.cause),
        (TenantStatus::Revoked, &after.cause)
    );
    assert_eq!(
        (text_of(&own), own.refresh_at, own.failures),
        (None, at(60), 1)
    );
    let other = world.read(before.id, &graph()).await;
    assert_eq!(
        (other.status, &other.cause),
        (TenantStatus::Revoked, &after.cause)
    );
    // The rest of it is as it was.
    assert_eq!(
        (text_of(&other), other.refresh_at),
        (Some("sibling"), at(2_700))
    );
    let late = world.tokens.settle(&sibling, FAILED).await.unwrap();
    assert_eq!(late, Write::Stale);

    let healed = Tenant {
        cause: None,
        ..tenant_with(before.id, TenantStatus::Active)
    };
    let token = token("new");
    let settlement = Settlement::Token {
        token: &token,
        refresh_at: at(5),
        look: Look::AtItsTurns,
    };
    let write = world
        .tokens
        .settle_and_change(&own, settlement, &tenant, &healed);
    assert_eq!(write.await.unwrap(), Write::Done);
    for (resource, text) in [(management(), "new"), (graph(), "sibling")] {
        let record = world.read(before.id, &resource).await;
        assert_eq!(
            (record.status, &record.cause),
            (TenantStatus::Active, &None)
        );
        assert_eq!(text_of(&record), Some(text));
    }
}

fn revoked(before: &Tenant) -> Tenant {
    Tenant {
        status: TenantStatus::Revoked,
        cause: Some(Cause::with_aadsts(CauseCode::NotConsented, 65_001)),
        cause_resource: Some(management()),
        ..before.clone()
    }
}
