//! What AWS documents of decisions by the attributes that a request names, and by what it
//! returns: the same pages as `verdict_tests.rs`.

use serde_json::{Value, json};

use super::asked::Asked;
use super::verdict_tests::{allow, bare, check};

/// On a caller's key, naming these attributes.
fn update(attributes: &[&str]) -> Asked {
    Asked::new("dynamodb:UpdateItem", "Table")
        .keys(["CALLERS"])
        .attributes(attributes.iter().copied())
}

#[test]
fn attributes_and_what_is_returned() {
    let noting = |names: Value| {
        json!([{"Effect": "Allow", "Action": "dynamodb:UpdateItem", "Resource": "Table", "Condition": {
            "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["CALLERS"], "dynamodb:Attributes": names},
            "Null": {"dynamodb:LeadingKeys": "false", "dynamodb:Attributes": "false"},
        }}])
    };
    let names = json!(["pk", "sk", "last_used_at", "version"]);
    let specific =
        |operator: &str| allow(json!({operator: {"dynamodb:Select": "SPECIFIC_ATTRIBUTES"}}));
    let selecting = |select: &str| bare().with(super::asked::SELECT, [select]);
    check(&[
        (
            "attributes of the list",
            noting(names.clone()),
            update(&["pk", "sk", "last_used_at"]),
            true,
        ),
        (
            "one of another",
            noting(names.clone()),
            update(&["pk", "sk", "last_used_at", "hash"]),
            false,
        ),
        (
            "the attributes of the key count",
            noting(json!(["last_used_at", "version"])),
            update(&["pk", "sk", "last_used_at"]),
            false,
        ),
        (
            "two keys under one operator have both to hold",
            noting(names),
            Asked::new("dynamodb:UpdateItem", "Table")
                .keys(["POLICY"])
                .attributes(["pk", "sk"]),
            false,
        ),
        (
            "a single value equals",
            specific("StringEquals"),
            selecting("SPECIFIC_ATTRIBUTES"),
            true,
        ),
        (
            "a read of everything does not",
            specific("StringEquals"),
            selecting("ALL_ATTRIBUTES"),
            false,
        ),
        (
            "StringEquals is not met by an absent key",
            specific("StringEquals"),
            bare(),
            false,
        ),
        (
            "StringEqualsIfExists is",
            specific("StringEqualsIfExists"),
            bare(),
            true,
        ),
        (
            "and judges one that is there",
            specific("StringEqualsIfExists"),
            selecting("COUNT"),
            false,
        ),
        (
            "StringNotEquals is met by an absent key",
            specific("StringNotEquals"),
            bare(),
            true,
        ),
        (
            "and by another value",
            specific("StringNotEquals"),
            selecting("COUNT"),
            true,
        ),
        (
            "and not by its own",
            specific("StringNotEquals"),
            selecting("SPECIFIC_ATTRIBUTES"),
            false,
        ),
        (
            "StringNotEquals of several: none of them",
            allow(json!({"StringNotEquals": {"dynamodb:Select": ["COUNT", "ALL_ATTRIBUTES"]}})),
            selecting("ALL_ATTRIBUTES"),
            false,
        ),
        (
            "a case is ignored where that is said",
            allow(json!({"StringEqualsIgnoreCase": {"dynamodb:Select": "count"}})),
            selecting("COUNT"),
            true,
        ),
        (
            "ArnLike has wildcards",
            allow(json!({"ArnLike": {"dynamodb:Select": "CO?N*"}})),
            selecting("COUNT"),
            true,
        ),
        (
            "Bool reads words",
            allow(json!({"Bool": {"dynamodb:Select": false}})),
            selecting("False"),
            true,
        ),
    ]);
}
