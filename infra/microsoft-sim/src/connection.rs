//! One TCP connection: whose it is, whether it has been counted, and how it is
//! broken when a fault asks for that.
//!
//! A handler holds the [`Peer`], the server the [`Breakable`] stream below HTTP;
//! both share one [`Breakage`]. Which request is hit is `faults/transport.rs`'s.

use std::any::Any;
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// The blank line that ends an answer's head (RFC 9112 §2.1).
const END_OF_HEAD: &[u8; 4] = b"\r\n\r\n";

/// One TCP connection, as a handler sees it.
#[derive(Debug, Clone)]
pub(crate) struct Peer {
    address: SocketAddr,
    /// Set by the connection's first authority request.
    counted: Arc<AtomicBool>,
    breakage: Arc<Mutex<Breakage>>,
}

/// What happens to the next answer on a connection.
#[derive(Debug, Clone, Copy, Default)]
enum Breakage {
    #[default]
    None,
    /// It is cut off.
    Truncated(Cut),
    /// It is not sent at all.
    Reset,
}

/// Where an answer is cut off, and how far it has come.
#[derive(Debug, Clone, Copy)]
struct Cut {
    /// How much of [`END_OF_HEAD`] has just gone by.
    matched: usize,
    /// Bytes of body still to be sent.
    left: usize,
}

/// A listener whose connections are known as [`Peer`]s and can be broken.
pub(crate) struct Watched<L>(pub(crate) L);

/// A stream that ends as its [`Breakage`] says.
///
/// On any listener a cut connection ends after the bytes before the cut have
/// been flushed to it. A reset is a TCP RST where the listener's stream is a
/// plain [`TcpStream`]; below another protocol (TLS) the socket cannot be
/// reached from here, so there the failed write makes the server drop the
/// stream: no answer, and an end as abrupt as that stream's drop is.
pub(crate) struct Breakable<S> {
    stream: S,
    breakage: Arc<Mutex<Breakage>>,
}

impl Peer {
    pub(crate) fn is_loopback(&self) -> bool {
        self.address.ip().to_canonical().is_loopback()
    }

    /// Whether this is the connection's first authority request; asked once.
    pub(crate) fn is_new(&self) -> bool {
        !self.counted.swap(true, Ordering::Relaxed)
    }

    /// Ends the connection after that many bytes of the next answer's body.
    pub(crate) fn truncate_after(&self, body_bytes: usize) {
        let cut = Cut {
            matched: 0,
            left: body_bytes,
        };
        self.set(Breakage::Truncated(cut));
    }

    /// Ends the connection in place of the next answer.
    pub(crate) fn reset(&self) {
        self.set(Breakage::Reset);
    }

    fn set(&self, breakage: Breakage) {
        *self.breakage.lock().unwrap_or_else(PoisonError::into_inner) = breakage;
    }
}

impl Cut {
    /// Counts one byte of the answer; `false` where it must not be sent.
    fn pass(&mut self, byte: u8) -> bool {
        match END_OF_HEAD.get(self.matched) {
            Some(&expected) if byte == expected => self.matched += 1,
            Some(_) => self.matched = usize::from(byte == b'\r'),
            None if self.left == 0 => return false,
            None => self.left -= 1,
        }
        true
    }

    /// The first of these bytes, as many as may be sent.
    fn allowed(mut self, bytes: &[u8]) -> &[u8] {
        let end = bytes.iter().position(|&byte| !self.pass(byte));
        end.and_then(|end| bytes.get(..end)).unwrap_or(bytes)
    }

    fn is_reached(self) -> bool {
        self.matched == END_OF_HEAD.len() && self.left == 0
    }
}

impl<L: Listener<Addr = SocketAddr>> Listener for Watched<L> {
    type Io = Breakable<L::Io>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = self.0.accept().await;
        let breakage = Arc::default();
        (Breakable { stream, breakage }, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

impl<L: Listener<Addr = SocketAddr>> Connected<IncomingStream<'_, Watched<L>>> for Peer {
    fn connect_info(stream: IncomingStream<'_, Watched<L>>) -> Self {
        Self {
            address: *stream.remote_addr(),
            counted: Arc::default(),
            breakage: Arc::clone(&stream.io().breakage),
        }
    }
}

impl<S: AsyncWrite + Unpin + 'static> Breakable<S> {
    fn breakage(&self) -> Breakage {
        *self.breakage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What of `bytes` may be written, or the error that ends the connection.
    fn next_part<'a>(
        &mut self,
        context: &mut Context<'_>,
        bytes: &'a [u8],
    ) -> Poll<io::Result<&'a [u8]>> {
        match self.breakage() {
            Breakage::None => Poll::Ready(Ok(bytes)),
            Breakage::Reset => {
                self.close_with_rst();
                Poll::Ready(Err(ErrorKind::ConnectionReset.into()))
            }
            Breakage::Truncated(cut) if cut.is_reached() => self.end_after_flush(context),
            Breakage::Truncated(cut) => Poll::Ready(Ok(cut.allowed(bytes))),
        }
    }

    /// What was let through has to arrive before the end does.
    fn end_after_flush<T>(&mut self, context: &mut Context<'_>) -> Poll<io::Result<T>> {
        ready!(Pin::new(&mut self.stream).poll_flush(context))?;
        Poll::Ready(Err(ErrorKind::ConnectionAborted.into()))
    }

    /// With SO_LINGER of zero, closing the socket sends RST instead of FIN.
    fn close_with_rst(&self) {
        let stream: &dyn Any = &self.stream;
        if let Some(Err(error)) = stream
            .downcast_ref::<TcpStream>()
            .map(TcpStream::set_zero_linger)
        {
            tracing::warn!(%error, "SO_LINGER was refused: the connection ends with FIN");
        }
    }

    fn count(&self, sent: &[u8]) {
        let mut breakage = self.breakage.lock().unwrap_or_else(PoisonError::into_inner);
        if let Breakage::Truncated(cut) = &mut *breakage {
            for &byte in sent {
                cut.pass(byte);
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Breakable<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

/// Vectored writes are left out: one path to cut, and answers here are small.
impl<S: AsyncWrite + Unpin + 'static> AsyncWrite for Breakable<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let part = ready!(self.next_part(context, bytes))?;
        let written = ready!(Pin::new(&mut self.stream).poll_write(context, part))?;
        self.count(part.get(..written).unwrap_or_default());
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.breakage() {
            Breakage::Truncated(cut) if cut.is_reached() => self.end_after_flush(context),
            _ => Pin::new(&mut self.stream).poll_flush(context),
        }
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However the answer is split into writes.
    #[test]
    fn the_head_passes_whole_and_the_body_up_to_the_cut() {
        let answer = b"HTTP/1.1 200 OK\r\nx: \r\r\n\r\n\r\n\r\nbody";
        for size in 1..answer.len() {
            let mut cut = Cut {
                matched: 0,
                left: 6,
            };
            let mut sent = Vec::new();
            for part in answer.chunks(size) {
                for &byte in cut.allowed(part) {
                    cut.pass(byte);
                    sent.push(byte);
                }
            }
            assert_eq!(
                sent, b"HTTP/1.1 200 OK\r\nx: \r\r\n\r\n\r\n\r\nbo",
                "{size}"
            );
            assert!(cut.is_reached());
        }
    }
}
