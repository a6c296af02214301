//! The layout of the two tables: the kinds of items, how each is found, who writes it. Each
//! kind is written and read in its own file of `items/`, which has its key and the names of its
//! own attributes; here are the indexes, and the names that several kinds share.
//!
//! | item | `pk` | `sk` | index keys | other attributes | written by |
//! |---|---|---|---|---|---|
//! | tenant (`items/tenant.rs`) | `T#{tenant}` | `TENANT` | `tenants`: `tenants_shard`, `tenant_id` | `customer`, `cloud`, `status`, `cause`, `aadsts`, `aadsts_also`, `cause_resource`, `since`, `consented_at`, `roles`, `tags`, `version`, `v` | refresher on demand or the operator's import connects it, the refresher changes its status, the operator changes and removes it |
//! | token (`items/token.rs`) | `T#{tenant}` | `TOKEN#{resource}` | `due`: `due_shard` (while it is to be refreshed), `turn` | `sealed`, `refresh_at`, `expires_at`, `issued_at`; `failures`, `failure`, `failure_aadsts`, `failure_also`, `next_attempt_at`, `suspected_at`; copies of the tenant's `customer`, `cloud`, `status`, `cause`, `aadsts`, `aadsts_also`, `tags`; `version`, `v` | connecting its tenant makes it, the refresher renews it, every change of its tenant changes the copies |
//! | used once (`items/used_once.rs`) | `ONCE#{id}` | `ONCE` | | `mark`, `ttl`, `v` | consent |
//! | lease of a miss (`items/lease.rs`) | `LEASE#vend#{tenant}#{resource}` | `LEASE` | | `mark`, `until`, `ttl`, `v` | vending |
//! | lease of a shard (`items/lease.rs`) | `LEASE#refresh#{shard}` | `LEASE` | | `mark`, `until`, `ttl`, `looked_until`, `cycle`, `v` | refresher |
//! | lease of a shard of feeds (`items/lease.rs`) | `LEASE#feed#{shard}` | `LEASE` | | `mark`, `until`, `ttl`, `looked_until`, `cycle`, `noted`, `v` | collector |
//! | the refresher's last run (`items/last_run.rs`) | `RUN#refresh` | `RUN` | | `started_at`, `ended_at`, `ended_early`, `refreshed`, `races_lost`, `skipped`, `failed_by`, `causes`, `clouds`, `slowest_ms`, `least_life`, `median_life`, `read_units`, `write_units`; of the fleet `fault`, `since`, `down`, `failures`, `token_at`, `changes`; `version`, `v` | refresher |
//! | feed (`items/feed/`) | `T#{tenant}` | `FEED` | `due`: `due_shard`, `turn` | `paused`, `leaves`, `handed`, `listed_at`, `busy_until`; for each content type `azure_active_directory`, `exchange`, `sharepoint`, `general`, `dlp`; `webhooks`; `version`, `v` | collector; the operator holds it back |
//! | batch (`items/batch.rs`) | `F#{tenant}#{type}` | `{hour}#{name}` | | `contents`, `format`, `state`; once it is stored `stored_at`, `records`, `dead`, `record_count`, `repeated`, `without_id`, `dead_count`, `lost`, `bytes`; `mark`, `ttl`, `v` | collector |
//! | window (`items/window.rs`) | `F#{tenant}#{type}` | `window#{start}-{end}#{until}` | | `outcome`, `mark`, `ttl`, `v` | a worker of the collector; a turn that counted it deletes it |
//! | invite (`items/invite.rs`) | `INVITE#{SHA-256 of its id}` | `INVITE` | | `customer`, `tenant_id`, `cloud`, `vouched`, `return_url`, `created_at`, `expires_at`, `used_by`, `used_at`, `ttl`, `v` | operator and vending make it, refresher on demand uses it up |
//! | event of a tenant (`items/event.rs`) | `OUTBOX#tenants#{shard}` | `{time}#{id}` | | `kind`, `time`, `body`; `taken_by`, `attempts`, `next_attempt_at`; `v` | whoever changes the tenant's status, in the same transaction; the refresher delivers it, notes what came of it and deletes it |
//! | event of an audit log (`items/event.rs`) | `OUTBOX#feeds#{shard}` | `{time}#{id}` | | `kind`, `time`, `body`; `taken_by`, `attempts`, `next_attempt_at`; `v` | the collector, with the feed's row; it delivers it, notes what came of it and deletes it |
//! | lease of a shard of those (`items/lease.rs`) | `LEASE#outbox#feeds#{shard}` | `LEASE` | | `mark`, `until`, `ttl`, `v` | collector, while it delivers |
//! | lease of a shard of events (`items/lease.rs`) | `LEASE#outbox#tenants#{shard}` | `LEASE` | | `mark`, `until`, `ttl`, `v` | refresher, while it delivers |
//! | sign-in (`items/sign_in.rs`) | `SIGNIN#{SHA-256 of its receipt}` | `SIGNIN` | | `tenant_id`, `person`, `admin_role`, `delegated`, `home`, `expires_at`, `used_with`, `ttl`, `v` | refresher on demand, and once more when a tenant is bound by it |
//!
//! A lease is `LEASE#` and its name: what it is for, and of what. An event lies in `OUTBOX#`, what it is
//! about, and the shard of its tenant.
//!
//! What a feed says of a content type is one map: `since`, `marks` and `gaps` (how far the
//! listings came, for each pass), `started_at`, `refusal`, `stored_at`, `longest_pause`, and
//! `totals`: `listed`, `stored`, `lost`, `records`, `repeated`, `without_id`, `dead`, `bytes`,
//! `expired_seconds`, `unrepeated_seconds`, those that are not 0. `handed` and `listed_at` have a
//! member for each content type, called as its attribute: the windows that are out (start, end and
//! the end of the claim, by turns), and up to when it was listed. The `outcome` of a window is
//! `listed`, `date` and `unfinished` (what was listed, at which time of Microsoft's, but for which
//! hours), `stored_at` and `totals`. `records` and `dead` of a batch
//! are objects: `key`, `size`, `sha256`. Its `format` is `gzip` or `zstd`. Such a map is put whole,
//! as `tags` is: what a later release says besides is another attribute of the row. `webhooks` is
//! one: by the type's attribute, `state` and `tried_at`. Shards of feeds are called
//! `feed-{number}` in the index.
//!
//! The control table, which has no index:
//!
//! | item | `pk` | `sk` | attributes | written by |
//! |---|---|---|---|---|
//! | policy in force (`items/policy.rs`) | `POLICY` | `POLICY` | `policy_text`, `digest`, `put_at`, `version`, `v` | operator |
//! | candidate policy (`items/policy.rs`) | `POLICY` | `CANDIDATE` | `policy_text`, `digest`, `put_at`, `v` | operator |
//! | replaced policy (`items/policy.rs`) | `POLICY#REPLACED` | `{version, ten digits}` | `policy_text`, `digest`, `put_at`, `version`, `v` | operator |
//! | caller key (`items/caller_key.rs`) | `CALLERS` | `KEY#{name}` | `hash`, `created_at`, `last_used_at`, `mark`, `version`, `v` | operator; vending notes its use |
//! | callers' issuers (`items/issuers.rs`) | `ISSUERS` | `ISSUERS` | `issuer_list`, `digest`, `put_at`, `version`, `v` | operator |
//! | operator's action (`items/operator_action.rs`) | `AUDIT#{day}` | `{time}#{mark}` | `actor`, `command`, `tenant_id`, `customer`, `name`, `options`, `began_at`, `ended_at`, `outcome`, `mark`, `ttl`, `v` | operator, before the action and once after it |
//!
//! The key `NOTHING` is asked for by health checks and is no item. An index is named before its
//! keys; `security_documents`, a test, holds this table against the names in the code.
//!
//! What stands here is in every row that was ever written: adding is free, changing is a
//! migration. Rows of each release are kept in `tests/fixtures/rows`, and every later version
//! has to read them. One rule for every kind of row (decision 0056):
//! - It has its layout (`v`) from the write that makes it. The number rises only where an older
//!   release would read something wrong in the row: not for an attribute that is added.
//! - A row of a layout above ours is refused as damaged, and says that a later release wrote it.
//!   A mark of something used, which has nothing to read, counts all the same; what a shard's
//!   lease says is then not known; and a lease is taken by its end, whatever the layout.
//! - What a row holds besides stays when it is changed. A policy text and the list of issuers
//!   are put whole, because each version of them is a document of its own.

use std::collections::HashMap;

use auth::TenantId;
use auth::turns::Slot;
use aws_sdk_dynamodb::types::AttributeValue;

/// An item, or the key of one, as the SDK carries it.
pub(super) type Item = HashMap<String, AttributeValue>;

/// Into how many shards the due index is cut, and so how many runs of the refresher can work at
/// the same time. A slot's number modulo this is its shard, so that each shard has a like part
/// of what comes in turn at any time. May be raised at any time: a row keeps its shard until
/// its status changes, and every lower shard is still asked. Never lower it.
pub(super) const SHARDS: u32 = 8;

pub(super) const PK: &str = "pk";
pub(super) const SK: &str = "sk";
/// From when on DynamoDB may delete the item. It does so within days: nothing relies on it.
pub(super) const TTL: &str = "ttl";
/// The layout that a row was made under. It stays as it is when the row is changed.
pub(super) const LAYOUT: &str = "v";
/// The layout that rows are written under, and the last one that can be read.
pub(super) const KNOWN_LAYOUT: u64 = 1;
/// Fences writes: a writer names the version that it read.
pub(super) const VERSION: &str = "version";
/// Random text of the write that put the item, which knows its own item by it.
pub(super) const MARK: &str = "mark";

pub(super) const TENANTS_INDEX: &str = "tenants";
pub(super) const TENANTS_SHARD: &str = "tenants_shard";
pub(super) const TENANT_ID: &str = "tenant_id";
/// One shard: tenants are written rarely, and a listing is in one order.
pub(super) const ALL_TENANTS: &str = "tenants";

pub(super) const DUE_INDEX: &str = "due";
pub(super) const DUE_SHARD: &str = "due_shard";
/// A number: below [`SLOTS`] the tenant's slot, whose turns bring the record; of an audit log, which
/// has paces, below 16 times that ([`Due::number`](feed::due::Due::number)); from there on the
/// Unix time from which every run looks at it. A renewal leaves a slot as it is, and an index
/// whose key stays costs nothing (decision 0050).
pub(super) const TURN: &str = "turn";

pub(super) const AADSTS: &str = "aadsts";
pub(super) const AADSTS_ALSO: &str = "aadsts_also";
pub(super) const CAUSE: &str = "cause";
pub(super) const BYTES: &str = "bytes";
pub(super) const CLOUD: &str = "cloud";
pub(super) const CREATED_AT: &str = "created_at";
pub(super) const CUSTOMER: &str = "customer";
pub(super) const DIGEST: &str = "digest";
pub(super) const DEAD: &str = "dead";
pub(super) const EXPIRES_AT: &str = "expires_at";
pub(super) const LOST: &str = "lost";
pub(super) const NEXT_ATTEMPT_AT: &str = "next_attempt_at";
pub(super) const PUT_AT: &str = "put_at";
pub(super) const RECORDS: &str = "records";
pub(super) const REFRESH_AT: &str = "refresh_at";
pub(super) const REPEATED: &str = "repeated";
pub(super) const SINCE: &str = "since";
pub(super) const STATUS: &str = "status";
pub(super) const STORED_AT: &str = "stored_at";
pub(super) const TAGS: &str = "tags";
pub(super) const WITHOUT_ID: &str = "without_id";

/// The attributes of one cause: its code, the AADSTS number that decided, the others.
pub(super) type CauseNames = [&'static str; 3];
/// Why a tenant has its status.
pub(super) const OF_STATUS: CauseNames = [CAUSE, AADSTS, AADSTS_ALSO];

const TENANT_PREFIX: &str = "T#";
const FEED_SHARD: &str = "feed-";
const NOTHING: &str = "NOTHING";

/// The key of an item.
pub(super) fn key(pk: impl Into<String>, sk: impl Into<String>) -> Item {
    Item::from([
        (PK.to_owned(), AttributeValue::S(pk.into())),
        (SK.to_owned(), AttributeValue::S(sk.into())),
    ])
}

/// A key that no item has.
pub(super) fn nothing() -> Item {
    key(NOTHING, NOTHING)
}

/// The partition of everything about one tenant.
pub(super) fn partition(tenant: TenantId) -> String {
    format!("{TENANT_PREFIX}{tenant}")
}

/// The tenant of a partition key.
pub(super) fn parse_partition(pk: &str) -> Option<TenantId> {
    pk.strip_prefix(TENANT_PREFIX)?.parse().ok()
}

/// The shard of a tenant's records in the due index.
pub(super) fn due_shard(tenant: TenantId) -> String {
    shard_number(tenant).to_string()
}

/// The shard of a tenant's feed in the due index: another partition than that of its records,
/// whose queries it would make dearer (decision 0060).
pub(super) fn feed_shard(tenant: TenantId) -> String {
    feed_shard_numbered(shard_number(tenant))
}

/// The shard of this number.
pub(super) fn feed_shard_numbered(number: u32) -> String {
    format!("{FEED_SHARD}{number}")
}

/// The number of a tenant's shard, in the due index and in the outbox alike.
pub(super) fn shard_number(tenant: TenantId) -> u32 {
    u32::from(Slot::of(tenant).number()) % SHARDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_never_changes_and_even_consecutive_tenants_spread() {
        let tenant: TenantId = "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap();
        assert_eq!(due_shard(tenant), "7", "rows in use would be lost");
        assert_eq!(feed_shard(tenant), "feed-7", "rows in use would be lost");
        let mut counts = [0u32; SHARDS as usize];
        for number in 0..8_000u32 {
            let text = format!("00000000-0000-4000-8000-{number:012x}");
            let shard: usize = due_shard(text.parse().unwrap()).parse().unwrap();
            counts[shard] += 1;
        }
        assert!(
            counts.iter().all(|count| (800..1200).contains(count)),
            "{counts:?}"
        );
    }
}
