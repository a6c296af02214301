//! What happened of a type, in numbers.

use auth::ports::StoreError;
use aws_sdk_dynamodb::types::AttributeValue;
use feed::ledger::Totals;

use super::names::map;
use crate::table::attributes::{Reader, number};
use crate::table::keys;

pub(in crate::table::items) const TOTALS: &str = "totals";

const EXPIRED_SECONDS: &str = "expired_seconds";
const LISTED: &str = "listed";
const STORED: &str = "stored";
const UNREPEATED_SECONDS: &str = "unrepeated_seconds";

pub(in crate::table::items) fn totals(totals: &Totals) -> Option<AttributeValue> {
    let counts = [
        (LISTED, totals.listed),
        (STORED, totals.stored),
        (keys::LOST, totals.lost),
        (keys::RECORDS, totals.records),
        (keys::REPEATED, totals.repeated),
        (keys::WITHOUT_ID, totals.without_id),
        (keys::DEAD, totals.dead),
        (keys::BYTES, totals.bytes),
        (EXPIRED_SECONDS, totals.expired_seconds),
        (UNREPEATED_SECONDS, totals.unrepeated_seconds),
    ];
    let is_any = counts.iter().any(|(_, count)| *count > 0);
    let counts = counts.map(|(name, count)| (name, (count > 0).then(|| number(count))));
    is_any.then(|| map(counts))
}

pub(in crate::table::items) fn read_totals(counts: &Reader<'_>) -> Result<Totals, StoreError> {
    Ok(Totals {
        listed: counts.count(LISTED)?,
        stored: counts.count(STORED)?,
        lost: counts.count(keys::LOST)?,
        records: counts.count(keys::RECORDS)?,
        repeated: counts.count(keys::REPEATED)?,
        without_id: counts.count(keys::WITHOUT_ID)?,
        dead: counts.count(keys::DEAD)?,
        bytes: counts.count(keys::BYTES)?,
        expired_seconds: counts.count(EXPIRED_SECONDS)?,
        unrepeated_seconds: counts.count(UNREPEATED_SECONDS)?,
    })
}
