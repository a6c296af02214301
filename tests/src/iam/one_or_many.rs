//! One or many: IAM takes both, and CloudFormation puts a condition around either.

use serde_json::Value;

/// One or many, as IAM takes both, with both branches of each `If`.
pub(super) fn list(value: &Value) -> Vec<Value> {
    match (value, value.get("Fn::If").and_then(Value::as_array)) {
        (_, Some(branches)) => branches[1..].iter().flat_map(list).collect(),
        (Value::Array(values), None) => values.iter().flat_map(list).collect(),
        (value, None) if value["Ref"] == "AWS::NoValue" => Vec::new(),
        (value, None) => vec![value.clone()],
    }
}

pub(super) fn texts(value: &Value) -> Vec<String> {
    let text = |value: Value| match value {
        Value::String(text) => text,
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        _ => panic!("{value} is not read here"),
    };
    list(value).into_iter().map(text).collect()
}
