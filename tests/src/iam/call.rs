//! Requests to AWS as the permissions that they take. A transaction takes those of its items;
//! a batch takes its own, once for each table; a statement of PartiQL takes the one of its verb.
//! What conditions see of each is by AWS's documentation.

use serde_json::Value;

use super::asked::{Asked, ENCLOSING_OPERATION, RETURN_CONSUMED_CAPACITY, RETURN_VALUES, SELECT};
use super::attributes;
use super::names::Names;
use crate::recorder::Arrived;

const FUNCTIONS: &str = "/2015-03-31/functions/";

/// What this request takes.
pub fn asked_by(request: &Arrived, names: &Names) -> Vec<Asked> {
    let Some(target) = request.header("x-amz-target") else {
        let is_invocation = request.path().starts_with(FUNCTIONS);
        let by_path = if is_invocation { invocation } else { of_bucket };
        return vec![by_path(request, names)];
    };
    let (service, operation) = target.split_once('.').unwrap();
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    match service {
        "secretsmanager" => {
            let secret = body["SecretId"].as_str();
            let secret = secret.map_or("*".to_owned(), |id| names.logical(id));
            vec![Asked::new(&format!("secretsmanager:{operation}"), &secret)]
        }
        // A batch takes the permission of a single one (SQS Developer Guide, "API permissions").
        "AmazonSQS" => {
            let action = operation.trim_end_matches("Batch");
            let queue = body["QueueUrl"].as_str();
            let queue = queue.map_or("*".to_owned(), |url| names.logical(url));
            vec![Asked::new(&format!("sqs:{action}"), &queue)]
        }
        // Each entry names its bus; ours have one.
        "AWSEvents" => {
            let bus = body["Entries"][0]["EventBusName"].as_str();
            let bus = bus.map_or("*".to_owned(), |name| names.logical(name));
            vec![Asked::new(&format!("events:{operation}"), &bus)]
        }
        "DynamoDB_20120810" => OfTable { names, operation }.asked(&body),
        _ => panic!("{target} is not read here"),
    }
}

/// An operation of S3's, by its path: `/{bucket}/{key}`. Each step of a multipart upload takes
/// the permission of the object that comes of it.
fn of_bucket(request: &Arrived, names: &Names) -> Asked {
    let path = request.path().trim_start_matches('/').replace("%3D", "=");
    let (bucket, key) = path.split_once('/').unwrap_or((&path, ""));
    let is_upload = request.query().iter().any(|(name, _)| name == "uploadId");
    let operation = match (request.method.as_str(), key, is_upload) {
        ("GET", "", _) => "ListBucket",
        (_, "", _) => panic!("{} {path} is not read here", request.method),
        ("GET" | "HEAD", _, false) => "GetObject",
        ("PUT" | "POST", ..) => "PutObject",
        ("DELETE", _, true) => "AbortMultipartUpload",
        (method, ..) => panic!("{method} {path} is not read here"),
    };
    let bucket = names.logical(bucket);
    let resource = if key.is_empty() {
        bucket
    } else {
        format!("{bucket}/{key}")
    };
    Asked::new(&format!("s3:{operation}"), &resource)
}

/// `POST /2015-03-31/functions/{name}/invocations`, the one path of Lambda's that is read.
fn invocation(request: &Arrived, names: &Names) -> Asked {
    let path = request.path();
    let name = path.strip_prefix(FUNCTIONS);
    let name = name.and_then(|rest| rest.strip_suffix("/invocations"));
    let name = name.unwrap_or_else(|| panic!("{} {path} is not read here", request.method));
    Asked::new(
        "lambda:InvokeFunction",
        &names.logical(&name.replace("%3A", ":")),
    )
}

struct OfTable<'a> {
    names: &'a Names,
    operation: &'a str,
}

impl OfTable<'_> {
    fn asked(&self, body: &Value) -> Vec<Asked> {
        match self.operation {
            "TransactWriteItems" | "TransactGetItems" => {
                let items = body["TransactItems"].as_array().into_iter().flatten();
                items.flat_map(|item| self.of_transaction(item)).collect()
            }
            "BatchGetItem" | "BatchWriteItem" => self.of_batch(body),
            "ExecuteStatement" => vec![self.of_statement(body)],
            "BatchExecuteStatement" => self.of_statements(&body["Statements"]),
            "ExecuteTransaction" => self.of_statements(&body["TransactStatements"]),
            operation => vec![self.single(operation, body)],
        }
    }

    /// `{"Put": {...}}` and its like. One that has several is judged for each.
    fn of_transaction(&self, item: &Value) -> Vec<Asked> {
        let parts = item.as_object().into_iter().flatten();
        let asked = parts.map(|(kind, request)| {
            let operation = match kind.as_str() {
                "ConditionCheck" => "ConditionCheckItem".to_owned(),
                kind => format!("{kind}Item"),
            };
            let asked = self.single(&operation, request);
            asked.with(ENCLOSING_OPERATION, [self.operation])
        });
        asked.collect()
    }

    /// Once for each table, with the keys of all its items.
    fn of_batch(&self, body: &Value) -> Vec<Asked> {
        let tables = body["RequestItems"].as_object().into_iter().flatten();
        let asked = tables.map(|(table, requests)| {
            let items: Vec<&Value> = match requests.get("Keys") {
                Some(keys) => keys.as_array().into_iter().flatten().collect(),
                None => requests
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(of_write)
                    .collect(),
            };
            let keys = items.iter().filter_map(|item| partition(item));
            let named = items
                .iter()
                .flat_map(|item| item.as_object())
                .flat_map(|item| item.keys().cloned());
            let named = named.chain(attributes::named(requests));
            let asked = self.on(self.operation, table).keys(keys).attributes(named);
            match requests.get("Keys") {
                Some(_) => asked.with(SELECT, [select(requests)]),
                None => asked,
            }
        });
        asked.collect()
    }

    fn single(&self, operation: &str, request: &Value) -> Asked {
        let table = request["TableName"].as_str().unwrap_or("*");
        let asked = match request["IndexName"].as_str() {
            Some(index) => {
                let table = self.names.logical(table);
                Asked::new(
                    &format!("dynamodb:{operation}"),
                    &format!("{table}/index/{index}"),
                )
            }
            None => self.on(operation, table),
        };
        let capacity = request["ReturnConsumedCapacity"].as_str().unwrap_or("NONE");
        let asked = asked.with(RETURN_CONSUMED_CAPACITY, [capacity]);
        let named = attributes::named(request);
        let asked = if named.is_empty() {
            asked
        } else {
            asked.attributes(named)
        };
        match operation {
            "GetItem" | "ConditionCheckItem" => asked
                .keys(partition(&request["Key"]))
                .with(SELECT, [select(request)]),
            "PutItem" => asked
                .keys(partition(&request["Item"]))
                .with(RETURN_VALUES, [returned(request)]),
            "UpdateItem" | "DeleteItem" => asked
                .keys(partition(&request["Key"]))
                .with(RETURN_VALUES, [returned(request)]),
            "Query" => asked.keys(queried(request)).with(SELECT, [select(request)]),
            // A scan names no partition.
            "Scan" => asked.with(SELECT, [select(request)]),
            _ => asked,
        }
    }

    fn of_statements(&self, statements: &Value) -> Vec<Asked> {
        let statements = statements.as_array().into_iter().flatten();
        statements
            .map(|statement| self.of_statement(statement))
            .collect()
    }

    /// The verb and the table; which items it is about is not read, so that no condition on
    /// keys is met by it.
    fn of_statement(&self, statement: &Value) -> Asked {
        let text = statement["Statement"].as_str().unwrap_or_default();
        let words: Vec<&str> = text.split_whitespace().collect();
        let verb = words.first().map(|verb| verb.to_ascii_uppercase());
        let (operation, before) = match verb.as_deref() {
            Some("SELECT") => ("PartiQLSelect", "FROM"),
            Some("INSERT") => ("PartiQLInsert", "INTO"),
            Some("UPDATE") => ("PartiQLUpdate", "UPDATE"),
            Some("DELETE") => ("PartiQLDelete", "FROM"),
            _ => panic!("{text} is not read here"),
        };
        let at = words
            .iter()
            .position(|word| word.eq_ignore_ascii_case(before));
        let table = at.and_then(|at| words.get(at + 1)).unwrap_or(&"*");
        self.on(operation, table.trim_matches('"'))
    }

    fn on(&self, operation: &str, table: &str) -> Asked {
        let resource = match table {
            "*" => table.to_owned(),
            table => self.names.logical(table),
        };
        Asked::new(&format!("dynamodb:{operation}"), &resource)
    }
}

/// The item or key of one write of a batch.
fn of_write(write: &Value) -> &Value {
    match write.get("PutRequest") {
        Some(put) => &put["Item"],
        None => &write["DeleteRequest"]["Key"],
    }
}

fn partition(key: &Value) -> Option<String> {
    key["pk"]["S"].as_str().map(str::to_owned)
}

/// The partition of a query stands first in its condition, as `#pk = :pk`.
fn queried(request: &Value) -> Option<String> {
    if let Some(condition) = request["KeyConditionExpression"].as_str() {
        let mut words = condition.split_whitespace();
        let (Some(_), Some("="), Some(value)) = (words.next(), words.next(), words.next()) else {
            panic!("{condition} is not read here");
        };
        let value = &request["ExpressionAttributeValues"][value]["S"];
        return value.as_str().map(str::to_owned);
    }
    // The form of old.
    let conditions = request["KeyConditions"].as_object()?.values();
    let mut equals = conditions.filter(|condition| condition["ComparisonOperator"] == "EQ");
    equals.next()?["AttributeValueList"][0]["S"]
        .as_str()
        .map(str::to_owned)
}

fn select(request: &Value) -> &str {
    let listed = ["ProjectionExpression", "AttributesToGet"];
    let is_specific = listed.iter().any(|name| request.get(*name).is_some());
    match (request["Select"].as_str(), is_specific) {
        (Some(select), _) => select,
        (None, true) => "SPECIFIC_ATTRIBUTES",
        (None, false) if request.get("IndexName").is_some() => "ALL_PROJECTED_ATTRIBUTES",
        (None, false) => "ALL_ATTRIBUTES",
    }
}

fn returned(request: &Value) -> &str {
    request["ReturnValues"].as_str().unwrap_or("NONE")
}
