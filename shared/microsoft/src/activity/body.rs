//! The body of a content, as the feed reads it: received and decoded ahead, while the feed works
//! on what came before.

use async_trait::async_trait;
use feed::ports::{Body, Failure};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::call::About;
use super::pieces::{Broken, Pieces};
use super::refused;

/// Pieces that are received ahead: so that the network does not wait for a compressor, nor this
/// one for the network, and memory stays as it is.
const AHEAD: usize = 2;

/// The bytes of a content, for the feed.
pub(super) struct ContentBody {
    /// `None` is the body's own end.
    pieces: mpsc::Receiver<Result<Option<Vec<u8>>, Broken>>,
    about: About,
    has_ended: bool,
    /// Ends with the body.
    _receiving: JoinSet<()>,
}

impl ContentBody {
    pub(super) fn of(mut pieces: Pieces, about: About) -> Self {
        let (sender, receiver) = mpsc::channel(AHEAD);
        let mut receiving = JoinSet::new();
        receiving.spawn(async move {
            loop {
                let piece = pieces.next().await;
                let is_last = !matches!(piece, Ok(Some(_)));
                if sender.send(piece).await.is_err() || is_last {
                    return;
                }
            }
        });
        Self {
            pieces: receiver,
            about,
            has_ended: false,
            _receiving: receiving,
        }
    }
}

#[async_trait]
impl Body for ContentBody {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        if self.has_ended {
            return Ok(None);
        }
        let piece = self.pieces.recv().await;
        // Fails closed because a body whose own end did not come is cut off.
        let piece = piece.unwrap_or(Err(Broken::Unread("it broke before")));
        self.has_ended = matches!(piece, Ok(None));
        piece.map_err(|broken| refused::broken(self.about, None, &broken))
    }
}
