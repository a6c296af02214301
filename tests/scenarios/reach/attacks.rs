//! Attacks with exactly a role's permissions: somebody has the credentials of one function and
//! sends what he likes. Each is denied, and each would be done if nothing denied it.

use serde_json::json;

use super::account::Account;
use super::request::{
    Request, batch_get, batch_put, delete, get, key, put, put_of, query, query_tenants, scan,
    secret, statement, transaction, update, update_of,
};

pub(super) type Attack = (&'static str, &'static str, Request);

const TENANT: (&str, &str) = ("Table", "T#1");
const INVITE: (&str, &str) = ("Table", "INVITE#1");
const ONCE: (&str, &str) = ("Table", "ONCE#1");
const LEASE: (&str, &str) = ("Table", "LEASE#1");
const RECEIPT: (&str, &str) = ("Table", "SIGNIN#1");
const POLICY: (&str, &str) = ("ControlTable", "POLICY");
const CALLERS: (&str, &str) = ("ControlTable", "CALLERS");
const ISSUERS: (&str, &str) = ("ControlTable", "ISSUERS");

const CONSENT: &str = "ConsentRole";
const VENDING: &str = "VendingRole";
const REFRESHER: &str = "RefresherRole";
const ON_DEMAND: &str = "RefresherOnDemandRole";
const SCHEDULE: &str = "RefresherScheduleRole";

/// What is denied since no role reads or writes more than its part of a table.
fn against_allow_lists() -> Vec<Attack> {
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
        (CONSENT, "holds a lease", put(LEASE, &["until"])),
        (CONSENT, "reads a lease", get(LEASE)),
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
                ("Get", json!({"TableName": "Table", "Key": key("LEASE#1")})),
            ]),
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
                ("Put", put_of(LEASE, &["until"])),
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
        (
            ON_DEMAND,
            "calls vending",
            Request::Invoke("VendingFunction"),
        ),
        (
            ON_DEMAND,
            "mixes a tenant that it may write and a policy that it may not",
            transaction(&[
                ("Update", update_of(TENANT, &["status"])),
                ("Put", put_of(POLICY, &["policy_text"])),
            ]),
        ),
    ]
}

/// What has been denied as long as there are roles.
fn of_old() -> Vec<Attack> {
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
        (
            CONSENT,
            "starts the refresher",
            Request::Invoke("RefresherFunction"),
        ),
        (
            CONSENT,
            "calls vending with a context of its own",
            Request::Invoke("VendingFunction"),
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
            batch_put(&[LEASE, TENANT]),
        ),
        (
            VENDING,
            "changes the policy by a statement",
            statement(permits),
        ),
        (
            VENDING,
            "starts the refresher",
            Request::Invoke("RefresherFunction"),
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
        (
            REFRESHER,
            "calls vending",
            Request::Invoke("VendingFunction"),
        ),
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
        (
            SCHEDULE,
            "calls vending",
            Request::Invoke("VendingFunction"),
        ),
        (
            SCHEDULE,
            "calls the refresher on demand",
            Request::Invoke("RefresherOnDemandFunction"),
        ),
    ]
}

/// Every attack.
#[cfg(feature = "real-parts")]
pub(super) fn all() -> Vec<Attack> {
    [against_allow_lists(), of_old()].concat()
}

async fn check(attacks: Vec<Attack>) {
    let mut wrong = Vec::new();
    let mut account = Account::open().await;
    for (role, attack, request) in attacks {
        let done = account.send_unjudged(&request).await;
        assert!(
            done.is_done(),
            "{role} {attack}: it fails without a gate too: {done:?}"
        );
        if request.takes_tables_away() {
            account = Account::open().await;
        }
        match account.gate(role).await {
            None => wrong.push(format!("{role} {attack}: there is no such role")),
            Some(gate) => {
                let answer = account.send(&gate, &request).await;
                if !answer.is_denied() || gate.denied().len() != 1 {
                    wrong.push(format!("{role} {attack}: {answer:?}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test]
async fn a_role_does_no_more_than_its_part_of_a_table() {
    check(against_allow_lists()).await;
}

#[tokio::test]
async fn a_role_does_nothing_of_another_roles_or_of_the_operators() {
    check(of_old()).await;
}
