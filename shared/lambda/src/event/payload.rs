//! The fields of an event that a request is made of. The events' own type in
//! aws_lambda_events is not read into: it panics at 32,768 headers, keeps one of two headers
//! whose names differ in case, and takes in much that nothing here reads.

use std::fmt;

use lambda_http::aws_lambda_events::apigw::ApiGatewayV2httpRequestContext;
use lambda_http::http::{HeaderMap, HeaderName, HeaderValue};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// An event of payload format 2.0.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payload {
    pub(super) version: String,
    pub(super) raw_path: String,
    pub(super) raw_query_string: Option<String>,
    /// The Cookie header, cut at its semicolons.
    pub(super) cookies: Option<Vec<String>>,
    #[serde(default)]
    pub(super) headers: Headers,
    pub(super) request_context: ApiGatewayV2httpRequestContext,
    pub(super) body: Option<String>,
    pub(super) is_base64_encoded: Option<bool>,
}

/// Headers, all of them; text beyond ASCII as its UTF-8.
#[derive(Default)]
pub(super) struct Headers(pub(super) HeaderMap);

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(HeadersVisitor).map(Self)
    }
}

struct HeadersVisitor;

impl<'de> Visitor<'de> for HeadersVisitor {
    type Value = HeaderMap;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("headers, or null")
    }

    fn visit_unit<E>(self) -> Result<HeaderMap, E> {
        Ok(HeaderMap::new())
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<HeaderMap, M::Error> {
        let mut headers = HeaderMap::new();
        while let Some((name, value)) = map.next_entry::<String, String>()? {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(M::Error::custom)?;
            let value = HeaderValue::try_from(value).map_err(M::Error::custom)?;
            headers.try_append(name, value).map_err(M::Error::custom)?;
        }
        Ok(headers)
    }
}

/// The request's id in a text of which the rest is not of the format.
pub(super) fn request_id_in(text: &str) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Other {
        request_context: Context,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Context {
        request_id: String,
    }
    let other: Other = serde_json::from_str(text).ok()?;
    Some(other.request_context.request_id)
}
