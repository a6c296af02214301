//! An event of a gateway, hostile in every field, and the two functions that answer it: the
//! ones that `main` starts, through the conversion that it uses. Whatever the event, each
//! gives an answer with a request id.

use std::sync::OnceLock;

use consent::ConsentFunction;
use lambda::event::HttpEvent;
use lambda::function::AnswersRequests as _;
use lambda::starting::Starting;
use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpResponse;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};
use vending::Vending;

use crate::neighbour::Neighbour;
use crate::{MovedRun, gateway_event as gentle};

/// Lambda's id of every invocation here.
pub const INVOCATION: &str = "invocation-1";
/// A tenant that is nowhere.
const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";

/// Both functions over the table, secrets and authority of a run in this process.
pub struct World {
    runtime: Runtime,
    vending: Vending,
    consent: Starting<ConsentFunction>,
    _run: MovedRun,
    _directory: TempDir,
}

/// The one of this process; started when it is first asked for.
pub fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(World::start)
}

impl World {
    fn start() -> Self {
        // The run's own tasks go on while nothing is asked.
        let mut runtime = Builder::new_multi_thread();
        let runtime = runtime.worker_threads(1).enable_all().build().unwrap();
        let directory = tempfile::tempdir().unwrap();
        let (run, vending, consent) = runtime.block_on(async {
            let run = MovedRun::start(directory.path(), 1).await;
            let neighbour = Neighbour::of(directory.path(), run.clock.clone()).await;
            let consent = Starting::begin(neighbour.basis()).await;
            (run, neighbour.vending().await, consent.unwrap())
        });
        Self {
            runtime,
            vending,
            consent,
            _run: run,
            _directory: directory,
        }
    }

    /// What vending answers to an event; `None` for what is not JSON.
    pub fn vending(&self, event: &str) -> Option<ApiGatewayV2httpResponse> {
        let event: HttpEvent = serde_json::from_str(event).ok()?;
        let answer = event.answered(INVOCATION, |request| self.vending.handle(request));
        Some(self.runtime.block_on(answer))
    }

    /// The same of consent.
    pub fn consent(&self, event: &str) -> Option<ApiGatewayV2httpResponse> {
        let event: HttpEvent = serde_json::from_str(event).ok()?;
        let answer = event.answered(INVOCATION, |request| self.consent.handle(request));
        Some(self.runtime.block_on(answer))
    }
}

/// The body of the property: makes an event of `data` and demands an answer to it of each
/// function.
pub fn gateway_event(data: &[u8]) {
    let event = match data.split_first() {
        // Text as it is, which is an event by chance or by a corpus.
        Some((0, text)) => String::from_utf8_lossy(text).into_owned(),
        _ => Bytes(data).event().to_string(),
    };
    let world = world();
    for answer in [world.vending(&event), world.consent(&event)] {
        check(&event, answer);
    }
}

fn check(event: &str, answer: Option<ApiGatewayV2httpResponse>) {
    let Some(answer) = answer else { return };
    assert!((200..=599).contains(&answer.status_code), "{event}");
    let id = answer.headers.get("x-request-id");
    assert!(id.is_some_and(|id| !id.is_empty()), "{event}");
    serde_json::to_string(&answer).unwrap();
}

/// What is left of the bytes that an event is made of; nothing where there are no more.
struct Bytes<'a>(&'a [u8]);

impl Bytes<'_> {
    fn byte(&mut self) -> usize {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        usize::from(*first)
    }

    fn choice<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.byte() % words.len()]
    }

    /// A length, and so many bytes: below 0xe0 a character each (Latin-1), above a word that
    /// some part of the functions looks for.
    fn text(&mut self) -> String {
        let length = self.byte();
        let (own, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        let mut text = String::new();
        for byte in own {
            match byte.checked_sub(0xe0) {
                None => text.push(char::from(*byte)),
                Some(word) => text.push_str(WORDS[usize::from(word)]),
            }
        }
        text
    }

    fn maybe(&mut self) -> Option<String> {
        match self.byte() % 4 {
            0 => None,
            _ => Some(self.text()),
        }
    }

    fn event(&mut self) -> Value {
        let path = match self.byte() % 3 {
            0 => self.text(),
            _ => self.choice(PATHS).replace('~', TENANT),
        };
        let method = match self.byte() % 8 {
            0 => self.text(),
            number if number % 2 == 0 => "POST".to_owned(),
            _ => "GET".to_owned(),
        };
        let mut event = gentle::request(&method, &path);
        event["rawQueryString"] = json!(self.maybe());
        event["cookies"] = json!(self.cookies());
        event["body"] = json!(self.maybe());
        event["isBase64Encoded"] = json!(self.byte() % 2 == 1);
        self.headers(&mut event["headers"]);
        self.context(&mut event["requestContext"]);
        self.damage(&mut event);
        event
    }

    fn cookies(&mut self) -> Option<Vec<String>> {
        let count = self.byte() % 4;
        (count > 0).then(|| (0..count).map(|_| self.text()).collect())
    }

    fn headers(&mut self, headers: &mut Value) {
        for _ in 0..self.byte() % 4 {
            let name = match self.byte() % 4 {
                0 => self.text(),
                _ => self.choice(HEADERS).to_owned(),
            };
            headers[name] = json!(self.text());
        }
    }

    /// What the gateway says of the request, in texts that no gateway writes.
    fn context(&mut self, context: &mut Value) {
        if self.byte() % 4 == 1 {
            context["requestId"] = json!(self.maybe());
        }
        if self.byte() % 4 == 1 {
            let mut iam = Map::new();
            for name in ["accessKey", "accountId", "callerId", "userArn", "userId"] {
                iam.insert(name.to_owned(), json!(self.maybe()));
            }
            context["authorizer"] = json!({ "iam": iam });
        }
    }

    /// Now and then a field is another thing, or is not there.
    fn damage(&mut self, event: &mut Value) {
        let number = self.byte();
        let Some(fields) = event.as_object_mut().filter(|_| number % 8 == 7) else {
            return;
        };
        let names: Vec<String> = fields.keys().cloned().collect();
        let name = names[self.byte() % names.len()].clone();
        match self.byte() % 4 {
            0 => fields.remove(&name),
            1 => fields.insert(name, Value::Null),
            2 => fields.insert(name, json!([1])),
            _ => fields.insert(name, json!(self.text())),
        };
    }
}

/// `~`: a tenant.
const PATHS: &[&str] = &[
    "/consent",
    "/consent/start",
    "/consent/go/x",
    "/consent/callback",
    "/consent/confirm",
    "/consent/confirm/x",
    "/consent/result/x",
    "/~/oauth2/v2.0/token",
    "/~/oauth2/token",
    "/~/v2.0/.well-known/openid-configuration",
    "/msi/token",
    "/tenants",
    "/tenants/~",
    "/tokens",
    "/invites",
    "/health",
];

const HEADERS: &[&str] = &[
    "authorization",
    "content-type",
    "cookie",
    "host",
    "origin",
    "sec-fetch-site",
    "x-forwarded-proto",
    "x-identity-header",
];

/// 32: for the bytes from 0xe0.
const WORDS: [&str; 32] = [
    "&",
    "=",
    "%",
    "+",
    "/",
    "; ",
    "Bearer ",
    "AWS4-HMAC-SHA256 ",
    "__Host-",
    "\u{2028}",
    "\u{2000}",
    "\u{202e}",
    "\u{1f980}",
    "grant_type=client_credentials",
    "scope=https://manage.office.com/.default",
    "resource=https://manage.office.com",
    "api-version=2019-08-01",
    "client_id=41463f53-8812-40f4-890f-865bf6e35190",
    "client_assertion=",
    "client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
    "rejected=",
    "min_ttl=",
    "state=",
    "code=",
    "tenant=",
    "invite=",
    "form_token=",
    "handle=",
    "eyJhbGciOiJSUzI1NiJ9.",
    "{\"customer\":\"a\"}",
    "arn:aws:sts::000000000000:assumed-role/local-caller/s",
    "AROAIOSFODNN7EXAMPLE1:s",
];
