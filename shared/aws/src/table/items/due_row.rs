//! A row of the due index: which record it names, and where a page of such rows ended.

use auth::ports::{PageEnd, StoreError};
use auth::{Resource, TenantId};

use super::token;
use crate::table::attributes::{Reader, text};
use crate::table::keys::{self, Item};

/// No key of ours has one.
const BETWEEN: char = '\n';

/// The tenant and resource of a row. One that names none is passed over with a line in the log:
/// it must not keep the others from their turn.
pub(crate) fn named(row: &Item) -> Option<(TenantId, Resource)> {
    let report = |error: &StoreError| {
        tracing::error!(event = "due_row_unreadable", %error, "a due row was passed over");
    };
    token::names(row).inspect_err(report).ok()
}

/// Where the page ends whose last key this is: turn, partition and sort key.
pub(crate) fn end(last: &Item) -> Result<PageEnd, StoreError> {
    let reader = Reader::of_key(last);
    let turn: String = reader.number(keys::TURN)?;
    let (pk, sk) = (reader.text(keys::PK)?, reader.text(keys::SK)?);
    Ok(PageEnd(format!("{turn}{BETWEEN}{pk}{BETWEEN}{sk}")))
}

/// The key to go on from.
pub(crate) fn key(shard: u32, end: &PageEnd) -> Result<Item, StoreError> {
    let mut parts = end.0.splitn(3, BETWEEN);
    let [Some(turn), Some(pk), Some(sk)] = [(); 3].map(|()| parts.next()) else {
        return Err(StoreError::Damaged("the end of a page of due rows".into()));
    };
    let turn = aws_sdk_dynamodb::types::AttributeValue::N(turn.to_owned());
    let mut key = keys::key(pk, sk);
    key.insert(keys::TURN.to_owned(), turn);
    key.insert(keys::DUE_SHARD.to_owned(), text(shard));
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::attributes::number;

    #[test]
    fn a_page_goes_on_from_the_key_that_it_ended_at() {
        for sk in ["TOKEN#https://manage.office.com", "no\ntoken", ""] {
            let mut last = keys::key("T#1", sk);
            last.insert(keys::TURN.to_owned(), number(1_800_000_000));
            last.insert(keys::DUE_SHARD.to_owned(), text(3));
            assert_eq!(key(3, &end(&last).unwrap()).unwrap(), last);
        }
        assert!(key(3, &PageEnd("of another table".into())).is_err());
    }
}
