//! What each role has to be permitted, by the design of the parts: an allow-list that forgets
//! a key, an attribute or an index stops a function. What the functions really ask for is seen
//! in `at_work`.

use super::account::Account;
use super::request::{
    Request, delete, get, get_many, invoke, put, query, query_tenants, secret, update,
};

/// The attributes that noting the use of a caller key names.
const NOTED: [&str; 2] = ["last_used_at", "version"];

pub(super) fn needs() -> Vec<(&'static str, Vec<Request>)> {
    let tenant = ("Table", "T#1");
    let (invite, once, receipt) = (
        ("Table", "INVITE#1"),
        ("Table", "ONCE#1"),
        ("Table", "SIGNIN#1"),
    );
    let (miss_lease, shard_lease) = (("Table", "LEASE#vend#1"), ("Table", "LEASE#refresh#1"));
    let last_run = ("Table", "RUN#refresh");
    let (batch, feed_lease) = (("Table", "F#1"), ("Table", "LEASE#feed#1"));
    let (event, event_lease) = (
        ("Table", "OUTBOX#tenants#1"),
        ("Table", "LEASE#outbox#tenants#1"),
    );
    let (loss, loss_lease) = (
        ("Table", "OUTBOX#feeds#1"),
        ("Table", "LEASE#outbox#feeds#1"),
    );
    let nothing = ("Table", "NOTHING");
    vec![
        (
            "ConsentRole",
            vec![
                get(tenant),
                get(invite),
                get(once),
                put(once, &["mark", "ttl", "v"]),
                secret("ConsentKeysSecret"),
                invoke("RefresherOnDemandFunction:consent"),
            ],
        ),
        (
            "VendingRole",
            vec![
                get(tenant),
                get_many(tenant),
                get(nothing),
                query_tenants(),
                put(
                    invite,
                    &[
                        "customer",
                        "tenant_id",
                        "cloud",
                        "return_url",
                        "created_at",
                        "expires_at",
                        "ttl",
                        "v",
                    ],
                ),
                update(miss_lease, &["mark", "until", "ttl", "v"]),
                get(("ControlTable", "CALLERS")),
                update(("ControlTable", "CALLERS"), &NOTED),
                secret("SealingKeysSecret"),
                invoke("RefresherOnDemandFunction:vending"),
            ],
        ),
        (
            "RefresherRole",
            vec![
                get(tenant),
                get_many(tenant),
                update(tenant, &["sealed"]),
                query(tenant),
                query_tenants(),
                get(shard_lease),
                update(shard_lease, &["mark", "until", "ttl", "v"]),
                put(event, &["kind", "time", "body", "v"]),
                query(event),
                update(event, &["taken_by", "attempts", "next_attempt_at"]),
                delete(event),
                update(event_lease, &["mark", "until", "ttl", "v"]),
                get(last_run),
                update(last_run, &["refreshed", "fault", "changes", "version", "v"]),
                secret("CertificateSecret"),
                secret("SealingKeysSecret"),
                secret("EventKeysSecret"),
            ],
        ),
        (
            "RefresherOnDemandRole",
            vec![
                get(tenant),
                update(tenant, &["sealed"]),
                delete(tenant),
                query(tenant),
                get(receipt),
                put(receipt, &["tenant_id"]),
                update(receipt, &["used_with"]),
                get(invite),
                update(invite, &["used_by", "used_at"]),
                put(event, &["kind", "time", "body", "v"]),
                query(event),
                update(event, &["taken_by", "attempts", "next_attempt_at"]),
                delete(event),
                update(event_lease, &["mark", "until", "ttl", "v"]),
                secret("CertificateSecret"),
                secret("SealingKeysSecret"),
                secret("EventKeysSecret"),
            ],
        ),
        (
            "CollectorRole",
            vec![
                get(tenant),
                update(
                    tenant,
                    &[
                        "due_shard",
                        "turn",
                        "paused",
                        "leaves",
                        "azure_active_directory",
                        "exchange",
                        "sharepoint",
                        "general",
                        "dlp",
                        "webhooks",
                        "version",
                        "v",
                    ],
                ),
                query_tenants(),
                query(batch),
                put(batch, &["contents", "state", "ttl", "v"]),
                update(batch, &["state", "records", "mark"]),
                delete(batch),
                put(loss, &["kind", "time", "body", "v"]),
                query(loss),
                update(loss, &["taken_by", "attempts", "next_attempt_at"]),
                delete(loss),
                update(loss_lease, &["mark", "until", "ttl", "v"]),
                secret("WebhookKeysSecret"),
                secret("EventKeysSecret"),
                get(feed_lease),
                update(
                    feed_lease,
                    &[
                        "mark",
                        "until",
                        "ttl",
                        "looked_until",
                        "cycle",
                        "noted",
                        "v",
                    ],
                ),
            ],
        ),
        ("WebhookRole", vec![secret("WebhookKeysSecret")]),
        (
            "RotatorRole",
            [
                "DescribeSecret",
                "GetSecretValue",
                "PutSecretValue",
                "UpdateSecretVersionStage",
            ]
            .map(|operation| Request::Secret(operation, "CertificateSecret"))
            .into(),
        ),
        (
            "CredentialCheckScheduleRole",
            vec![invoke("RotatorFunction:live")],
        ),
        (
            "CollectorScheduleRole",
            vec![invoke("CollectorFunction:live")],
        ),
        (
            "RefresherScheduleRole",
            vec![invoke("RefresherFunction:live")],
        ),
    ]
}

#[tokio::test]
async fn each_role_may_do_what_its_functions_need() {
    let account = Account::open().await;
    let mut wrong = Vec::new();
    for (role, requests) in needs() {
        let Some(gate) = account.gate(role).await else {
            wrong.push(format!("{role}: there is no such role"));
            continue;
        };
        for request in requests {
            let mut allowed = false;
            for variant in request.variants() {
                allowed |= !account.send(&gate, &variant).await.is_denied();
            }
            if !allowed {
                wrong.push(format!("{role}: {request:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
