//! The items of the policy texts: the one in force and a candidate, both in one partition, so
//! that one query reads them together; and those that were replaced in another, which no function
//! reads.

use auth::policy::{CandidatePolicy, StoredPolicy};
use auth::ports::StoreError;

use crate::table::attributes::{Reader, text, time};
use crate::table::change::{Change, Condition};
use crate::table::keys::{self, Item};

const POLICY_TEXT: &str = "policy_text";

/// The partition of both.
pub(crate) const PARTITION: &str = "POLICY";
pub(crate) const IN_FORCE: &str = "POLICY";
pub(crate) const CANDIDATE: &str = "CANDIDATE";

/// The partition of those that were replaced.
pub(crate) const REPLACED: &str = "POLICY#REPLACED";

pub(crate) fn key(sort: &str) -> Item {
    keys::key(PARTITION, sort)
}

/// The whole item. Each version is a document of its own: what a later release wrote beside the
/// text before was said of that text, and must not speak for this one. A `mode` that stayed
/// beside a new text would be such a word.
pub(crate) fn write(policy: &StoredPolicy) -> Item {
    document(policy, key(IN_FORCE))
}

/// The same text when it is in force no more. The sort key is in the order of versions.
pub(crate) fn write_replaced(policy: &StoredPolicy) -> Item {
    document(
        policy,
        keys::key(REPLACED, format!("{:010}", policy.version)),
    )
}

fn document(policy: &StoredPolicy, key: Item) -> Item {
    Change::default()
        .layout()
        .set(POLICY_TEXT, text(&policy.text))
        .set(keys::VERSION, text(policy.version))
        .set(keys::DIGEST, text(&policy.digest))
        .set(keys::PUT_AT, time(policy.put_at))
        .into_item(key)
}

/// What is stored is the text that `policy` follows on: nothing at all before the first.
pub(crate) fn precedes(policy: &StoredPolicy) -> Condition {
    Condition::before(policy.version)
}

/// Fails closed because whatever else an item says, its text is enforced: versions before
/// decision 0029 also wrote a `mode`, which could open everything.
pub(crate) fn read(item: &Item) -> Result<StoredPolicy, StoreError> {
    let reader = Reader::of(item)?;
    Ok(StoredPolicy {
        text: reader.text(POLICY_TEXT)?.to_owned(),
        version: reader.parsed(keys::VERSION)?,
        digest: reader.text(keys::DIGEST)?.to_owned(),
        put_at: reader.time(keys::PUT_AT)?,
    })
}

/// The whole item, as [`write`] has it.
pub(crate) fn write_candidate(candidate: &CandidatePolicy) -> Item {
    Change::default()
        .layout()
        .set(POLICY_TEXT, text(&candidate.text))
        .set(keys::DIGEST, text(&candidate.digest))
        .set(keys::PUT_AT, time(candidate.put_at))
        .into_item(key(CANDIDATE))
}

/// The candidate with this digest is there; any at all where none is named.
pub(crate) fn is_candidate(digest: Option<&str>) -> Condition {
    match digest {
        Some(digest) => Condition::Is(keys::DIGEST, text(digest)),
        None => Condition::Present,
    }
}

pub(crate) fn read_candidate(item: &Item) -> Result<CandidatePolicy, StoreError> {
    let reader = Reader::of(item)?;
    Ok(CandidatePolicy {
        text: reader.text(POLICY_TEXT)?.to_owned(),
        digest: reader.text(keys::DIGEST)?.to_owned(),
        put_at: reader.time(keys::PUT_AT)?,
    })
}
