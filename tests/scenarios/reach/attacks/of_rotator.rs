//! The rotator has one secret: what somebody tries who has taken it over, besides what the facts
//! of the page say.

use super::places::{Attack, CALLERS, INVITE, POLICY, TENANT};
use crate::request::{Request, delete, get, invoke, put, query_tenants, scan, secret, update};

const ROTATOR: &str = "RotatorRole";

pub(super) fn attacks() -> Vec<Attack> {
    let tried: Vec<(&'static str, Request)> = vec![
        ("reads a tenant", get(TENANT)),
        ("lists the tenants", query_tenants()),
        ("reads the whole table", scan("Table")),
        ("replaces a sealed token", update(TENANT, &["sealed"])),
        ("deletes a tenant", delete(TENANT)),
        ("writes itself an invite", put(INVITE, &["customer"])),
        ("writes the policy", put(POLICY, &["policy_text"])),
        ("makes itself a caller key", put(CALLERS, &["hash"])),
        ("reads the sealing ring", secret("SealingKeysSecret")),
        ("reads the consent keys", secret("ConsentKeysSecret")),
        ("reads the webhook's keys", secret("WebhookKeysSecret")),
        (
            "puts a ring of its own in the place of the sealing ring",
            Request::Secret("PutSecretValue", "SealingKeysSecret"),
        ),
        ("has a token renewed", invoke("RefresherOnDemandFunction")),
        ("starts the refresher", invoke("RefresherFunction")),
        ("calls vending", invoke("VendingFunction")),
    ];
    let attack = |(what, request)| (ROTATOR, what, request);
    tried.into_iter().map(attack).collect()
}
