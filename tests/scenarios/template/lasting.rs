//! What outlives the stack, and what goes with a creation that fails.

use yaml_rust2::Yaml;

use crate::{resources, template, texts};

/// `!If [HasStateName, NAME, !Ref AWS::NoValue]`; gives NAME.
fn name_by_parameter(name: &Yaml) -> String {
    let choice = texts(name);
    let [condition, name, none] = &choice[..] else {
        panic!("{choice:?}");
    };
    let outside = (condition.as_str(), none.as_str());
    assert_eq!(outside, ("HasStateName", "AWS::NoValue"), "{choice:?}");
    assert!(name.contains("StateName"), "{choice:?}");
    name.clone()
}

fn policies(resource: &Yaml) -> (&str, &str) {
    let policy = |name: &str| resource[name].as_str().unwrap_or("Delete");
    (policy("DeletionPolicy"), policy("UpdateReplacePolicy"))
}

/// CloudFormation deletes what a failed creation made, and a protected table would refuse:
/// the roll-back would end as failed. So it is left behind.
#[test]
fn tables_are_retained_and_protected() {
    let mut names = Vec::new();
    for (name, table) in resources(&template(), "AWS::DynamoDB::Table") {
        assert_eq!(policies(&table), ("Retain", "Retain"), "{name}");
        let properties = &table["Properties"];
        let protected = properties["DeletionProtectionEnabled"].as_bool();
        assert_eq!(protected, Some(true), "{name}");
        let recovery = &properties["PointInTimeRecoverySpecification"];
        let recoverable = recovery["PointInTimeRecoveryEnabled"].as_bool();
        assert_eq!(recoverable, Some(true), "{name}");
        names.push(name_by_parameter(&properties["TableName"]));
    }
    assert_distinct(names);
}

/// An empty secret that a failed creation left would cost money and hold its name.
#[test]
fn secrets_are_retained_except_by_a_creation_that_fails() {
    let mut names = Vec::new();
    for (name, secret) in resources(&template(), "AWS::SecretsManager::Secret") {
        let expected = ("RetainExceptOnCreate", "Retain");
        assert_eq!(policies(&secret), expected, "{name}");
        names.push(name_by_parameter(&secret["Properties"]["Name"]));
    }
    assert_distinct(names);
}

/// The audit lines of vends, of signatures and of who bound a tenant are in them.
#[test]
fn the_log_groups_of_functions_are_retained_and_protected() {
    let template = template();
    let mut names = Vec::new();
    for (name, function) in resources(&template, "AWS::Serverless::Function") {
        let group = function["Properties"]["LoggingConfig"]["LogGroup"].as_str();
        let group = &template["Resources"][group.unwrap()];
        assert_eq!(policies(group), ("Retain", "Retain"), "{name}");
        let properties = &group["Properties"];
        let protected = properties["DeletionProtectionEnabled"].as_bool();
        assert_eq!(protected, Some(true), "{name}");
        names.push(name_by_parameter(&properties["LogGroupName"]));
    }
    assert_distinct(names);
}

/// What keeps its name after the stack is gone would stand in the way of the next.
#[test]
fn what_is_retained_has_no_name_of_the_stack() {
    for (name, resource) in template()["Resources"].as_hash().unwrap() {
        if policies(resource).0 == "Delete" {
            continue;
        }
        for key in ["TableName", "Name", "LogGroupName"] {
            let named = texts(&resource["Properties"][key]).join(" ");
            assert!(!named.contains("AWS::StackName"), "{name:?}: {named}");
        }
    }
}

fn assert_distinct(mut names: Vec<String>) {
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all, "{names:?}");
}
