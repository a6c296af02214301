//! Policies decided by Cedar alone, over entities that are made here from the schema's own
//! words: all policies of a text in one set, and every claim there is. It shares nothing
//! with `shared/policy` but the schema.

use std::sync::LazyLock;

use auth::caller::{Question, Ruling, Subject};
use cedar_policy::{
    AuthorizationError, Authorizer, Context, Decision, Effect, Entities, EntityUid, PolicySet,
    Request, Schema,
};
use serde_json::{Map, Value, json};

use super::who::Who;

/// Cedar parses and drops what it parsed recursively.
const STACK_BYTES: usize = 64 * 1024 * 1024;

static SCHEMA: LazyLock<Schema> = LazyLock::new(|| {
    let text = include_str!("../../../shared/policy/src/schema.cedarschema");
    Schema::from_cedarschema_str(text).unwrap().0
});

/// An answer: the outcome, and the ids of the policies that decided, sorted.
pub(super) type Answer = (Ruling, Vec<String>);

/// The answers of a text to questions, each with who asks.
pub(super) fn decide(text: &str, questions: &[(&Who, Question<'_>)]) -> Vec<Answer> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        let decided = thread.spawn_scoped(scope, || {
            let policies: PolicySet = text.parse().unwrap();
            let of = |(who, question): &(&Who, Question<'_>)| answer(&policies, who, question);
            questions.iter().map(of).collect()
        });
        decided.unwrap().join().unwrap()
    })
}

fn answer(policies: &PolicySet, who: &Who, question: &Question<'_>) -> Answer {
    let request = Request::new(
        uid(&principal(who)),
        uid(&json!({"type": "Action", "id": question.action.as_str()})),
        uid(&object(&question.subject)),
        context(question),
        Some(&SCHEMA),
    );
    let entities = json!([caller(who), lists(who), subject(question)]);
    let entities = Entities::from_json_value(entities, Some(&SCHEMA)).unwrap();
    let response = Authorizer::new().is_authorized(&request.unwrap(), policies, &entities);
    let id = |id: &cedar_policy::PolicyId| {
        let policy = policies.policy(id).unwrap();
        (policy.effect(), policy.annotation("id").unwrap().to_owned())
    };
    // Stricter than Cedar, and documented: a forbid that fails denies.
    let failed = response.diagnostics().errors();
    let failed = failed.map(|AuthorizationError::PolicyEvaluationError(error)| error.policy_id());
    let mut denying: Vec<String> = failed
        .map(id)
        .filter(|(effect, _)| *effect == Effect::Forbid)
        .map(|(_, id)| id)
        .collect();
    let mut reasons: Vec<String> = response
        .diagnostics()
        .reason()
        .map(|policy| id(policy).1)
        .collect();
    let outcome = match (response.decision(), denying.is_empty()) {
        (Decision::Allow, true) => Ruling::Allow,
        (Decision::Allow, false) => {
            reasons.clear();
            Ruling::Deny
        }
        (Decision::Deny, _) => Ruling::Deny,
    };
    reasons.append(&mut denying);
    reasons.sort();
    (outcome, reasons)
}

fn uid(uid: &Value) -> EntityUid {
    EntityUid::from_json(uid.clone()).unwrap()
}

fn entity(of: &str, id: &str) -> Value {
    json!({"__entity": {"type": of, "id": id}})
}

fn principal(who: &Who) -> Value {
    match who {
        Who::Role { account, name, .. } => {
            json!({"type": "AwsRole", "id": format!("{account}/{name}")})
        }
        Who::Workload(_) => {
            let name = format!("{} {}", who.claim("iss"), who.claim("sub"));
            json!({"type": "Workload", "id": name})
        }
        Who::Key(name) => json!({"type": "Key", "id": name}),
    }
}

fn caller(who: &Who) -> Value {
    let (attributes, tags) = match who {
        Who::Role { account, name, id } => {
            let attributes = json!({"account": account, "name": name, "id": id});
            (attributes, Map::new())
        }
        Who::Workload(_) => {
            let (issuer, subject) = (who.claim("iss"), who.claim("sub"));
            let lists = entity("Lists", "");
            let attributes = json!({"issuer": issuer, "subject": subject, "lists": lists});
            (attributes, claims(who, &text))
        }
        Who::Key(name) => (json!({"name": name}), Map::new()),
    };
    let mut entity = json!({"uid": principal(who), "attrs": attributes, "parents": []});
    // Other kinds have none, and the schema says so.
    if let Who::Workload(_) = who {
        entity["tags"] = tags.into();
    }
    entity
}

fn lists(who: &Who) -> Value {
    let uid = json!({"type": "Lists", "id": ""});
    json!({"uid": uid, "attrs": {}, "parents": [], "tags": claims(who, &list)})
}

/// Every claim and every member of one, by name and by JSON Pointer, as `read` reads it.
fn claims(who: &Who, read: &dyn Fn(&Value) -> Option<Value>) -> Map<String, Value> {
    let mut tags = Map::new();
    if let Who::Workload(claims) = who {
        for (name, value) in claims {
            if let Some(read) = read(value).filter(|_| !name.starts_with('/')) {
                tags.insert(name.clone(), read);
            }
            by_pointer(String::new(), name, value, read, &mut tags);
        }
    }
    tags
}

fn by_pointer(
    above: String,
    name: &str,
    value: &Value,
    read: &dyn Fn(&Value) -> Option<Value>,
    tags: &mut Map<String, Value>,
) {
    let pointer = format!("{above}/{}", name.replace('~', "~0").replace('/', "~1"));
    if let Some(read) = read(value) {
        tags.insert(pointer.clone(), read);
    }
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                by_pointer(pointer.clone(), name, value, read, tags);
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                by_pointer(pointer.clone(), &index.to_string(), value, read, tags);
            }
        }
        _ => {}
    }
}

fn text(value: &Value) -> Option<Value> {
    match value {
        Value::String(text) => Some(json!(text)),
        Value::Number(_) | Value::Bool(_) => Some(json!(value.to_string())),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn list(value: &Value) -> Option<Value> {
    match value {
        Value::Array(items) => Some(items.iter().filter_map(text).collect()),
        single => text(single).map(|text| json!([text])),
    }
}

fn object(subject: &Subject<'_>) -> Value {
    match subject {
        Subject::Tenant(tenant) => json!({"type": "Tenant", "id": tenant.id}),
        Subject::Customer(customer) => json!({"type": "Customer", "id": customer}),
    }
}

fn subject(question: &Question<'_>) -> Value {
    let uid = object(&question.subject);
    let Subject::Tenant(tenant) = question.subject else {
        return json!({"uid": uid, "attrs": {}, "parents": []});
    };
    let (customer, cloud, status) = match tenant.connected {
        Some(facts) => (
            facts.customer.as_str(),
            facts.cloud.as_str(),
            facts.status.as_str(),
        ),
        None => ("", "unknown", "unknown"),
    };
    let attributes = json!({
        "customer": entity("Customer", customer),
        "cloud": entity("Cloud", cloud),
        "status": entity("Status", status),
        "connected": tenant.connected.is_some(),
    });
    let parents: Vec<Value> = tenant
        .connected
        .iter()
        .map(|facts| json!({"type": "Customer", "id": facts.customer}))
        .collect();
    let tags = tenant
        .connected
        .map(|facts| json!(facts.tags))
        .unwrap_or_else(|| json!({}));
    json!({"uid": uid, "attrs": attributes, "parents": parents, "tags": tags})
}

fn context(question: &Question<'_>) -> Context {
    let mut pairs = json!({"route": entity("Route", question.context.route.as_str())});
    if let Some(resource) = question.context.resource {
        pairs["resource"] = json!(resource);
    }
    Context::from_json_value(pairs, None).unwrap()
}
