//! Arbitrary questions and policies: deciding never panics, whom no policy names is
//! denied, and the groups that policies are put in leave none of them out.

use std::sync::LazyLock;

use crate::world::*;
use auth::caller::{Action, Caller, Route, Ruling};
use auth::{Cloud, TenantStatus};
use policy::{DecisionMemory, PolicySet};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

const OWNERS: [&str; 3] = ["contoso", "fabrikam", "a\"b"];
const CUSTOMERS: [&str; 3] = ["contoso", "fabrikam", "Contoso, Inc."];
const TENANTS: [&str; 2] = [CONTOSO, STRANGER];
const RESOURCES: [&str; 2] = [MANAGEMENT, GRAPH];
const KEYS: [&str; 2] = ["a", "b"];

fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => ".*".prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<f64>().prop_map(|number| json!(number)),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
        3 => select(&OWNERS[..]).prop_map(Value::from),
    ]
}

/// Claims of any names and shapes, those that policies read among them.
fn claims() -> impl Strategy<Value = Value> {
    let value = prop_oneof![
        3 => scalar(),
        1 => vec(scalar(), 0..4).prop_map(Value::from),
        1 => btree_map(".*", scalar(), 0..3).prop_map(|map| json!(map)),
    ];
    let name = prop_oneof![
        4 => Just("repository_owner".to_owned()),
        2 => Just("ref".to_owned()),
        2 => Just("groups".to_owned()),
        1 => ".*",
    ];
    btree_map(name, value, 0..6).prop_map(|map| json!(map))
}

fn caller() -> impl Strategy<Value = Caller> {
    let issuer =
        prop_oneof![1 => Just(GITHUB.to_owned()), 6 => Just(CLUSTER.to_owned()), 1 => ".*"];
    let subject = prop_oneof![
        3 => Just("repo:contoso/x".to_owned()),
        1 => Just("repo:".to_owned()),
        3 => "repo:(contoso|fabrikam|ä)/.{0,5}",
        1 => ".*"
    ];
    prop_oneof![
        1 => "collector|[a-zA-Z0-9_+=,.@-]{1,64}".prop_map(|name| role(ACCOUNT, &name)),
        3 => (issuer, subject, claims()).prop_filter_map("no token's", |(issuer, subject, claims)| {
            any_workload(&issuer, &subject, claims)
        }),
        2 => "[ab]|[ab]|[a-z0-9-]{1,40}".prop_map(|name| key(&name)),
    ]
}

fn tenant() -> impl Strategy<Value = Tenant> {
    let connected = (
        prop_oneof![9 => select(&CUSTOMERS[..]).prop_map(str::to_owned), 1 => "\\PC{1,20}"],
        select(&Cloud::ALL[..]),
        select(TenantStatus::ALL),
        btree_map(
            prop_oneof![4 => Just("tier".to_owned()), 1 => ".*"],
            prop_oneof![4 => Just("gold".to_owned()), 1 => ".*"],
            0..4,
        ),
    )
        .prop_filter_map("no account's name", |(customer, cloud, status, tags)| {
            Some(Connected {
                customer: customer.parse().ok()?,
                cloud,
                status,
                tags,
            })
        });
    (
        select(&TENANTS[..]),
        proptest::option::weighted(0.9, connected),
    )
        .prop_map(|(id, connected)| Tenant {
            id: id.parse().unwrap(),
            connected,
        })
}

fn asked() -> impl Strategy<Value = Asked> {
    let about = prop_oneof![
        6 => tenant().prop_map(About::Tenant),
        1 => select(&CUSTOMERS[..]).prop_map(|name| About::Customer(name.parse().unwrap())),
    ];
    (
        caller(),
        select(
            &[
                Action::Vend,
                Action::Vend,
                Action::List,
                Action::List,
                Action::Invite,
            ][..],
        ),
        about,
        proptest::option::weighted(0.9, select(&RESOURCES[..])),
        select(&[Route::TokenV2, Route::ManagedIdentity, Route::Invites][..]),
    )
        .prop_map(|(caller, action, about, resource, route)| Asked {
            caller,
            action,
            about,
            resource: resource.map(|resource| resource.parse().unwrap()),
            route,
        })
}

fn tag(name: &str, value: &str, of: &str) -> String {
    format!("{of}.hasTag(\"{name}\") && {of}.getTag(\"{name}\") == {value:?}")
}

/// Conditions on a workload and a tenant: true, false, failing.
fn condition() -> impl Strategy<Value = String> {
    let single = prop_oneof![
        select(&OWNERS[..]).prop_map(|owner| tag("repository_owner", owner, "principal")),
        Just(tag("ref", "refs/heads/main", "principal")),
        Just("principal.subject like \"repo:contoso/*\"".to_owned()),
        Just("principal.subject like \"repo:ä/*\"".to_owned()),
        Just("principal.subject like \"*\"".to_owned()),
        Just("principal.hasTag(\"repository_owner\") && principal.getTag(\"repository_owner\") like \"cont*\"".to_owned()),
        Just("[\"repo:contoso/x\", \"b\"].contains(principal.subject)".to_owned()),
        Just("principal.lists.hasTag(\"groups\") && principal.lists.getTag(\"groups\").contains(\"contoso\")".to_owned()),
        Just(tag("tier", "gold", "resource")),
        Just("resource.connected".to_owned()),
        Just("resource.status == Status::\"suspended\"".to_owned()),
        Just("resource.customer == Customer::\"fabrikam\"".to_owned()),
        Just("resource in [Customer::\"contoso\", Customer::\"Contoso, Inc.\"]".to_owned()),
        Just("9223372036854775807 + 1 == 0".to_owned()),
        Just("true".to_owned()),
    ];
    single.prop_recursive(3, 12, 2, |inner| {
        let two = (inner.clone(), inner.clone());
        prop_oneof![
            two.clone()
                .prop_map(|(one, other)| format!("({one} && {other})")),
            two.clone()
                .prop_map(|(one, other)| format!("({one} || {other})")),
            two.prop_map(|(one, other)| format!("(if {one} then {other} else resource.connected)")),
            inner.prop_map(|one| format!("!({one})")),
        ]
    })
}

/// A policy for workloads and tenants, or for one of the other kinds by name.
fn statement() -> impl Strategy<Value = String> {
    let issuer = format!("principal.issuer == \"{CLUSTER}\"");
    let for_workloads = (proptest::bool::weighted(0.8), condition(), select(&["when", "unless"][..])).prop_map(
        move |(permit, condition, word)| if permit { format!(
                "permit(principal is Workload, action in [Action::\"vend\", Action::\"list\"], resource is Tenant) \
                 when {{ {issuer} }} {word} {{ {condition} }};"
            ) } else { format!(
                "forbid(principal is Workload, action == Action::\"vend\", resource) {word} {{ {condition} }};"
            ) },
    );
    let name = prop_oneof![
        select(&KEYS[..]).prop_map(|name| format!("Key::\"{name}\"")),
        Just("AwsRole::\"111122223333/collector\"".to_owned()),
    ];
    let place = prop_oneof![
        select(&CUSTOMERS[..]).prop_map(|name| format!("in Customer::{name:?}")),
        select(&TENANTS[..]).prop_map(|id| format!("== Tenant::\"{id}\"")),
        Just(String::new()),
    ];
    let by_name =
        (select(&["permit", "forbid"][..]), name, place).prop_map(|(effect, name, place)| {
            format!("{effect}(principal == {name}, action, resource {place});")
        });
    prop_oneof![3 => for_workloads, 2 => by_name]
}

fn text() -> impl Strategy<Value = String> {
    vec(statement(), 1..8).prop_map(|statements| {
        let named = statements.iter().enumerate();
        named
            .map(|(n, statement)| format!("@id(\"p{n}\") {statement}\n"))
            .collect()
    })
}

/// The decision by what each policy says for itself.
fn by_each(policies: &PolicySet, asked: &Asked) -> (Ruling, Vec<String>) {
    let explanation = policies.explain(&asked.question());
    let failed = explanation.failed.iter().filter(|failed| failed.denies);
    let mut forbids: Vec<String> = failed.map(|failed| failed.policy.clone()).collect();
    forbids.extend(explanation.forbids);
    forbids.sort();
    let mut permits = explanation.permits;
    permits.sort();
    match (forbids.is_empty(), permits.is_empty()) {
        (false, _) => (Ruling::Deny, forbids),
        (true, false) => (Ruling::Allow, permits),
        (true, true) => (Ruling::Deny, Vec::new()),
    }
}

/// Policies for callers that no question comes from.
const FOR_OTHERS: &str = r#"
@id("key") permit(
    principal == Key::"somebody-else-with-a-long-name", action, resource in Customer::"contoso"
);
@id("role") permit(
    principal == AwsRole::"999999999999/somebody-else", action, resource in Customer::"contoso"
);
@id("pod") permit(
    principal == Workload::"https://somebody.example else", action, resource in Customer::"contoso"
);
@id("account") permit(principal is AwsRole, action == Action::"vend", resource)
when {
    principal.account == "999999999999" &&
    resource.hasTag("tier") && resource.getTag("tier") == "gold"
};
"#;

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn deciding_by_groups_is_deciding_by_all(
        text in text(),
        questions in vec(asked(), 1..8),
    ) {
        // Some are refused: they are impossible, or too wide.
        if let Ok(policies) = PolicySet::parse_with(&text, &private(&[CLUSTER])) {
            let memory = DecisionMemory::default();
            for asked in &questions {
                let decision = asked.decided_by(&policies);
                let by_groups = (decision.ruling, decision.policies.clone());
                prop_assert_eq!(&by_groups, &by_each(&policies, asked), "{}\n{:?}", text, asked);
                for _ in 0..2 {
                    prop_assert_eq!(&memory.decide(&policies, &asked.question()), &decision);
                }
            }
        }
    }

    #[test]
    fn whom_no_policy_names_is_denied(asked in asked()) {
        static POLICIES: LazyLock<PolicySet> = LazyLock::new(|| parsed(FOR_OTHERS));
        let decision = asked.decided_by(&POLICIES);
        prop_assert!(!decision.allows());
        prop_assert!(decision.policies.is_empty());
    }

    #[test]
    fn reading_a_text_never_panics(text in "[\"(){}\\[\\];.,!&|=@a-z?: \\n\\\\/*]{0,200}|\\PC{0,200}") {
        let _ = PolicySet::parse(&text);
    }
}
