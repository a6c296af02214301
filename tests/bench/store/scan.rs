//! A third design: no index and no other rows. Every run reads the whole table in
//! segments and keeps what is due. The filter brings the record without its token, so
//! that no further read is needed; DynamoDB charges for what it examines all the same.

use futures::StreamExt as _;
use serde_json::json;

use super::dynamodb::{Item, Table, key, renewal};
use super::{AT_A_TIME, Cost};

const SEGMENTS: usize = 8;
/// Every token of the table is due by then, and none long before.
const LATER: &str = "9999999999";
const EARLIER: &str = "1";

/// Fills the table with `items` and counts.
pub(super) async fn measure(table: &Table, items: &[Item], tokens: &[Item]) -> Cost {
    table.fill(items).await;
    table.take_units();
    let due = due(table, LATER).await;
    assert_eq!(due, tokens.len());
    futures::stream::iter(tokens)
        .for_each_concurrent(AT_A_TIME, async |token| {
            table.write("UpdateItem", renewal(token)).await;
        })
        .await;
    let full = table.take_units();
    assert_eq!(self::due(table, EARLIER).await, 0);
    let empty = table.take_units();
    table.read("GetItem", json!({"Key": key(&tokens[0])})).await;
    Cost::of(full, empty, table.take_units(), tokens.len())
}

/// How many are due.
async fn due(table: &Table, now: &str) -> usize {
    let mut found = 0;
    for segment in 0..SEGMENTS {
        let scan = json!({
            "Segment": segment,
            "TotalSegments": SEGMENTS,
            "FilterExpression": "refresh_at <= :now",
            "ProjectionExpression": "pk, sk, refresh_at, version, customer, cloud, failures",
            "ExpressionAttributeValues": {":now": {"N": now}},
        });
        found += table.pages("Scan", scan).await.len();
    }
    found
}
