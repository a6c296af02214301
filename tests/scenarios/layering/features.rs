//! One feature set: `cargo run`, the operator's program and the tests build each crate once.
//! What they ask for besides each other stands in infra/workspace-hack.

use std::collections::BTreeSet;
use std::process::Command;

/// Every crate of a build, with its features.
fn crates(arguments: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--locked", "--prefix", "none"])
        .args(["--format", "{p} [{f}]"])
        .args(arguments)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    // A star marks what stands further up already.
    let crates = text.lines().map(|line| line.trim_end_matches(" (*)"));
    crates.map(str::to_owned).collect()
}

#[test]
fn what_a_person_runs_asks_of_no_crate_less_than_the_tests_do() {
    let tests = crates(&[
        "--workspace",
        "--edges",
        "normal,build,dev",
        "--features",
        "tests/real-parts",
    ]);
    for program in ["local", "operator"] {
        let own = crates(&["--package", program, "--edges", "normal,build"]);
        let missing: Vec<String> = own
            .difference(&tests)
            .map(|less| format!("  {less}\n    in the tests: {}", of_same_name(&tests, less)))
            .collect();
        assert!(
            missing.is_empty(),
            "`cargo run -p {program}` builds these again; ask for the tests' features in \
             infra/workspace-hack:\n{}",
            missing.join("\n")
        );
    }
}

/// The lines of the same crate and version.
fn of_same_name(crates: &BTreeSet<String>, line: &str) -> String {
    let (name, _) = line.split_once('[').unwrap();
    let same = crates.iter().filter(|other| other.starts_with(name));
    same.cloned().collect::<Vec<_>>().join("; ")
}
