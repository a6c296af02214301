//! DynamoDB as plain JSON over HTTP, with the units that each request consumed, for
//! the designs that no adapter of ours has.

use std::collections::BTreeMap;
use std::sync::Mutex;

use reqwest::Client;
use serde_json::{Value, json};

/// Both engines want to see a signature and look at none.
const UNSIGNED: &str = "AWS4-HMAC-SHA256 \
    Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0";

/// An item in DynamoDB's JSON.
pub(super) type Item = BTreeMap<String, Value>;

/// Request units.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Units {
    pub(super) read: f64,
    pub(super) write: f64,
}

/// One table of an engine.
pub(super) struct Table {
    client: Client,
    endpoint: String,
    name: String,
    units: Mutex<Units>,
}

impl Table {
    /// The table called `name`, which is there already.
    pub(super) fn new(endpoint: &str, name: &str) -> Self {
        Self {
            client: Client::builder().no_proxy().build().unwrap(),
            endpoint: endpoint.to_owned(),
            name: name.to_owned(),
            units: Mutex::default(),
        }
    }

    /// A new table of keys and nothing else.
    pub(super) async fn create(endpoint: &str, name: &str) -> Self {
        let table = Self::new(endpoint, name);
        let definition = json!({
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            "KeySchema": [
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
        });
        table.call("CreateTable", definition).await;
        table
    }

    /// What was consumed since the last call, which forgets it.
    pub(super) fn take_units(&self) -> Units {
        std::mem::take(&mut self.units.lock().unwrap())
    }

    pub(super) async fn read(&self, action: &str, body: Value) -> Value {
        let (answer, units) = self.counted(action, body).await;
        self.units.lock().unwrap().read += units;
        answer
    }

    pub(super) async fn write(&self, action: &str, body: Value) {
        let (_, units) = self.counted(action, body).await;
        self.units.lock().unwrap().write += units;
    }

    /// Writes items without counting: what stood there before.
    pub(super) async fn fill(&self, items: &[Item]) {
        for some in items.chunks(25) {
            let puts: Vec<_> = some
                .iter()
                .map(|item| json!({"PutRequest": {"Item": item}}))
                .collect();
            let batch = json!({"RequestItems": {&self.name: puts}});
            let answer = self.send("BatchWriteItem", batch).await;
            assert_eq!(answer["UnprocessedItems"], json!({}), "{answer}");
        }
    }

    /// Everything in the table.
    pub(super) async fn all(&self) -> Vec<Item> {
        self.pages("Scan", json!({})).await
    }

    /// The items of a Query or a Scan, page by page.
    pub(super) async fn pages(&self, action: &str, request: Value) -> Vec<Item> {
        let (mut items, mut request) = (Vec::new(), request);
        loop {
            let page = self.read(action, request.clone()).await;
            items.extend(serde_json::from_value::<Vec<Item>>(page["Items"].clone()).unwrap());
            match page.get("LastEvaluatedKey") {
                Some(last) if !last.is_null() => request["ExclusiveStartKey"] = last.clone(),
                _ => return items,
            }
        }
    }

    async fn counted(&self, action: &str, mut body: Value) -> (Value, f64) {
        body["ReturnConsumedCapacity"] = json!("TOTAL");
        let answer = self.call(action, body).await;
        let units = answer["ConsumedCapacity"]["CapacityUnits"].as_f64();
        (answer, units.expect("the engine counts"))
    }

    async fn call(&self, action: &str, mut body: Value) -> Value {
        body["TableName"] = json!(self.name);
        self.send(action, body).await
    }

    async fn send(&self, action: &str, body: Value) -> Value {
        let request = self
            .client
            .post(&self.endpoint)
            .header("x-amz-target", format!("DynamoDB_20120810.{action}"))
            .header("content-type", "application/x-amz-json-1.0")
            .header("authorization", UNSIGNED)
            .header("x-amz-date", "20260101T000000Z")
            .body(body.to_string());
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{action}: {status}: {text}");
        serde_json::from_str(&text).unwrap()
    }
}

/// The text of an attribute.
pub(super) fn text<'a>(item: &'a Item, name: &str) -> &'a str {
    item[name]["S"].as_str().unwrap()
}

/// The primary key of an item.
pub(super) fn key(item: &Item) -> Value {
    json!({"pk": item["pk"], "sk": item["sk"]})
}

/// What every design writes into a token's row when it is renewed: as the production
/// adapter does it, with the same size.
pub(super) fn renewal(item: &Item) -> Value {
    json!({
        "Key": key(item),
        "UpdateExpression": "SET sealed = :sealed, expires_at = :expires, issued_at = :issued, \
            refresh_at = :refresh, failures = :none, version = :next \
            REMOVE next_attempt_at, failure, failure_aadsts",
        "ConditionExpression": "version = :version",
        "ExpressionAttributeValues": {
            ":sealed": item["sealed"],
            ":expires": item["expires_at"],
            ":issued": item["issued_at"],
            ":refresh": item["refresh_at"],
            ":none": {"N": "0"},
            ":version": item["version"],
            ":next": item["version"],
        },
    })
}
