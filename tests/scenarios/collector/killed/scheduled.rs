//! A run of the schedule: the next one completes it.

use serde_json::json;
use tests::gate::At;

use super::{Step, deaths, killed};
use crate::processes::requests::{
    BATCH_LISTED, BATCHES_READ, FETCHED, LEASE_READ, LEASE_WRITTEN, LISTED, OBJECT_PUT, ROW_READ,
    ROW_WRITTEN, STORED, TOKEN,
};
use crate::processes::{Origin, Texts};

const GIVEN_BACK: Texts = [".UpdateItem\r", "looked_until"];

/// In their order.
const STEPS: [Step; 16] = [
    (
        "tenants are listed",
        [".Query\r", "\"IndexName\":\"tenants\""],
        1..=1,
    ),
    ("a lease is looked at", LEASE_READ, 1..=1),
    (
        "what is due is read",
        [".Query\r", "\"IndexName\":\"due\""],
        1..=1,
    ),
    ("the lease is taken", LEASE_WRITTEN, 1..=1),
    ("the tenant's row is read", ROW_READ, 1..=1),
    ("a token is given", TOKEN, 1..=1),
    (
        "subscriptions are listed",
        ["GET /api/", "/subscriptions/list?"],
        1..=1,
    ),
    (
        "a subscription is started",
        ["POST /api/", "/subscriptions/start?"],
        1..=1,
    ),
    ("a window is listed", LISTED, 1..=2),
    ("batches are read", BATCHES_READ, 1..=1),
    ("a batch is listed", BATCH_LISTED, 1..=2),
    ("a content is fetched", FETCHED, 1..=3),
    ("an object is put", OBJECT_PUT, 1..=2),
    ("a batch is stored", STORED, 1..=2),
    ("the tenant's row is written", ROW_WRITTEN, 1..=1),
    ("the lease is given back", GIVEN_BACK, 1..=1),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_killed_at_any_request_is_completed_by_the_next_run() {
    let origin = Origin::make().await;
    let mut table = String::new();
    for (what, at) in deaths(&STEPS) {
        let stage = origin.stage().await;
        let dead = killed(&stage, &json!({}), (&what, at)).await;
        let has_lease = dead.has(LEASE_WRITTEN) && !dead.has(GIVEN_BACK);
        stage.is_left_alone(&what, has_lease).await;
        let again = stage.is_completed(&what).await;
        assert_eq!(again, dead.under_way(), "{what}: only what was under way");
        table += &format!("{what:32}{again}\n");
    }
    println!("done, and then killed           contents fetched again\n{table}");
}

/// Within an object that takes several requests: what was done last.
const OF_PARTS: [(&str, Texts); 3] = [
    ("an upload is begun", ["POST /audit-log/", "?uploads"]),
    ("a part is sent", ["PUT /audit-log/", "partNumber=1"]),
    ("an upload is completed", ["POST /audit-log/", "uploadId="]),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_killed_within_an_upload_of_parts_is_completed_by_the_next_run() {
    let origin = Origin::make().await;
    for (what, texts) in OF_PARTS {
        let stage = origin.stage().await;
        stage.offers_a_large_record().await;
        let at = Some(At::Nth(texts, 1));
        let dead = killed(&stage, &json!({}), (what, at)).await;
        let again = stage.is_completed(what).await;
        assert_eq!(again, dead.under_way(), "{what}: only what was under way");
    }
}
