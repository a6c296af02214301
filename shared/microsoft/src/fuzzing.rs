//! What others send us, read without a connection: for the fuzzers of `tests`.

use auth::ports::{AuthorityError, IssuedToken};
use feed::ports::ListPage;
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, HeaderValue};
use url::Url;

use crate::activity::answer::{Answer as FeedAnswer, Head};
use crate::activity::error_body::ErrorBody;
use crate::activity::gzip::Decoder;
use crate::activity::listing;
use crate::entra::answer::TokenAnswer;
use crate::entra::callback_error;
use crate::http::Answer;
use crate::oidc::issuer_keys::{Configuration, ExpectedIssuer, Published};

/// What an issuer publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// The issuer as its discovery document names it.
    pub issuer: String,
    /// Where the keys were fetched.
    pub place: Url,
    /// The `kid` of each key, sorted.
    pub kids: Vec<String>,
}

/// What a discovery document at `listed` and the key set that it leads to publish.
/// `issuer`: the one on the list; any where none is given, as of the authority itself.
pub fn published(
    listed: &Url,
    issuer: Option<&str>,
    configuration: &[u8],
    key_set: &[u8],
) -> Result<Keys, &'static str> {
    let expected = match issuer {
        Some(issuer) => ExpectedIssuer::Exactly(issuer.to_owned()),
        None => ExpectedIssuer::Template,
    };
    let configuration = Configuration::read(configuration, listed, &expected)?;
    let place = configuration.jwks_uri.clone();
    let published = Published::read(configuration, key_set)?;
    let mut kids: Vec<String> = published.kids().map(str::to_owned).collect();
    kids.sort();
    Ok(Keys {
        issuer: published.issuer,
        place,
        kids,
    })
}

/// What a token endpoint's answer gives.
pub fn issued(status: u16, body: &[u8]) -> Result<IssuedToken, AuthorityError> {
    let answer = Answer {
        status: StatusCode::from_u16(status).unwrap_or_default(),
        retry_after: None,
        body: body.to_vec(),
    };
    TokenAnswer::read(Ok(answer))?.into_issued()
}

/// What an error in a callback means.
pub fn callback_error(error: &str, unverified_description: Option<&str>) -> AuthorityError {
    callback_error::callback_error(error, unverified_description)
}

/// What the body of a listing names, or why it is none.
pub fn listed(body: &[u8]) -> Result<ListPage, &'static str> {
    let date = HeaderValue::from_static("Sun, 22 Nov 2026 10:00:00 GMT");
    let headers = HeaderMap::from_iter([(DATE, date)]);
    listing::page(&FeedAnswer {
        head: Head::of(StatusCode::OK, &headers),
        body: body.to_vec(),
    })
}

/// The number of the AF code in the body of a refusal.
pub fn af_number(body: &[u8]) -> Option<u32> {
    ErrorBody::read(body).number
}

/// A body that comes in pieces of `size` bytes, decoded; `None` where it is damaged.
pub fn decoded(body: &[u8], size: usize) -> Option<Vec<u8>> {
    let (mut decoder, mut whole) = (Decoder::default(), Vec::new());
    for piece in body.chunks(size.max(1)) {
        decoder.push(piece.to_vec());
        while let Some(piece) = decoder.take().ok()? {
            whole.extend(piece);
        }
    }
    decoder.finish().ok()?;
    while let Some(piece) = decoder.take().ok()? {
        whole.extend(piece);
    }
    Some(whole)
}
