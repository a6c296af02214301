//! An account with the template's tables, secrets and functions under the template's names, one
//! row of each kind, and a gate for each role.

use std::net::SocketAddr;

use reqwest::Client;
use serde_json::{Value, json};
use tests::aws_service::AwsService;
use tests::iam::{Behind, Gate, Names, Template};
use tokio::net::TcpListener;

use super::kinds::OF_CONTROL;
use super::request::{Request, SORT};

/// What DynamoDB asks of a signature is that it be there.
const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, \
                      SignedHeaders=host;x-amz-date, Signature=0";
/// The kinds of which there is a row, in the table of tenants.
const OF_TENANTS: [&str; 9] = [
    "T#1",
    "INVITE#1",
    "ONCE#1",
    "LEASE#vend#1",
    "LEASE#refresh#1",
    "RUN#refresh",
    "SIGNIN#1",
    "F#1",
    "LEASE#feed#1",
];

pub(super) struct Account {
    template: Template,
    names: Names,
    behind: Behind,
    client: Client,
    /// Lets everything through.
    open: Gate,
    _secrets: AwsService,
}

/// What came of a request.
#[derive(Debug)]
pub(super) struct Answer {
    status: u16,
    body: Value,
    is_read: bool,
}

impl Answer {
    pub(super) fn is_denied(&self) -> bool {
        let code = self.body["__type"].as_str().unwrap_or_default();
        code == "AccessDeniedException" || self.status == 403
    }

    /// It was done; a read has found something.
    pub(super) fn is_done(&self) -> bool {
        let fields = ["Item", "Items", "Responses"].iter();
        let mut found = fields.filter_map(|field| self.body.get(*field));
        let is_something = |found: &Value| match found {
            Value::Array(found) => !found.is_empty(),
            Value::Object(found) => !found.is_empty(),
            _ => false,
        };
        self.status == 200 && (!self.is_read || found.any(is_something))
    }
}

impl Account {
    pub(super) async fn open() -> Self {
        let template = Template::of_repository();
        let kinds = [
            "AWS::DynamoDB::Table",
            "AWS::SecretsManager::Secret",
            "AWS::Serverless::Function",
        ];
        let mut logical: Vec<String> = vec![
            "ControlTable".to_owned(),
            "RefresherOnDemandFunction".to_owned(),
        ];
        for kind in kinds {
            logical.extend(
                template
                    .of_type(kind)
                    .into_iter()
                    .map(|(name, _)| name.to_owned()),
            );
        }
        let secrets = template.of_type("AWS::SecretsManager::Secret").into_iter();
        let secrets = secrets.map(|(name, _)| (name.to_owned(), "{}".to_owned()));
        let secrets = AwsService::secrets(secrets.collect()).await;
        let behind = Behind {
            table: engine().await,
            secrets: address(&secrets.url),
            lambda: None,
        };
        let names = Names::of(logical.iter().map(|name| (name.as_str(), name.as_str())));
        let account = Self {
            open: Gate::before(None, &names, behind).await,
            template,
            names,
            behind,
            client: Client::builder().no_proxy().build().unwrap(),
            _secrets: secrets,
        };
        account.make_tables().await;
        account
    }

    /// A gate for this role; none where the template has no such role.
    pub(super) async fn gate(&self, role: &str) -> Option<Gate> {
        let role = self.template.roles().remove(role)?;
        Some(Gate::before(Some(role), &self.names, self.behind).await)
    }

    pub(super) async fn send(&self, gate: &Gate, request: &Request) -> Answer {
        let (path, target, body) = request.parts();
        let sent = self
            .client
            .post(format!("{}{path}", gate.url))
            .body(body.to_string());
        let sent = sent
            .header("authorization", SIGNED)
            .header("x-amz-date", "20260101T000000Z");
        let sent = match target {
            Some(target) => sent.header("x-amz-target", target),
            None => sent,
        };
        let sent = sent.header("content-type", "application/x-amz-json-1.0");
        let response = sent.send().await.unwrap();
        Answer {
            status: response.status().as_u16(),
            body: response.json().await.unwrap_or(Value::Null),
            is_read: request.is_read(),
        }
    }

    /// The same without a gate, on rows as they are at first.
    pub(super) async fn send_unjudged(&self, request: &Request) -> Answer {
        self.put_rows().await;
        self.send(&self.open, request).await
    }

    /// The table is the template's own: keys, indexes and all.
    async fn make_tables(&self) {
        let key = json!([{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}]);
        let of_key = json!([{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "S"}]);
        let tables = self.template.of_type("AWS::DynamoDB::Table");
        let mut table = tables
            .iter()
            .find(|(name, _)| *name == "Table")
            .unwrap()
            .1
            .clone();
        table["TableName"] = json!("Table");
        let fields = [
            "TableName",
            "AttributeDefinitions",
            "KeySchema",
            "GlobalSecondaryIndexes",
            "BillingMode",
        ];
        table
            .as_object_mut()
            .unwrap()
            .retain(|name, _| fields.contains(&name.as_str()));
        let control = json!({
            "TableName": "ControlTable", "AttributeDefinitions": of_key, "KeySchema": key, "BillingMode": "PAY_PER_REQUEST",
        });
        for table in [table, control] {
            let made = self
                .send(&self.open, &Request::table("CreateTable", table))
                .await;
            assert!(made.is_done(), "{made:?}");
        }
    }

    async fn put_rows(&self) {
        let of_tenants = OF_TENANTS.map(|pk| ("Table", pk));
        let of_control = OF_CONTROL.map(|pk| ("ControlTable", pk));
        for (table, pk) in of_tenants.into_iter().chain(of_control) {
            let row = json!({
                "pk": {"S": pk}, "sk": {"S": SORT}, "customer": {"S": "contoso"}, "sealed": {"S": "sealed"}, "hash": {"S": "hash"},
                "tenants_shard": {"S": "tenants"}, "tenant_id": {"S": "1"},
            });
            let put = Request::table("PutItem", json!({"TableName": table, "Item": row}));
            let done = self.send(&self.open, &put).await;
            assert!(done.is_done(), "{pk}: {done:?}");
        }
    }
}

/// A fresh engine in memory; it ends with its test's runtime.
async fn engine() -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let database = dynoxide::Database::memory().unwrap();
    tokio::spawn(dynoxide::server::serve_on(listener, database));
    address
}

/// Of a service on this machine.
pub(super) fn address(url: &str) -> SocketAddr {
    let url: url::Url = url.parse().unwrap();
    url.socket_addrs(|| None).unwrap()[0]
}
