//! What the adapters make of lost answers, refusals and outages, seen through the SDK
//! as it is: retries included.

use std::sync::Arc;

use async_trait::async_trait;
use auth::caller::CallerKey;
use auth::ports::{
    CallerKeyBook as _, Connecting, SecretError, SecretSource, Settlement, SingleUse as _,
    StoreError, Tenants as _, TokenStore as _, Write, random_bytes,
};
use auth::secret::SecretString;
use auth::{Cause, CauseCode, Cloud, Tenant, TenantId, TenantStatus, Timestamp};
use aws::{RingSource, SealedTokens, SystemClock, SystemRandom, Table};

use crate::wire::{Act, Wire};

const NOW: Timestamp = Timestamp::from_unix(1_431_655_194);
const FAILED: Settlement<'_> = Settlement::Failure {
    next_attempt_at: NOW,
    refresh_at: NOW,
    failures: 1,
    cause: &Cause {
        code: CauseCode::Unavailable,
        aadsts: Some(90033),
        also: Vec::new(),
    },
    suspected_at: None,
    drop_token: false,
};
const ACCOUNT: &str = "123456789012";

struct Ring;

#[async_trait]
impl SecretSource for Ring {
    async fn read(&self, _: &str) -> Result<SecretString, SecretError> {
        let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        Ok(format!(r#"{{"primary":"a","keys":{{"a":"{key}"}}}}"#).into())
    }
}

async fn table(wire: &Wire) -> Table {
    let table = wire.connection.table("tokens", Arc::new(SystemRandom));
    table.create().await.unwrap();
    table
}

async fn tokens(table: &Table) -> SealedTokens {
    let ring = RingSource {
        secrets: Arc::new(Ring),
        name: "ring".into(),
    };
    let client = "2d4d11a2-f814-46a7-890a-274a72a7309e".parse().unwrap();
    let tokens = SealedTokens::load(table.clone(), ring, client, Arc::new(SystemClock));
    tokens.await.unwrap()
}

fn id() -> TenantId {
    "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap()
}

fn tenant(status: TenantStatus) -> Tenant {
    Tenant {
        status,
        ..Tenant::connected(id(), NOW)
    }
}

/// The SDK sends a write again when its answer was lost. The writer must be told that
/// it is done, not that somebody else was there before: a consent would be refused as
/// used, a token thrown away.
#[tokio::test]
async fn a_write_whose_answer_was_lost_is_done() {
    let wire = Wire::new(|operation, number| match (operation, number) {
        ("PutItem" | "UpdateItem", 1) | ("TransactWriteItems", 1 | 3) => Act::LoseAnswer,
        _ => Act::Pass,
    })
    .await;
    let table = table(&wire).await;
    let tokens = tokens(&table).await;
    let resource = Cloud::Public.management_resource();

    assert!(table.use_once("state", NOW).await.unwrap());
    assert_eq!(wire.sent("PutItem"), 2);

    let active = tenant(TenantStatus::Active);
    let resources = [resource.clone()];
    let write = table
        .connect(Connecting::new(&active, &resources, NOW))
        .await
        .unwrap();
    assert_eq!((write, wire.sent("TransactWriteItems")), (Write::Done, 2));

    let record = tokens.read(id(), &resource).await.unwrap().unwrap();
    let write = tokens.settle(&record, FAILED).await.unwrap();
    assert_eq!((write, wire.sent("UpdateItem")), (Write::Done, 2));

    let record = tokens.read(id(), &resource).await.unwrap().unwrap();
    let before = table.find(id()).await.unwrap().unwrap();
    let after = tenant(TenantStatus::Degraded);
    let write = tokens.settle_and_change(&record, FAILED, &before, &after);
    assert_eq!(write.await.unwrap(), Write::Done);
    assert_eq!(wire.sent("TransactWriteItems"), 4);
}

/// The operator is shown a key that holds, and is not told that the name is taken.
#[tokio::test]
async fn a_caller_key_whose_answer_was_lost_is_added() {
    let wire = Wire::new(|operation, number| match (operation, number) {
        ("PutItem", 1) => Act::LoseAnswer,
        _ => Act::Pass,
    })
    .await;
    let random = Arc::new(SystemRandom);
    let control = wire.connection.control_table("control", random);
    control.create().await.unwrap();
    let key = CallerKey::new("collector".parse().unwrap(), random_bytes(&SystemRandom));
    let added = control.add_key(key.name(), &key.hash(), NOW).await;
    assert!(added.unwrap());
    assert_eq!(wire.sent("PutItem"), 2);
    let other = CallerKey::new("collector".parse().unwrap(), random_bytes(&SystemRandom));
    let added = control.add_key(other.name(), &other.hash(), NOW).await;
    assert!(!added.unwrap());
}

const CONFLICT: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionConflictException",
    "message":"Transaction is ongoing for the item"}"#;
const CANCELED_BY_CONFLICT: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    "Message":"cancelled","CancellationReasons":[{"Code":"None"},{"Code":"TransactionConflict"}]}"#;
const CANCELED_BY_THROTTLE: &str = r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
    "Message":"cancelled","CancellationReasons":[{"Code":"None"},{"Code":"ThrottlingError"}]}"#;

/// Nothing was written, and reading again shows what the other one wrote.
#[tokio::test]
async fn a_write_that_met_a_transaction_under_way_is_stale() {
    let wire = Wire::new(|operation, number| match (operation, number) {
        ("UpdateItem", 1) => Act::Answer(400, CONFLICT),
        ("TransactWriteItems", 2) => Act::Answer(400, CANCELED_BY_CONFLICT),
        ("TransactWriteItems", 3) => Act::Answer(400, CANCELED_BY_THROTTLE),
        _ => Act::Pass,
    })
    .await;
    let table = table(&wire).await;
    let tokens = tokens(&table).await;
    let resource = Cloud::Public.management_resource();
    let active = tenant(TenantStatus::Active);
    let resources = [resource.clone()];
    let write = table
        .connect(Connecting::new(&active, &resources, NOW))
        .await
        .unwrap();
    assert_eq!(write, Write::Done);
    let record = tokens.read(id(), &resource).await.unwrap().unwrap();
    let write = tokens.settle(&record, FAILED).await.unwrap();
    assert_eq!(write, Write::Stale);
    let before = table.find(id()).await.unwrap().unwrap();
    let write = table.remove(&before, &tenant(TenantStatus::Removed)).await;
    assert_eq!(write.unwrap(), Write::Stale);
    let throttled = table.remove(&before, &tenant(TenantStatus::Removed)).await;
    assert!(
        matches!(throttled, Err(StoreError::Throttled(_))),
        "{throttled:?}"
    );
}

/// Tried three times, then told as what passes by itself: a throttle by its own name, because
/// asking more slowly helps.
#[tokio::test]
async fn an_outage_is_tried_three_times_and_is_unavailable_or_throttled() {
    const EXCEEDED: &str = r#"{"__type":"x#ProvisionedThroughputExceededException"}"#;
    const LIMIT: &str = r#"{"__type":"x#RequestLimitExceeded"}"#;
    const THROTTLED: &str = r#"{"__type":"x#ThrottlingException"}"#;
    for (act, throttled) in [
        (Act::HangUp, false),
        (Act::Answer(500, "{}"), false),
        (Act::Answer(400, EXCEEDED), true),
        (Act::Answer(400, LIMIT), true),
        (Act::Answer(400, THROTTLED), true),
    ] {
        let wire = Wire::new(move |_, _| act).await;
        let table = wire.connection.table("tokens", Arc::new(SystemRandom));
        let outcome = table.ping().await;
        let as_expected = match throttled {
            true => matches!(outcome, Err(StoreError::Throttled(_))),
            false => matches!(outcome, Err(StoreError::Unavailable(_))),
        };
        assert!(as_expected, "{outcome:?}");
        assert_eq!(wire.sent("GetItem"), 3);
    }
}

/// Asked once; the text leads to the mistake and not to our account.
#[tokio::test]
async fn a_refusal_is_an_operators_business() {
    const DENIED: &str = r#"{"__type":"com.amazon.coral.service#AccessDeniedException","Message":
        "User: arn:aws:sts::123456789012:assumed-role/vending/x is not authorized"}"#;
    const INVALID: &str = r#"{"__type":"com.amazon.coral.validate#ValidationException","message":
        "The table arn:aws:dynamodb:eu-west-1:123456789012:table/tokens has no such index"}"#;
    let rows = [(DENIED, "role's policy"), (INVALID, "template.yaml")];
    for (body, advice) in rows {
        let wire = Wire::new(move |_, _| Act::Answer(400, body)).await;
        let table = wire.connection.table("tokens", Arc::new(SystemRandom));
        let Err(StoreError::Broken(text)) = table.ping().await else {
            panic!("{advice}");
        };
        assert!(text.contains(advice) && !text.contains(ACCOUNT), "{text}");
        assert_eq!(wire.sent("GetItem"), 1);
    }
}
