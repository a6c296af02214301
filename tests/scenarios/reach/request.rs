//! Requests that somebody sends who has a role's credentials and no code of ours.

use serde_json::{Value, json};

/// A row's sort key here, whatever its kind.
pub(super) const SORT: &str = "1";

/// One request.
#[derive(Debug, Clone)]
pub(super) enum Request {
    /// An operation of DynamoDB.
    Table(&'static str, Value),
    /// An operation of Secrets Manager on this secret.
    Secret(&'static str, &'static str),
    /// An invocation of this function; its alias may be part of the name.
    Invoke(String),
}

impl Request {
    pub(super) fn table(operation: &'static str, body: Value) -> Self {
        Self::Table(operation, body)
    }

    /// The same by other names: a function that is named without an alias has those of its
    /// aliases too.
    pub(super) fn variants(&self) -> Vec<Self> {
        match self {
            Self::Invoke(name) if !name.contains(':') => {
                let aliases = ["live", "consent", "vending", "$LATEST"].into_iter();
                let aliases = aliases.map(|alias| Self::Invoke(format!("{name}:{alias}")));
                [self.clone()].into_iter().chain(aliases).collect()
            }
            _ => vec![self.clone()],
        }
    }

    /// Whether it is to bring items.
    pub(super) fn is_read(&self) -> bool {
        match self {
            Self::Table("ExecuteStatement", body) => body.to_string().contains("SELECT"),
            Self::Table(operation, _) => {
                operation.contains("Get") || ["Query", "Scan"].contains(operation)
            }
            Self::Secret(..) | Self::Invoke(_) => false,
        }
    }

    /// Whether nothing can be asked after it.
    pub(super) fn takes_tables_away(&self) -> bool {
        matches!(self, Self::Table("DeleteTable", _))
    }

    /// Path, target and body.
    pub(super) fn parts(&self) -> (String, Option<String>, Value) {
        match self {
            Self::Table(operation, body) => (
                "/".to_owned(),
                Some(format!("DynamoDB_20120810.{operation}")),
                body.clone(),
            ),
            Self::Secret(operation, name) => {
                let body =
                    json!({"SecretId": name, "VersionStage": "AWSCURRENT", "SecretString": "{}"});
                (
                    "/".to_owned(),
                    Some(format!("secretsmanager.{operation}")),
                    body,
                )
            }
            Self::Invoke(function) => (
                // As the SDK writes it: what is signed is this text.
                format!(
                    "/2015-03-31/functions/{}/invocations",
                    function.replace(':', "%3A")
                ),
                None,
                json!({}),
            ),
        }
    }
}

/// A row's address: its table and its partition.
pub(super) type Place = (&'static str, &'static str);

pub(super) fn key(pk: &str) -> Value {
    json!({"pk": {"S": pk}, "sk": {"S": SORT}})
}

pub(super) fn invoke(function: &str) -> Request {
    Request::Invoke(function.to_owned())
}

pub(super) fn secret(name: &'static str) -> Request {
    Request::Secret("GetSecretValue", name)
}

pub(super) fn get((table, pk): Place) -> Request {
    Request::Table("GetItem", json!({"TableName": table, "Key": key(pk)}))
}

pub(super) fn get_many((table, pk): Place) -> Request {
    Request::Table(
        "BatchGetItem",
        json!({"RequestItems": {table: {"Keys": [key(pk)]}}}),
    )
}

pub(super) fn delete((table, pk): Place) -> Request {
    Request::Table("DeleteItem", json!({"TableName": table, "Key": key(pk)}))
}

/// Writes a row with these attributes, each a text.
pub(super) fn put(place: Place, names: &[&str]) -> Request {
    Request::Table("PutItem", put_of(place, names))
}

pub(super) fn put_of((table, pk): Place, names: &[&str]) -> Value {
    let mut item = key(pk);
    for name in names {
        item[*name] = json!({"S": "x"});
    }
    json!({"TableName": table, "Item": item})
}

/// Sets these attributes, each by a placeholder.
pub(super) fn update(place: Place, names: &[&str]) -> Request {
    Request::Table("UpdateItem", update_of(place, names))
}

pub(super) fn update_of((table, pk): Place, names: &[&str]) -> Value {
    let sets: Vec<String> = names.iter().map(|name| format!("#{name} = :x")).collect();
    let placeholders = names.iter().map(|name| (format!("#{name}"), json!(name)));
    json!({
        "TableName": table, "Key": key(pk), "UpdateExpression": format!("SET {}", sets.join(", ")),
        "ExpressionAttributeNames": Value::Object(placeholders.collect()), "ExpressionAttributeValues": {":x": {"S": "x"}},
    })
}

pub(super) fn query((table, pk): Place) -> Request {
    Request::Table(
        "Query",
        json!({
            "TableName": table, "KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": {":pk": {"S": pk}},
        }),
    )
}

/// All tenants, as the listing asks for them.
pub(super) fn query_tenants() -> Request {
    Request::Table(
        "Query",
        json!({
            "TableName": "Table", "IndexName": "tenants", "KeyConditionExpression": "#shard = :shard",
            "ExpressionAttributeNames": {"#shard": "tenants_shard"}, "ExpressionAttributeValues": {":shard": {"S": "tenants"}},
        }),
    )
}

pub(super) fn scan(table: &'static str) -> Request {
    Request::Table("Scan", json!({"TableName": table}))
}

pub(super) fn batch_get(places: &[Place]) -> Request {
    let mut tables = json!({});
    for (table, pk) in places {
        let keys = tables[*table]["Keys"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let keys = [keys, vec![key(pk)]].concat();
        tables[*table] = json!({"Keys": keys});
    }
    Request::Table("BatchGetItem", json!({"RequestItems": tables}))
}

pub(super) fn batch_put(places: &[Place]) -> Request {
    let mut tables = json!({});
    for place in places {
        let writes = tables[place.0].as_array().cloned().unwrap_or_default();
        let write = json!({"PutRequest": {"Item": put_of(*place, &[])["Item"]}});
        tables[place.0] = Value::Array([writes, vec![write]].concat());
    }
    Request::Table("BatchWriteItem", json!({"RequestItems": tables}))
}

/// As `{"Put": …}`.
pub(super) fn transaction(items: &[(&str, Value)]) -> Request {
    let items: Vec<Value> = items
        .iter()
        .map(|(kind, body)| json!({*kind: body}))
        .collect();
    let operation = match items.iter().any(|item| item.get("Get").is_some()) {
        true => "TransactGetItems",
        false => "TransactWriteItems",
    };
    Request::Table(operation, json!({"TransactItems": items}))
}

pub(super) fn statement(text: &str) -> Request {
    Request::Table("ExecuteStatement", json!({"Statement": text}))
}
