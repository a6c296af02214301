//! Every fuzz target over its corpus, and over mutations of it that are the same in every
//! run. What libFuzzer finds besides becomes an input of the corpus.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use tests::fuzz::{Mutations, TARGETS};

/// So many mutated inputs are tried of each target.
const MUTATED: usize = 300;

macro_rules! replayed {
    ($($name:ident),+ $(,)?) => {
        $(
            #[test]
            fn $name() {
                replay(stringify!($name));
            }
        )+

        #[test]
        fn every_target_is_replayed_and_has_a_corpus() {
            let replayed = BTreeSet::from([$(stringify!($name).to_owned()),+]);
            let targets = TARGETS.iter().map(|target| target.name.to_owned());
            assert_eq!(replayed, targets.collect());
            let corpora = fs::read_dir(corpora()).unwrap();
            let names = corpora.map(|entry| entry.unwrap().file_name().into_string().unwrap());
            assert_eq!(replayed, names.collect());
        }
    };
}

replayed!(
    activity_answers,
    callers,
    carried_values,
    certificate_files,
    cookies,
    form_fields,
    gateway_event,
    identity_requests,
    notifications,
    policy_text,
    published_keys,
    table_rows,
    tenant_files,
    token_answers,
    urls,
);

/// Packages with their versions, of a lock file.
fn locked(lock: &str) -> BTreeSet<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(lock);
    let text = fs::read_to_string(path).unwrap();
    let packages = text.split("[[package]]").skip(1);
    let value = |package: &str, name: &str| {
        let line = package
            .lines()
            .find_map(|line| line.strip_prefix(name))
            .unwrap();
        line.trim_matches(['=', ' ', '"']).to_owned()
    };
    packages
        .map(|package| (value(package, "name"), value(package, "version")))
        .collect()
}

#[test]
fn the_fuzzers_are_built_of_what_the_workspace_is_built_of() {
    let fuzzers = locked("fuzz/Cargo.lock");
    let workspace = locked("../Cargo.lock");
    let others: Vec<&str> = fuzzers
        .difference(&workspace)
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(others, ["arbitrary", "fuzz", "libfuzzer-sys"]);
}

fn corpora() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus")
}

/// The inputs of a target, by name.
fn corpus(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(corpora().join(name)).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: PathBuf| (path.clone(), fs::read(path).unwrap());
    paths.into_iter().map(read).collect()
}

fn replay(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name).unwrap();
    let corpus = corpus(name);
    for (path, input) in &corpus {
        let _of = Replayed(path.display().to_string());
        (target.run)(input);
    }
    let inputs: Vec<Vec<u8>> = corpus.into_iter().map(|(_, input)| input).collect();
    for (number, input) in Mutations::of(&inputs).take(MUTATED).enumerate() {
        let _of = Replayed(format!(
            "mutation {number} of {name}: {}",
            input.escape_ascii()
        ));
        (target.run)(&input);
    }
}

/// Names the input when its target panics.
struct Replayed(String);

impl Drop for Replayed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the input: {}", self.0);
        }
    }
}
