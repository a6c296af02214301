//! What policies cost: reading 200 of them, a decision that is made, a decision that is
//! remembered. `cargo run --release -p policy --example decision_cost` prints medians.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement: it prints, reads the machine's clock and ends at what fails"
)]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use auth::caller::{
    Action, AwsRole, Caller, Claims, ConnectedFacts, Context, Question, Route, Subject, TenantFacts,
};
use auth::{Cloud, Customer, Resource, TenantId, TenantStatus};
use policy::{DecisionMemory, PolicySet};
use serde_json::{Value, json};

const POLICIES: usize = 200;
const GITHUB: &str = "https://token.actions.githubusercontent.com";
const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";

/// Who asks, and whose tenant it is.
struct Asking {
    what: &'static str,
    caller: Caller,
    customer: Customer,
    tags: BTreeMap<String, String>,
}

fn main() {
    let text = mixed();
    let policies = PolicySet::parse(&text).unwrap();
    println!("{} policies, {} bytes", policies.ids().count(), text.len());
    println!(
        "read and check           {:>9.1} us",
        median(20, || PolicySet::parse(&text))
    );
    for asking in [role(), workload(), key()] {
        measure(asking.what, &policies, &asking);
    }
    let patterns = alike(|n| format!("principal.subject like \"repo:owner{n}/*\""));
    measure("patterns of subjects", &patterns, &workload());
    let all = alike(|n| {
        format!(
            "principal.subject like \"repo:owner100/*\" && \
             resource.hasTag(\"tier\") && resource.getTag(\"tier\") like \"*{n}\""
        )
    });
    measure("all 200 evaluated", &all, &workload());
}

fn measure(what: &str, policies: &PolicySet, asking: &Asking) {
    let tenant: TenantId = TENANT.parse().unwrap();
    let resource: Resource = "https://manage.office.com".parse().unwrap();
    let question = Question {
        caller: &asking.caller,
        action: Action::Vend,
        subject: Subject::Tenant(TenantFacts {
            id: tenant,
            connected: Some(ConnectedFacts {
                customer: &asking.customer,
                cloud: Cloud::Public,
                status: TenantStatus::Active,
                tags: &asking.tags,
            }),
        }),
        context: Context {
            resource: Some(&resource),
            route: Route::TokenV2,
        },
    };
    let decision = policies.decide(&question);
    let memory = DecisionMemory::default();
    memory.decide(policies, &question);
    println!(
        "{what:<24} {:>9.1} us made, {:>5.1} us remembered ({:?} by {:?})",
        median(2_000, || policies.decide(black_box(&question))),
        median(20_000, || memory.decide(policies, black_box(&question))),
        decision.outcome,
        decision.policies,
    );
}

/// A third each: roles by name, workflows of an owner, keys by name; and two forbids.
fn mixed() -> String {
    let permits = (0..POLICIES - 2).map(|n| match n % 3 {
        0 => format!(
            "@id(\"role-{n}\") permit(principal == AwsRole::\"111122223333/role{n}\", \
             action in [Action::\"vend\", Action::\"list\"], resource in Customer::\"customer {n}\");\n"
        ),
        1 => format!(
            "@id(\"github-{n}\") permit(principal is Workload, \
             action in [Action::\"vend\", Action::\"list\"], resource is Tenant) when {{ {} }};\n",
            github(&format!("owner{n}"))
        ),
        _ => format!(
            "@id(\"key-{n}\") permit(principal == Key::\"key-{n}\", action == Action::\"vend\", \
             resource in Customer::\"customer {n}\") \
             when {{ context.resource == \"https://manage.office.com\" }};\n"
        ),
    });
    let forbids = "@id(\"suspended\") forbid(principal, action == Action::\"vend\", resource) \
                   when { resource.status == Status::\"suspended\" };\n\
                   @id(\"graph\") forbid(principal is Key, action == Action::\"vend\", resource) \
                   when { context.resource == \"https://graph.microsoft.com\" };\n";
    permits.chain([forbids.to_owned()]).collect()
}

/// Permits for workflows that only the given condition tells apart.
fn alike(condition: impl Fn(usize) -> String) -> PolicySet {
    let text: String = (0..POLICIES)
        .map(|n| {
            let condition = condition(n);
            format!(
                "@id(\"github-{n}\") permit(principal is Workload, action == Action::\"vend\", resource) \
                 when {{ principal.issuer == \"{GITHUB}\" && {condition} }};\n"
            )
        })
        .collect();
    PolicySet::parse(&text).unwrap()
}

fn github(owner: &str) -> String {
    format!(
        "principal.issuer == \"{GITHUB}\" && principal.hasTag(\"repository_owner\") && \
         principal.getTag(\"repository_owner\") == \"{owner}\" && principal.hasTag(\"ref\") && \
         principal.getTag(\"ref\") == \"refs/heads/main\" && resource.hasTag(\"tier\") && \
         resource.getTag(\"tier\") == \"gold\""
    )
}

fn role() -> Asking {
    Asking {
        what: "a role",
        caller: Caller::AwsRole(AwsRole {
            account: "111122223333".into(),
            name: "role99".into(),
            id: "AROAEXAMPLE".into(),
        }),
        customer: "customer 99".parse().unwrap(),
        tags: BTreeMap::new(),
    }
}

fn key() -> Asking {
    Asking {
        what: "a key",
        caller: Caller::Key {
            name: "key-98".parse().unwrap(),
        },
        customer: "customer 98".parse().unwrap(),
        tags: BTreeMap::new(),
    }
}

/// With the 25 claims of a GitHub Actions token.
fn workload() -> Asking {
    let mut claims = json!({
        "iss": GITHUB, "sub": "repo:owner100/x:ref:refs/heads/main", "aud": "broker",
        "ref": "refs/heads/main", "repository_owner": "owner100", "repository": "owner100/x",
    });
    let map = claims.as_object_mut().unwrap();
    for n in map.len()..25 {
        map.insert(format!("claim_{n}"), json!("some value of a claim"));
    }
    let Value::Object(claims) = claims else {
        unreachable!("an object")
    };
    Asking {
        what: "a workload",
        caller: Caller::Workload {
            issuer: GITHUB.into(),
            subject: "repo:owner100/x:ref:refs/heads/main".into(),
            claims: Claims(claims.into()),
        },
        customer: "customer 1".parse().unwrap(),
        tags: [("tier".to_owned(), "gold".to_owned())].into(),
    }
}

/// Microseconds.
fn median<T>(times: usize, mut run: impl FnMut() -> T) -> f64 {
    let mut taken: Vec<f64> = (0..times)
        .map(|_| {
            let start = Instant::now();
            black_box(run());
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    taken.sort_by(f64::total_cmp);
    taken[times / 2]
}
