//! What is checked is what is decided: arbitrary claims under arbitrary policies, put to the
//! function's own path (a signed token, the checker of tokens, the policies in force) and to
//! the operator's `policy explain`, must come to one decision. Each token is decided under
//! two texts after each other, as a warm function would: what it remembers of the token must
//! not stand in the way.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auth::caller::{
    Action, Caller, ConnectedFacts, Context, Decision, PrivateIssuers, Question, Route, Subject,
    TenantFacts, issuers_from_json,
};
use auth::policy::StoredPolicy;
use auth::ports::{
    Authorizer as _, CallerProof as _, Clock as _, HeldIssuers, PolicySource, StoreError,
    StoredPolicies,
};
use auth::{Cloud, Customer, Resource, TenantStatus};
use aws::SystemClock;
use microsoft::{CallersParts, OidcCallers, TrustRoots};
use operator::commands::policy::CallerArguments;
use policy::{Policies, PolicySet};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};
use tempfile::TempDir;
use tests::issuer::Issuer;

const SUBJECTS: [&str; 4] = ["a", "repo:contoso/x", "with space", "ü \\ 'q'"];
const WORDS: [&str; 4] = ["a", "ops", "7", "true"];
const LIVES: [i64; 2] = [600, 1_200];

/// Stands for the time of the run in generated claims and conditions.
const NOW: &str = "NOW";

/// A table whose text changes.
struct Texts(Mutex<StoredPolicy>);

#[async_trait]
impl PolicySource for Texts {
    async fn current(&self) -> Result<StoredPolicies, StoreError> {
        Ok(StoredPolicies {
            in_force: Some(self.0.lock().unwrap().clone()),
            candidate: Ok(None),
        })
    }
}

/// The function's path and the operator's, with one issuer.
struct Paths {
    issuer: Issuer,
    private: PrivateIssuers,
    texts: Arc<Texts>,
    policies: Arc<Policies>,
    callers: OidcCallers,
    directory: TempDir,
    now: i64,
}

impl Paths {
    async fn start() -> Self {
        let issuer = Issuer::start().await;
        let allowed = issuers_from_json(&issuer.list()).unwrap();
        let private = PrivateIssuers::of(&allowed);
        let issuers = Arc::new(HeldIssuers::of(&allowed));
        let none = StoredPolicy::following(None, String::new(), SystemClock.now());
        let texts = Arc::new(Texts(Mutex::new(none)));
        let policies = Policies::new(texts.clone(), Arc::new(SystemClock))
            .with_max_age(Duration::ZERO)
            .with_issuers(issuers.clone());
        let policies = Arc::new(policies);
        let callers = OidcCallers::new(CallersParts {
            issuers,
            roots: TrustRoots::default(),
            clock: Arc::new(SystemClock),
            claims_read: policies.clone(),
            keys_max_age: Duration::from_secs(3_600),
            token_max_life: Duration::from_secs(86_400),
        });
        Self {
            issuer,
            private,
            texts,
            policies,
            callers: callers.unwrap(),
            directory: tempfile::tempdir().unwrap(),
            now: SystemClock.now().unix(),
        }
    }

    fn put(&self, text: &str) {
        let mut stored = self.texts.0.lock().unwrap();
        *stored = StoredPolicy::following(Some(&stored), text.to_owned(), SystemClock.now());
    }

    /// The claims with what every token has.
    fn payload(&self, mut claims: Value) -> Value {
        let audience = issuers_from_json(&self.issuer.list()).unwrap();
        let audience = audience[0].audience.clone();
        claims["iss"] = json!(self.issuer.url);
        let listed = claims["aud"] == json!("list");
        claims["aud"] = if listed {
            json!([audience, "a"])
        } else {
            json!(audience)
        };
        for name in ["exp", "nbf", "iat"] {
            if let Some(from_now) = claims[name].as_i64() {
                claims[name] = json!(self.now + from_now);
            }
        }
        claims
            .as_object_mut()
            .unwrap()
            .retain(|_, value| !value.is_null());
        claims
    }

    fn text(&self, statements: &[String]) -> String {
        let permit = format!(
            "permit(principal is Workload, action, resource) when {{ principal.issuer == \"{}\" }};",
            self.issuer.url
        );
        let all = std::iter::once(&permit).chain(statements).enumerate();
        let text: String = all
            .map(|(n, statement)| format!("@id(\"p{n}\") {statement}\n"))
            .collect();
        let text = text.replace("ISSUER", &self.issuer.url);
        LIVES.iter().fold(text, |text, life| {
            text.replace(&format!("{NOW}+{life}"), &(self.now + life).to_string())
        })
    }

    async fn live(&self, token: &str) -> (Caller, Decision) {
        let caller = self.callers.verify(token).await.unwrap();
        let decision = decide(&caller, async |question| {
            self.policies.decide(question).await
        });
        let decision = decision.await;
        (caller, decision)
    }

    async fn explained(&self, text: &str, payload: &Value) -> Decision {
        let file = self.directory.path().join("claims.json");
        std::fs::write(&file, payload.to_string()).unwrap();
        let subject = payload["sub"].as_str().unwrap();
        let arguments = CallerArguments {
            caller: format!("Workload::{} {subject}", self.issuer.url),
            role_id: None,
            claims: Some(file),
        };
        let caller = arguments.caller().unwrap();
        let set = PolicySet::parse_with(text, &self.private).unwrap();
        decide(&caller, async |question| set.explain(&question).decision).await
    }
}

/// What is decided on a token of Contoso's tenant.
async fn decide(caller: &Caller, by: impl AsyncFn(Question<'_>) -> Decision) -> Decision {
    let customer: Customer = "contoso".parse().unwrap();
    let resource: Resource = "https://manage.office.com".parse().unwrap();
    let tags = Default::default();
    let facts = TenantFacts {
        id: "41463f53-8812-40f4-890f-865bf6e35190".parse().unwrap(),
        connected: Some(ConnectedFacts {
            customer: &customer,
            cloud: Cloud::Public,
            status: TenantStatus::Active,
            tags: &tags,
        }),
    };
    by(Question {
        caller,
        action: Action::Vend,
        subject: Subject::Tenant(facts),
        context: Context {
            resource: Some(&resource),
            route: Route::TokenV2,
        },
    })
    .await
}

fn value() -> impl Strategy<Value = Value> {
    let word = || select(&WORDS[..]);
    prop_oneof![
        3 => word().prop_map(Value::from),
        1 => Just(json!(7)),
        1 => Just(json!(true)),
        1 => Just(json!(1.5)),
        2 => vec(word(), 0..3).prop_map(Value::from),
        2 => word().prop_map(|word| json!({"b": word, "c": [word, {"d~e": word}]})),
    ]
}

fn claims() -> impl Strategy<Value = Value> {
    let maybe = || proptest::option::of(value());
    (
        select(&SUBJECTS[..]),
        select(&["one", "list"][..]),
        select(&LIVES[..]),
        proptest::option::of(select(&[0, -60][..])),
        proptest::option::of(Just(-60)),
        (maybe(), maybe(), maybe(), maybe()),
    )
        .prop_map(|(sub, aud, exp, nbf, iat, (a, groups, jti, odd))| {
            json!({
                "sub": sub, "aud": aud, "exp": exp, "nbf": nbf, "iat": iat,
                "a": a, "groups": groups, "jti": jti, "x/y~z": odd,
            })
        })
}

/// A condition on one claim: names of every kind, values that are met and others.
fn condition() -> impl Strategy<Value = String> {
    let name = select(
        &[
            "sub",
            "iss",
            "aud",
            "exp",
            "nbf",
            "iat",
            "jti",
            "a",
            "groups",
            "x/y~z",
            "/sub",
            "/a/b",
            "/a/c/0",
            "/a/c/1/d~0e",
            "/aud/0",
            "/x~1y~0z",
            "/groups/0",
            "absent",
        ][..],
    );
    let value = |name: &str| match name.trim_start_matches('/') {
        "exp" | "nbf" | "iat" => vec![format!("{NOW}+600"), format!("{NOW}+1200")],
        "sub" => SUBJECTS.map(|one| one.replace('\\', "\\\\")).to_vec(),
        "iss" => vec!["ISSUER".to_owned(), "https://other.example".to_owned()],
        _ => [&WORDS[..], &["vending"]]
            .concat()
            .iter()
            .map(|one| (*one).to_owned())
            .collect(),
    };
    let single = name.prop_flat_map(move |name| {
        (select(value(name)), 0..5_u8).prop_map(move |(value, form)| match form {
            0 | 1 => format!(
                "(principal.hasTag(\"{name}\") && principal.getTag(\"{name}\") == \"{value}\")"
            ),
            2 => format!("principal.hasTag(\"{name}\")"),
            3 => format!(
                "(principal.lists.hasTag(\"{name}\") && principal.lists.getTag(\"{name}\").contains(\"{value}\"))"
            ),
            _ => format!(
                "(principal.hasTag(\"{name}\") && principal.getTag(\"{name}\") like \"*a*\")"
            ),
        })
    });
    single.prop_recursive(2, 6, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one} && {other})")),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| format!("({one} || {other})")),
            inner.prop_map(|one| format!("!({one})")),
        ]
    })
}

fn statements() -> impl Strategy<Value = Vec<String>> {
    let one = (condition(), select(&["when", "unless"][..])).prop_map(|(condition, word)| {
        format!("forbid(principal is Workload, action, resource) {word} {{ {condition} }};")
    });
    vec(one, 0..3)
}

#[test]
fn a_signed_token_is_decided_as_the_operator_is_told() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let paths = runtime.block_on(Paths::start());
    let config = ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(claims in claims(), texts in vec(statements(), 2))| {
        let payload = paths.payload(claims);
        let token = paths.issuer.sign(&payload);
        for statements in &texts {
            let text = paths.text(statements);
            // Some contradict themselves, and would not be put.
            if PolicySet::parse_with(&text, &paths.private).is_err() {
                continue;
            }
            paths.put(&text);
            runtime.block_on(async {
                let explained = paths.explained(&text, &payload).await;
                for _ in 0..2 {
                    let (caller, live) = paths.live(&token).await;
                    assert_eq!(live, explained, "{caller:?} {payload}\n{text}");
                }
            });
        }
    });
}
