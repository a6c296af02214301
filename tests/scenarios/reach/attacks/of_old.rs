//! What was denied before there were allow-lists: another reader's secrets, who may have what, whole tables.

use serde_json::json;

use super::places::{
    Attack, CALLERS, CONSENT, ISSUERS, MISS_LEASE, ONCE, POLICY, RECEIPT, REFRESHER, SCHEDULE,
    TENANT, VENDING,
};
use crate::request::{
    Request, batch_get, batch_put, delete, get, invoke, key, put, put_of, query_tenants, scan,
    secret, statement, transaction, update, update_of,
};

/// What has been denied as long as there are roles.
pub(super) fn attacks() -> Vec<Attack> {
    let forged = "INSERT INTO \"Table\" VALUE {'pk': 'T#9', 'sk': '1', 'customer': 'mallory'}";
    let permits = "UPDATE \"ControlTable\" SET policy_text='permit' WHERE pk='POLICY' AND sk='1'";
    vec![
        (
            CONSENT,
            "reads the sealing ring",
            secret("SealingKeysSecret"),
        ),
        (
            CONSENT,
            "replaces its own keys",
            Request::Secret("PutSecretValue", "ConsentKeysSecret"),
        ),
        (CONSENT, "reads the policy", get(POLICY)),
        (CONSENT, "reads a caller key's hash", get(CALLERS)),
        (CONSENT, "writes the policy", put(POLICY, &["policy_text"])),
        (
            CONSENT,
            "makes itself a caller key",
            put(CALLERS, &["hash"]),
        ),
        (
            CONSENT,
            "puts an issuer on the list",
            put(ISSUERS, &["issuers"]),
        ),
        (CONSENT, "deletes a used state", delete(ONCE)),
        (CONSENT, "reads the whole table", scan("Table")),
        (CONSENT, "lists tenants", query_tenants()),
        (
            CONSENT,
            "reads a tenant and a receipt at once",
            batch_get(&[TENANT, RECEIPT]),
        ),
        (
            CONSENT,
            "writes a state and a tenant at once",
            batch_put(&[ONCE, TENANT]),
        ),
        (
            CONSENT,
            "reads by a statement",
            statement("SELECT * FROM \"Table\" WHERE pk='T#1'"),
        ),
        (CONSENT, "writes by a statement", statement(forged)),
        (CONSENT, "starts the refresher", invoke("RefresherFunction")),
        (
            CONSENT,
            "has a token renewed, by vending's alias",
            invoke("RefresherOnDemandFunction:vending"),
        ),
        (
            CONSENT,
            "asks on demand by no alias",
            invoke("RefresherOnDemandFunction:$LATEST"),
        ),
        (
            CONSENT,
            "calls vending with a context of its own",
            invoke("VendingFunction"),
        ),
        (
            VENDING,
            "reads the consent keys",
            secret("ConsentKeysSecret"),
        ),
        (
            VENDING,
            "replaces the ring",
            Request::Secret("PutSecretValue", "SealingKeysSecret"),
        ),
        (VENDING, "writes the policy", put(POLICY, &["policy_text"])),
        (
            VENDING,
            "changes the policy",
            update(POLICY, &["policy_text"]),
        ),
        (
            VENDING,
            "changes a caller key's hash",
            update(CALLERS, &["hash"]),
        ),
        (
            VENDING,
            "notes a use and changes the hash",
            update(CALLERS, &["last_used_at", "hash"]),
        ),
        (
            VENDING,
            "changes the hash in the form of old",
            Request::table(
                "UpdateItem",
                json!({
                    "TableName": "ControlTable", "Key": key("CALLERS"), "AttributeUpdates": {"hash": {"Value": {"S": "x"}, "Action": "PUT"}},
                }),
            ),
        ),
        (
            VENDING,
            "makes itself a caller key",
            put(CALLERS, &["hash"]),
        ),
        (VENDING, "deletes a caller key", delete(CALLERS)),
        (
            VENDING,
            "puts an issuer on the list",
            put(ISSUERS, &["issuers"]),
        ),
        (VENDING, "changes an issuer", update(ISSUERS, &["issuers"])),
        (
            VENDING,
            "mixes a use that it may note and a policy that it may not write",
            transaction(&[
                ("Update", update_of(CALLERS, &["last_used_at"])),
                ("Put", put_of(POLICY, &["policy_text"])),
            ]),
        ),
        (VENDING, "deletes a tenant", delete(TENANT)),
        (VENDING, "reads the whole table", scan("Table")),
        (
            VENDING,
            "reads the whole control table",
            scan("ControlTable"),
        ),
        (
            VENDING,
            "writes leases and tenants at once",
            batch_put(&[MISS_LEASE, TENANT]),
        ),
        (
            VENDING,
            "changes the policy by a statement",
            statement(permits),
        ),
        (VENDING, "starts the refresher", invoke("RefresherFunction")),
        (
            VENDING,
            "has a tenant bound, by consent's alias",
            invoke("RefresherOnDemandFunction:consent"),
        ),
        (
            VENDING,
            "asks on demand by no alias",
            invoke("RefresherOnDemandFunction:$LATEST"),
        ),
        (
            VENDING,
            "takes the table away",
            Request::table("DeleteTable", json!({"TableName": "Table"})),
        ),
        (
            REFRESHER,
            "reads the consent keys",
            secret("ConsentKeysSecret"),
        ),
        (REFRESHER, "reads the policy", get(POLICY)),
        (
            REFRESHER,
            "writes the policy",
            put(POLICY, &["policy_text"]),
        ),
        (
            REFRESHER,
            "makes itself a caller key",
            put(CALLERS, &["hash"]),
        ),
        (
            REFRESHER,
            "changes an issuer",
            update(ISSUERS, &["issuers"]),
        ),
        (REFRESHER, "deletes a tenant", delete(TENANT)),
        (REFRESHER, "reads the whole table", scan("Table")),
        (REFRESHER, "calls vending", invoke("VendingFunction")),
        (
            REFRESHER,
            "mixes a tenant that it may write and a policy that it may not",
            transaction(&[
                ("Update", update_of(TENANT, &["status"])),
                ("Put", put_of(POLICY, &["policy_text"])),
            ]),
        ),
        (SCHEDULE, "reads a tenant", get(TENANT)),
        (
            SCHEDULE,
            "reads the certificate",
            secret("CertificateSecret"),
        ),
        (SCHEDULE, "calls vending", invoke("VendingFunction")),
        (
            SCHEDULE,
            "calls the refresher on demand",
            invoke("RefresherOnDemandFunction"),
        ),
    ]
}
