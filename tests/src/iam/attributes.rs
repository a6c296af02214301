//! `dynamodb:Attributes` of a request: "a list of the top-level attributes accessed by a
//! request. A top-level attribute is accessed by a request if it, or any nested attribute that
//! it contains, is specified in the request parameters" (DynamoDB, "Using IAM policy conditions
//! for fine-grained access control"). The attributes of the key count: the same page has them
//! listed in a policy that limits attributes. What an answer holds does not count.

use std::collections::BTreeSet;

use serde_json::Value;

/// Whose fields are names of attributes.
const MAPS: [&str; 7] = [
    "Key",
    "Item",
    "Expected",
    "AttributeUpdates",
    "KeyConditions",
    "QueryFilter",
    "ScanFilter",
];
const EXPRESSIONS: [&str; 5] = [
    "ProjectionExpression",
    "UpdateExpression",
    "ConditionExpression",
    "FilterExpression",
    "KeyConditionExpression",
];
/// Words of expressions, which DynamoDB reads in any case.
const WORDS: [&str; 9] = [
    "SET", "REMOVE", "ADD", "DELETE", "AND", "OR", "NOT", "BETWEEN", "IN",
];

/// Every attribute that the request names.
pub(super) fn named(request: &Value) -> BTreeSet<String> {
    let maps = MAPS.iter().filter_map(|name| request[*name].as_object());
    let mut names: BTreeSet<String> = maps.flat_map(|map| map.keys().cloned()).collect();
    let listed = request["AttributesToGet"].as_array().into_iter().flatten();
    names.extend(listed.filter_map(|name| name.as_str().map(str::to_owned)));
    for expression in EXPRESSIONS
        .iter()
        .filter_map(|name| request[*name].as_str())
    {
        let found = tops(expression).into_iter();
        names.extend(found.map(|name| resolved(name, &request["ExpressionAttributeNames"])));
    }
    names
}

fn resolved(name: &str, placeholders: &Value) -> String {
    placeholders[name].as_str().unwrap_or(name).to_owned()
}

/// The first step of every path in an expression: `a` of `a.b[0].c`.
fn tops(expression: &str) -> Vec<&str> {
    let is_part = |c: char| c.is_alphanumeric() || "_-#:$.[]".contains(c);
    let mut found = Vec::new();
    let mut rest = expression;
    while let Some(start) = rest.find(is_part) {
        let text = &rest[start..];
        let end = text.find(|c| !is_part(c)).unwrap_or(text.len());
        let (path, after) = text.split_at(end);
        rest = after;
        // A function's name is followed by a bracket; `IN (` is a word.
        let is_word = WORDS.iter().any(|word| word.eq_ignore_ascii_case(path));
        let is_function = after.trim_start().starts_with('(');
        let is_name = path.contains(char::is_alphanumeric);
        if is_name && !is_word && !is_function && !path.starts_with(':') {
            found.push(path.split(['.', '[']).next().unwrap_or(path));
        }
    }
    found
}
