//! What each function's role permits, read from the template as AWS transforms it, beside
//! what the function asked for. Names of resources are those of the template.

mod exceptions;
mod report;

use std::collections::BTreeMap;
use std::process::Command;

use aws::environment;
use cargo_metadata::MetadataCommand;
use serde_json::Value;
use tests::iam::{Asked, Names, Role, Template, asked_by};
use tests::recorder::Arrived;

use crate::package::{FUNCTIONS, logical};
pub(crate) use report::Report;

/// What a function asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Call {
    pub(crate) function: &'static str,
    pub(crate) asked: Asked,
}

/// The role of each function.
pub(crate) type Roles = BTreeMap<&'static str, Role>;

/// What these requests take. `names`: logical ids by physical ones.
pub(crate) fn calls(
    function: &'static str,
    requests: &[Arrived],
    names: &BTreeMap<String, String>,
) -> Vec<Call> {
    let names = Names::by_physical(names.clone());
    let asked = requests
        .iter()
        .flat_map(|request| asked_by(request, &names));
    asked.map(|asked| Call { function, asked }).collect()
}

/// The roles of the functions. What other tests read of the template itself is the same.
pub(crate) fn roles() -> Roles {
    let template = Template::of(&transformed());
    let all = template.roles();
    assert_eq!(
        all,
        Template::of_repository().roles(),
        "AWS's transform changes a role"
    );
    let role_of = |function: &str| template.role_of(&logical(function)).unwrap();
    let of = |function: &&'static str| {
        assert_eq!(role_of(function), role_of(holder(function)));
        (*function, all[role_of(function)].clone())
    };
    FUNCTIONS.iter().map(of).collect()
}

/// The function under whose name a role is reported: a worker has the collector's.
fn holder(function: &'static str) -> &'static str {
    match function {
        "collector-worker" => "collector",
        other => other,
    }
}

fn transformed() -> Value {
    let python = environment("JUDGES_PYTHON").expect("run tests/run, which installs it");
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let output = Command::new(python)
        .current_dir(&metadata.workspace_root)
        .args(["tests/lint/transform_template.py", "template.yaml"])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}
