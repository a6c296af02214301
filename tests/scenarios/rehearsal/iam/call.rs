//! What a function asked of AWS, as IAM sees it: an action on a resource, the partition
//! keys of the items, and the attributes that expressions name. A transaction is the actions of its items; the action of
//! a batch is its own.

use std::collections::BTreeMap;

use serde_json::Value;
use tests::recorder::Arrived;

/// One permission that a request takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) function: &'static str,
    pub(crate) action: String,
    pub(crate) resource: String,
    pub(crate) leading_keys: Vec<String>,
    pub(crate) attributes: Vec<String>,
}

/// What these requests take. `names`: logical ids by physical ones.
pub(crate) fn calls(
    function: &'static str,
    requests: &[Arrived],
    names: &BTreeMap<String, String>,
) -> Vec<Call> {
    let reading = Reading { function, names };
    requests
        .iter()
        .flat_map(|request| reading.calls(request))
        .collect()
}

struct Reading<'a> {
    function: &'static str,
    names: &'a BTreeMap<String, String>,
}

impl Reading<'_> {
    fn calls(&self, request: &Arrived) -> Vec<Call> {
        if let Some(function) = invoked(&request.target) {
            let function = self.logical(&Value::from(function));
            return vec![self.call("lambda:InvokeFunction".to_owned(), function, Vec::new())];
        }
        let target = request.header("x-amz-target");
        let target = target.unwrap_or_else(|| panic!("{} {}", request.method, request.target));
        let (service, operation) = target.split_once('.').unwrap();
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        match service {
            "secretsmanager" => vec![self.call(
                format!("secretsmanager:{operation}"),
                self.logical(&body["SecretId"]),
                Vec::new(),
            )],
            "DynamoDB_20120810" => self.of_table(operation, &body),
            _ => panic!("{target} is not read here"),
        }
    }

    fn of_table(&self, operation: &str, body: &Value) -> Vec<Call> {
        match operation {
            "TransactWriteItems" | "TransactGetItems" => {
                let items = body["TransactItems"].as_array().unwrap();
                items.iter().map(|item| self.of_transaction(item)).collect()
            }
            "Query" => vec![self.query(body)],
            _ => vec![self.of_item(operation, body)],
        }
    }

    /// `{"Put": {...}}` and its like.
    fn of_transaction(&self, item: &Value) -> Call {
        let (kind, request) = item.as_object().unwrap().iter().next().unwrap();
        let operation = match kind.as_str() {
            "ConditionCheck" => "ConditionCheckItem".to_owned(),
            kind => format!("{kind}Item"),
        };
        self.of_item(&operation, request)
    }

    fn of_item(&self, operation: &str, request: &Value) -> Call {
        let item = match operation {
            "PutItem" => &request["Item"],
            "GetItem" | "UpdateItem" | "DeleteItem" | "ConditionCheckItem" => &request["Key"],
            _ => panic!("{operation} is not read here"),
        };
        let key = item["pk"]["S"].as_str().unwrap().to_owned();
        let action = format!("dynamodb:{operation}");
        let table = self.logical(&request["TableName"]);
        Call {
            attributes: named(&request["ExpressionAttributeNames"]),
            ..self.call(action, table, vec![key])
        }
    }

    /// The partition of a query stands first in its condition, as `#pk = :pk`.
    fn query(&self, request: &Value) -> Call {
        let condition = request["KeyConditionExpression"].as_str().unwrap();
        let mut words = condition.split_whitespace();
        let (Some(_), Some("="), Some(value)) = (words.next(), words.next(), words.next()) else {
            panic!("{condition} is not read here");
        };
        let key = request["ExpressionAttributeValues"][value]["S"]
            .as_str()
            .unwrap();
        let table = self.logical(&request["TableName"]);
        let resource = match request["IndexName"].as_str() {
            Some(index) => format!("{table}/index/{index}"),
            None => table,
        };
        self.call("dynamodb:Query".to_owned(), resource, vec![key.to_owned()])
    }

    fn call(&self, action: String, resource: String, leading_keys: Vec<String>) -> Call {
        Call {
            function: self.function,
            action,
            resource,
            leading_keys,
            attributes: Vec::new(),
        }
    }

    fn logical(&self, id: &Value) -> String {
        let id = id.as_str().unwrap();
        let logical = self.names.get(physical(id));
        logical
            .unwrap_or_else(|| panic!("{id} is not of the stack"))
            .clone()
    }
}

/// The function of an invocation, which Lambda names in the path.
fn invoked(target: &str) -> Option<&str> {
    let path = target.strip_prefix("/2015-03-31/functions/")?;
    path.strip_suffix("/invocations")
}

/// Every attribute of our expressions goes by a placeholder.
fn named(placeholders: &Value) -> Vec<String> {
    let names = placeholders.as_object().into_iter().flatten();
    names
        .map(|(_, name)| name.as_str().unwrap().to_owned())
        .collect()
}

/// A secret is asked for by its ARN, which ends in its name and six random characters.
fn physical(id: &str) -> &str {
    let secret = id.strip_prefix("arn:aws:secretsmanager:");
    let name = secret.and_then(|rest| rest.split(':').nth(3));
    let name = name.and_then(|name| name.rsplit_once('-'));
    name.map_or(id, |(name, _)| name)
}
