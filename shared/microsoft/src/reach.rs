//! Whether an address answers at all: name, connection, TLS and a first answer, of whatever
//! status.

use std::time::Duration;

use auth::Timestamp;
use reqwest::Client;
use url::Url;

use crate::date::date;
use crate::http::HttpError;
use crate::trust::TrustRoots;

/// The head of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Its status.
    pub status: u16,
    /// What its clock says; `None` where it says nothing, or two things.
    pub date: Option<Timestamp>,
}

impl TrustRoots {
    /// Asks once what is at `url`, without a secret, and waits for `patience` at most. The body
    /// is not read.
    pub async fn reach(&self, url: &Url, patience: Duration) -> Result<Reached, HttpError> {
        let http = self.client(Some(url))?;
        let get = |client: &Client| client.get(url.clone());
        let response = http.head(url, patience, false, get).await?;
        Ok(Reached {
            status: response.status().as_u16(),
            date: date(response.headers()),
        })
    }
}
