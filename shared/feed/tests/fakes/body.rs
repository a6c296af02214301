//! A content's bytes, in pieces that take time, to their end or to where the connection breaks.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use auth::ports::HeldClock;
use feed::ports::{Body, Failure};

pub(super) struct FakeBody {
    pub(super) pieces: Vec<Vec<u8>>,
    pub(super) breaks: Option<Failure>,
    pub(super) clock: Arc<HeldClock>,
    pub(super) each: Duration,
}

#[async_trait]
impl Body for FakeBody {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        self.clock.pass(self.each);
        match (self.pieces.pop(), self.breaks) {
            (None, Some(failure)) => Err(failure),
            (piece, _) => Ok(piece),
        }
    }
}
