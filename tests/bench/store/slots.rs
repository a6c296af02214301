//! Another design: no index. A row of its own says that a token is due, in a partition
//! for each shard and five minutes; it is written before the token, and what is over is
//! left to the table's time to live, which costs nothing. The run remembers in one row
//! up to which slot it has come.
//!
//! The row and the token are two writes: first the row, so that a process which dies
//! between them leaves a row too many and never a token that nobody renews. In one
//! transaction they would cost twice as much as apart.

use futures::StreamExt as _;
use serde_json::{Value, json};

use super::dynamodb::{Item, Table, key, renewal, text};
use super::{AT_A_TIME, Cost};

const SHARDS: usize = 8;
/// The slot in which everything is due, the one into which it goes, and an empty one.
const DUE: u64 = 6_000_000;
const NEXT: u64 = DUE + 7;
const EMPTY: u64 = DUE + 1;

/// Fills the table with `items` and what is due among them, and counts.
pub(super) async fn measure(table: &Table, items: &[Item], tokens: &[Item]) -> Cost {
    table.fill(items).await;
    let rows: Vec<Item> = tokens
        .iter()
        .map(|token| due_row(token, DUE))
        .map(|row| serde_json::from_value(row).unwrap())
        .collect();
    table.fill(&rows).await;
    table.take_units();
    assert_eq!(run(table, DUE).await, tokens.len());
    let full = table.take_units();
    assert_eq!(run(table, EMPTY).await, 0);
    let empty = table.take_units();
    let token = json!({"Key": key(&tokens[0])});
    table.read("GetItem", token).await;
    Cost::of(full, empty, table.take_units(), tokens.len())
}

/// One run of the refresher over one slot; how many it renewed.
async fn run(table: &Table, slot: u64) -> usize {
    let progress = json!({"pk": {"S": "PROGRESS"}, "sk": {"S": "PROGRESS"}});
    table.read("GetItem", json!({"Key": progress})).await;
    let mut renewed = 0;
    for shard in 0..SHARDS {
        let rows = due(table, shard, slot).await;
        renewed += rows.len();
        futures::stream::iter(&rows)
            .for_each_concurrent(AT_A_TIME, async |row| renew(table, row).await)
            .await;
    }
    let mut progress = progress;
    progress["slot"] = json!({"N": slot.to_string()});
    table.write("PutItem", json!({"Item": progress})).await;
    renewed
}

async fn due(table: &Table, shard: usize, slot: u64) -> Vec<Item> {
    let partition = partition(shard, slot);
    let query = json!({
        "KeyConditionExpression": "pk = :pk",
        "ExpressionAttributeValues": {":pk": {"S": partition}},
    });
    table.pages("Query", query).await
}

async fn renew(table: &Table, row: &Item) {
    let token = json!({"pk": row["token_pk"], "sk": row["token_sk"]});
    let read = table.read("GetItem", json!({"Key": token})).await;
    let token: Item = serde_json::from_value(read["Item"].clone()).unwrap();
    let next = json!({"Item": due_row(&token, NEXT)});
    table.write("PutItem", next).await;
    table.write("UpdateItem", renewal(&token)).await;
}

/// Tenants are spread by the last digit of their numbers; the real thing would hash.
fn due_row(token: &Item, slot: u64) -> Value {
    let (pk, sk) = (text(token, "pk"), text(token, "sk"));
    let last = pk.chars().last().and_then(|digit| digit.to_digit(16));
    let shard = last.unwrap() as usize % SHARDS;
    json!({
        "pk": {"S": partition(shard, slot)},
        "sk": {"S": format!("{pk}#{sk}")},
        "token_pk": {"S": pk},
        "token_sk": {"S": sk},
        "ttl": {"N": (slot * 300 + 86_400).to_string()},
    })
}

fn partition(shard: usize, slot: u64) -> String {
    format!("DUE#{shard}#{slot}")
}
