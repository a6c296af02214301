//! Well signed ID tokens of the v2 flow that say nothing, or too little, of who signed
//! in: no directory role that can grant the permissions, or no organisation at all.

use auth::TenantId;
use serde_json::{Value, json};
use tests::{Flow, Genuine, Member};

use super::Row;
use super::id_token::{issuer_of, row, with};
use super::run::ForgedRun;
use crate::stage::Refused;

/// Our registration does not ask for the roles: the operator's fault.
const ADMIN_NOT_PROVEN: Refused = Refused {
    status: 503,
    cause: "admin_not_proven",
};
const NOT_AN_ADMIN: Refused = Refused {
    status: 400,
    cause: "not_an_admin",
};
const PERSONAL_ACCOUNT: Refused = Refused {
    status: 400,
    cause: "personal_account",
};

const GLOBAL_ADMINISTRATOR: &str = "62e90394-69f5-4237-9190-012177145e10";
/// Administers, and cannot grant.
const HELPDESK_ADMINISTRATOR: &str = "729827e3-9c14-49f7-bb1b-9608f156bbb8";
/// What app-only tokens carry: no role.
const NO_ROLE: &str = "0997a1d0-0d1d-4acb-b408-d5ca73121e90";
/// Every member has it.
const DEFAULT_USER: &str = "b79fbf4d-3ef9-4689-8143-76b194e85509";

fn rows() -> Vec<(Row, Refused)> {
    let wids = |name, value: Value| with(name, "wids", value);
    let without = |name| row(name, |genuine: &Genuine| genuine.without("wids"));
    let mut rows = vec![
        (without("no roles"), ADMIN_NOT_PROVEN),
        (
            wids("a text for a list", json!(GLOBAL_ADMINISTRATOR)),
            ADMIN_NOT_PROVEN,
        ),
        (
            wids("an object for a list", json!({"0": GLOBAL_ADMINISTRATOR})),
            ADMIN_NOT_PROVEN,
        ),
        (wids("a plain user", json!([DEFAULT_USER])), NOT_AN_ADMIN),
        (
            wids("an application's default", json!([NO_ROLE])),
            NOT_AN_ADMIN,
        ),
        (
            wids(
                "an application's, as a user too",
                json!([NO_ROLE, DEFAULT_USER]),
            ),
            NOT_AN_ADMIN,
        ),
        (
            wids("a Helpdesk Administrator", json!([HELPDESK_ADMINISTRATOR])),
            NOT_AN_ADMIN,
        ),
        (
            wids(
                "a Helpdesk Administrator, as a user too",
                json!([HELPDESK_ADMINISTRATOR, DEFAULT_USER]),
            ),
            NOT_AN_ADMIN,
        ),
    ];
    rows.extend(personal_accounts().map(|row| (row, PERSONAL_ACCOUNT)));
    rows
}

/// The tenant that all personal accounts share, with a role that would do elsewhere.
fn personal_accounts() -> [Row; 2] {
    let consumers = |genuine: &Genuine| {
        let mut claims = genuine.claims.clone();
        let tenant = TenantId::CONSUMERS.to_string();
        claims["iss"] = json!(issuer_of(genuine, &tenant));
        claims["tid"] = json!(tenant);
        claims
    };
    [
        row("a personal account", move |genuine| {
            genuine.own.sign(&genuine.header, &consumers(genuine))
        }),
        row("a personal account, by its own key", move |genuine| {
            let key = &genuine.of_consumers;
            key.sign(&genuine.header, &consumers(genuine))
        }),
    ]
}

#[tokio::test]
async fn who_is_not_proven_an_admin_connects_nothing() {
    let run = ForgedRun::start(Flow::V2).await;
    let earlier = run.earlier(Member::IdToken);
    assert!(earlier.claims["wids"].is_array(), "{}", earlier.claims);
    for (row, why) in rows() {
        run.refuses(row, why).await;
    }
}
