//! The body of a content, as the feed reads it.

use async_trait::async_trait;
use feed::ports::{Body, Failure};

use super::call::About;
use super::pieces::Pieces;
use super::refused;

/// The bytes of a content, for the feed.
pub(super) struct ContentBody {
    pub(super) pieces: Pieces,
    pub(super) about: About,
}

#[async_trait]
impl Body for ContentBody {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        let piece = self.pieces.next().await;
        piece.map_err(|broken| refused::broken(self.about, None, &broken))
    }
}
