//! What policies cost: reading 200 of them, a decision that is made, a decision that is
//! remembered, for each kind of caller, and for sets that grouping cannot help.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::time::Instant;

use auth::caller::{
    Action, AwsRole, Caller, ConnectedFacts, Context, Question, Route, Subject, TenantFacts,
    Workload,
};
use auth::{Cloud, Customer, Resource, TenantId, TenantStatus};
use policy::{DecisionMemory, PolicySet};
use serde_json::{Map, json};

use crate::cpu::own_time;
use crate::fleet;
use crate::policy_text::{
    ACCOUNT, CUSTOMER, CUSTOMER_OF_KEY, KEY, LABEL, POLICIES, ROLE, WORKLOAD, mixed,
};
use crate::report::{median, micros_each, note, row, table};

const TURNS: usize = 20;
/// As many times more are remembered than made: the kernel counts CPU time in ticks of
/// some milliseconds.
const REMEMBERED: usize = 20;
const GITHUB: &str = "https://token.actions.githubusercontent.com";
const SUBJECT: &str = "repo:owner100/x:ref:refs/heads/main";
/// As many as a token of GitHub Actions has.
const CLAIMS: usize = 25;

/// Who asks, and whose tenant it is.
struct Asking {
    caller: Caller,
    customer: Customer,
    tags: BTreeMap<String, String>,
}

/// Measures `decisions` of each kind and prints the table.
pub(crate) fn run(decisions: usize) {
    let text = mixed(GITHUB);
    let policies = PolicySet::parse(&text).unwrap();
    let patterns = alike(|n| format!("principal.subject like \"repo:owner{n}/*\""));
    let all = alike(|n| {
        format!(
            "principal.subject like \"repo:owner100/*\" && \
             resource.hasTag(\"tier\") && resource.getTag(\"tier\") like \"*{n}\""
        )
    });
    let each = decisions / TURNS;
    let rows = [
        row([
            "a decision over 200 policies",
            "decided by",
            "made, CPU µs",
            "remembered, CPU µs",
            "aim",
        ]),
        line("a role", &policies, &role(), each, "≤ 60"),
        line(
            "a workload with 25 claims",
            &policies,
            &workload(),
            each,
            "≤ 60",
        ),
        line("a key", &policies, &key(), each, "≤ 60"),
        line("200 patterns of subjects", &patterns, &workload(), each, ""),
        line("all 200 evaluated", &all, &workload(), each, ""),
    ];
    table("Decide", &rows);
    note(&format!(
        "{POLICIES} policies of {} bytes are read and checked in {:.1} ms of the wall's time. {} decisions of each kind in \
         {TURNS} turns, medians of turns.",
        text.len(),
        reading(&text),
        each * TURNS,
    ));
}

fn line(what: &str, policies: &PolicySet, asking: &Asking, each: usize, aim: &str) -> Vec<String> {
    let (tenant, resource) = (fleet::tenants(1)[0], fleet::resource());
    let question = question(asking, tenant, &resource);
    let memory = DecisionMemory::default();
    let decision = memory.decide(policies, &question);
    let decided_by = match decision.allows() {
        true => decision.policies.join(", "),
        false => "none: denied".to_owned(),
    };
    let made = turns(each, || policies.decide(black_box(&question)));
    let remembered = turns(each * REMEMBERED, || {
        memory.decide(policies, black_box(&question))
    });
    row([
        what,
        &decided_by,
        &format!("{made:.1}"),
        &format!("{remembered:.1}"),
        aim,
    ])
}

fn question<'a>(asking: &'a Asking, id: TenantId, resource: &'a Resource) -> Question<'a> {
    Question {
        caller: &asking.caller,
        action: Action::Vend,
        subject: Subject::Tenant(TenantFacts {
            id,
            connected: Some(ConnectedFacts {
                customer: &asking.customer,
                cloud: Cloud::Public,
                status: TenantStatus::Active,
                tags: &asking.tags,
            }),
        }),
        context: Context {
            resource: Some(resource),
            route: Route::TokenV2,
        },
    }
}

/// CPU microseconds of one, the median of turns of `each`.
fn turns<T>(each: usize, mut run: impl FnMut() -> T) -> f64 {
    let turns: Vec<f64> = (0..TURNS)
        .map(|_| {
            let before = own_time();
            for _ in 0..each {
                black_box(run());
            }
            micros_each(own_time() - before, each)
        })
        .collect();
    median(&turns)
}

/// Milliseconds of the wall: a text is parsed on a thread of its own, whose CPU time ends
/// with it.
#[expect(
    clippy::disallowed_methods,
    reason = "what is measured is the wall's time"
)]
fn reading(text: &str) -> f64 {
    let read = |_| {
        let began = Instant::now();
        black_box(PolicySet::parse(text).unwrap());
        began.elapsed().as_secs_f64() * 1e3
    };
    median(&(0..TURNS).map(read).collect::<Vec<_>>())
}

/// Permits for workloads that only the given condition tells apart.
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

fn role() -> Asking {
    Asking {
        caller: Caller::AwsRole(AwsRole::new(ACCOUNT, ROLE, "AROAEXAMPLE").unwrap()),
        customer: CUSTOMER.parse().unwrap(),
        tags: BTreeMap::new(),
    }
}

fn key() -> Asking {
    Asking {
        caller: Caller::Key {
            name: KEY.parse().unwrap(),
        },
        customer: CUSTOMER_OF_KEY.parse().unwrap(),
        tags: BTreeMap::new(),
    }
}

fn workload() -> Asking {
    let mut claims: Map<_, _> = WORKLOAD
        .map(|(name, value)| (name.to_owned(), json!(value)))
        .into_iter()
        .collect();
    claims.insert("iss".to_owned(), json!(GITHUB));
    claims.insert("sub".to_owned(), json!(SUBJECT));
    for n in claims.len()..CLAIMS {
        claims.insert(format!("claim_{n}"), json!("some value of a claim"));
    }
    Asking {
        caller: Caller::Workload(Workload::from_payload(claims.into()).unwrap()),
        customer: "customer 1".parse().unwrap(),
        tags: [(LABEL.0.to_owned(), LABEL.1.to_owned())].into(),
    }
}
