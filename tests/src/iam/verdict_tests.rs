//! What AWS documents of a decision, row by row: the IAM User Guide ("Policy evaluation logic",
//! "Condition operators", "Multivalued context keys", "Condition operator to check existence of
//! condition keys") and the DynamoDB Developer Guide ("Using IAM policy conditions for
//! fine-grained access control").

use serde_json::{Value, json};

use super::{Asked, Statement, Verdict, decide};

/// Allows the action on the table under this condition.
pub(super) fn allow(condition: Value) -> Value {
    json!([{"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "Table", "Condition": condition}])
}

pub(super) fn get(keys: &[&str]) -> Asked {
    Asked::new("dynamodb:GetItem", "Table").keys(keys.iter().copied())
}

/// Without any key.
pub(super) fn bare() -> Asked {
    Asked::new("dynamodb:GetItem", "Table")
}

pub(super) fn check(rows: &[(&str, Value, Asked, bool)]) {
    for (row, statements, asked, expected) in rows {
        let statements = statements.as_array().unwrap().iter();
        let statements: Vec<_> = statements.map(Statement::read).collect();
        let allowed = decide(&statements, asked) == Verdict::Allowed;
        assert_eq!(allowed, *expected, "{row}: {statements:?} {asked:?}");
    }
}

#[test]
fn effects_actions_and_resources() {
    let statement = |effect: &str, action: &str, resource: &str| json!({"Effect": effect, "Action": action, "Resource": resource});
    let one = |action: &str, resource: &str| json!([statement("Allow", action, resource)]);
    let index = Asked::new("dynamodb:Query", "Table/index/due");
    check(&[
        ("nothing is allowed by default", json!([]), bare(), false),
        (
            "what is named is allowed",
            one("dynamodb:GetItem", "Table"),
            bare(),
            true,
        ),
        (
            "another action is not",
            one("dynamodb:PutItem", "Table"),
            bare(),
            false,
        ),
        (
            "another table is not",
            one("dynamodb:GetItem", "ControlTable"),
            bare(),
            false,
        ),
        (
            "a star in the action",
            one("dynamodb:Get*", "Table"),
            bare(),
            true,
        ),
        ("a star alone", one("*", "*"), bare(), true),
        (
            "a question mark",
            one("dynamodb:?etItem", "Table"),
            bare(),
            true,
        ),
        (
            "actions in any case",
            one("DynamoDB:getitem", "Table"),
            bare(),
            true,
        ),
        (
            "resources in one case",
            one("dynamodb:GetItem", "table"),
            bare(),
            false,
        ),
        (
            "a table is not its index",
            one("dynamodb:Query", "Table"),
            index.clone(),
            false,
        ),
        (
            "a star runs over slashes",
            one("dynamodb:Query", "Table*"),
            index.clone(),
            true,
        ),
        (
            "an index by its pattern",
            one("dynamodb:Query", "Table/index/*"),
            index,
            true,
        ),
        (
            "a denial wins over an allowance",
            json!([
                statement("Allow", "*", "*"),
                statement("Deny", "dynamodb:GetItem", "Table")
            ]),
            bare(),
            false,
        ),
        (
            "a denial of something else does nothing",
            json!([
                statement("Allow", "*", "*"),
                statement("Deny", "dynamodb:PutItem", "Table")
            ]),
            bare(),
            true,
        ),
    ]);
}

#[test]
fn keys_of_items() {
    let all =
        |values: Value| allow(json!({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": values}}));
    let any = |values: Value| {
        allow(json!({"ForAnyValue:StringEquals": {"dynamodb:LeadingKeys": values}}))
    };
    let there = |values: Value| {
        allow(json!({
            "ForAllValues:StringLike": {"dynamodb:LeadingKeys": values},
            "Null": {"dynamodb:LeadingKeys": "false"},
        }))
    };
    check(&[
        (
            "a key of the list",
            all(json!(["T#*"])),
            get(&["T#1"]),
            true,
        ),
        (
            "a key of another kind",
            all(json!(["T#*"])),
            get(&["POLICY"]),
            false,
        ),
        (
            "one of several patterns",
            all(json!(["T#*", "ONCE#*"])),
            get(&["ONCE#1"]),
            true,
        ),
        (
            "all of several keys",
            all(json!(["T#*", "ONCE#*"])),
            get(&["T#1", "ONCE#1"]),
            true,
        ),
        (
            "one of several keys is not of the list",
            all(json!(["T#*"])),
            get(&["T#1", "POLICY"]),
            false,
        ),
        (
            "a key in another case",
            all(json!(["T#*"])),
            get(&["t#1"]),
            false,
        ),
        (
            "ForAllValues is met by an absent key",
            all(json!(["T#*"])),
            bare(),
            true,
        ),
        ("and by an empty set", all(json!(["T#*"])), get(&[]), true),
        (
            "Null false wants a key to be there",
            there(json!(["T#*"])),
            bare(),
            false,
        ),
        ("a value, even", there(json!(["T#*"])), get(&[]), false),
        (
            "and lets a key of the list through",
            there(json!("T#*")),
            get(&["T#1"]),
            true,
        ),
        (
            "and no other",
            there(json!("T#*")),
            get(&["T#1", "POLICY"]),
            false,
        ),
        (
            "ForAnyValue is not met by an absent key",
            any(json!(["POLICY"])),
            bare(),
            false,
        ),
        (
            "nor by an empty set",
            any(json!(["POLICY"])),
            get(&[]),
            false,
        ),
        (
            "it is met by one of many",
            any(json!(["POLICY"])),
            get(&["T#1", "POLICY"]),
            true,
        ),
        (
            "Null true wants no key",
            allow(json!({"Null": {"dynamodb:LeadingKeys": "true"}})),
            bare(),
            true,
        ),
        (
            "and is not met by one",
            allow(json!({"Null": {"dynamodb:LeadingKeys": true}})),
            get(&["T#1"]),
            false,
        ),
        (
            "names of keys in any case",
            allow(json!({"ForAllValues:StringEquals": {"DynamoDB:leadingkeys": ["POLICY"]}})),
            get(&["T#1"]),
            false,
        ),
        (
            "StringEquals knows no wildcard",
            allow(json!({"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["T#*"]}})),
            get(&["T#1"]),
            false,
        ),
        (
            "ForAllValues of a negated operator: none of the values",
            allow(
                json!({"ForAllValues:StringNotLike": {"dynamodb:LeadingKeys": ["POLICY", "CALLERS"]}}),
            ),
            get(&["T#1", "CALLERS"]),
            false,
        ),
        (
            "ForAnyValue of a negated operator: one that is none of them",
            allow(json!({"ForAnyValue:StringNotEquals": {"dynamodb:LeadingKeys": ["POLICY"]}})),
            get(&["T#1", "POLICY"]),
            true,
        ),
    ]);
}

/// A condition that were passed over would be taken for met.
#[test]
fn what_is_not_understood_ends_the_test() {
    let conditions = [
        json!({"NumericLessThan": {"dynamodb:Select": "1"}}),
        json!({"StringEquals": {"aws:PrincipalTag/x": "1"}}),
        json!({"ForSomeValues:StringEquals": {"dynamodb:LeadingKeys": "1"}}),
        // Of a key that may have many values AWS leaves open what it does.
        json!({"StringLike": {"dynamodb:LeadingKeys": "T#*"}}),
        json!({"NullIfExists": {"dynamodb:LeadingKeys": "true"}}),
        json!({"ForAllValues:Null": {"dynamodb:LeadingKeys": "true"}}),
    ];
    let whole = json!({"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": "Table"});
    let with = |name: &str, value: Value| {
        let mut statement = whole.clone();
        statement[name] = value;
        statement
    };
    let mut statements: Vec<Value> = conditions
        .into_iter()
        .map(|one| with("Condition", one))
        .collect();
    statements.extend([
        with("NotAction", json!("x")),
        with("NotResource", json!("x")),
        with("Principal", json!("*")),
        with("Effect", json!("Maybe")),
        with("Resource", json!({"Fn::ImportValue": "x"})),
        with("Resource", json!({"Fn::GetAtt": ["Table", "StreamArn"]})),
    ]);
    for statement in statements {
        let read = std::panic::catch_unwind(|| Statement::read(&statement));
        assert!(read.is_err(), "{statement} was read");
    }
    let variable =
        allow(json!({"ForAllValues:StringLike": {"dynamodb:LeadingKeys": "${aws:userid}"}}));
    let statement = Statement::read(&variable[0]);
    let judged = std::panic::catch_unwind(|| statement.covers(&get(&["T#1"])));
    assert!(judged.is_err(), "a variable was read");
}
