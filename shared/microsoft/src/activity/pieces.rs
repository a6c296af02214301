//! The body of an answer, in pieces as they come: decoded, bounded, and never ended early.

use std::time::Duration;

use reqwest::Response;
use url::Url;

use super::gzip::{Decoder, is_understood};
use crate::http::{HttpError, within};

/// Why a body cannot be read to its end.
#[derive(Debug)]
pub(super) enum Broken {
    /// The connection ended, or stood still for too long.
    Http(HttpError),
    /// In one of our own words.
    Unread(&'static str),
}

/// The bytes of a body.
pub(super) struct Pieces {
    response: Response,
    decoder: Decoder,
    /// What may still come, in bytes as decoded.
    left: u64,
    /// Longest pause between two pieces.
    pause: Duration,
    url: Url,
    /// All has come; some of it may still be in the decoder.
    has_ended: bool,
}

impl Pieces {
    /// `most`: a longer body, decoded, is an error.
    pub(super) fn new(
        response: Response,
        url: Url,
        pause: Duration,
        most: u64,
    ) -> Result<Self, Broken> {
        if !is_understood(response.headers()) {
            return Err(Broken::Unread(
                "it is encoded in a way that was not asked for",
            ));
        }
        Ok(Self {
            response,
            decoder: Decoder::default(),
            left: most,
            pause,
            url,
            has_ended: false,
        })
    }

    /// The next piece; `None` at the end. After an error it is not to be called again.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<u8>>, Broken> {
        const DAMAGED: Broken = Broken::Unread("its gzip is damaged or cut off");
        loop {
            if let Some(piece) = self.decoder.take().map_err(|_| DAMAGED)? {
                let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
                let left = self.left.checked_sub(length);
                self.left = left.ok_or(Broken::Unread("it is larger than any that we take"))?;
                return Ok(Some(piece));
            }
            if self.has_ended {
                return Ok(None);
            }
            let came = within(&self.url, self.pause, self.response.chunk()).await;
            match came.map_err(Broken::Http)? {
                Some(bytes) => self.decoder.push(bytes.into()),
                None => {
                    self.decoder.finish().map_err(|_| DAMAGED)?;
                    self.has_ended = true;
                }
            }
        }
    }

    /// All of it.
    pub(super) async fn whole(mut self) -> Result<Vec<u8>, Broken> {
        let mut body = Vec::new();
        while let Some(piece) = self.next().await? {
            body.extend_from_slice(&piece);
        }
        Ok(body)
    }
}
