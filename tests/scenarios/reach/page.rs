//! `infra/security/reach.md`: the parts between its marks are made from the template, and held
//! to it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tests::iam::{Role, Template};

use super::entrances;
use super::kinds::{self, Kind};
use super::meanings::{self, Meaning};
use super::permitted::{ACTS, Extent, Permitted};
use super::writers;

/// Set it to write the parts again.
const UPDATE: &str = "UPDATE_GUIDES";
/// The tests of this program write the one file in turns.
static WRITING: Mutex<()> = Mutex::new(());

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/security/reach.md")
}

/// The part of the page between the marks of this name is this text.
fn holds(part: &str, text: &str) {
    let _one_at_a_time = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let page = std::fs::read_to_string(path()).unwrap();
    let (begin, end) = (
        format!("<!-- {part}: begin -->\n"),
        format!("<!-- {part}: end -->"),
    );
    let (before, rest) = page.split_once(&begin).unwrap();
    let (there, after) = rest.split_once(&end).unwrap();
    if aws::environment(UPDATE).is_some() {
        std::fs::write(path(), format!("{before}{begin}{text}{end}{after}")).unwrap();
        return;
    }
    assert_eq!(
        there, text,
        "infra/security/reach.md is out of date; {UPDATE}=1 writes it again"
    );
}

#[test]
fn the_page_says_how_far_each_role_reaches() {
    let template = Template::of_repository();
    let kinds = kinds::all(&template);
    let roles = template.roles();
    let sections = roles.values().map(|role| section(role, &template, &kinds));
    holds("roles", &format!("\n{}", sections.collect::<String>()));
}

#[test]
fn the_page_says_who_may_call_a_function() {
    holds(
        "entrances",
        &entrances::rendered(&Template::of_repository()),
    );
}

#[test]
fn the_page_says_what_a_writer_of_a_table_can_do() {
    for (part, rows) in writers::TABLES {
        let mut text =
            "\n| what is written | what comes of it | shown by |\n|---|---|---|\n".to_owned();
        for row in rows {
            writeln!(
                text,
                "| {} | {} | `{}` |",
                row.written, row.outcome, row.test
            )
            .unwrap();
        }
        holds(part, &format!("{text}\n"));
    }
}

fn section(role: &Role, template: &Template, kinds: &[Kind]) -> String {
    let permitted = Permitted::of(role, template);
    let functions = functions(role, template);
    let mut text = format!("### {}\n\n", role.name);
    let taken = match (&functions[..], &role.assumed_by[..]) {
        ([], services) => services
            .iter()
            .map(|service| format!("`{service}`"))
            .collect::<Vec<_>>(),
        (functions, _) => functions.iter().map(|name| format!("`{name}`")).collect(),
    };
    writeln!(
        text,
        "{}. Taken on by {}.\n\n| | |\n|---|---|",
        role.description,
        listed(taken)
    )
    .unwrap();
    for (action, what) in ACTS {
        let of = kinds.iter().filter_map(|kind| {
            let extent = permitted.items[action].get(&kind.prefix)?;
            Some(with_extent(kind, extent))
        });
        writeln!(text, "| {what} | {} |", listed(of.collect())).unwrap();
    }
    let rows = [
        ("asks an index", &permitted.indexes),
        ("reads a whole table", &permitted.scans),
        ("reads a secret", &permitted.secrets),
        ("invokes a function", &permitted.functions),
    ];
    for (what, names) in rows {
        let names = names.iter().map(|name| format!("`{name}`")).collect();
        writeln!(text, "| {what} | {} |", listed(names)).unwrap();
    }
    let others = permitted.others.iter().cloned().collect();
    writeln!(text, "| anything else | {} |", listed(others)).unwrap();
    writeln!(
        text,
        "| leaves the account | {} |",
        leaving(&functions, template)
    )
    .unwrap();
    text + &meanings::of(&role.name).map_or(String::new(), meaning)
}

fn meaning(meaning: &Meaning) -> String {
    let Meaning {
        can, cannot, facts, ..
    } = meaning;
    let facts: Vec<String> = facts.iter().map(|fact| fact.text()).collect();
    format!(
        "\n**Can**: {can}.\n\n**Cannot**: {cannot}.\n\nRests on: {}.\n\n",
        facts.join("; ")
    )
}

fn with_extent(kind: &Kind, extent: &Extent) -> String {
    match extent {
        Extent::All => kind.text(),
        Extent::Only(names) => {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            format!("{} ({})", kind.text(), names.join(", "))
        }
    }
}

fn listed(names: Vec<String>) -> String {
    match names.is_empty() {
        true => "none".to_owned(),
        false => names.join(", "),
    }
}

/// The functions that run under the role.
fn functions(role: &Role, template: &Template) -> Vec<String> {
    let functions = template.of_type("AWS::Serverless::Function").into_iter();
    let functions =
        functions.filter(|(name, _)| template.role_of(name) == Some(role.name.as_str()));
    functions.map(|(name, _)| name.to_owned()).collect()
}

/// A function without a VPC of its own has the internet, whatever its role says.
fn leaving(functions: &[String], template: &Template) -> &'static str {
    let all = template.of_type("AWS::Serverless::Function");
    let in_vpc = |function: &String| {
        let found = all.iter().find(|(name, _)| name == function);
        found.is_some_and(|(_, properties)| properties.get("VpcConfig").is_some())
    };
    match functions {
        [] => "nothing: none of our code runs under it",
        functions if functions.iter().all(in_vpc) => "what its VPC lets out",
        _ => "whatever it reads: the function has the internet",
    }
}
