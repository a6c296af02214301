//! The callers' documentation as a whole: which pages there are, that each has its
//! snippet, and that what it shows as data is what the program takes: entries of
//! `VENDING_ISSUERS`, policies.

use std::path::Path;

use auth::caller::issuers_from_json;
use auth::cause::CauseCode;
use policy::PolicySet;

use super::page::{Fate, Page};

/// What a page shows to be run, at least.
const PAGES: [(&str, &[&str]); 9] = [
    ("README.md", &[]),
    ("aws.md", &["python", "python"]),
    ("azure-identity.md", &["python", "python", "python"]),
    ("curl.md", &["sh"; 8]),
    ("go.md", &[]),
    ("issuers.md", &[]),
    ("msal-python.md", &["python", "python"]),
    ("node.md", &["js", "js", "js", "js"]),
    ("powershell.md", &[]),
];

/// Languages whose snippets the tests do not run.
const NOT_RUN: [(&str, &str); 2] = [("go.md", "go"), ("powershell.md", "powershell")];

/// Every page, in the order of their names.
pub(super) fn pages() -> Vec<Page> {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/guides/callers");
    let entries = std::fs::read_dir(Path::new(directory)).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let page = |file: &std::path::PathBuf| {
        let name = file.file_name().unwrap().to_str().unwrap();
        Page::read(name, &std::fs::read_to_string(file).unwrap())
            .unwrap_or_else(|problem| panic!("{problem}"))
    };
    files.iter().map(page).collect()
}

#[test]
fn each_page_has_its_snippets_and_no_page_is_left_out() {
    let found: Vec<_> = pages();
    let shown = found.iter().map(|page| {
        let languages: Vec<_> = page.run().map(|block| block.language.as_str()).collect();
        (page.name.as_str(), languages)
    });
    let expected = PAGES.map(|(name, languages)| (name, languages.to_vec()));
    assert_eq!(shown.collect::<Vec<_>>(), expected);
    for (name, language) in NOT_RUN {
        let page = found.iter().find(|page| page.name == name).unwrap();
        let is_shown =
            |block: &super::page::Block| block.language == language && block.fate == Fate::NotRun;
        assert!(page.blocks.iter().any(is_shown), "{name}");
    }
}

/// Each relative link leads to a file; the index leads to every page.
#[test]
fn the_index_leads_to_every_page_and_links_lead_somewhere() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/guides/callers");
    for page in pages() {
        for link in links(&page.text) {
            let is_elsewhere = link.starts_with("https://") || link.starts_with('#');
            let file = link.split('#').next().unwrap_or_default();
            assert!(
                is_elsewhere || directory.join(file).is_file(),
                "{}: {link}",
                page.name
            );
        }
    }
    let index = pages().swap_remove(0);
    let linked = links(&index.text);
    for (name, _) in &PAGES[1..] {
        assert!(linked.contains(name), "README.md does not lead to {name}");
    }
}

/// What stands in `](…)`.
fn links(text: &str) -> Vec<&str> {
    let after = text.split("](").skip(1);
    after.filter_map(|rest| rest.split(')').next()).collect()
}

#[test]
fn the_entries_and_policies_that_are_shown_are_ones_that_the_program_takes() {
    let issuers = pages()
        .into_iter()
        .find(|page| page.name == "issuers.md")
        .unwrap();
    let texts = |language: &str| {
        let blocks = issuers
            .blocks
            .iter()
            .filter(|block| block.language == language);
        blocks.map(|block| block.text.clone()).collect::<Vec<_>>()
    };
    let (entries, policies) = (texts("json"), texts("cedar"));
    assert!(
        entries.len() >= 6 && policies.len() >= 6,
        "one for each issuer"
    );
    for entry in &entries {
        let listed = issuers_from_json(&format!("[{entry}]"));
        listed.unwrap_or_else(|error| panic!("{error}: {entry}"));
    }
    let together = issuers_from_json(&format!("[{}]", entries.join(",")));
    assert_eq!(together.unwrap().len(), entries.len());
    for text in &policies {
        let set = PolicySet::parse(text).unwrap_or_else(|problems| panic!("{problems}: {text}"));
        assert_eq!(set.to_confirm(), [], "{text}");
    }
    let together = PolicySet::parse(&policies.concat());
    assert!(together.is_ok(), "{}", together.err().unwrap());
}

/// A cause that was renamed would leave callers with a code that never comes.
#[test]
fn the_causes_that_the_index_names_are_ones_that_there_are() {
    let index = pages().swap_remove(0);
    let rows = index
        .text
        .lines()
        .filter(|line| line.starts_with("| 4") || line.starts_with("| 5"));
    let mut named = 0;
    // Of the tables of errors, the one with a column for the cause.
    for row in rows.filter(|row| row.matches(" | ").count() == 3 && row.contains("` | ")) {
        let cell = row.split(" | ").nth(2).unwrap();
        for code in cell
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|code| *code != "retryable")
        {
            assert!(code.parse::<CauseCode>().is_ok(), "{code}: {row}");
            named += 1;
        }
    }
    assert!(named >= 15, "only {named} causes were looked at");
}
