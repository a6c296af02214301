//! Whatever comes over the wire: never a panic, and never a listing that the answer does not
//! hold. Real bytes on real connections; the cases are proptest's.

use feed::ports::{Failure, ListPage};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use serde_json::Value;
use tokio::runtime::Runtime;

use super::server::{RawApi, packed};
use super::{Asker, DATE};
use crate::fake::raw::http;

/// An API, and the client that asks it.
struct Asked {
    runtime: Runtime,
    api: RawApi,
    asker: Asker,
}

impl Asked {
    fn set() -> Self {
        let runtime = Runtime::new().unwrap();
        let api = runtime.block_on(RawApi::start());
        let asker = Asker::of(&api);
        Self {
            runtime,
            api,
            asker,
        }
    }

    fn list(&self, answer: Vec<u8>) -> Result<ListPage, Failure> {
        self.api.answer(answer);
        self.runtime.block_on(self.asker.list())
    }
}

fn run<T: Strategy>(strategy: T, judge: impl Fn(&Asked, T::Value) -> Result<(), TestCaseError>)
where
    T::Value: std::fmt::Debug,
{
    let asked = Asked::set();
    TestRunner::new(Config::with_cases(128))
        .run(&strategy, |case| judge(&asked, case))
        .unwrap();
}

#[test]
fn arbitrary_bytes_instead_of_an_answer_are_no_listing() {
    run(
        prop::collection::vec(any::<u8>(), 0..512),
        |asked, bytes| {
            prop_assert!(asked.list(bytes).is_err());
            Ok(())
        },
    );
}

#[test]
fn arbitrary_bytes_as_a_body_are_no_listing() {
    let body = prop::collection::vec(any::<u8>(), 1..512);
    run(
        (100u16..600, body, any::<bool>()),
        |asked, (status, body, packs)| {
            let body = if packs { packed(&body) } else { body };
            prop_assert!(asked.list(http(status, DATE, &body)).is_err());
            Ok(())
        },
    );
}

/// A listing that was changed in some bytes, or cut: all of its entries, or none.
#[test]
fn a_damaged_listing_is_whole_or_none() {
    const ENTRY: &str =
        r#"{"contentId":"a$1","contentUri":"u","contentCreated":"2026-11-22T09:30:00.999Z"}"#;
    let listing = format!("[{ENTRY},{ENTRY},{ENTRY}]").into_bytes();
    let length = listing.len();
    let changes = prop::collection::vec((0..length, any::<u8>()), 0..3);
    run(
        (changes, 0..=length, any::<bool>()),
        |asked, (changes, cut, cuts)| {
            let mut body = listing.clone();
            for (at, byte) in changes {
                body[at] = byte;
            }
            if cuts {
                body.truncate(cut);
            }
            if let Ok(page) = asked.list(http(200, DATE, &body)) {
                let read: Vec<Value> = serde_json::from_slice(&body).unwrap();
                prop_assert_eq!(page.contents.len(), read.len());
            }
            Ok(())
        },
    );
}
