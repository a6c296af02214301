//! The roles of the functions: statements with actions, resources and conditions on the
//! keys and attributes of items. What stands in the template and is not understood here ends the test.

use std::collections::BTreeMap;
use std::process::Command;

use aws::environment;
use cargo_metadata::MetadataCommand;
use serde_json::Value;

use super::call::Call;
use crate::package::{FUNCTIONS, logical};

/// A statement of a role's policy.
#[derive(Debug, Clone)]
pub(crate) struct Statement {
    pub(crate) allows: bool,
    pub(crate) actions: Vec<String>,
    /// As `Table` or `Table/index/due`.
    pub(crate) resources: Vec<String>,
    pub(crate) condition: Option<Condition>,
}

/// What has to hold of the items that a request names: every clause.
#[derive(Debug, Clone)]
pub(crate) struct Condition(Vec<Clause>);

#[derive(Debug, Clone)]
struct Clause {
    of: Of,
    test: Test,
    values: Vec<String>,
}

#[derive(Debug, Clone, Copy)]
enum Of {
    /// `dynamodb:LeadingKeys`: the partition keys.
    Keys,
    /// `dynamodb:Attributes`: what the request's expressions name.
    Attributes,
}

#[derive(Debug, Clone, Copy)]
enum Test {
    /// `ForAllValues:StringLike`.
    AllLike,
    /// `ForAnyValue:StringEquals`.
    AnyEquals,
}

/// The statements by function.
pub(crate) type Roles = BTreeMap<&'static str, Vec<Statement>>;

/// The roles of the functions.
pub(crate) fn roles() -> Roles {
    let template = transformed();
    let resources = &template["Resources"];
    let of = |function: &&'static str| {
        let role = &resources[logical(function)]["Properties"]["Role"]["Fn::GetAtt"][0];
        let role = &resources[role.as_str().unwrap()]["Properties"];
        assert!(
            role.get("ManagedPolicyArns").is_none(),
            "read it here as well"
        );
        let policies = role["Policies"].as_array().unwrap().iter();
        let statements = policies.flat_map(|policy| list(&policy["PolicyDocument"]["Statement"]));
        (
            *function,
            statements
                .map(|statement| Statement::read(&statement))
                .collect(),
        )
    };
    FUNCTIONS.iter().map(of).collect()
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

impl Statement {
    fn read(statement: &Value) -> Self {
        let known = ["Sid", "Effect", "Action", "Resource", "Condition"];
        let fields = statement.as_object().unwrap();
        assert!(
            fields.keys().all(|key| known.contains(&key.as_str())),
            "{statement}"
        );
        Self {
            allows: match statement["Effect"].as_str() {
                Some("Allow") => true,
                Some("Deny") => false,
                _ => panic!("{statement}"),
            },
            actions: texts(&statement["Action"]),
            resources: list(&statement["Resource"]).iter().map(resource).collect(),
            condition: statement.get("Condition").map(Condition::read),
        }
    }

    /// Whether the statement is about this call.
    pub(crate) fn covers(&self, call: &Call) -> bool {
        self.actions.contains(&call.action)
            && self.resources.contains(&call.resource)
            && self
                .condition
                .as_ref()
                .is_none_or(|condition| condition.holds(call))
    }
}

impl Condition {
    fn read(condition: &Value) -> Self {
        let operators = condition.as_object().unwrap();
        let clauses = operators.iter().flat_map(|(operator, keys)| {
            let test = Test::named(operator);
            let keys = keys.as_object().unwrap().iter();
            keys.map(move |(key, values)| Clause {
                of: Of::named(key),
                test,
                values: texts(values),
            })
        });
        Self(clauses.collect())
    }

    fn holds(&self, call: &Call) -> bool {
        self.0.iter().all(|clause| clause.holds(call))
    }

    /// For the table that people read.
    pub(crate) fn to_text(&self) -> String {
        let clauses: Vec<_> = self.0.iter().map(Clause::to_text).collect();
        clauses.join(" and ")
    }
}

impl Clause {
    fn holds(&self, call: &Call) -> bool {
        let found = match self.of {
            Of::Keys => &call.leading_keys,
            Of::Attributes => &call.attributes,
        };
        match self.test {
            Test::AllLike => found
                .iter()
                .all(|name| self.values.iter().any(|pattern| is_like(pattern, name))),
            Test::AnyEquals => found.iter().any(|name| self.values.contains(name)),
        }
    }

    fn to_text(&self) -> String {
        let of = match self.of {
            Of::Keys => "key",
            Of::Attributes => "attribute",
        };
        let values = self.values.join(", ");
        match self.test {
            Test::AllLike => format!("all {of}s like {values}"),
            Test::AnyEquals => format!("any {of} of {values}"),
        }
    }
}

impl Of {
    fn named(key: &str) -> Self {
        match key {
            "dynamodb:LeadingKeys" => Self::Keys,
            "dynamodb:Attributes" => Self::Attributes,
            _ => panic!("{key} is not read here"),
        }
    }
}

impl Test {
    fn named(operator: &str) -> Self {
        match operator {
            "ForAllValues:StringLike" => Self::AllLike,
            "ForAnyValue:StringEquals" => Self::AnyEquals,
            _ => panic!("{operator} is not read here"),
        }
    }
}

fn is_like(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        Some((start, "")) => name.starts_with(start),
        Some(_) => panic!("{pattern} is not read here"),
        None => name == pattern,
    }
}

/// The template's name for a resource.
fn resource(value: &Value) -> String {
    if let Some(reference) = value["Ref"].as_str() {
        return reference.to_owned();
    }
    if let Some(attribute) = value["Fn::GetAtt"].as_array() {
        assert_eq!(attribute[1], "Arn", "{value}");
        return attribute[0].as_str().unwrap().to_owned();
    }
    let text = value["Fn::Sub"]
        .as_str()
        .unwrap_or_else(|| panic!("{value}"));
    let (name, rest) = text
        .strip_prefix("${")
        .unwrap()
        .split_once(".Arn}")
        .unwrap();
    format!("{name}{rest}")
}

/// One or many, as IAM takes both.
fn list(value: &Value) -> Vec<Value> {
    value
        .as_array()
        .cloned()
        .unwrap_or_else(|| vec![value.clone()])
}

fn texts(value: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    list(value).iter().map(text).collect()
}
