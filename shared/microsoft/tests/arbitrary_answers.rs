//! Whatever comes over the wire: never a panic, and never a token that the answer does
//! not hold. Real bytes on real connections; the cases are proptest's.

use std::cell::Cell;

use auth::ports::{AuthorityError, IssuedToken};
use auth::protocol::ConsentFlow;
use microsoft::EntraClient;
use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::fake;
use crate::fake::platform::{Certificate, HeldSecrets};
use crate::fake::raw::{RawAuthority, http};

/// Names that the client looks for, and one that it does not.
const NAMES: [&str; 9] = [
    "access_token",
    "expires_in",
    "refresh_in",
    "token_type",
    "id_token",
    "error",
    "error_codes",
    "correlation_id",
    "other",
];

/// A client, and the authority that it asks.
struct Asked {
    runtime: Runtime,
    authority: RawAuthority,
    client: EntraClient,
}

impl Asked {
    fn set() -> Self {
        let runtime = Runtime::new().unwrap();
        let (authority, client) = runtime.block_on(async {
            let authority = RawAuthority::start().await;
            let secrets = HeldSecrets::holding(&Certificate::create("any"));
            let client = fake::client(&authority.base_url, &secrets).await;
            (authority, client)
        });
        Self {
            runtime,
            authority,
            client,
        }
    }

    fn ask(&self, answer: Vec<u8>) -> Result<IssuedToken, AuthorityError> {
        self.authority.answer(answer);
        self.runtime.block_on(fake::ask(&self.client))
    }
}

fn run<T: Strategy>(strategy: T, judge: impl Fn(&Asked, T::Value) -> Result<(), TestCaseError>)
where
    T::Value: std::fmt::Debug,
{
    let asked = Asked::set();
    TestRunner::default()
        .run(&strategy, |case| judge(&asked, case))
        .unwrap();
}

#[test]
fn arbitrary_bytes_instead_of_an_answer_are_no_token() {
    run(
        prop::collection::vec(any::<u8>(), 0..512),
        |asked, bytes| {
            prop_assert!(asked.ask(bytes).is_err());
            Ok(())
        },
    );
}

#[test]
fn arbitrary_bytes_as_headers_and_body_are_no_token() {
    let line = prop::collection::vec(any::<u8>(), 0..64);
    let name = prop::sample::select(vec!["Retry-After", "Content-Type", "Date", "X", ""]);
    let headers = prop::collection::vec((name, line), 0..6);
    let body = prop::collection::vec(any::<u8>(), 0..512);
    run(
        (100u16..1000, headers, body),
        |asked, (status, headers, body)| {
            let mut answer = format!("HTTP/1.1 {status} Said\r\n").into_bytes();
            for (name, value) in &headers {
                answer.extend_from_slice(name.as_bytes());
                answer.extend_from_slice(b": ");
                answer.extend_from_slice(value);
                answer.extend_from_slice(b"\r\n");
            }
            let length = format!("Content-Length: {}\r\n\r\n", body.len());
            answer.extend_from_slice(length.as_bytes());
            answer.extend_from_slice(&body);
            prop_assert!(asked.ask(answer).is_err());
            Ok(())
        },
    );
}

#[test]
fn an_object_of_arbitrary_values_is_a_token_only_where_it_holds_one() {
    let others = prop::collection::btree_map(prop::sample::select(NAMES.to_vec()), value(), 0..4);
    let token = prop_oneof![2 => Just(json!("t")), 1 => value()];
    let life = prop_oneof![2 => (-10i64..10_000).prop_map(Value::from), 1 => value()];
    let tokens = Cell::new(0);
    run(
        (status(), token, life, others),
        |asked, (status, token, life, others)| {
            let mut body = json!({"access_token": token, "expires_in": life});
            for (name, value) in others {
                body[name] = value;
            }
            let issued = asked.ask(http(status, "", body.to_string().as_bytes()));
            let may_be_one = status == 200
                && body["access_token"]
                    .as_str()
                    .is_some_and(|text| !text.is_empty())
                && body["error"].is_null()
                && (body["expires_in"].is_number() || body["expires_in"].is_string());
            if let Ok(issued) = issued {
                tokens.set(tokens.get() + 1);
                prop_assert!(may_be_one, "{status} {body}");
                prop_assert!((1..=100_800).contains(&issued.expires_in.as_secs()));
                prop_assert!(
                    issued
                        .refresh_in
                        .is_none_or(|after| after <= issued.expires_in)
                );
            }
            Ok(())
        },
    );
    assert!(tokens.get() > 0, "no case held a token: nothing was judged");
}

#[test]
fn arbitrary_bytes_sign_nobody_in() {
    let body = prop::collection::vec(any::<u8>(), 0..512);
    run((status(), body), |asked, (status, body)| {
        asked.authority.answer(http(status, "", &body));
        let redeeming = fake::redeem(&asked.client, ConsentFlow::V2);
        prop_assert!(asked.runtime.block_on(redeeming).is_err());
        Ok(())
    });
}

fn status() -> impl Strategy<Value = u16> {
    prop_oneof![4 => Just(200u16), 1 => 200u16..600]
}

/// Values that a server could put into any field.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-10i64..10_000).prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        "[0-9.+-eE]{0,12}".prop_map(Value::from),
        "Bearer|bearer|t|invalid_client".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(2, 8, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{0,4}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}
