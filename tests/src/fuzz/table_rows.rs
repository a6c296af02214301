//! Rows of the table: one that can be read is the same when it was written again, and one
//! that cannot is an error that names the row and an attribute, and no value.

use std::collections::HashMap;

use auth::encoding::from_base64_standard;
use auth::ports::StoreError;
use aws::rows::Kind;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Value, json};

/// In a damaged row, but in no key: no error shows it.
const VALUE: &str = "Zm9yIG5vYm9keQ";

/// The first byte chooses the kind; the rest is a JSON object laid over a good row: an
/// attribute in DynamoDB's JSON, or null for one that is missing.
pub(super) fn table_rows(data: &[u8]) {
    let (choice, changes) = data.split_first().unwrap_or((&0, &[]));
    let kind = Kind::ALL[usize::from(*choice) % Kind::ALL.len()];
    let Ok(changes) = serde_json::from_slice::<Map<String, Value>>(changes) else {
        return;
    };
    let mut row = good(kind);
    for (name, value) in changes {
        match value {
            Value::Null => drop(row.remove(&name)),
            value => drop(row.insert(name, value)),
        }
    }
    let Some(item) = item(&row) else {
        return;
    };
    match kind.read(&item) {
        Ok(read) => assert_eq!(read.again.as_ref().unwrap_or(&read.value), &read.value),
        Err(StoreError::Damaged(what)) => {
            assert!(what.contains(": attribute "), "{what}");
            assert!(!shown_besides_keys(&row, &what), "{what}");
        }
        Err(error) => panic!("{error:?}"),
    }
}

/// An object of DynamoDB's JSON; `None` where it is no item at all.
pub(crate) fn item(row: &Map<String, Value>) -> Option<HashMap<String, AttributeValue>> {
    row.iter()
        .map(|(name, value)| Some((name.clone(), attribute(value)?)))
        .collect()
}

fn attribute(value: &Value) -> Option<AttributeValue> {
    let mut members = value.as_object()?.iter();
    let (kind, value) = members.next()?;
    if members.next().is_some() {
        return None;
    }
    Some(match kind.as_str() {
        "S" => AttributeValue::S(value.as_str()?.to_owned()),
        "N" => AttributeValue::N(value.as_str()?.to_owned()),
        "B" => AttributeValue::B(Blob::new(from_base64_standard(value.as_str()?)?)),
        "BOOL" => AttributeValue::Bool(value.as_bool()?),
        "NULL" => AttributeValue::Null(value.as_bool()?),
        "L" => {
            let items = value.as_array()?.iter().map(attribute);
            AttributeValue::L(items.collect::<Option<_>>()?)
        }
        "M" => AttributeValue::M(item(value.as_object()?)?),
        _ => return None,
    })
}

fn shown_besides_keys(row: &Map<String, Value>, what: &str) -> bool {
    let of_key = |name: &str| {
        row.get(name)
            .is_some_and(|key| key.to_string().contains(VALUE))
    };
    what.contains(VALUE) && !of_key("pk") && !of_key("sk")
}

fn good(kind: Kind) -> Map<String, Value> {
    let row = match kind {
        Kind::Tenant => tenant(),
        Kind::Token => token(),
        Kind::Invite => json!({
            "pk": {"S": "INVITE#key"}, "sk": {"S": "INVITE"},
            "customer": {"S": "contoso"}, "created_at": {"N": "1"}, "expires_at": {"N": "2"},
            "ttl": {"N": "3"}, "vouched": {"S": "true"}, "cloud": {"S": "gcc-high"},
            "return_url": {"S": "https://portal.example/done"},
        }),
        Kind::CallerKey => json!({
            "pk": {"S": "CALLERS"}, "sk": {"S": "KEY#collector"},
            "hash": {"B": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},
            "created_at": {"N": "1"}, "last_used_at": {"N": "2"}, "version": {"S": "a"},
        }),
        Kind::SignIn => json!({
            "pk": {"S": "SIGNIN#key"}, "sk": {"S": "SIGNIN"},
            "tenant_id": {"S": "41463f53-8812-40f4-890f-865bf6e35190"},
            "person": {"S": "1cef1fdb-ff52-48c4-8e4e-dfb5ea83d357"},
            "admin_role": {"S": "held"}, "delegated": {"S": "false"}, "home": {"S": "gcc"},
            "expires_at": {"N": "1"}, "ttl": {"N": "1"},
        }),
        Kind::Policy => json!({
            "pk": {"S": "POLICY"}, "sk": {"S": "POLICY"}, "policy_text": {"S": "permit"},
            "version": {"S": "1"}, "digest": {"S": "00"}, "mode": {"S": "enforce"},
            "put_at": {"N": "1"},
        }),
        Kind::OperatorAction => json!({
            "pk": {"S": "AUDIT#2027-01-15"}, "sk": {"S": "2027-01-15T08:00:00Z#mark"},
            "actor": {"S": "os user admin"}, "command": {"S": "tenants move"},
            "tenant_id": {"S": "41463f53-8812-40f4-890f-865bf6e35190"},
            "customer": {"S": "contoso"}, "name": {"S": "collector"},
            "options": {"L": [{"S": "raw"}]}, "began_at": {"N": "1800000000"},
            "ended_at": {"N": "1800000001"}, "outcome": {"S": "done"}, "mark": {"S": "a"},
            "ttl": {"N": "1834560000"},
        }),
        Kind::Issuers => json!({
            "pk": {"S": "ISSUERS"}, "sk": {"S": "ISSUERS"}, "issuer_list": {"S": "[]"},
            "version": {"S": "1"}, "digest": {"S": "00"}, "put_at": {"N": "1"},
        }),
        Kind::Feed => feed(),
        Kind::Batch => batch(),
    };
    match row {
        Value::Object(mut row) => {
            row.insert("v".to_owned(), json!({"N": "1"}));
            row
        }
        _ => unreachable!("rows are objects"),
    }
}

fn tenant() -> Value {
    json!({
        "pk": {"S": "T#41463f53-8812-40f4-890f-865bf6e35190"}, "sk": {"S": "TENANT"},
        "tenant_id": {"S": "41463f53-8812-40f4-890f-865bf6e35190"},
        "customer": {"S": "contoso"}, "cloud": {"S": "public"}, "status": {"S": "degraded"},
        "cause": {"S": "not_consented"}, "aadsts": {"N": "65001"},
        "cause_resource": {"S": "https://manage.office.com"},
        "since": {"N": "1800000000"}, "consented_at": {"N": "1800000000"},
        "roles": {"L": [{"S": "ActivityFeed.Read"}]}, "tags": {"M": {"tier": {"S": "gold"}}},
        "version": {"S": "a"},
    })
}

fn token() -> Value {
    json!({
        "pk": {"S": "T#41463f53-8812-40f4-890f-865bf6e35190"},
        "sk": {"S": "TOKEN#https://manage.office.com"},
        "customer": {"S": "contoso"}, "cloud": {"S": "public"}, "status": {"S": "active"},
        "refresh_at": {"N": "1800000000"}, "failures": {"N": "0"},
        "sealed": {"B": "AAAA"}, "expires_at": {"N": "1800000000"},
        "issued_at": {"N": "1800000000"}, "version": {"S": "a"},
    })
}

fn feed() -> Value {
    json!({
        "pk": {"S": "T#41463f53-8812-40f4-890f-865bf6e35190"}, "sk": {"S": "FEED"},
        "due_shard": {"S": "feed-7"}, "turn": {"N": "143"}, "paused": {"S": "true"},
        "exchange": {"M": {
            "since": {"N": "1431655194"}, "refusal": {"S": "throttled"},
            "marks": {"L": [{"N": "4"}, {"N": "3"}, {"N": "2"}, {"N": "1"}]},
            "gaps": {"L": [{"L": [{"N": "1"}, {"N": "2"}]}, {"L": []}, {"L": []}, {"L": []}]},
            "totals": {"M": {"listed": {"N": "9"}}},
        }},
        "webhooks": {"M": {"exchange": {"M": {
            "state": {"S": "not_validated"}, "tried_at": {"N": "1431655194"},
        }}}},
        "version": {"S": "a"},
    })
}

/// Of no content at all, in the first hour of 1970.
fn batch() -> Value {
    json!({
        "pk": {"S": "F#41463f53-8812-40f4-890f-865bf6e35190#Audit.Exchange"},
        "sk": {"S": "0000000000#af5570f5a1810b7af78caf4bc70a660f"},
        "contents": {"B": ""}, "format": {"S": "gzip"}, "state": {"S": "stored"},
        "stored_at": {"N": "1"}, "records": {"M": {
            "key": {"S": "a.json.gz"}, "size": {"N": "1"},
            "sha256": {"B": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="},
        }},
        "lost": {"N": "1"}, "mark": {"S": "a"}, "ttl": {"N": "3024000"},
    })
}
