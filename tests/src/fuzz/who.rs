//! Callers by their parts, from which the product's are made, and Cedar's own.

use auth::caller::{AwsRole, Caller, Workload};
use serde_json::{Map, Value, json};

pub(super) const ISSUER: &str = "https://token.actions.githubusercontent.com";
const SUBJECT: &str = "repo:contoso/x:ref:refs/heads/main";

/// A caller.
#[derive(Debug, Clone)]
pub(super) enum Who {
    Role {
        account: &'static str,
        name: &'static str,
        id: &'static str,
    },
    /// The payload of its token.
    Workload(Map<String, Value>),
    Key(&'static str),
}

impl Who {
    /// One of each kind and more, by the names that policies of the corpus use.
    pub(super) fn all() -> Vec<Self> {
        let claims = json!({
            "iss": ISSUER, "sub": SUBJECT, "aud": ["broker", "other"], "exp": 1_800_000_000,
            "nbf": "1799990000", "repository_owner": "contoso",
            "repository_owner_id": "12345678", "ref": "refs/heads/main", "event_name": "push",
            "run_attempt": 1, "admin": false, "groups": ["ops", 7, null], "single": "ops",
            "null": null, "/slash~tilde": "odd",
            "kubernetes.io": {"namespace": "jobs", "pods": ["a", "b"], "empty": {}},
        });
        let other = json!({"iss": "https://oidc.example/id/1", "sub": "system:jobs"});
        let account = "111122223333";
        vec![
            Who::Role {
                account,
                name: "audit-collector",
                id: "AROAEXAMPLEROLEID0001",
            },
            Who::Role {
                account,
                name: "collector",
                id: "AROAEXAMPLEROLEID0002",
            },
            Who::Workload(object(claims)),
            Who::Workload(object(other)),
            Who::Key("legacy-tool"),
        ]
    }

    /// The caller that the product makes of it; none where it makes none.
    pub(super) fn caller(&self) -> Option<Caller> {
        match self {
            Who::Role { account, name, id } => {
                Some(Caller::AwsRole(AwsRole::new(account, name, id).ok()?))
            }
            Who::Workload(claims) => {
                let workload = Workload::from_payload(claims.clone().into());
                Some(Caller::Workload(workload.ok()?))
            }
            Who::Key(name) => Some(Caller::Key {
                name: name.parse().ok()?,
            }),
        }
    }

    /// A claim that is text; of a workload.
    pub(super) fn claim(&self, name: &str) -> &str {
        match self {
            Who::Workload(claims) => claims.get(name).and_then(Value::as_str).unwrap_or_default(),
            Who::Role { .. } | Who::Key(_) => "",
        }
    }
}

fn object(claims: Value) -> Map<String, Value> {
    match claims {
        Value::Object(claims) => claims,
        _ => Map::new(),
    }
}
