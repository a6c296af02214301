//! `infra/security/data.md` names every item, attribute, secret, log line and file that there
//! is: what the code holds and the page does not fails here.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn text(path: &str) -> String {
    fs::read_to_string(repository().join(path)).unwrap()
}

/// A page's words in backquotes, each split at the blanks and commas in it.
fn words(page: &str) -> BTreeSet<&str> {
    let code = page.split('`').skip(1).step_by(2);
    code.flat_map(|code| code.split([' ', ',', '{'])).collect()
}

/// What `after` introduces in a text, up to the next `end`.
fn named<'t>(text: &'t str, after: &str, end: char) -> BTreeSet<&'t str> {
    let parts = text.split(after).skip(1);
    parts.filter_map(|part| part.split(end).next()).collect()
}

fn missing<'t>(needed: &BTreeSet<&'t str>) -> Vec<&'t str> {
    missing_in(&text("infra/security/data.md"), needed)
}

fn missing_in<'t>(page: &str, needed: &BTreeSet<&'t str>) -> Vec<&'t str> {
    let words = words(page);
    let needed = needed.iter().copied();
    needed.filter(|word| !words.contains(word)).collect()
}

/// Every Rust source below a directory that is no test.
fn sources(below: &Path, into: &mut Vec<String>) {
    for entry in fs::read_dir(below).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy();
        if path.is_dir() && name != "tests" {
            sources(&path, into);
        } else if name.ends_with(".rs") && !name.contains("tests") {
            into.push(fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_kind_of_item_and_every_attribute_is_described() {
    let keys = text("shared/aws/src/table/keys.rs");
    let mut files = vec![keys.clone()];
    sources(&repository().join("shared/aws/src/table/items"), &mut files);
    let code = files
        .iter()
        .filter_map(|file| file.split("#[cfg(test)]").next());
    let mut names: BTreeSet<&str> = code
        .flat_map(|code| named(code, "&str = \"", '"'))
        .collect();
    // Names of indexes are no data; the first is the value of a key besides.
    names.retain(|name| !["tenants", "due"].contains(name));
    assert!(names.len() > 40, "{names:?}");
    assert_eq!(missing(&names), Vec::<&str>::new());
    // The layout that a reader of the code finds.
    let layout = keys.split("\nuse ").next().unwrap();
    assert_eq!(missing_in(layout, &names), Vec::<&str>::new());
}

/// A row of the layout's tables: the start of its keys, and its attributes.
fn kinds(layout: &str) -> Vec<(&str, &str, BTreeSet<&str>)> {
    let rows = layout.lines().filter(|line| line.contains("(`items/"));
    rows.map(|row| {
        let cells: Vec<&str> = row
            .trim_matches(['/', '!', ' ', '|'])
            .split(" | ")
            .collect();
        let begins = |at: usize| {
            let cell: &str = cells[at].trim_matches(['`', ' ']);
            cell.split('{').next().unwrap()
        };
        let attributes = &cells[3..cells.len() - 1];
        let mut names: BTreeSet<&str> = attributes.iter().flat_map(|cell| words(cell)).collect();
        names.retain(|name| !["", "tenants", "due"].contains(name));
        (begins(1), begins(2), names)
    })
    .collect()
}

/// The start of the keys of the kind that a row is of: of two that fit, the longer one.
fn kind_of<'a>(
    row: &serde_json::Map<String, serde_json::Value>,
    kinds: &'a [(&str, &str, BTreeSet<&str>)],
) -> (&'a str, &'a str) {
    let begins = |name: &str, with: &str| row[name]["S"].as_str().unwrap().starts_with(with);
    let fitting = kinds.iter().map(|(pk, sk, _)| (*pk, *sk));
    let fitting = fitting.filter(|(pk, sk)| begins("pk", pk) && begins("sk", sk));
    fitting.max_by_key(|(pk, sk)| pk.len() + sk.len()).unwrap()
}

/// So that no kind of row is forgotten that a later release has to read.
#[test]
fn every_kind_of_item_has_a_row_in_the_fixtures_with_each_of_its_attributes() {
    let keys = text("shared/aws/src/table/keys.rs");
    let kinds = kinds(keys.split("\nuse ").next().unwrap());
    assert!(kinds.len() >= 12, "{kinds:?}");
    let rows = text("tests/fixtures/rows/v1.json");
    let rows: Vec<serde_json::Map<String, serde_json::Value>> =
        serde_json::from_str(&rows).unwrap();
    let mut seen = 0;
    for (pk, sk, attributes) in &kinds {
        let of_kind = rows.iter().filter(|row| kind_of(row, &kinds) == (*pk, *sk));
        let of_kind: Vec<_> = of_kind.collect();
        seen += of_kind.len();
        let held = of_kind
            .iter()
            .flat_map(|row| row.keys().map(String::as_str));
        let held: BTreeSet<&str> = held.filter(|name| !["pk", "sk"].contains(name)).collect();
        assert_eq!(&held, attributes, "{pk} {sk}");
        assert!(held.contains("v"), "{pk} {sk}");
    }
    assert_eq!(seen, rows.len(), "a row is of one kind");
}

#[test]
fn every_secret_is_described() {
    let template = text("template.yaml");
    let secrets: BTreeSet<&str> = template
        .split("\n    Type: AWS::SecretsManager::Secret")
        .filter_map(|before| before.lines().last())
        .filter_map(|line| line.trim().strip_suffix(':'))
        .filter(|name| name.ends_with("Secret"))
        .collect();
    assert_eq!(secrets.len(), 5, "{secrets:?}");
    assert_eq!(missing(&secrets), Vec::<&str>::new());
}

#[test]
fn every_log_line_of_the_functions_is_described() {
    let mut files = Vec::new();
    for directory in ["shared", "functions"] {
        sources(&repository().join(directory), &mut files);
    }
    let mut events = BTreeSet::new();
    for file in &files {
        let code = file.split("#[cfg(test)]\nmod tests {").next().unwrap();
        events.extend(named(code, "event = \"", '"'));
    }
    assert!(events.len() > 30, "{events:?}");
    assert_eq!(missing(&events), Vec::<&str>::new());
}

#[test]
fn every_field_of_the_audit_lines_is_described() {
    for (file, at_least) in [
        ("functions/vending/src/audit.rs", 15),
        ("shared/microsoft/src/entra/audit.rs", 8),
    ] {
        let audit = text(file);
        let line = audit.split("target: \"audit\",").nth(1).unwrap();
        // The message ends it.
        let lines = line.lines().map(str::trim);
        let fields: BTreeSet<&str> = lines
            .take_while(|line| !line.starts_with('"'))
            .filter_map(|line| line.split([' ', ',']).next())
            .filter(|name| name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric()))
            .filter(|name| !name.is_empty())
            .collect();
        assert!(fields.len() > at_least, "{file}: {fields:?}");
        assert_eq!(missing(&fields), Vec::<&str>::new(), "{file}");
    }
}

#[test]
fn every_file_of_the_data_directory_is_described() {
    let mut files = Vec::new();
    sources(&repository().join("infra/local/src/data"), &mut files);
    let mut names = BTreeSet::new();
    for file in &files {
        let code = file.split("#[cfg(test)]").next().unwrap();
        names.extend(named(code, "root.join(\"", '"'));
    }
    let secrets = text("infra/local/src/data/secrets.rs");
    names.extend(named(&secrets, "&str = \"", '"'));
    assert!(names.len() > 9, "{names:?}");
    let page = text("infra/security/data.md");
    let missing = names.iter().filter(|name| {
        let (file, directory) = (format!("`{name}`"), format!("`{name}/`"));
        !page.contains(&file) && !page.contains(&directory)
    });
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&&str>::new());
}

#[test]
fn the_pages_lead_to_what_is_there() {
    for page in [
        "SECURITY.md",
        "infra/security/data.md",
        "infra/security/reach.md",
        "infra/security/threat-model.md",
    ] {
        let directory = repository().join(page);
        let directory = directory.parent().unwrap();
        let text = text(page);
        for link in text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next())
        {
            let path = link.split('#').next().unwrap();
            assert!(directory.join(path).exists(), "{page}: {link}");
        }
    }
}
