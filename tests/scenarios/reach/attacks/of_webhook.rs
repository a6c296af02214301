//! The webhook faces the internet: what somebody tries who has taken it over. Its role sends to
//! one queue and reads one secret, which the facts of the page say; here is everything else.

use serde_json::json;

use super::places::{
    Attack, BATCH, CALLERS, FEED_LEASE, INVITE, ISSUERS, ONCE, POLICY, RECEIPT, TENANT,
};
use crate::request::{
    Request, delete, get, get_many, invoke, key, put, put_of, query, query_tenants, scan, secret,
    transaction, update,
};

const WEBHOOK: &str = "WebhookRole";

pub(super) fn attacks() -> Vec<Attack> {
    let tried: Vec<(&'static str, Request)> = vec![
        ("reads a tenant", get(TENANT)),
        ("reads many tenants", get_many(TENANT)),
        ("lists the tenants", query_tenants()),
        ("reads the whole table", scan("Table")),
        ("writes a tenant's row", put(TENANT, &["status"])),
        ("says that all is listed", update(TENANT, &["exchange"])),
        ("deletes a tenant", delete(TENANT)),
        ("reads what was stored of an audit log", query(BATCH)),
        ("says that a batch is stored", update(BATCH, &["state"])),
        ("deletes a batch", delete(BATCH)),
        (
            "holds a shard's lease for ever, which stops the collector",
            update(FEED_LEASE, &["until"]),
        ),
        ("reads an invite", get(INVITE)),
        ("reads a receipt", get(RECEIPT)),
        ("uses a state up", put(ONCE, &["mark"])),
        ("reads the policy", get(POLICY)),
        ("writes the policy", put(POLICY, &["policy_text"])),
        ("makes itself a caller key", put(CALLERS, &["hash"])),
        ("puts an issuer on the list", put(ISSUERS, &["issuers"])),
        (
            "mixes a batch and a tenant",
            transaction(&[
                ("Put", put_of(BATCH, &["state"])),
                ("Delete", json!({"TableName": "Table", "Key": key("T#1")})),
            ]),
        ),
        ("reads the certificate", secret("CertificateSecret")),
        ("reads the sealing ring", secret("SealingKeysSecret")),
        ("reads the consent keys", secret("ConsentKeysSecret")),
        (
            "puts keys of its own in the place of its keys",
            Request::Secret("PutSecretValue", "WebhookKeysSecret"),
        ),
        ("starts the collector", invoke("CollectorFunction")),
        ("calls vending", invoke("VendingFunction")),
        ("calls consent", invoke("ConsentFunction")),
        ("has a token renewed", invoke("RefresherOnDemandFunction")),
    ];
    let attack = |(what, request)| (WEBHOOK, what, request);
    tried.into_iter().map(attack).collect()
}
