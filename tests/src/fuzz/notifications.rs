//! What comes to the webhook and over the queue: an AuthID that is taken is one that we made, a
//! message that is read is one that is written, and what a notification wakes for stands in it, as
//! another reader reads it (a tree of serde_json).

use std::collections::BTreeSet;

use auth::secret::ExposeSecret as _;
use auth::{ClientId, Cloud, TenantId};
use feed::ContentType;
use feed::address::FeedHost;
use feed::auth_id::AuthKeys;
use feed::notification::{self, Expected};
use feed::wake::Wake;
use serde_json::Value;

const KEYS: &str = r#"{"primary":"k1","keys":{
    "k1":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=",
    "k2":"AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI="}}"#;
const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";
const CLIENT: &str = "2d4d11a2-f814-46a7-890a-274a72a7309e";

/// The text is each of the three.
pub(super) fn notifications(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    text.lines().for_each(check_auth_id);
    check_wake(&text);
    check_notification(&text);
}

fn check_auth_id(text: &str) {
    let keys = AuthKeys::from_json(KEYS).unwrap();
    let Some(tenant) = keys.tenant_of(text) else {
        return;
    };
    let swapped = KEYS.replacen("k1", "k2", 1);
    let older = AuthKeys::from_json(&swapped).unwrap();
    let made = [keys.of(tenant), older.of(tenant)];
    assert!(made.iter().any(|one| one.expose_secret() == text), "{text}");
}

fn check_wake(text: &str) {
    let Ok(wake) = Wake::from_json(text) else {
        return;
    };
    assert_eq!(Wake::from_json(&wake.to_json()), Ok(wake.clone()), "{text}");
    match wake {
        Wake::Notified { types, .. } => assert!(!types.is_empty(), "{text}"),
        Wake::Window { window, .. } => assert!(window.seconds() <= 86_400, "{text}"),
    }
}

fn check_notification(text: &str) {
    let hosts = Cloud::ALL.map(FeedHost::of);
    let expected = Expected {
        tenant: TENANT.parse().unwrap(),
        client_id: CLIENT.parse().unwrap(),
        hosts: &hosts,
    };
    let Ok(notified) = notification::read(text, &expected) else {
        return;
    };
    let items: Vec<Value> = serde_json::from_str(text).unwrap();
    assert_eq!(notified.items, items.len() as u64, "{text}");
    assert!(
        notified.unknown + notified.unfit <= notified.items,
        "{text}"
    );
    let named: BTreeSet<ContentType> = items.iter().filter_map(type_of).collect();
    assert!(notified.types.is_subset(&named), "{text}");
}

/// The type of an item that is the tenant's and ours, and leads to Microsoft's.
fn type_of(item: &Value) -> Option<ContentType> {
    let text = |name: &str| item[name].as_str();
    let (tenant, client): (TenantId, ClientId) = (TENANT.parse().ok()?, CLIENT.parse().ok()?);
    assert!(item.is_object());
    let uri = text("contentUri")?.to_ascii_lowercase();
    let path = format!("/{TENANT}/activity/feed/");
    let (origin, rest) = uri.split_once("/api/v1")?;
    let is_microsofts = Cloud::ALL
        .iter()
        .any(|cloud| cloud.management_api() == origin);
    let is_ours =
        text("tenantId")?.parse() == Ok(tenant) && text("clientId")?.parse() == Ok(client);
    let leads_there = is_microsofts && rest.trim_start_matches(".0").starts_with(&path);
    (is_ours && leads_there)
        .then(|| text("contentType")?.parse().ok())
        .flatten()
}
