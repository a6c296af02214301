//! `infra/guides/first-contact.md` says of every assumption how a real tenant settles it:
//! of each row of the table by its name, of the other marks by their file.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use microsoft_sim::{ACTIVITY_ASSUMPTIONS, ASSUMPTIONS};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn guide() -> String {
    fs::read_to_string(repository().join("infra/guides/first-contact.md")).unwrap()
}

/// The first word in backquotes of each line that begins a row with one.
fn rows(guide: &str) -> Vec<&str> {
    let lines = guide.lines().filter_map(|line| line.strip_prefix("| `"));
    let names = lines.filter_map(|rest| rest.split('`').next());
    // Paths begin rows as well.
    names.filter(|name| !name.contains('/')).collect()
}

/// Files below `directory`, as paths from the repository, that mark an assumption.
fn marked(directory: &Path, ending: &str, mark: &str, into: &mut BTreeSet<String>) {
    for entry in fs::read_dir(repository().join(directory)).unwrap() {
        let entry = entry.unwrap();
        let path = directory.join(entry.file_name());
        let name = path.to_string_lossy().into_owned();
        if entry.path().is_dir() {
            marked(&path, ending, mark, into);
        } else if name.ends_with(ending) {
            let text = fs::read_to_string(entry.path()).unwrap().to_lowercase();
            if text.contains(mark) {
                into.insert(name);
            }
        }
    }
}

#[test]
fn every_row_of_the_table_stands_in_the_guide_once_and_no_other_does() {
    let guide = guide();
    let mut named = rows(&guide);
    named.sort_unstable();
    let mut known = known();
    known.sort_unstable();
    assert_eq!(named, known);
}

#[test]
fn every_row_is_used_in_the_simulator_and_every_use_has_a_row() {
    let mut used = BTreeSet::new();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    collect(&sources, &mut used);
    let rows: BTreeSet<String> = known().into_iter().map(str::to_owned).collect();
    assert_eq!(used, rows);
    assert_eq!(rows.len(), known().len());
}

fn known() -> Vec<&'static str> {
    let rows = ASSUMPTIONS.iter().chain(ACTIVITY_ASSUMPTIONS);
    rows.map(|row| row.name).collect()
}

/// The rows that comments below `directory` name.
fn collect(directory: &Path, used: &mut BTreeSet<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, used);
        } else if path.file_name().unwrap() != "assumptions.rs" {
            let source = fs::read_to_string(&path).unwrap().to_lowercase();
            for mention in source.split("assumption `").skip(1) {
                used.insert(mention.split('`').next().unwrap().to_owned());
            }
        }
    }
}

#[test]
fn every_file_that_marks_an_assumption_is_named() {
    let mut files = BTreeSet::new();
    for directory in [
        "shared",
        "functions",
        "infra/gateway-sim",
        "infra/local",
        "infra/operator",
    ] {
        marked(Path::new(directory), ".rs", "assumption", &mut files);
    }
    for directory in ["infra/guides", "infra/runbooks", "infra/security"] {
        marked(Path::new(directory), ".md", "**assumption**", &mut files);
    }
    marked(
        Path::new("infra/decisions"),
        ".md",
        "an assumption",
        &mut files,
    );
    files.remove("infra/guides/first-contact.md");
    assert!(files.len() > 10, "{files:?}");
    let guide = guide();
    let missing = files
        .iter()
        .filter(|file| !guide.contains(&format!("`{file}`")));
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&String>::new());
}

/// What changes is named by its path: one that moved is found here.
#[test]
fn every_path_in_the_guide_exists() {
    let guide = guide();
    let words = guide.split('`').skip(1).step_by(2);
    let is_path = |word: &&str| {
        let roots = ["shared/", "functions/", "infra/"];
        roots.iter().any(|root| word.starts_with(root)) && !word.contains(' ')
    };
    let paths: BTreeSet<&str> = words.filter(is_path).collect();
    assert!(paths.len() > 20, "{paths:?}");
    let gone = paths
        .iter()
        .filter(|path| !repository().join(path).exists());
    assert_eq!(gone.collect::<Vec<_>>(), Vec::<&&str>::new());
}
