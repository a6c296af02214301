//! Which permissions a request takes.

use serde_json::{Value, json};

use super::{Asked, Names, asked_by};
use crate::recorder::Arrived;

fn request(target: &str, body: &Value) -> Arrived {
    Arrived {
        method: "POST".to_owned(),
        target: "/".to_owned(),
        headers: vec![("x-amz-target".to_owned(), target.to_owned())],
        body: body.to_string().into_bytes(),
    }
}

/// As `dynamodb:GetItem Table [T#1] [pk,sk]`.
fn text(asked: &Asked) -> String {
    let (keys, attributes) = (
        asked.leading_keys().join(","),
        asked.attribute_names().join(","),
    );
    format!(
        "{} {} [{keys}] [{attributes}]",
        asked.action, asked.resource
    )
}

fn names() -> Names {
    Names::of([
        ("tenants", "Table"),
        ("control", "ControlTable"),
        ("certificate", "CertificateSecret"),
        ("on-demand", "OnDemand"),
    ])
}

#[test]
fn a_request_to_a_bucket_takes_what_its_path_and_method_take() {
    let names = Names::of([("logs", "AuditLogBucket")]);
    let rows = [
        (
            "PUT",
            "/logs/tenant%3D1/a?x-id=PutObject",
            "PutObject AuditLogBucket/tenant=1/a",
        ),
        (
            "PUT",
            "/logs/a?partNumber=1&uploadId=u",
            "PutObject AuditLogBucket/a",
        ),
        ("POST", "/logs/a?uploads", "PutObject AuditLogBucket/a"),
        ("POST", "/logs/a?uploadId=u", "PutObject AuditLogBucket/a"),
        (
            "GET",
            "/logs/a?x-id=GetObject",
            "GetObject AuditLogBucket/a",
        ),
        ("HEAD", "/logs/a", "GetObject AuditLogBucket/a"),
        (
            "DELETE",
            "/logs/a?uploadId=u",
            "AbortMultipartUpload AuditLogBucket/a",
        ),
        ("GET", "/logs?list-type=2", "ListBucket AuditLogBucket"),
        ("GET", "/logs/?list-type=2", "ListBucket AuditLogBucket"),
        ("PUT", "/others/a", "PutObject unknown:others/a"),
    ];
    for (method, target, expected) in rows {
        let request = Arrived {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
        };
        let found: Vec<String> = asked_by(&request, &names).iter().map(text).collect();
        assert_eq!(found, [format!("s3:{expected} [] []")], "{method} {target}");
    }
}

#[test]
fn a_request_takes_what_its_items_take() {
    let key = |pk: &str| json!({"pk": {"S": pk}, "sk": {"S": "x"}});
    let get = json!({"TableName": "tenants", "Key": key("T#1")});
    let put = json!({"TableName": "control", "Item": key("POLICY")});
    let rows: [(&str, Value, &[&str]); 14] = [
        (
            "GetItem",
            get.clone(),
            &["dynamodb:GetItem Table [T#1] [pk,sk]"],
        ),
        (
            "PutItem",
            put.clone(),
            &["dynamodb:PutItem ControlTable [POLICY] [pk,sk]"],
        ),
        (
            "DeleteItem",
            get.clone(),
            &["dynamodb:DeleteItem Table [T#1] [pk,sk]"],
        ),
        (
            "UpdateItem",
            json!({"TableName": "tenants", "Key": key("T#1"), "UpdateExpression": "SET a = :a"}),
            &["dynamodb:UpdateItem Table [T#1] [a,pk,sk]"],
        ),
        (
            "GetItem",
            json!({"TableName": "tenants", "Key": {}}),
            &["dynamodb:GetItem Table [] []"],
        ),
        (
            "GetItem",
            json!({"TableName": "others", "Key": key("T#1")}),
            &["dynamodb:GetItem unknown:others [T#1] [pk,sk]"],
        ),
        (
            "TransactWriteItems",
            json!({"TransactItems": [{"Update": get}, {"Put": put}, {"ConditionCheck": {"TableName": "tenants", "Key": key("T#2")}}]}),
            &[
                "dynamodb:UpdateItem Table [T#1] [pk,sk]",
                "dynamodb:PutItem ControlTable [POLICY] [pk,sk]",
                "dynamodb:ConditionCheckItem Table [T#2] [pk,sk]",
            ],
        ),
        (
            "BatchGetItem",
            json!({"RequestItems": {"tenants": {"Keys": [key("T#1"), key("ONCE#1")], "ProjectionExpression": "sealed"}}}),
            &["dynamodb:BatchGetItem Table [T#1,ONCE#1] [pk,sk,pk,sk,sealed]"],
        ),
        (
            "BatchWriteItem",
            json!({"RequestItems": {
                "control": [{"DeleteRequest": {"Key": key("CALLERS")}}],
                "tenants": [{"PutRequest": {"Item": key("ONCE#1")}}, {"DeleteRequest": {"Key": key("T#1")}}]}}),
            &[
                "dynamodb:BatchWriteItem ControlTable [CALLERS] [pk,sk]",
                "dynamodb:BatchWriteItem Table [ONCE#1,T#1] [pk,sk,pk,sk]",
            ],
        ),
        (
            "Query",
            json!({"TableName": "tenants", "IndexName": "due", "KeyConditionExpression": "#shard = :shard",
                   "ExpressionAttributeNames": {"#shard": "due_shard"}, "ExpressionAttributeValues": {":shard": {"S": "1"}}}),
            &["dynamodb:Query Table/index/due [1] [due_shard]"],
        ),
        (
            "Scan",
            json!({"TableName": "tenants"}),
            &["dynamodb:Scan Table [] []"],
        ),
        (
            "DeleteTable",
            json!({"TableName": "tenants"}),
            &["dynamodb:DeleteTable Table [] []"],
        ),
        ("ListTables", json!({}), &["dynamodb:ListTables * [] []"]),
        (
            "BatchExecuteStatement",
            json!({"Statements": [
                {"Statement": "SELECT * FROM \"tenants\" WHERE pk = 'T#1'"},
                {"Statement": "insert into \"control\" value {'pk': 'POLICY'}"},
                {"Statement": "UPDATE \"tenants\" SET a = 1"},
                {"Statement": "DELETE FROM \"tenants\""}]}),
            &[
                "dynamodb:PartiQLSelect Table [] []",
                "dynamodb:PartiQLInsert ControlTable [] []",
                "dynamodb:PartiQLUpdate Table [] []",
                "dynamodb:PartiQLDelete Table [] []",
            ],
        ),
    ];
    for (operation, body, expected) in rows {
        let asked = asked_by(
            &request(&format!("DynamoDB_20120810.{operation}"), &body),
            &names(),
        );
        let found: Vec<String> = asked.iter().map(text).collect();
        assert_eq!(found, expected, "{operation} {body}");
    }
}

#[test]
fn a_secret_and_a_function_are_asked_for_by_name_or_arn() {
    let secret =
        json!({"SecretId": "arn:aws:secretsmanager:eu-west-1:1:secret:certificate-a1B2c3"});
    let secret = request("secretsmanager.GetSecretValue", &secret);
    let listed = request("secretsmanager.ListSecrets", &json!({}));
    let function = Arrived {
        target: "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A1%3Afunction%3Aon-demand/invocations".to_owned(),
        headers: Vec::new(),
        ..secret.clone()
    };
    let rows = [
        (
            secret,
            "secretsmanager:GetSecretValue CertificateSecret [] []",
        ),
        (listed, "secretsmanager:ListSecrets * [] []"),
        (function, "lambda:InvokeFunction OnDemand [] []"),
    ];
    for (request, expected) in rows {
        let found: Vec<String> = asked_by(&request, &names()).iter().map(text).collect();
        assert_eq!(found, [expected]);
    }
}
