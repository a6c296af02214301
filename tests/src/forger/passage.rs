//! What goes through the forger: requests and answers as they are, but for the two
//! answers that it may change, the tokens for a code and the key sets.

use std::sync::{Arc, Mutex, MutexGuard};

use auth::TenantId;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::header::{CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use reqwest::{Client, redirect};
use serde_json::Value;
use url::form_urlencoded;

use super::forgery::{Forgery, Member};
use super::genuine::Genuine;
use super::signer::Signer;
use crate::jwt::part;

/// More than any request or answer here.
const BODY_MAX: usize = 1024 * 1024;
/// The issuer of v1 tokens, which no key of a v1 set names.
const ISSUER_V1: &str = "https://sts.windows.net/{tenantid}/";
/// What belongs to one connection and not to the message on it.
const OF_THE_CONNECTION: [axum::http::HeaderName; 3] =
    [CONNECTION, CONTENT_LENGTH, TRANSFER_ENCODING];

/// The way to the authority and back.
pub(super) struct Passage {
    client: Client,
    /// `http://127.0.0.1:{port}`.
    upstream: String,
    authority_key: Value,
    own: Signer,
    of_consumers: Signer,
    bench: Mutex<Bench>,
}

/// What is ordered and what was delivered.
#[derive(Default)]
pub(super) struct Bench {
    pub(super) order: Option<Forgery>,
    /// The authority's answers to codes, as they came.
    pub(super) given: Vec<Value>,
    /// The tokens that were passed on for them.
    pub(super) handed_out: Vec<String>,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

/// Everything that arrives.
pub(super) async fn pass_on(State(passage): State<Arc<Passage>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let sent = to_bytes(body, BODY_MAX).await.unwrap();
    let is_redemption = is_redemption(&head, &sent);
    let mut answer = passage.ask(&head, sent).await;
    if answer.status == StatusCode::OK && is_redemption {
        answer.body = passage.redeemed(answer.body);
    } else if answer.status == StatusCode::OK && is_key_set(&head) {
        answer.body = passage.with_own_keys(&answer.body);
    }
    answer.into_response()
}

fn is_redemption(head: &Parts, sent: &[u8]) -> bool {
    let field = ("grant_type".into(), "authorization_code".into());
    head.method == Method::POST
        && head.uri.path().ends_with("/token")
        && form_urlencoded::parse(sent).any(|sent| sent == field)
}

fn is_key_set(head: &Parts) -> bool {
    let path = head.uri.path();
    path.ends_with("/discovery/keys") || path.ends_with("/discovery/v2.0/keys")
}

impl Passage {
    pub(super) async fn to(port: u16) -> Self {
        let builder = Client::builder().redirect(redirect::Policy::none());
        let client = builder.no_proxy().build().unwrap();
        let upstream = format!("http://127.0.0.1:{port}");
        let keys = format!("{upstream}/common/discovery/v2.0/keys");
        let keys: Value = client.get(keys).send().await.unwrap().json().await.unwrap();
        Self {
            client,
            upstream,
            authority_key: keys["keys"][0].clone(),
            own: Signer::generate("a-key-of-the-forger"),
            of_consumers: Signer::generate("a-key-for-consumers"),
            bench: Mutex::default(),
        }
    }

    pub(super) fn bench(&self) -> MutexGuard<'_, Bench> {
        self.bench.lock().unwrap()
    }

    pub(super) fn open(&self, token: &str) -> Genuine {
        Genuine {
            token: token.to_owned(),
            header: part(token, 0),
            claims: part(token, 1),
            authority_key: self.authority_key.clone(),
            own: self.own.clone(),
            of_consumers: self.of_consumers.clone(),
        }
    }

    async fn ask(&self, head: &Parts, sent: Bytes) -> Answer {
        let target = head.uri.path_and_query().unwrap();
        let url = format!("{}{target}", self.upstream);
        let request = self.client.request(head.method.clone(), url);
        let request = request.headers(passed_on(&head.headers)).body(sent);
        let answer = request.send().await.unwrap();
        Answer {
            status: answer.status(),
            headers: passed_on(answer.headers()),
            body: answer.bytes().await.unwrap(),
        }
    }

    /// Carries the order out. Without one the answer stays as it is, byte by byte.
    fn redeemed(&self, body: Bytes) -> Bytes {
        let given: Value = serde_json::from_slice(&body).unwrap();
        let mut bench = self.bench();
        bench.given.push(given.clone());
        let order = bench.order.take();
        let handed_out = match order {
            None => given.clone(),
            Some(forgery) => self.forged(given.clone(), forgery),
        };
        let tokens = [Member::IdToken, Member::AccessToken].map(|member| member.of(&handed_out));
        let tokens = tokens.into_iter().flatten().map(str::to_owned);
        bench.handed_out.extend(tokens);
        match handed_out == given {
            true => body,
            false => handed_out.to_string().into(),
        }
    }

    fn forged(&self, mut answer: Value, Forgery { member, make }: Forgery) -> Value {
        let token = member.of(&answer).expect("the answer has this token");
        let forged = make.map(|make| make(&self.open(token)));
        let members = answer.as_object_mut().unwrap();
        match forged {
            Some(token) => members.insert(member.name().to_owned(), token.into()),
            None => members.remove(member.name()),
        };
        answer
    }

    /// Beside the authority's: one like them, which for v1 names no issuer, and one for the
    /// consumers' tenant. The latter only in an alias's key set, which names its issuer by a
    /// template.
    fn with_own_keys(&self, body: &[u8]) -> Bytes {
        let mut set: Value = serde_json::from_slice(body).unwrap();
        let named = set["keys"][0]["issuer"].as_str().map(str::to_owned);
        let issuer = named.as_deref().unwrap_or(ISSUER_V1);
        let of_consumers = issuer.replace("{tenantid}", &TenantId::CONSUMERS.to_string());
        let keys = set["keys"].as_array_mut().unwrap();
        keys.push(self.own.to_jwk(named.as_deref()));
        if of_consumers != issuer {
            keys.push(self.of_consumers.to_jwk(Some(&of_consumers)));
        }
        set.to_string().into()
    }
}

fn passed_on(headers: &HeaderMap) -> HeaderMap {
    let mut headers = headers.clone();
    for name in OF_THE_CONNECTION {
        headers.remove(name);
    }
    headers
}

impl Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}
