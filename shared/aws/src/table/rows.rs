//! Rows read as the table reads them, without a table: for tests that damage them.

use std::collections::HashMap;
use std::fmt::Debug;

use auth::ports::StoreError;
use aws_sdk_dynamodb::types::AttributeValue;

use super::items::{
    batch, caller_key, feed, invite, issuers, operator_action, policy, sign_in, tenant, token,
};
use super::keys::Item;

/// A kind of row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A tenant.
    Tenant,
    /// A token record.
    Token,
    /// An invite.
    Invite,
    /// A checked sign-in.
    SignIn,
    /// A caller key.
    CallerKey,
    /// The policy text in force.
    Policy,
    /// An operator's action.
    OperatorAction,
    /// The list of callers' issuers.
    Issuers,
    /// How a tenant's audit log stands.
    Feed,
    /// A batch of it.
    Batch,
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
    pub const ALL: [Kind; 10] = [
        Kind::Tenant,
        Kind::Token,
        Kind::Invite,
        Kind::CallerKey,
        Kind::Policy,
        Kind::OperatorAction,
        Kind::Issuers,
        Kind::SignIn,
        Kind::Feed,
        Kind::Batch,
    ];

    /// Reads a row.
    pub fn read(self, row: &HashMap<String, AttributeValue>) -> Result<Read, StoreError> {
        match self {
            // The key is no part of the value.
            Kind::Tenant => twice(row, tenant::read, |tenant| match &tenant.version {
                Some(version) => tenant::write(tenant, version).into_item(Item::new()),
                None => Item::new(),
            }),
            Kind::Token => once(row, |row| Ok(token::read(row)?.record)),
            Kind::Invite => twice(row, invite::read, |invite| {
                invite::write(invite).into_item(Item::new())
            }),
            Kind::SignIn => twice(row, sign_in::read, |sign_in| {
                sign_in::write(sign_in).into_item(Item::new())
            }),
            Kind::CallerKey => once(row, caller_key::read),
            Kind::Policy => twice(row, policy::read, policy::write),
            Kind::OperatorAction => once(row, operator_action::read),
            Kind::Issuers => twice(row, issuers::read, issuers::write),
            Kind::Feed => twice(row, feed::read, |read| match &read.version {
                Some(version) => feed::write(read, version).into_item(feed::key(read.tenant)),
                None => Item::new(),
            }),
            Kind::Batch => twice(row, batch::read, |read| {
                batch::write(read, "mark").into_item(batch::key(read))
            }),
        }
    }
}

fn once<T: Debug>(
    row: &Item,
    read: impl Fn(&Item) -> Result<T, StoreError>,
) -> Result<Read, StoreError> {
    let value = format!("{:?}", read(row)?);
    Ok(Read { value, again: None })
}

fn twice<T: Debug>(
    row: &Item,
    read: impl Fn(&Item) -> Result<T, StoreError>,
    write: impl Fn(&T) -> Item,
) -> Result<Read, StoreError> {
    let value = read(row)?;
    let again = read(&write(&value))?;
    Ok(Read {
        value: format!("{value:?}"),
        again: Some(format!("{again:?}")),
    })
}
