//! The function URL: who is let in and as whom, and who is not.

mod accepted;
pub(super) mod attempt;
mod changed;
mod limits;
mod refused;

use gateway_sim::{AccessKey, AssumedRole, FunctionUrl};
use secrecy::SecretString;

use super::*;

/// The kind of a refusal, and words of its message.
type Told = (&'static str, &'static str);
/// What a row does to a request, and how it is refused.
type Row<T> = (&'static str, fn(&mut T), Told);

const UNSIGNED: Told = ("AccessDeniedException", "Forbidden. For troubleshooting");
const MISMATCH: Told = (
    "InvalidSignatureException",
    "The request signature we calculated does not match",
);
const UNKNOWN_KEY: Told = (
    "UnrecognizedClientException",
    "security token included in the request is invalid",
);

fn invalid(words: &'static str) -> Told {
    ("InvalidSignatureException", words)
}

fn incomplete(words: &'static str) -> Told {
    ("IncompleteSignatureException", words)
}

const KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// A function URL with that key in front of `function`.
async fn start(function: Arc<dyn HttpFunction>) -> Running {
    let url = FunctionUrl::new(function, key(), Arc::new(|| NOW), numbered_requests());
    Running::serving(url, Scheme::Http).await
}

/// That key, and whose it is.
pub(super) fn key() -> AccessKey {
    AccessKey {
        id: KEY_ID.to_owned(),
        secret: SecretString::from(SECRET),
        region: "us-east-1".to_owned(),
        role: AssumedRole {
            account: "000000000000".to_owned(),
            name: "local-caller".to_owned(),
            id: "AROAIOSFODNN7EXAMPLE1".to_owned(),
        },
    }
}

/// An answer of the function URL's own, of this kind and with these words in it.
#[track_caller]
fn is_denied(row: &str, answer: &Answer, kind: &str, words: &str) {
    let body = String::from_utf8_lossy(&answer.body);
    assert_eq!(answer.status, 403, "{row}: {body}");
    assert_eq!(
        answer.header("x-amzn-errortype"),
        Some(kind),
        "{row}: {body}"
    );
    assert_eq!(
        answer.header("content-type"),
        Some("application/json"),
        "{row}"
    );
    assert!(answer.header("x-amzn-requestid").is_some(), "{row}");
    let said: Value = serde_json::from_slice(&answer.body).expect("JSON");
    assert_eq!(said.as_object().map(serde_json::Map::len), Some(1), "{row}");
    assert!(body.contains(words), "{row}: {body}");
    assert!(!body.contains(SECRET), "{row}: {body}");
}
