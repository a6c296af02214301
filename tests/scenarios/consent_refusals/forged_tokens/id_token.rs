//! ID tokens of the v2 flow that are well signed, with a claim that does not hold; and
//! a few in which everything does.

use auth::TenantId;
use serde_json::{Value, json};
use tests::{Genuine, Member};

use super::Row;

/// Another application's.
const ANOTHER_CLIENT: &str = "41463f53-8812-40f4-890f-865bf6e35190";
const HOUR: i64 = 3600;
/// Role templates that can grant the management API's permissions.
const CLOUD_APPLICATION_ADMINISTRATOR: &str = "158c047a-c907-4556-b7ef-446551a6b5f7";
const PRIVILEGED_ROLE_ADMINISTRATOR: &str = "e8611ab8-c189-46e8-94e1-60213ab1f814";

pub(super) fn row(
    name: &'static str,
    make: impl FnOnce(&Genuine) -> String + Send + 'static,
) -> Row {
    super::row(Member::IdToken, name, make)
}

/// A claim replaced by this.
pub(super) fn with(name: &'static str, claim: &'static str, value: Value) -> Row {
    row(name, move |genuine| genuine.with(claim, value))
}

pub(super) fn audiences() -> Vec<Row> {
    vec![
        with("another client's", "aud", json!(ANOTHER_CLIENT)),
        with(
            "a list without ours",
            "aud",
            json!([ANOTHER_CLIENT, "https://manage.office.com"]),
        ),
        with("no audience in the list", "aud", json!([])),
        row("no audience", |genuine| genuine.without("aud")),
    ]
}

/// `iss` and `tid` of one token belong together.
pub(super) fn issuers(earlier: &Genuine) -> Vec<Row> {
    let of_another = earlier.claims["iss"].clone();
    vec![
        with("another tenant's issuer", "iss", of_another),
        row("a foreign host's issuer", |genuine| {
            let tid = genuine.claims["tid"].as_str().unwrap();
            let issuer = format!("https://login.example/{tid}/v2.0");
            genuine.with("iss", json!(issuer))
        }),
        row("the issuer of v1 tokens", |genuine| {
            let tid = genuine.claims["tid"].as_str().unwrap();
            genuine.with("iss", json!(format!("https://sts.windows.net/{tid}/")))
        }),
        row("the template itself", |genuine| {
            genuine.with("iss", json!(issuer_of(genuine, "{tenantid}")))
        }),
        row("the consumers' issuer", |genuine| {
            let consumers = TenantId::CONSUMERS.to_string();
            genuine.with("iss", json!(issuer_of(genuine, &consumers)))
        }),
        row("an issuer with a slash more", |genuine| {
            let issuer = genuine.claims["iss"].as_str().unwrap();
            genuine.with("iss", json!(format!("{issuer}/")))
        }),
        row("no issuer", |genuine| genuine.without("iss")),
    ]
}

pub(super) fn tenants(earlier: &Genuine) -> Vec<Row> {
    let another = earlier.claims["tid"].clone();
    let domain = "contoso.onmicrosoft.com";
    vec![
        with("another tenant", "tid", another),
        with("the consumers' tenant", "tid", json!(TenantId::CONSUMERS)),
        row("no tenant", |genuine| genuine.without("tid")),
        with("an empty tenant", "tid", json!("")),
        with("a list of tenants", "tid", json!([ANOTHER_CLIENT])),
        row("a domain for a tenant", move |genuine| {
            let issuer = issuer_of(genuine, domain);
            genuine.changed([("tid", json!(domain)), ("iss", json!(issuer))])
        }),
        row("the template's word for a tenant", |genuine| {
            let issuer = issuer_of(genuine, "{tenantid}");
            genuine.changed([("tid", json!("{tenantid}")), ("iss", json!(issuer))])
        }),
    ]
}

pub(super) fn nonces(earlier: &Genuine) -> Vec<Row> {
    let of_another = earlier.claims["nonce"].clone();
    assert!(of_another.is_string());
    vec![
        with("another attempt's nonce", "nonce", of_another),
        with("an empty nonce", "nonce", json!("")),
        with("a nonce that is null", "nonce", Value::Null),
        row("no nonce", |genuine| genuine.without("nonce")),
    ]
}

/// An ID token begins 300 seconds before it is signed and ends an hour after that.
pub(super) fn times() -> Vec<Row> {
    vec![
        row("over for an hour", |genuine| {
            genuine.moved("exp", -2 * HOUR)
        }),
        row("begins in an hour", |genuine| {
            genuine.moved("nbf", HOUR + 300)
        }),
        row("no end", |genuine| genuine.without("exp")),
        with("an end that is no time", "exp", json!("never")),
    ]
}

pub(super) fn sound() -> Vec<Row> {
    let role = |name, role: &str| with(name, "wids", json!([role]));
    vec![
        row("signed anew", Genuine::resigned),
        role(
            "a Cloud Application Administrator",
            CLOUD_APPLICATION_ADMINISTRATOR,
        ),
        role(
            "a Privileged Role Administrator",
            PRIVILEGED_ROLE_ADMINISTRATOR,
        ),
    ]
}

/// The issuer of this token, if its tenant were called that.
pub(super) fn issuer_of(genuine: &Genuine, tenant: &str) -> String {
    let own = genuine.claims["tid"].as_str().unwrap();
    genuine.claims["iss"].as_str().unwrap().replace(own, tenant)
}
