//! The page's values, and the comparison of what arrived with them.

use serde_json::Value;

const FIXTURE: &str = include_str!("../../fixtures/get_started_2016.json");

/// Names with values, in any order.
pub(super) type Fields = Vec<(String, String)>;

/// What the page prints.
pub(super) struct Page {
    all: Value,
    /// Of every POST.
    pub(super) content_type: String,
    /// How the page writes the resource into a URL and a body.
    pub(super) encoded_resource: String,
    /// `exp` − `nbf` of the sample assertion.
    pub(super) life_seconds: i64,
    /// The samples.
    pub(super) sample: Value,
}

impl Page {
    pub(super) fn read() -> Self {
        let all: Value = serde_json::from_str(FIXTURE).unwrap();
        Self {
            content_type: text(&all["content_type"]),
            encoded_resource: text(&all["encoded_resource"]),
            life_seconds: all["assertion"]["life_seconds"].as_i64().unwrap(),
            sample: all["sample"].clone(),
            all,
        }
    }

    /// The path of a request.
    pub(super) fn path(&self, request: &str, tenant: &str) -> String {
        text(&self.all[request]["path"]).replace("{tenantid}", tenant)
    }

    /// The `aud` of an assertion, at this authority.
    pub(super) fn audience(&self, authority: &str, tenant: &str) -> String {
        text(&self.all["assertion"]["payload"]["aud"])
            .replace("{authority}", authority)
            .replace("{tenantid}", tenant)
    }

    /// The fields of a request: the page's value where it prints one, ours where it
    /// prints a placeholder.
    pub(super) fn fields(&self, request: &str, own: &[(&str, String)]) -> Fields {
        filled(&self.all[request]["fields"], own)
    }

    /// The members of an assertion's header or payload.
    pub(super) fn assertion(&self, part: &str, own: &[(&str, String)]) -> Fields {
        filled(&self.all["assertion"][part], own)
    }
}

/// Every expected field with its value, once; besides them only `extra`.
pub(super) fn compare(what: &str, arrived: &Fields, expected: &Fields, extra: &[&str]) {
    for (name, value) in expected {
        let found: Vec<_> = arrived.iter().filter(|(key, _)| key == name).collect();
        let [(_, found)] = found[..] else {
            panic!("{what}: {name} stands {} times in {arrived:?}", found.len());
        };
        assert_eq!(found, value, "{what}: {name}");
    }
    for (name, _) in arrived {
        let is_expected = expected.iter().any(|(key, _)| key == name);
        let is_allowed = is_expected || extra.contains(&name.as_str());
        assert!(
            is_allowed,
            "{what}: {name} is neither the page's nor allowed"
        );
    }
}

/// The members of an object, as texts.
pub(super) fn texts(object: &Value) -> Fields {
    let members = object.as_object().unwrap().iter();
    members
        .map(|(name, value)| match value {
            Value::String(text) => (name.clone(), text.clone()),
            other => (name.clone(), other.to_string()),
        })
        .collect()
}

/// The names of an object's members.
pub(super) fn names(object: &Value) -> Vec<String> {
    object.as_object().unwrap().keys().cloned().collect()
}

fn filled(printed: &Value, own: &[(&str, String)]) -> Fields {
    let ours = |name: &str| own.iter().find(|(key, _)| *key == name);
    names(printed)
        .into_iter()
        .map(|name| match (ours(&name), &printed[&name]) {
            (Some((_, value)), _) => (name, value.clone()),
            (None, Value::String(value)) => (name, value.clone()),
            (None, _) => panic!("the page prints a placeholder for {name}: name our value"),
        })
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
