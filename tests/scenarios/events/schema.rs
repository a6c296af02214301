//! The schema, as `jsonschema` of PyPI reads it.

use std::path::Path;

use auth::event::{Event, EventCause, EventKind, FeedFacts};
use auth::fleet::{FleetChange, FleetFault, Transition};
use auth::{Cause, CauseCode, Tenant, TenantStatus, Timestamp};
use serde_json::{Value, json};
use tests::judge::{Judge, installed};

/// What is wrong with these events by the schema.
async fn problems(events: &[Value]) -> Vec<String> {
    let python = installed("JUDGES_PYTHON");
    let mut judge = Judge::start(&python, "event_schema.py", &[]).await;
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/events/event-1.json");
    judge
        .tell(&json!({"schema": schema, "events": events}))
        .await;
    let heard = judge.hear().await;
    serde_json::from_value(heard["problems"].clone()).unwrap()
}

/// These events keep the schema.
pub(super) async fn holds(events: &[Value]) {
    assert_eq!(problems(events).await, Vec::<String>::new());
}

fn parsed(event: &Event) -> Value {
    serde_json::from_str(&event.to_json()).unwrap()
}

/// Every kind, with every cause that a tenant can have.
fn every_event() -> Vec<Value> {
    let now = Timestamp::from_unix(1_431_655_194);
    let id = "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap();
    let working = Tenant::connected(id, now);
    let mut events = Vec::new();
    for code in CauseCode::ALL {
        for status in [TenantStatus::Degraded, TenantStatus::Revoked] {
            let failed = Tenant {
                status,
                cause: Some(Cause::with_aadsts(*code, 65_001)),
                ..working.clone()
            };
            events.extend(Event::of_change(Some(&working), &failed));
            events.extend(Event::of_change(Some(&failed), &working));
        }
        let cause = *code;
        let fault = FleetFault { cause, since: now };
        let transitions = vec![Transition::Fault(fault), Transition::Recovered(fault)];
        let last_number = 2;
        let change = FleetChange {
            transitions,
            last_number,
        };
        events.extend(Event::of_fleet(&change, now));
    }
    events.extend(Event::of_change(None, &working));
    events.extend(Event::of_change(
        Some(&working),
        &working.suspended(now).unwrap(),
    ));
    events.extend(Event::of_change(
        Some(&working),
        &working.removed(now).unwrap(),
    ));
    let refused = EventCause {
        code: "role_missing",
        error_codes: Vec::new(),
        fault: auth::Fault::Customer,
        next_step: "Consent again.",
    };
    for (kind, cause, since) in [
        (EventKind::FeedLoss, Some(refused), None),
        (EventKind::FeedLoss, None, None),
        (EventKind::FeedSilent, None, Some(now.to_string())),
    ] {
        events.push(Event {
            id: "00ff".to_owned(),
            kind,
            time: now,
            tenant: Some(id),
            customer: None,
            cause,
            feed: Some(FeedFacts {
                content_type: "Audit.Exchange".to_owned(),
                contents: Some(1),
                expired_seconds: Some(0),
                since,
            }),
        });
    }
    events.iter().map(parsed).collect()
}

#[tokio::test]
async fn every_kind_of_event_keeps_the_schema() {
    let events = every_event();
    for kind in EventKind::ALL {
        let is_there = events.iter().any(|event| event["type"] == kind.as_str());
        assert!(is_there, "{kind}");
    }
    holds(&events).await;
}

/// So that a schema which permits everything is seen.
#[tokio::test]
async fn the_schema_refuses_what_is_no_event() {
    let event = every_event().remove(0);
    for (field, value) in [
        ("id", json!("with.dot")),
        ("version", json!(2)),
        ("type", json!("TenantHappy")),
        ("time", json!("yesterday")),
        ("tenant_id", json!("contoso.example")),
        ("tenant_id", Value::Null),
        ("customer", Value::Null),
        ("cause", Value::Null),
        ("fault", json!("nobody")),
    ] {
        let mut wrong = event.clone();
        wrong[field] = value.clone();
        assert!(!problems(&[wrong]).await.is_empty(), "{field} {value}");
    }
}
