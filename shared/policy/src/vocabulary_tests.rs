//! What requests are made of is what the schema says: nothing checks it while the
//! program runs, so that it costs nothing there.

use std::borrow::Cow;

use auth::caller::{AwsRole, Caller, Route};
use auth::{Cloud, TenantId, TenantStatus};
use cedar_policy::{EntityTypeName, SchemaFragment};

use super::*;

/// The schema as people read it.
const SCHEMA: &str = include_str!("schema.cedarschema");
/// Its JSON form, from the crate's directory.
const JSON_FILE: &str = "src/schema.json";
/// Set it to write the JSON form again.
const UPDATE: &str = "UPDATE_SCHEMA";

fn connected(cloud: Cloud, status: TenantStatus) -> Connected<'static> {
    Connected {
        customer: "Contoso, \"Inc.\"",
        cloud: cloud.as_str(),
        status: status.as_str(),
        labels: vec![("tier", "gold"), ("", "")],
    }
}

fn principals() -> [Principal<'static>; 3] {
    let role: &'static AwsRole = Box::leak(Box::new(
        AwsRole::new("111122223333", "collector", "AROAEXAMPLE").unwrap(),
    ));
    let workload = Workload {
        issuer: "https://issuer.example",
        subject: "a \"b\"",
        claims: vec![("sub", Cow::Borrowed("a \"b\""))],
        lists: vec![("groups", vec!["a".into(), "a".into()]), ("none", vec![])],
    };
    [
        Principal::AwsRole(role),
        Principal::Workload(workload),
        Principal::Key("key"),
    ]
}

fn check(facts: &Facts<'_>) {
    let schema = Vocabulary::schema();
    let asked = Vocabulary::new().ask(facts).unwrap();
    Entities::from_entities(asked.entities, Some(&schema))
        .unwrap_or_else(|error| panic!("{facts:?}: {error}"));
    let request = &asked.request;
    Request::new(
        request.principal().unwrap().clone(),
        request.action().unwrap().clone(),
        request.resource().unwrap().clone(),
        request.context().unwrap().clone(),
        Some(&schema),
    )
    .unwrap_or_else(|error| panic!("{facts:?}: {error}"));
}

fn facts<'a>(principal: Principal<'a>, action: Action, object: Object<'a>) -> Facts<'a> {
    Facts {
        principal,
        action,
        object,
        token_for: (action == Action::Vend).then_some("https://manage.office.com"),
        route: Route::Tenants,
    }
}

#[test]
fn every_question_fits_the_schema() {
    let tenant: TenantId = "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap();
    for action in [Action::Vend, Action::List] {
        for principal in principals() {
            let known = connected(Cloud::Public, TenantStatus::Active);
            check(&facts(
                principal,
                action,
                Object::Tenant(tenant, Some(known)),
            ));
        }
        for principal in principals() {
            check(&facts(principal, action, Object::Tenant(tenant, None)));
        }
    }
    for principal in principals() {
        check(&facts(
            principal,
            Action::Invite,
            Object::Customer("Contoso"),
        ));
    }
}

#[test]
fn the_schema_names_every_cloud_status_and_route_and_no_other() {
    let tenant: TenantId = "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap();
    for cloud in Cloud::ALL {
        for status in TenantStatus::ALL {
            let known = connected(cloud, *status);
            let object = Object::Tenant(tenant, Some(known));
            check(&facts(Principal::Key("key"), Action::List, object));
        }
    }
    for route in Route::ALL {
        check(&Facts {
            route,
            ..facts(
                Principal::Key("key"),
                Action::List,
                Object::Tenant(tenant, None),
            )
        });
    }
    // Each word is in the schema; so many words and no more are in it.
    let words = Cloud::ALL.len() + 1 + TenantStatus::ALL.len() + 1 + Route::ALL.len();
    let enumerations = SCHEMA.split("enum [").skip(1);
    let named: usize = enumerations
        .map(|rest| {
            rest.split(']')
                .next()
                .unwrap_or_default()
                .matches('"')
                .count()
                / 2
        })
        .sum();
    assert_eq!(named, words);
}

#[test]
fn the_vocabulary_names_every_type_of_the_schema() {
    let vocabulary = Vocabulary::new();
    let Vocabulary {
        aws_role,
        workload,
        lists,
        key,
        customer,
        tenant,
        cloud,
        status,
        route,
        action: _,
    } = &vocabulary;
    let mut ours = [
        aws_role, workload, lists, key, customer, tenant, cloud, status, route,
    ];
    let schema = Vocabulary::schema();
    let mut theirs: Vec<&EntityTypeName> = schema.entity_types().collect();
    ours.sort();
    theirs.sort();
    assert_eq!(theirs, ours);
}

#[expect(
    clippy::disallowed_methods,
    reason = "what is set decides what the test does, and nothing of the crate's"
)]
#[test]
fn the_json_form_is_what_the_text_says() {
    let (fragment, _) = SchemaFragment::from_cedarschema_str(SCHEMA).unwrap();
    let said = fragment.to_json_value().unwrap();
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(JSON_FILE, format!("{said:#}\n")).unwrap();
        return;
    }
    let kept: serde_json::Value = serde_json::from_str(SCHEMA_JSON).unwrap();
    assert_eq!(
        kept, said,
        "{JSON_FILE} is old: {UPDATE}=1 cargo test -p policy writes it"
    );
}

/// The name that a refusal shows to its caller can be pasted into a policy, whatever the subject
/// holds.
#[test]
fn a_caller_is_named_as_cedar_reads_its_name() {
    let key = "collector".parse().unwrap();
    let role = AwsRole::new("111122223333", "audit-collector", "AROAEXAMPLE").unwrap();
    let mut callers = vec![
        (Caller::Key { name: key }, "Key::\"collector\"".to_owned()),
        (
            Caller::AwsRole(role),
            "AwsRole::\"111122223333/audit-collector\"".to_owned(),
        ),
    ];
    let issuer = "https://issuer.example";
    let subjects = [
        ("workload", "workload"),
        (
            "repo:contoso/collector:ref:refs/heads/main",
            "repo:contoso/collector:ref:refs/heads/main",
        ),
        ("a b", "a b"),
        ("a\"b", "a\\\"b"),
        ("a\\b", "a\\\\b"),
        ("it's", "it\\'s"),
        ("a\nb", "a\\nb"),
        ("a\0b", "a\\0b"),
        ("a\u{1b}[2J", "a\\u{1b}[2J"),
        ("a\u{202e}b", "a\\u{202e}b"),
        ("Müller 漢", "Müller 漢"),
        ("*", "*"),
    ];
    for (subject, written) in subjects {
        let payload = serde_json::json!({"iss": issuer, "sub": subject});
        let serde_json::Value::Object(payload) = payload else {
            unreachable!("an object");
        };
        let workload = auth::caller::Workload::from_payload(payload.into()).unwrap();
        let name = format!("Workload::\"{issuer} {written}\"");
        callers.push((Caller::Workload(workload), name));
    }
    for (caller, name) in callers {
        assert_eq!(caller.principal(), name);
        let read: EntityUid = name.parse().unwrap();
        let reads = crate::facts::Reads::default();
        let facts = crate::facts::Principal::of(&caller, &reads).unwrap();
        assert_eq!(read, Vocabulary::new().principal(&facts), "{name}");
    }
}
