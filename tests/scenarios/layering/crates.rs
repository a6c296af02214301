//! The arrows between the crates are those of the design and no other.

use std::collections::{BTreeMap, BTreeSet};

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Crates that play others' parts: not even their tests use a crate of the workspace.
const SIMULATORS: [&str; 2] = ["microsoft-sim", "gateway-sim"];

/// Who may use whom. `*` is every crate but `tests`.
const ARROWS: [(&str, &[&str]); 19] = [
    ("auth", &[]),
    // The audit log: its windows, its ledger, its use cases (decision 0060).
    ("feed", &["auth"]),
    ("microsoft", &["auth", "feed"]),
    ("aws", &["auth", "feed"]),
    ("policy", &["auth"]),
    // Cedar stays out of the functions that ask no policy (decision 0019).
    ("wiring", &["auth", "feed", "microsoft", "aws"]),
    // It starts the functions, by the machine's clock and from its environment.
    ("lambda", &["auth", "aws", "wiring"]),
    ("collector", &["auth", "feed", "lambda", "wiring"]),
    ("consent", &["auth", "lambda", "wiring"]),
    ("refresher", &["auth", "lambda", "wiring"]),
    ("rotator", &["auth", "lambda", "wiring"]),
    ("vending", &["auth", "lambda", "policy", "wiring"]),
    ("webhook", &["auth", "feed", "lambda", "wiring"]),
    (
        "operator",
        &[
            "auth",
            "feed",
            "microsoft",
            "aws",
            "policy",
            "wiring",
            "workspace-hack",
        ],
    ),
    // Features of other crates, and nothing else.
    ("workspace-hack", &[]),
    // A simulator that borrows our code would forgive our mistakes.
    ("microsoft-sim", &[]),
    ("gateway-sim", &[]),
    ("local", &["*"]),
    ("tests", &["*"]),
];

#[test]
fn a_crate_uses_only_the_crates_that_the_design_draws() {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let members: BTreeSet<String> = metadata
        .workspace_packages()
        .iter()
        .map(|package| package.name.to_string())
        .collect();
    let allowed: BTreeMap<_, _> = ARROWS.into_iter().collect();
    let drawn: BTreeSet<String> = allowed.keys().map(|name| (*name).to_owned()).collect();
    assert_eq!(
        members, drawn,
        "a crate is missing from the arrows, or gone"
    );

    for package in metadata.workspace_packages() {
        let allowed = allowed[package.name.as_str()];
        for dependency in &package.dependencies {
            let used = dependency.name.as_str();
            // For its own tests a crate may use what it likes, the simulators excepted.
            let free = dependency.kind == DependencyKind::Development
                && !SIMULATORS.contains(&package.name.as_str());
            if !members.contains(used) || free {
                continue;
            }
            let any = allowed == ["*"] && used != "tests";
            assert!(
                any || allowed.contains(&used),
                "{} uses {used}, which the design does not draw",
                package.name
            );
        }
    }
}

#[test]
fn one_crate_names_the_aws_sdk_and_two_and_a_simulator_the_http_client() {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let wrapped = |name: &str| -> Option<&[&str]> {
        match name {
            "aws-config" | "serde_dynamo" => Some(&["aws"]),
            name if name.starts_with("aws-sdk-") || name.starts_with("aws-smithy-") => {
                Some(&["aws"])
            }
            // `gateway-sim` is no client of AWS: it plays AWS, and verifies what AWS's clients
            // sign. The collector signs its proof (decision 0062).
            "aws-sigv4" => Some(&["aws", "gateway-sim"]),
            "aws-credential-types" => Some(&["gateway-sim"]),
            // The SDK asks through it (decision 0028). The simulator calls webhooks (0064).
            "reqwest" => Some(&["microsoft", "aws", "microsoft-sim"]),
            _ => None,
        }
    };
    for package in metadata.workspace_packages() {
        for dependency in &package.dependencies {
            let Some(owners) = wrapped(&dependency.name) else {
                continue;
            };
            let free = dependency.kind == DependencyKind::Development || package.name == "tests";
            assert!(
                free || owners.contains(&package.name.as_str()),
                "{} names {}, which only {owners:?} may",
                package.name,
                dependency.name
            );
        }
    }
}
