//! What `template.yaml` promises an operator and no linter knows: which parameters it takes,
//! what outlives the stack, which addresses stay, and that no ARN belongs to one partition.
//! The rules are of every resource of a kind: a new one has to follow them.
#![allow(clippy::unwrap_used, reason = "test code: a panic is how it fails")]

mod addresses;
mod audit_log;
mod budgets;
mod lasting;
mod parameters;

use std::path::Path;

use yaml_rust2::{Yaml, YamlLoader};

/// The template as text.
fn text() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    std::fs::read_to_string(root.join("template.yaml")).unwrap()
}

/// The template as YAML. The reader drops the tags: `!Ref X` is the text `X`, `!If [A, …]` the
/// list.
fn template() -> Yaml {
    YamlLoader::load_from_str(&text()).unwrap().remove(0)
}

/// Name and resource of each of a type; there is at least one.
fn resources(template: &Yaml, kind: &str) -> Vec<(String, Yaml)> {
    let all = template["Resources"].as_hash().unwrap().iter();
    let of_kind: Vec<_> = all
        .filter(|(_, resource)| resource["Type"].as_str() == Some(kind))
        .map(|(name, resource)| (name.as_str().unwrap().to_owned(), resource.clone()))
        .collect();
    assert!(!of_kind.is_empty(), "{kind}");
    of_kind
}

/// Every text below.
fn texts(yaml: &Yaml) -> Vec<String> {
    match yaml {
        Yaml::String(text) => vec![text.clone()],
        Yaml::Array(list) => list.iter().flat_map(texts).collect(),
        Yaml::Hash(hash) => hash
            .iter()
            .flat_map(|(key, value)| [texts(key), texts(value)].concat())
            .collect(),
        _ => Vec::new(),
    }
}

/// `ConsentFunction` without its ending.
fn stem<'n>(name: &'n str, ending: &str) -> &'n str {
    let stem = name.strip_suffix(ending);
    stem.unwrap_or_else(|| panic!("{name} does not end in {ending}"))
}
