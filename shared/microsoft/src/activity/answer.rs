//! An answer: its head as far as it is read, and a body that is held in memory.

use std::time::Duration;

use auth::Timestamp;
use reqwest::StatusCode;
use reqwest::header::HeaderMap;

use crate::date::date;
use crate::retry_after::retry_after;

/// The header's name in the reference, and in its older text.
const NEXT_PAGE: [&str; 2] = ["NextPageUri", "NextPageUrl"];

/// The head of an answer.
#[derive(Debug)]
pub(crate) struct Head {
    pub(super) status: StatusCode,
    /// `Date`; `None` where there is none, or two.
    pub(super) at: Option<Timestamp>,
    pub(super) retry_after: Option<Duration>,
    next: Next,
}

#[derive(Debug)]
enum Next {
    Page(String),
    None,
    /// Two that differ: one of them would be left out.
    Two,
}

/// An answer of 200, read whole.
pub(crate) struct Answer {
    pub(crate) head: Head,
    pub(crate) body: Vec<u8>,
}

impl Head {
    pub(crate) fn of(status: StatusCode, headers: &HeaderMap) -> Self {
        Self {
            status,
            at: date(headers),
            retry_after: retry_after(headers),
            next: next_page(headers),
        }
    }

    /// Where a listing goes on, unverified; an error where it says two things.
    pub(super) fn next_page(&self) -> Result<Option<String>, &'static str> {
        match &self.next {
            Next::Page(unverified) => Ok(Some(unverified.clone())),
            Next::None => Ok(None),
            Next::Two => Err("it names two next pages"),
        }
    }
}

/// The name in any case (HTTP has no other). What is no text is kept as it can be shown: it
/// is then refused as an address, where leaving it out would end the listing. An empty value
/// is as good as none: it leads nowhere.
fn next_page(headers: &HeaderMap) -> Next {
    let values = NEXT_PAGE
        .iter()
        .flat_map(|name| headers.get_all(*name).iter());
    let mut named = values
        .map(|value| String::from_utf8_lossy(value.as_bytes()).trim().to_owned())
        .filter(|value| !value.is_empty());
    let Some(first) = named.next() else {
        return Next::None;
    };
    if named.any(|other| other != first) {
        return Next::Two;
    }
    Next::Page(first)
}
