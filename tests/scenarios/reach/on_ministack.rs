//! The same roles in an IAM that others wrote: ministack's, which judges actions and resources.
//! It sees no keys of items, and attributes in a ProjectionExpression alone. For what it sees,
//! each attack and each need is decided there as our evaluator decides it; that it decides
//! otherwise for what it does not see is shown too.

use aws::SystemClock;
use reqwest::Client;
use serde_json::{Value, json};
use tests::Ministack;
use tests::iam::{Asked, Names, Role, Statement, Template, Verdict, asked_by, decide};
use tests::recorder::Arrived;
use tests::signer::AccessKey;

use super::attacks;
use super::needs::needs;
use super::request::Request;

const REGION: &str = "us-east-1";
const ACCOUNT: &str = "000000000000";
/// Of the emulated account's root, id and secret.
const ROOT_KEY: &str = "test";

struct Emulated {
    cloud: Ministack,
    client: Client,
    template: Template,
}

impl Emulated {
    async fn start() -> Self {
        let cloud = Ministack::start_with(&[("AUTH", "true")]).await;
        let emulated = Self {
            cloud,
            client: Client::builder().no_proxy().build().unwrap(),
            template: Template::of_repository(),
        };
        for (secret, _) in emulated.template.of_type("AWS::SecretsManager::Secret") {
            let body = json!({"Name": secret, "SecretString": "{}"}).to_string();
            let target = Some("secretsmanager.CreateSecret");
            let made = emulated
                .send(&root(), "secretsmanager", ("/", target), body)
                .await;
            assert_eq!(made.0, 200, "{}", made.1);
        }
        emulated
    }

    /// A user with these statements and nothing else; gives its key.
    async fn user(&self, name: &str, statements: &[Value]) -> AccessKey {
        let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        let user = ("UserName", name);
        self.iam(&[("Action", "CreateUser"), user]).await;
        self.iam(&[
            ("Action", "PutUserPolicy"),
            user,
            ("PolicyName", "role"),
            ("PolicyDocument", &policy),
        ])
        .await;
        let made = self.iam(&[("Action", "CreateAccessKey"), user]).await;
        AccessKey {
            id: inside(&made, "AccessKeyId"),
            secret: inside(&made, "SecretAccessKey"),
        }
    }

    async fn iam(&self, fields: &[(&str, &str)]) -> String {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        let form = form
            .extend_pairs(fields)
            .append_pair("Version", "2010-05-08")
            .finish();
        let (status, body) = self.send(&root(), "iam", ("/", None), form).await;
        assert_eq!(status, 200, "{body}");
        body
    }

    async fn send(
        &self,
        key: &AccessKey,
        service: &str,
        (path, target): (&str, Option<&str>),
        body: String,
    ) -> (u16, String) {
        let url = format!("{}{path}", self.cloud.endpoint);
        let now = u64::try_from(auth::ports::Clock::now(&SystemClock).unix()).unwrap();
        let headers = key.headers((service, REGION), ("POST", &url), &body, now);
        let kind = match service {
            "iam" => "application/x-www-form-urlencoded",
            _ => "application/x-amz-json-1.0",
        };
        let request = self.client.post(url).header("content-type", kind);
        let target = target.map(|target| ("x-amz-target".to_owned(), target.to_owned()));
        let headers = headers.into_iter().chain(target);
        let request = headers.fold(request, |request, (name, value)| {
            request.header(name, value)
        });
        let response = request.body(body).send().await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }

    async fn denies(&self, key: &AccessKey, request: &Request) -> bool {
        let (path, target, body) = request.parts();
        let service = match request {
            Request::Table(..) => "dynamodb",
            Request::Secret(..) => "secretsmanager",
            Request::Invoke(_) => "lambda",
        };
        let (status, answer) = self
            .send(key, service, (&path, target.as_deref()), body.to_string())
            .await;
        status == 403 || answer.contains("AccessDenied")
    }
}

fn root() -> AccessKey {
    AccessKey {
        id: ROOT_KEY.to_owned(),
        secret: ROOT_KEY.to_owned(),
    }
}

fn inside(xml: &str, name: &str) -> String {
    let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap();
    rest.split_once('<').unwrap().0.to_owned()
}

/// The statements of a role as IAM takes them, each resource by its ARN here, and without the
/// checks that a key is there, which would deny everything.
fn statements(template: &Template, name: &str, role: &Role) -> Vec<Value> {
    let roles = template.of_type("AWS::IAM::Role").into_iter();
    let (_, properties) = roles.into_iter().find(|(other, _)| *other == name).unwrap();
    let policies = properties["Policies"].as_array().unwrap().iter();
    let all = policies.flat_map(|policy| policy["PolicyDocument"]["Statement"].as_array().unwrap());
    let ready = all.zip(&role.statements).map(|(statement, read)| {
        // One on a condition, as it is where the condition holds.
        let branches = statement["Fn::If"].as_array();
        let mut statement = branches.map_or(statement, |branches| &branches[1]).clone();
        // As the template's reader has them: an alias by its function's name.
        let arns: Vec<String> = read
            .resources
            .iter()
            .map(|name| arn(template, name))
            .collect();
        statement["Resource"] = json!(arns);
        if let Some(condition) = statement.get_mut("Condition") {
            condition.as_object_mut().unwrap().remove("Null");
        }
        statement
    });
    ready.collect()
}

fn arn(template: &Template, name: &str) -> String {
    let is = |kind: &str| {
        let logical = name.split(['/', ':']).next().unwrap();
        template
            .of_type(kind)
            .iter()
            .any(|(other, _)| *other == logical)
    };
    let (service, resource) = if is("AWS::DynamoDB::Table") {
        ("dynamodb", format!("table/{name}"))
    } else if is("AWS::SecretsManager::Secret") {
        ("secretsmanager", format!("secret:{name}*"))
    } else if is("AWS::Serverless::Function") {
        ("lambda", format!("function:{name}"))
    } else {
        ("logs", format!("log-group:{name}"))
    };
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}")
}

/// What the request takes, as our evaluator sees it.
fn asked(template: &Template, request: &Request) -> Vec<Asked> {
    let kinds = [
        "AWS::DynamoDB::Table",
        "AWS::SecretsManager::Secret",
        "AWS::Serverless::Function",
    ];
    let names = kinds.iter().flat_map(|kind| template.of_type(kind));
    let names = Names::of(names.map(|(name, _)| (name, name)));
    let (path, target, body) = request.parts();
    let arrived = Arrived {
        method: "POST".to_owned(),
        target: path,
        headers: target
            .map(|target| ("x-amz-target".to_owned(), target))
            .into_iter()
            .collect(),
        body: body.to_string().into_bytes(),
    };
    asked_by(&arrived, &names)
}

/// What an IAM decides that sees neither keys nor attributes.
fn denied_unseen(role: &Role, without_null: &[Statement], asked: &[Asked]) -> bool {
    let unseen = asked
        .iter()
        .map(|one| Asked::new(&one.action, &one.resource));
    let known = unseen
        .map(|one| decide(without_null, &one))
        .collect::<Vec<_>>();
    assert!(!known.is_empty(), "{}", role.name);
    known.iter().any(|verdict| *verdict != Verdict::Allowed)
}

#[tokio::test]
async fn another_iam_decides_the_same_of_actions_and_resources() {
    let emulated = Emulated::start().await;
    let roles = emulated.template.roles();
    let of_needs = needs().into_iter().flat_map(|(role, requests)| {
        requests
            .into_iter()
            .map(move |request| (role, "needs it", request))
    });
    let rows: Vec<_> = attacks::all().into_iter().chain(of_needs).collect();
    let (mut wrong, mut unseen) = (Vec::new(), 0);
    for (name, role) in &roles {
        let statements = statements(&emulated.template, name, role);
        let without_null = statements.iter().zip(&role.statements).map(|(json, read)| {
            let mut json = json.clone();
            json["Resource"] = json!(read.resources);
            Statement::read(&json)
        });
        let without_null: Vec<Statement> = without_null.collect();
        let key = emulated.user(name, &statements).await;
        for (_, what, request) in rows.iter().filter(|(of, ..)| of == name) {
            let asked = asked(&emulated.template, request);
            let ours = denied_unseen(role, &without_null, &asked);
            let theirs = emulated.denies(&key, request).await;
            if ours != theirs {
                wrong.push(format!(
                    "{name} {what} {request:?}: denied here {ours}, there {theirs}"
                ));
            }
            unseen += usize::from(!theirs && asked.iter().any(|one| !role.allows(one)));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // What it lets through because it does not see keys and attributes.
    assert!(
        unseen > 0,
        "ministack sees keys by now: take the page's word for it back"
    );
}
