//! Bodies that are made while they are sent, and the note in the log once one is sent whole.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{Context, SHA256};
use axum::body::{Body, Bytes};
use futures::stream;
use tokio::sync::mpsc;

use super::answered::Answer;
use super::call::Call;
use super::digest;
use super::subscription::Key;
use crate::faults::transport::{self, Broken};
use crate::site::Core;

/// Pieces that wait for a slow reader of the control surface.
const WAITING: usize = 16;

/// An answer with a content that is on its way.
pub(crate) struct Ticket {
    core: Arc<Core>,
    key: Key,
    content_id: String,
    sum: Context,
    bytes: u64,
    /// The bytes are those of the content itself: not packed.
    counts: bool,
    pub(crate) broken: Broken,
}

impl Ticket {
    pub(crate) fn of(call: &Call, key: Key, content_id: String) -> Self {
        Self {
            core: Arc::clone(&call.site.core),
            key,
            content_id,
            sum: Context::new(&SHA256),
            bytes: 0,
            counts: true,
            broken: Broken::default(),
        }
    }

    /// The whole content, whatever is sent of it.
    pub(crate) fn complete(&mut self, content: &[u8]) {
        self.add(content);
        self.counts = false;
    }

    fn add(&mut self, piece: &[u8]) {
        if self.counts {
            self.sum.update(piece);
            self.bytes += u64::try_from(piece.len()).unwrap_or(u64::MAX);
        }
    }

    /// The last byte has been handed over.
    fn end(self) {
        if self.broken.is() {
            return;
        }
        self.core.activity.answered.add(Answer {
            tenant: self.key.tenant,
            client: self.key.client,
            content_type: self.key.content_type,
            content_id: self.content_id,
            sha256: digest::finished(self.sum),
            bytes: self.bytes,
            at: self.core.clock.unix_seconds(),
        });
    }
}

/// A body that is made while it is sent, with a pause before each piece.
pub(crate) fn sent(
    pieces: impl Iterator<Item = Vec<u8>> + Send + 'static,
    pause: Option<Duration>,
    ticket: Option<Ticket>,
) -> Body {
    let state = (pieces.peekable(), ticket);
    Body::from_stream(stream::unfold(
        state,
        move |(mut pieces, mut ticket)| async move {
            let piece = pieces.next()?;
            if let Some(pause) = pause {
                transport::wait(pause).await;
            }
            if let Some(ticket) = &mut ticket {
                ticket.add(&piece);
            }
            // A body of a known length is not asked for more after its last byte.
            if pieces.peek().is_none()
                && let Some(ticket) = ticket.take()
            {
                ticket.end();
            }
            Some((Ok::<_, Infallible>(Bytes::from(piece)), (pieces, ticket)))
        },
    ))
}

/// A body whose pieces take long to make: by a thread that may block.
pub(crate) fn made_aside(pieces: impl Iterator<Item = Vec<u8>> + Send + 'static) -> Body {
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::task::spawn_blocking(move || {
        for piece in pieces {
            // The reader has gone.
            if sender.blocking_send(piece).is_err() {
                return;
            }
        }
    });
    Body::from_stream(stream::unfold(receiver, |mut receiver| async {
        let piece = receiver.recv().await?;
        Some((Ok::<_, Infallible>(Bytes::from(piece)), receiver))
    }))
}
