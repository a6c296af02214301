//! Tokens of the v1 flow that say something which does not hold: the access token, well
//! signed, from which the tenant is taken, and the unsigned ID token beside it.

use serde_json::json;
use tests::jwt::compact;
use tests::{Genuine, Member};

use super::Row;

const ANOTHER_CLIENT: &str = "41463f53-8812-40f4-890f-865bf6e35190";
const HOUR: i64 = 3600;

fn row(name: &'static str, make: impl FnOnce(&Genuine) -> String + Send + 'static) -> Row {
    super::row(Member::AccessToken, name, make)
}

pub(super) fn claims(earlier: &Genuine) -> Vec<Row> {
    let (tid, iss) = (earlier.claims["tid"].clone(), earlier.claims["iss"].clone());
    vec![
        row("another client's", |genuine| {
            genuine.with("appid", json!(ANOTHER_CLIENT))
        }),
        row("no client's", |genuine| genuine.without("appid")),
        row("for another resource", |genuine| {
            genuine.with("aud", json!("https://graph.microsoft.com"))
        }),
        row("for the client itself", |genuine| {
            genuine.with("aud", genuine.claims["appid"].clone())
        }),
        row("for no resource", |genuine| genuine.without("aud")),
        row("another tenant", move |genuine| genuine.with("tid", tid)),
        row("no tenant", |genuine| genuine.without("tid")),
        row("another tenant's issuer", move |genuine| {
            genuine.with("iss", iss)
        }),
        row("a foreign issuer", |genuine| {
            let tid = genuine.claims["tid"].as_str().unwrap();
            genuine.with("iss", json!(format!("https://sts.example/{tid}/")))
        }),
        row("over for an hour", |genuine| {
            genuine.moved("exp", -2 * HOUR)
        }),
        row("begins in an hour", |genuine| {
            genuine.moved("nbf", HOUR + 300)
        }),
    ]
}

/// The ID token proves nothing in this flow, but its nonce can show that the answer
/// belongs to another attempt.
pub(super) fn stale_nonce(earlier: &Genuine) -> Row {
    let nonce = earlier.claims["nonce"].clone();
    assert!(nonce.is_string());
    super::row(
        Member::IdToken,
        "another attempt's nonce",
        move |genuine: &Genuine| {
            let mut claims = genuine.claims.clone();
            claims["nonce"] = nonce;
            compact(&genuine.header, &claims, "")
        },
    )
}

pub(super) fn sound() -> Vec<Row> {
    vec![row("signed anew", Genuine::resigned)]
}
