//! Names of the table: keys, attributes, indexes and shards. What stands here is in
//! every row that was ever written: adding is free, changing is a migration.

use auth::caller::CallerName;
use auth::digest::sha256;
use auth::invite::InviteKey;
use auth::{Resource, TenantId};
use aws_sdk_dynamodb::types::AttributeValue;

use super::Item;

/// Into how many shards the due index is cut. A partition of DynamoDB takes about
/// 1,000 writes a second, and a refresh moves one row of this index (two writes):
/// eight shards carry 4,000 refreshes a second. May be raised at any time: a row
/// keeps its shard until its status changes, and every lower shard is still asked.
/// Never lower it.
pub const SHARDS: u32 = 8;

pub(super) const PK: &str = "pk";
pub(super) const SK: &str = "sk";
pub(super) const TTL: &str = "ttl";

pub(super) const TENANTS_INDEX: &str = "tenants";
pub(super) const TENANTS_SHARD: &str = "tenants_shard";
pub(super) const TENANT_ID: &str = "tenant_id";
/// One shard: tenants are written rarely, and a listing is in one order.
pub(super) const ALL_TENANTS: &str = "tenants";

pub(super) const DUE_INDEX: &str = "due";
pub(super) const DUE_SHARD: &str = "due_shard";
pub(super) const REFRESH_AT: &str = "refresh_at";

pub(super) const AADSTS: &str = "aadsts";
pub(super) const AADSTS_ALSO: &str = "aadsts_also";
pub(super) const CAUSE: &str = "cause";
pub(super) const CAUSE_RESOURCE: &str = "cause_resource";
pub(super) const CLOUD: &str = "cloud";
pub(super) const CONSENTED_AT: &str = "consented_at";
pub(super) const CREATED_AT: &str = "created_at";
pub(super) const CUSTOMER: &str = "customer";
pub(super) const DIGEST: &str = "digest";
pub(super) const EXPIRES_AT: &str = "expires_at";
pub(super) const FAILURE: &str = "failure";
pub(super) const FAILURE_AADSTS: &str = "failure_aadsts";
pub(super) const FAILURE_ALSO: &str = "failure_also";
pub(super) const HASH: &str = "hash";
pub(super) const ISSUED_AT: &str = "issued_at";
pub(super) const LAST_USED_AT: &str = "last_used_at";
pub(super) const FAILURES: &str = "failures";
pub(super) const MARK: &str = "mark";
pub(super) const NEXT_ATTEMPT_AT: &str = "next_attempt_at";
pub(super) const POLICY_TEXT: &str = "policy_text";
pub(super) const PUT_AT: &str = "put_at";
pub(super) const RETURN_URL: &str = "return_url";
pub(super) const ROLES: &str = "roles";
pub(super) const SEALED: &str = "sealed";
pub(super) const SINCE: &str = "since";
pub(super) const STATUS: &str = "status";
pub(super) const SUSPECTED_AT: &str = "suspected_at";
pub(super) const TAGS: &str = "tags";
pub(super) const UNTIL: &str = "until";
pub(super) const USED_AT: &str = "used_at";
pub(super) const USED_BY: &str = "used_by";
pub(super) const VOUCHED: &str = "vouched";
pub(super) const VERSION: &str = "version";

const TENANT_PREFIX: &str = "T#";
const TENANT_SORT: &str = "TENANT";
/// What the sort keys of token records begin with.
pub(super) const TOKEN_PREFIX: &str = "TOKEN#";
const ONCE_PREFIX: &str = "ONCE#";
const ONCE_SORT: &str = "ONCE";
const LEASE_PREFIX: &str = "LEASE#";
const LEASE_SORT: &str = "LEASE";
const INVITE_PREFIX: &str = "INVITE#";
const INVITE_SORT: &str = "INVITE";
/// The partition of all caller keys: they are few, and read twice a minute each.
pub(super) const CALLERS: &str = "CALLERS";
const CALLER_KEY_PREFIX: &str = "KEY#";
/// The partition of the policy texts, and the sort key of the one in force.
pub(super) const POLICY: &str = "POLICY";
pub(super) const CANDIDATE: &str = "CANDIDATE";
const NOTHING: &str = "NOTHING";

/// The partition of everything about one tenant.
pub(super) fn partition(tenant: TenantId) -> String {
    format!("{TENANT_PREFIX}{tenant}")
}

pub(super) fn tenant(id: TenantId) -> Item {
    key(partition(id), TENANT_SORT)
}

pub(super) fn token(tenant: TenantId, resource: &Resource) -> Item {
    token_by_sort(tenant, &token_sort(resource))
}

pub(super) fn token_by_sort(tenant: TenantId, sort: &str) -> Item {
    key(partition(tenant), sort)
}

pub(super) fn token_sort(resource: &Resource) -> String {
    format!("{TOKEN_PREFIX}{resource}")
}

pub(super) fn once(id: &str) -> Item {
    key(format!("{ONCE_PREFIX}{id}"), ONCE_SORT)
}

pub(super) fn lease(name: &str) -> Item {
    key(format!("{LEASE_PREFIX}{name}"), LEASE_SORT)
}

pub(super) fn invite(invite: &InviteKey) -> Item {
    key(format!("{INVITE_PREFIX}{invite}"), INVITE_SORT)
}

pub(super) fn caller_key(name: &CallerName) -> Item {
    key(CALLERS.to_owned(), &format!("{CALLER_KEY_PREFIX}{name}"))
}

/// The name in a caller key's sort key.
pub(super) fn parse_caller_key_sort(sk: &str) -> Option<CallerName> {
    sk.strip_prefix(CALLER_KEY_PREFIX)?.parse().ok()
}

/// The policy text in force.
pub(super) fn policy() -> Item {
    key(POLICY.to_owned(), POLICY)
}

/// The text that is tried beside it.
pub(super) fn candidate() -> Item {
    key(POLICY.to_owned(), CANDIDATE)
}

/// A key that no item has.
pub(super) fn nothing() -> Item {
    key(NOTHING.to_owned(), NOTHING)
}

/// The tenant of a partition key.
pub(super) fn parse_partition(pk: &str) -> Option<TenantId> {
    pk.strip_prefix(TENANT_PREFIX)?.parse().ok()
}

/// The resource of a token record's sort key.
pub(super) fn parse_token_sort(sk: &str) -> Option<Resource> {
    sk.strip_prefix(TOKEN_PREFIX)?.parse().ok()
}

/// The shard of a tenant's records in the due index: the first byte of the SHA-256 of
/// the GUID, which spreads even consecutive GUIDs and comes out the same in every
/// version of this program.
pub(super) fn due_shard(tenant: TenantId) -> String {
    let [first, ..] = sha256(tenant.as_bytes());
    (u32::from(first) % SHARDS).to_string()
}

fn key(pk: String, sk: &str) -> Item {
    Item::from([
        (PK.to_owned(), AttributeValue::S(pk)),
        (SK.to_owned(), AttributeValue::S(sk.to_owned())),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_come_back_as_what_they_name_and_nothing_else_does() {
        let tenant: TenantId = "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap();
        let resource: Resource = "https://manage.office.com".parse().unwrap();
        assert_eq!(parse_partition(&partition(tenant)), Some(tenant));
        assert_eq!(parse_token_sort(&token_sort(&resource)), Some(resource));
        assert_eq!(parse_partition("ONCE#x"), None);
        assert_eq!(parse_token_sort(TENANT_SORT), None);
    }

    #[test]
    fn a_shard_never_changes_and_even_consecutive_tenants_spread() {
        let tenant: TenantId = "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap();
        assert_eq!(due_shard(tenant), "7", "rows in use would be lost");
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
