//! Rows of every release are read by this version. `tests/fixtures/rows/NAME.json`: rows in
//! DynamoDB's JSON, one of each kind as that release wrote it (`one_of_each.rs`) with the ring
//! and the application of this contract; a later layout adds a file and changes none.

use std::collections::BTreeMap;

use auth::encoding::base64_standard;
use auth::invite::Invite;
use auth::last_run::LastRun;
use auth::operator_action::Outcome;
use auth::ports::{
    CallerKeyBook as _, CallerKeys as _, Invites as _, IssuerSource as _, Leases as _,
    OperatorLog as _, PolicySource as _, PolicyStore as _, Runs as _, SignIns as _, SingleUse as _,
    StoreError, Tenants as _, TokenStore as _,
};
use auth::{Tenant, TenantId};
use aws::{Connection, OutboxOf, TableOutbox};
use aws_sdk_dynamodb::types::AttributeValue;
use feed::Window;
use feed::ledger::TenantFeed;
use feed::ports::{Ledger as _, SharedLedger as _};
use serde_json::{Map, Value, json};

use super::ledger_rows::{TYPE, batch_of, done, feed_of, stored, window_of};
use super::one_of_each as each;
use super::outbox::{outbox, waiting};
use super::world::{NOW, Row, World, at, graph, management, text_of};
use crate::fuzz::table_rows::item;

/// The first release.
const FIRST: &str = include_str!("../../fixtures/rows/v1.json");
/// Where rows of the control table are.
const CONTROL: [&str; 4] = ["POLICY", "ISSUERS", "CALLERS", "AUDIT#"];

fn first() -> Vec<Row> {
    let rows: Vec<Map<String, Value>> = serde_json::from_str(FIRST).unwrap();
    rows.iter().map(|row| item(row).unwrap()).collect()
}

async fn put(world: &World, row: Row) {
    let pk = row["pk"].as_s().unwrap();
    if CONTROL.iter().any(|control| pk.starts_with(control)) {
        world.put_control(row).await;
    } else {
        world.put(row).await;
    }
}

/// Each kind through its port, with the token that it sealed.
pub async fn rows_of_the_first_release_are_read(connection: &Connection) {
    let world = World::new(connection).await;
    for row in first() {
        put(&world, row).await;
    }
    let tenant = world.find(each::TENANT.parse().unwrap()).await;
    let expected = Tenant {
        version: tenant.version.clone(),
        ..each::tenant()
    };
    assert_eq!(format!("{tenant:?}"), format!("{expected:?}"));
    read_tokens(&world, &tenant).await;

    let table = &world.table;
    let used = Invite {
        used_by: Some(tenant.id),
        ..each::invite()
    };
    let invite = table.find_invite(&each::invite_id().key()).await.unwrap();
    assert_eq!(invite, Some(used));
    let sign_in = table.find_sign_in(&each::receipt().key()).await.unwrap();
    assert_eq!(sign_in, Some(each::sign_in()));
    assert!(table.was_used(each::STATE).await.unwrap());
    assert_eq!(table.looked(each::SHARD).await.unwrap(), Some(each::KEPT));
    let noted = table.looked(each::FEED_SHARD).await.unwrap();
    assert_eq!(noted, Some(each::noted()));
    let run = table.last_run().await.unwrap().unwrap();
    let version = run.version.clone();
    assert_eq!(
        run,
        LastRun {
            version,
            ..super::runs::run()
        }
    );
    let held = table.take(&each::miss(), at(29), at(59)).await.unwrap();
    assert_eq!(held, None, "another one has it");
    let feed = table.feed(tenant.id).await.unwrap().unwrap();
    let expected = TenantFeed {
        version: feed.version.clone(),
        ..feed_of(tenant.id)
    };
    assert_eq!(format!("{feed:?}"), format!("{expected:?}"));
    let batch = stored(batch_of(tenant.id, NOW, &["one", "two"]));
    let within = batch.hour;
    let found = table.batches(tenant.id, TYPE, within).await.unwrap();
    assert_eq!(found, [batch]);
    let windows = table.windows(tenant.id, TYPE).await.unwrap();
    assert_eq!(windows, [done(window_of(tenant.id))]);
    let [event] = &waiting(&outbox(&world)).await[..] else {
        panic!("one event waits");
    };
    assert_eq!((&*event.kind, event.time), ("TenantDegraded", at(1)));
    assert_eq!(event, &each::tried(event.clone()));
    let losses = TableOutbox::new(world.table.clone(), OutboxOf::Feeds);
    let [event] = &waiting(&losses).await[..] else {
        panic!("one event of an audit log waits");
    };
    assert_eq!((&*event.kind, event.time), ("FeedLoss", at(2)));
    read_control(&world).await;
}

async fn read_tokens(world: &World, tenant: &Tenant) {
    let record = world.read(tenant.id, &management()).await;
    let token = text_of(&record).expect("a token that the first release sealed opens");
    assert!(token.len() > 1_200, "one that was compact");
    let token = record.token.as_ref().unwrap();
    let claims = token.access_token.unverified_claims();
    assert_eq!(claims.unwrap().tid, tenant.id);
    assert_eq!((token.expires_at, token.issued_at), (at(3_599), NOW));
    assert_eq!((record.refresh_at, record.failures), (at(1_979), 0));
    assert_eq!((&record.tags, &record.cause), (&tenant.tags, &tenant.cause));
    assert_eq!(world.at_turns().await, [(tenant.id, management())]);

    let failed = world.read(tenant.id, &graph()).await;
    assert_eq!(
        (failed.failures, failed.last_failure),
        (3, Some(each::failure()))
    );
    assert_eq!(
        (failed.refresh_at, failed.suspected_at),
        (at(60), Some(at(-7)))
    );
    let next = world.table.next_attempt_at(tenant.id, &graph()).await;
    assert_eq!(next.unwrap(), Some(at(60)));
    assert_eq!(world.due(at(60)).await, [(tenant.id, graph())]);
}

async fn read_control(world: &World) {
    let control = &world.control;
    let policies = control.current().await.unwrap();
    assert_eq!(policies.in_force, Some(each::policy()));
    assert_eq!(policies.candidate.unwrap(), Some(each::candidate()));
    let replaced = control.replaced().await.unwrap();
    assert_eq!(replaced, [each::replaced_policy()]);
    let issuers = control.current_issuers().await.unwrap();
    assert_eq!(issuers, Some(each::issuers()));
    let key = each::caller_key();
    let stored = control.find_key(key.name()).await.unwrap().unwrap();
    assert!(stored.hash.matches(&key.hash()));
    assert_eq!((stored.created_at, stored.last_used_at), (NOW, Some(at(9))));
    let (actions, damaged) = control.of_day(NOW).await.unwrap();
    assert!(damaged.is_empty());
    let [action] = &actions[..] else {
        panic!("{actions:?}");
    };
    assert_eq!(
        (&action.actor, &*action.command),
        (&each::actor().0, "token")
    );
    assert_eq!(
        (action.tenant, &action.customer),
        (each::deed().tenant, &each::deed().customer)
    );
    assert_eq!(
        (&action.name, &action.options),
        (&each::deed().name, &vec!["raw".to_owned()])
    );
    assert_eq!(
        (action.began_at, action.ended),
        (NOW, Some((at(3), Outcome::Done)))
    );
}

/// To the letter, but for what is random. Where this fails, rows have a new layout: it gets a
/// file of its own, which this test names then, and the files before it stay.
pub async fn rows_are_written_as_the_fixtures_have_them(connection: &Connection) {
    let world = World::new(connection).await;
    each::write(&world).await;
    let mut written = world.scan().await;
    written.extend(world.control_rows().await);
    let rows: Vec<Value> = written.iter().map(dynamodb_json).collect();
    let text = serde_json::to_string_pretty(&rows).unwrap();
    assert!(
        known(written) == known(first()),
        "what is written now:\n{text}"
    );
}

/// Rows by their keys, without what is random.
fn known(rows: Vec<Row>) -> BTreeMap<String, BTreeMap<String, Value>> {
    let rows = rows.into_iter().map(|mut row| {
        let random = AttributeValue::S("random".to_owned());
        for name in ["mark", "version", "sealed"] {
            let is_random = row.get(name).is_some_and(|value| {
                value.is_b() || value.as_s().is_ok_and(|text| text.len() == 16)
            });
            if is_random {
                row.insert(name.to_owned(), random.clone());
            }
        }
        let key = |name: &str| row[name].as_s().unwrap().clone();
        let (pk, mut sk) = (key("pk"), key("sk"));
        if let Some((time, _)) = sk.split_once('#').filter(|_| pk.starts_with("AUDIT#")) {
            sk = time.to_owned();
            row.insert("sk".to_owned(), AttributeValue::S(sk.clone()));
        }
        let Value::Object(row) = dynamodb_json(&row) else {
            unreachable!("a row is an object");
        };
        (format!("{pk} {sk}"), row.into_iter().collect())
    });
    rows.collect()
}

fn dynamodb_json(row: &Row) -> Value {
    let members = row.iter();
    let members: BTreeMap<_, _> = members.map(|(name, value)| (name, one(value))).collect();
    json!(members)
}

fn one(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({"S": text}),
        AttributeValue::N(digits) => json!({"N": digits}),
        AttributeValue::B(bytes) => json!({"B": base64_standard(bytes.as_ref())}),
        AttributeValue::L(items) => json!({"L": items.iter().map(one).collect::<Vec<_>>()}),
        AttributeValue::M(members) => json!({"M": dynamodb_json(members)}),
        other => panic!("no such attribute in a row: {other:?}"),
    }
}

/// Fails closed: what a later release wrote under a layout of its own is refused, whatever is
/// asked, and the error says why.
pub async fn rows_of_a_later_layout_are_refused_and_decide_nothing(connection: &Connection) {
    let world = World::new(connection).await;
    for mut row in first() {
        row.insert("v".to_owned(), AttributeValue::N("2".to_owned()));
        put(&world, row).await;
    }
    let id: TenantId = each::TENANT.parse().unwrap();
    let (table, control, tokens) = (&world.table, &world.control, &world.tokens);
    let (listed, in_list) = world
        .list(auth::ports::Listing {
            examine: 9,
            ..Default::default()
        })
        .await;
    let keys = control.list_keys().await.unwrap();
    let (actions, of_day) = control.of_day(NOW).await.unwrap();
    assert!(listed.is_empty() && keys.keys.is_empty() && actions.is_empty());
    let mut refused: Vec<(&str, Option<StoreError>)> = vec![
        ("a tenant", table.find(id).await.err()),
        ("a token", tokens.read(id, &management()).await.err()),
        (
            "the latest token",
            tokens.read_latest(id, &graph()).await.err(),
        ),
        (
            "the next attempt",
            table.next_attempt_at(id, &graph()).await.err(),
        ),
        (
            "an invite",
            table.find_invite(&each::invite_id().key()).await.err(),
        ),
        (
            "a sign-in",
            table.find_sign_in(&each::receipt().key()).await.err(),
        ),
        ("a feed", table.feed(id).await.err()),
        ("the last run", table.last_run().await.err()),
        (
            "batches",
            table.batches(id, TYPE, Window::hour_of(NOW)).await.err(),
        ),
        ("the policies", control.current().await.err()),
        ("the issuers", control.current_issuers().await.err()),
        (
            "a caller key",
            control.find_key(each::caller_key().name()).await.err(),
        ),
    ];
    for (name, errors) in [
        ("tenants", in_list),
        ("keys", keys.damaged),
        ("actions", of_day),
    ] {
        assert_eq!(errors.len(), 1, "{name}");
        refused.push((name, errors.into_iter().next()));
    }
    for (name, error) in refused {
        let Some(StoreError::Damaged(said)) = error else {
            panic!("{name}: {error:?}");
        };
        assert!(
            said.contains("attribute v says that a later release"),
            "{name}: {said}"
        );
    }
    // Used is used; how far the runs came is not known; a lease is held until its end.
    assert!(table.was_used(each::STATE).await.unwrap());
    assert!(!table.use_once(each::STATE, at(600)).await.unwrap());
    assert_eq!(table.looked(each::SHARD).await.unwrap(), None);
    let held = table.take(&each::miss(), at(29), at(59)).await.unwrap();
    assert_eq!(held, None);
}
