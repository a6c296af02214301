//! Which attributes a request names.

use serde_json::{Value, json};

use super::attributes::named;

#[test]
fn a_request_names_what_stands_in_its_key_its_item_and_its_expressions() {
    let rows: [(Value, &[&str]); 16] = [
        (json!({}), &[]),
        (
            json!({"Key": {"pk": {"S": "a"}, "sk": {"S": "b"}}}),
            &["pk", "sk"],
        ),
        (
            json!({"Item": {"pk": {}, "sk": {}, "hash": {}}}),
            &["hash", "pk", "sk"],
        ),
        // AWS's own example.
        (
            json!({"ProjectionExpression": "Name, Address.City"}),
            &["Address", "Name"],
        ),
        (
            json!({"ProjectionExpression": "a.b[0].c, d[1]"}),
            &["a", "d"],
        ),
        (json!({"AttributesToGet": ["a", "b"]}), &["a", "b"]),
        (
            json!({"UpdateExpression": "SET #a = :a, b = if_not_exists(c, :d) REMOVE e.f ADD g :g DELETE h :h",
                   "ExpressionAttributeNames": {"#a": "hash"}}),
            &["b", "c", "e", "g", "h", "hash"],
        ),
        (json!({"UpdateExpression": "set a = b + :one"}), &["a", "b"]),
        (
            json!({"UpdateExpression": "SET #a.#b = :x", "ExpressionAttributeNames": {"#a": "outer", "#b": "inner"}}),
            &["outer"],
        ),
        (json!({"UpdateExpression": "SET a=:a,b=:b"}), &["a", "b"]),
        (
            json!({"ConditionExpression": "attribute_not_exists(#pk) OR (#until <= :now AND NOT contains(x, :y))",
                   "ExpressionAttributeNames": {"#pk": "pk", "#until": "until"}}),
            &["pk", "until", "x"],
        ),
        (
            json!({"ConditionExpression": "size (a) > :b AND c IN (:d, :e) AND f BETWEEN :g AND :h"}),
            &["a", "c", "f"],
        ),
        (
            json!({"KeyConditionExpression": "#pk = :pk", "FilterExpression": "s = :s",
                   "ExpressionAttributeNames": {"#pk": "pk"}}),
            &["pk", "s"],
        ),
        (
            json!({"AttributeUpdates": {"hash": {"Action": "PUT"}}}),
            &["hash"],
        ),
        (
            json!({"Expected": {"version": {}}, "QueryFilter": {"a": {}}}),
            &["a", "version"],
        ),
        // A placeholder that no expression has is refused by DynamoDB, and names nothing.
        (json!({"ExpressionAttributeNames": {"#a": "hash"}}), &[]),
    ];
    for (request, expected) in rows {
        let found: Vec<String> = named(&request).into_iter().collect();
        assert_eq!(found, expected, "{request}");
    }
}
