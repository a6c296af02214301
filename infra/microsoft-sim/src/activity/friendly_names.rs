//! `GET /resources/dlpSensitiveTypes`: names of sensitive information types.

use axum::http::{StatusCode, header};
use axum::response::Response;
use serde_json::json;

use super::call::Call;
use super::errors::{BAD_LANGUAGE, LANGUAGES, Refused};
use super::shape::shaped;

/// Assumption `friendly-names`: two types, in English whatever is asked for.
const NAMES: [(&str, &str); 2] = [
    ("50842eb7-edc8-4019-85dd-5a5c1f2bb085", "Credit Card Number"),
    (
        "a44669fe-0d48-453d-a9b1-2cc83f2cba77",
        "U.S. Social Security Number (SSN)",
    ),
];

/// One language at most.
pub(crate) fn respond(call: &Call) -> Result<Response, Refused> {
    let mut asked = call.headers.get_all(header::ACCEPT_LANGUAGE).iter();
    if let Some(value) = asked.next() {
        let text = value.to_str().unwrap_or_default();
        if asked.next().is_some() || text.contains(',') {
            return Err((&LANGUAGES).into());
        }
        let tag = text.split(';').next().unwrap_or_default().trim();
        let is_tag = |part: &str| {
            (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        if !tag.split('-').all(is_tag) {
            return Err((&BAD_LANGUAGE).into());
        }
    }
    let names = NAMES.map(|(id, name)| json!({"id": id, "name": name}));
    Ok(shaped(
        call,
        StatusCode::OK,
        json!(names).to_string().into_bytes(),
    ))
}
