//! `POST /tokens`: each item is answered and written down as a vend of its own, by one request to
//! the table, and counts against what its caller may ask.

mod fleet;

use auth::caller::{CallerLimits, caller_rate};
use auth::encoding::hex;
use serde_json::{Value, json};
use tests::gateway_event::post;
use tests::lines::Lines;

use self::fleet::{Fleet, HIDDEN, KINDS, Kind, batch_of, id, token_of};

const MANAGEMENT: &str = "https://manage.office.com";
/// What an item can name: kept, of another cloud, by its application's ID, not kept.
const RESOURCES: [&str; 4] = [
    MANAGEMENT,
    "https://manage-gcc.office.com",
    "c5393580-f805-4401-95e8-94b7a6ef2fc2",
    "https://graph.microsoft.com",
];

/// Every kind of tenant by every name of a resource, and with every wish.
fn shapes() -> Vec<Value> {
    let connected = 1..=KINDS.len() as u128;
    let numbers = connected.chain([0xff00, HIDDEN]);
    let mut items = Vec::new();
    for number in numbers {
        let of = |resource: &str| json!({"tenant_id": id(number), "resource": resource});
        for resource in RESOURCES {
            items.push(of(resource));
            let mut long = of(resource);
            long["min_ttl"] = json!(3_599);
            items.push(long);
        }
        let mut rejected = of(MANAGEMENT);
        let digest =
            aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, token_of(number).as_bytes());
        rejected["rejected"] = json!(hex(digest.as_ref()));
        items.push(rejected);
    }
    items.push(json!({"tenant_id": "contoso.com", "resource": MANAGEMENT}));
    items
}

/// The same item as a request of its own.
fn single(item: &Value) -> Value {
    let text = |name: &str| item[name].as_str().unwrap();
    let mut form = format!(
        "grant_type=client_credentials&scope={}/.default",
        text("resource")
    );
    for name in ["min_ttl", "rejected"] {
        if !item[name].is_null() {
            let value = item[name].to_string();
            form += &format!("&{name}={}", value.trim_matches('"'));
        }
    }
    post(&format!("/{}/oauth2/v2.0/token", text("tenant_id")), &form)
}

/// What a member says that a single answer says in its body.
fn body_of(member: &Value) -> Value {
    let mut body = member.clone();
    let members = body.as_object_mut().unwrap();
    for name in ["tenant_id", "resource", "status", "retry_after"] {
        members.remove(name);
    }
    body
}

#[tokio::test]
async fn a_batch_is_its_single_vends_item_by_item() {
    let fleet = Fleet::of(&KINDS).await;
    let items = shapes();
    assert!((90..=100).contains(&items.len()), "{}", items.len());
    // What Entra ID refuses is refused once and remembered: all that follows is the same.
    fleet.batch(&fleet.vending().await, &items).await;
    let (alone, together) = (fleet.vending().await, fleet.vending().await);
    let lines = Lines::listen("off");
    let members = fleet.batch(&together, &items).await;
    let mut written = lines.take();
    assert_eq!((members.len(), written.len()), (items.len(), items.len()));
    let mut statuses = std::collections::BTreeSet::new();
    for (item, member) in items.iter().zip(&members) {
        let (status, after, mut body) = fleet.ask(&alone, single(item)).await;
        if item["tenant_id"] == "contoso.com" {
            // The path of the one, a member of the other.
            body["error_description"] = member["error_description"].clone();
        }
        assert_eq!(body_of(member), body, "{item}");
        let said = (&member["status"], &member["retry_after"]);
        assert_eq!(said, (&json!(status), &after), "{item}");
        let own = lines.one("a single vend");
        let place = written.iter().position(|line| is_same_decision(line, &own));
        let place = place.unwrap_or_else(|| panic!("{item}: no line as {own}"));
        written.swap_remove(place);
        statuses.insert(status);
    }
    assert_eq!(statuses, [200, 400, 403, 404, 409, 503].into());
}

/// Two lines but for the route, for where the token came from (the first of two items for one
/// tenant finds it in the table, the next in memory), and for what a malformed tenant is called.
fn is_same_decision(of_batch: &Value, of_single: &Value) -> bool {
    assert_eq!(of_batch["event"], "tokens");
    let same = |name: &str| of_batch[name] == of_single[name];
    let reason = same("reason") || of_single["tenant"].is_null();
    let names = [
        "decision",
        "caller",
        "proof",
        "tenant",
        "customer",
        "resource",
        "token_sha256",
        "status",
        "cause",
        "expires_at",
        "request_id",
        "source_ip",
    ];
    reason && names.into_iter().all(same)
}

#[tokio::test]
async fn a_hundred_tenants_are_one_read_of_the_table_and_then_none() {
    // None of these needs a new token.
    let [active, .., degraded, denied, gcc] = KINDS;
    let suspended = KINDS[3];
    let kinds: Vec<Kind> = [active, suspended, degraded, denied, gcc]
        .into_iter()
        .cycle()
        .take(100)
        .collect();
    let fleet = Fleet::of(&kinds).await;
    let names = [MANAGEMENT, MANAGEMENT, MANAGEMENT, MANAGEMENT, RESOURCES[1]];
    let items: Vec<_> = (1_u128..=100)
        .zip(names.into_iter().cycle())
        .map(|(number, resource)| json!({"tenant_id": id(number), "resource": resource}))
        .collect();
    let vending = fleet.vending().await;
    let mut seen = 0;
    // The list of issuers and what else a start reads.
    fleet.batch(&vending, &[json!({"tenant_id": "x"})]).await;
    fleet.operations(&mut seen);
    let lines = Lines::listen("off");
    let first = fleet.batch(&vending, &items).await;
    assert_eq!(fleet.operations(&mut seen), ["BatchGetItem"]);
    for (place, member) in first.iter().enumerate() {
        let expected = [200, 409, 200, 403, 200][place % 5];
        assert_eq!(member["status"], expected, "{place}: {member}");
        if expected == 200 {
            assert_eq!(member["access_token"], token_of(place as u128 + 1));
        }
    }
    let sources: Vec<_> = lines
        .take()
        .iter()
        .map(|line| line["source"].clone())
        .collect();
    assert_eq!(
        sources.iter().filter(|source| **source == "table").count(),
        60
    );
    // What is not vended is not remembered, as in single vends.
    fleet.batch(&vending, &items).await;
    assert_eq!(fleet.operations(&mut seen), ["BatchGetItem"]);
    let vended = items.iter().enumerate().filter(|(place, _)| place % 5 != 1);
    let vended: Vec<_> = vended.map(|(_, item)| item.clone()).collect();
    assert_eq!(fleet.batch(&vending, &vended).await.len(), 80);
    assert_eq!(fleet.operations(&mut seen), [""; 0]);
    // As old as what memory may say.
    fleet.run.clock.advance(30);
    fleet.batch(&vending, &vended).await;
    assert_eq!(fleet.operations(&mut seen), ["BatchGetItem"]);
}

#[tokio::test]
async fn a_tenant_that_is_named_twice_is_read_once_and_answered_twice() {
    let fleet = Fleet::of(&KINDS[..1]).await;
    let vending = fleet.vending().await;
    let mut seen = 0;
    fleet.batch(&vending, &[json!({"tenant_id": "x"})]).await;
    fleet.operations(&mut seen);
    let item = json!({"tenant_id": id(1), "resource": MANAGEMENT});
    let members = fleet.batch(&vending, &[item.clone(), item]).await;
    assert_eq!(members[0]["access_token"], token_of(1));
    assert_eq!(members[0], members[1]);
    assert_eq!(fleet.operations(&mut seen), ["BatchGetItem"]);
}

#[tokio::test]
async fn a_caller_is_limited_by_what_it_asks_for_and_not_by_its_requests() {
    let fleet = Fleet::of(&KINDS[..1]).await;
    let mut vending = fleet.vending().await;
    vending.limits = CallerLimits::new(caller_rate(250, 1));
    let item = json!({"tenant_id": id(1), "resource": MANAGEMENT});
    let lines = Lines::listen("off");
    // Items, and the status.
    let rows = [
        (100, 200),
        (100, 200),
        (100, 429),
        (49, 200),
        (1, 200),
        (1, 429),
    ];
    for (count, expected) in rows {
        let event = batch_of(&vec![item.clone(); count]);
        let (status, after, body) = fleet.ask(&vending, event).await;
        assert_eq!(status, expected, "{count}: {body}");
        let lines = lines.take();
        let audited = lines
            .iter()
            .filter(|line| line["target"] == "audit")
            .count();
        if expected == 429 {
            assert_eq!((audited, after), (1, json!(2)), "{count}");
            assert_eq!(body["cause"], "too_many_requests");
        } else {
            assert_eq!(audited, count);
        }
    }
    let (status, ..) = fleet.ask(&vending, single(&item)).await;
    assert_eq!(status, 429);
}
