//! What only allow-lists deny: of each table a role has its part.

use serde_json::json;

use super::places::{
    Attack, BATCH, CALLERS, COLLECTOR, CONSENT, FEED_LEASE, INVITE, ISSUERS, LAST_RUN, MISS_LEASE,
    ON_DEMAND, ONCE, POLICY, RECEIPT, REFRESHER, SHARD_LEASE, TENANT, VENDING,
};
use crate::request::{
    delete, get, invoke, key, put, put_of, query, query_tenants, scan, secret, transaction, update,
    update_of,
};

/// What is denied since no role reads or writes more than its part of a table.
pub(super) fn attacks() -> Vec<Attack> {
    vec![
        (
            CONSENT,
            "reads the certificate",
            secret("CertificateSecret"),
        ),
        (CONSENT, "writes a tenant's row", put(TENANT, &["status"])),
        (
            CONSENT,
            "moves a tenant to another customer",
            update(TENANT, &["customer"]),
        ),
        (CONSENT, "deletes a tenant", delete(TENANT)),
        (CONSENT, "reads a tenant's partition", query(TENANT)),
        (
            CONSENT,
            "writes itself an invite",
            put(INVITE, &["customer", "vouched"]),
        ),
        (CONSENT, "reopens an invite", update(INVITE, &["used_by"])),
        (CONSENT, "writes a receipt", put(RECEIPT, &["tenant_id"])),
        (CONSENT, "reads another person's receipt", get(RECEIPT)),
        (CONSENT, "holds a lease", put(MISS_LEASE, &["until"])),
        (CONSENT, "reads a lease", get(MISS_LEASE)),
        (
            CONSENT,
            "makes a used state usable again",
            update(ONCE, &["ttl"]),
        ),
        (
            CONSENT,
            "mixes a state that it may use and a tenant that it may not write",
            transaction(&[
                ("Put", put_of(("Table", "ONCE#2"), &["mark"])),
                ("Update", update_of(TENANT, &["customer"])),
            ]),
        ),
        (
            CONSENT,
            "mixes reads of a tenant and of a lease",
            transaction(&[
                ("Get", json!({"TableName": "Table", "Key": key("T#1")})),
                (
                    "Get",
                    json!({"TableName": "Table", "Key": key("LEASE#vend#1")}),
                ),
            ]),
        ),
        (
            VENDING,
            "holds a shard's lease for ever, which stops its renewals",
            update(SHARD_LEASE, &["until"]),
        ),
        (
            VENDING,
            "says that a fault of ours stops the fleet, so that each run asks for one tenant",
            update(LAST_RUN, &["fault", "since"]),
        ),
        (
            REFRESHER,
            "holds the lease of a miss",
            update(MISS_LEASE, &["until"]),
        ),
        (
            VENDING,
            "reads the certificate",
            secret("CertificateSecret"),
        ),
        (VENDING, "writes a tenant's row", put(TENANT, &["status"])),
        (
            VENDING,
            "replaces a sealed token",
            update(TENANT, &["sealed"]),
        ),
        (
            VENDING,
            "moves a tenant to another customer",
            update(TENANT, &["customer"]),
        ),
        (VENDING, "writes a receipt", put(RECEIPT, &["tenant_id"])),
        (VENDING, "reads a receipt", get(RECEIPT)),
        (VENDING, "uses a state up", put(ONCE, &["mark"])),
        (VENDING, "reopens an invite", update(INVITE, &["used_by"])),
        (
            VENDING,
            "vouches for a person in an invite",
            put(INVITE, &["customer", "vouched"]),
        ),
        (VENDING, "reads an invite", get(INVITE)),
        (
            VENDING,
            "mixes a lease that it may hold and a tenant that it may not write",
            transaction(&[
                ("Update", update_of(MISS_LEASE, &["until"])),
                ("Put", put_of(TENANT, &["status"])),
            ]),
        ),
        (REFRESHER, "makes an invite", put(INVITE, &["customer"])),
        (REFRESHER, "reads an invite", get(INVITE)),
        (REFRESHER, "writes a receipt", put(RECEIPT, &["tenant_id"])),
        (REFRESHER, "uses a state up", put(ONCE, &["mark"])),
        (
            REFRESHER,
            "mixes a tenant that it may write and a receipt that it may not",
            transaction(&[
                ("Update", update_of(TENANT, &["status"])),
                ("Put", put_of(RECEIPT, &["tenant_id"])),
            ]),
        ),
        (ON_DEMAND, "reads the policy", get(POLICY)),
        (
            ON_DEMAND,
            "writes the policy",
            put(POLICY, &["policy_text"]),
        ),
        (
            ON_DEMAND,
            "makes itself a caller key",
            put(CALLERS, &["hash"]),
        ),
        (
            ON_DEMAND,
            "puts an issuer on the list",
            put(ISSUERS, &["issuers"]),
        ),
        (
            ON_DEMAND,
            "reads the consent keys",
            secret("ConsentKeysSecret"),
        ),
        (ON_DEMAND, "makes an invite", put(INVITE, &["customer"])),
        (ON_DEMAND, "deletes an invite", delete(INVITE)),
        (ON_DEMAND, "deletes a receipt", delete(RECEIPT)),
        (ON_DEMAND, "uses a state up", put(ONCE, &["mark"])),
        (ON_DEMAND, "lists tenants", query_tenants()),
        (ON_DEMAND, "reads the whole table", scan("Table")),
        (ON_DEMAND, "calls vending", invoke("VendingFunction")),
        (
            ON_DEMAND,
            "mixes a tenant that it may write and a policy that it may not",
            transaction(&[
                ("Update", update_of(TENANT, &["status"])),
                ("Put", put_of(POLICY, &["policy_text"])),
            ]),
        ),
        (
            COLLECTOR,
            "reads the sealing ring",
            secret("SealingKeysSecret"),
        ),
        (
            COLLECTOR,
            "reads the certificate",
            secret("CertificateSecret"),
        ),
        (
            COLLECTOR,
            "has a token renewed",
            invoke("RefresherOnDemandFunction"),
        ),
        (
            COLLECTOR,
            "calls vending behind the gateway's back, and says who it is",
            invoke("VendingFunction"),
        ),
        (
            COLLECTOR,
            "makes a tenant active",
            update(TENANT, &["status"]),
        ),
        (
            COLLECTOR,
            "moves a tenant to another customer",
            update(TENANT, &["customer"]),
        ),
        (
            COLLECTOR,
            "puts a token of its own in a tenant's place",
            update(TENANT, &["sealed"]),
        ),
        (
            COLLECTOR,
            "writes a tenant's row whole, which takes out what is not said",
            put(TENANT, &["version"]),
        ),
        (COLLECTOR, "deletes a tenant", delete(TENANT)),
        (COLLECTOR, "reads an invite", get(INVITE)),
        (
            COLLECTOR,
            "writes the policy",
            put(POLICY, &["policy_text"]),
        ),
        (COLLECTOR, "reads the policy", get(POLICY)),
        (
            COLLECTOR,
            "holds a shard's lease for ever, which stops its renewals",
            update(SHARD_LEASE, &["until"]),
        ),
        (
            COLLECTOR,
            "mixes a batch that it may write and a tenant that it may not",
            transaction(&[
                ("Put", put_of(BATCH, &["state"])),
                ("Update", update_of(TENANT, &["customer"])),
            ]),
        ),
        (COLLECTOR, "reads the whole table", scan("Table")),
        (
            CONSENT,
            "reads what was stored of an audit log",
            query(BATCH),
        ),
        (
            VENDING,
            "says of an audit log that it is stored",
            update(BATCH, &["state"]),
        ),
        (
            REFRESHER,
            "holds the lease of a shard of audit logs",
            update(FEED_LEASE, &["until"]),
        ),
        (ON_DEMAND, "deletes a batch", delete(BATCH)),
    ]
}
