//! Rows in DynamoDB's JSON, read as the table reads them, without a table: for tests that
//! try damaged ones.

use std::collections::HashMap;

use auth::encoding::from_base64_standard;
use auth::invite::InviteKey;
use auth::ports::StoreError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Value};

use super::{Item, caller_keys, invites, policies, tenant_item, token_item};

/// A kind of row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A tenant.
    Tenant,
    /// A token record.
    Token,
    /// An invite.
    Invite,
    /// A caller key.
    CallerKey,
    /// The policy text.
    Policy,
}

/// What a row says, for a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Read {
    /// Its value, as `Debug` shows it.
    pub value: String,
    /// The same after it was written again and read again; of rows that one request writes
    /// whole.
    pub again: Option<String>,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 5] = [
        Kind::Tenant,
        Kind::Token,
        Kind::Invite,
        Kind::CallerKey,
        Kind::Policy,
    ];

    /// Reads a row: an object of DynamoDB's JSON. `None` where it is no item at all.
    pub fn read(self, row: &Map<String, Value>) -> Option<Result<Read, StoreError>> {
        let item = item(row)?;
        Some(match self {
            Kind::Tenant => both(&item, tenant_item::read, |tenant| match &tenant.version {
                Some(version) => tenant_item::write(tenant, version),
                None => Item::new(),
            }),
            Kind::Token => once(&item, |item| {
                token_item::read(item).map(|stored| stored.record)
            }),
            Kind::Invite => both(&item, invites::read, |invite| {
                // The key is no part of the value.
                match serde_json::from_value::<InviteKey>(Value::from("key")) {
                    Ok(key) => invites::write(&key, invite),
                    Err(_) => Item::new(),
                }
            }),
            Kind::CallerKey => once(&item, caller_keys::read),
            Kind::Policy => both(&item, policies::read, policies::write),
        })
    }
}

fn once<T: std::fmt::Debug>(
    item: &Item,
    read: impl Fn(&Item) -> Result<T, StoreError>,
) -> Result<Read, StoreError> {
    let value = format!("{:?}", read(item)?);
    Ok(Read { value, again: None })
}

fn both<T: std::fmt::Debug>(
    item: &Item,
    read: impl Fn(&Item) -> Result<T, StoreError>,
    write: impl Fn(&T) -> Item,
) -> Result<Read, StoreError> {
    let value = read(item)?;
    let again = read(&write(&value))?;
    Ok(Read {
        value: format!("{value:?}"),
        again: Some(format!("{again:?}")),
    })
}

fn item(row: &Map<String, Value>) -> Option<Item> {
    let attributes = row
        .iter()
        .map(|(name, value)| Some((name.clone(), attribute(value)?)));
    attributes.collect()
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
        "M" => {
            let members = value.as_object()?.iter();
            let members = members.map(|(name, value)| Some((name.clone(), attribute(value)?)));
            AttributeValue::M(members.collect::<Option<HashMap<_, _>>>()?)
        }
        _ => return None,
    })
}
