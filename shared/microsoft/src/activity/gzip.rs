//! `Content-Encoding` of an answer's body, undone as the pieces come.
//!
//! The body's own first bytes decide (RFC 1952 §2.3.1), because proxies take the header away and
//! leave the bytes, or the other way round: no JSON begins as gzip does. What is packed grows
//! a thousandfold at most, and comes out in pieces of some 32 KB, whatever goes in.

use std::io::{self, Write as _};

use flate2::write::MultiGzDecoder;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};

const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Whether the header names nothing but what we asked for.
pub(super) fn is_understood(headers: &HeaderMap) -> bool {
    let values = headers.get_all(CONTENT_ENCODING).iter();
    let names = values.flat_map(|value| value.to_str().unwrap_or("?").split(','));
    let mut packed = 0;
    for name in names.map(str::trim).filter(|name| !name.is_empty()) {
        if name.eq_ignore_ascii_case("gzip") || name.eq_ignore_ascii_case("x-gzip") {
            packed += 1;
        } else if !name.eq_ignore_ascii_case("identity") {
            return false;
        }
    }
    packed <= 1
}

/// What undoes it.
pub(crate) struct Decoder {
    /// What was pushed, and how much of it is decoded.
    input: Vec<u8>,
    read: usize,
    form: Form,
}

enum Form {
    /// Fewer than two bytes have come.
    Unknown,
    Plain,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
}

impl Default for Decoder {
    fn default() -> Self {
        Self {
            input: Vec::new(),
            read: 0,
            form: Form::Unknown,
        }
    }
}

impl Decoder {
    /// The next bytes of the body.
    pub(crate) fn push(&mut self, bytes: Vec<u8>) {
        if self.read == self.input.len() {
            self.input = bytes;
        } else {
            self.input.drain(..self.read);
            self.input.extend_from_slice(&bytes);
        }
        self.read = 0;
        if matches!(self.form, Form::Unknown) && self.input.len() >= MAGIC.len() {
            self.form = if self.input.starts_with(&MAGIC) {
                Form::Gzip(Box::new(MultiGzDecoder::new(Vec::new())))
            } else {
                Form::Plain
            };
        }
    }

    /// What comes out of the bytes so far; `None` where more has to be pushed first.
    pub(crate) fn take(&mut self) -> io::Result<Option<Vec<u8>>> {
        let piece = match &mut self.form {
            Form::Unknown => Vec::new(),
            Form::Plain => std::mem::take(&mut self.input),
            Form::Gzip(decoder) => {
                // One write decodes 32 KB at most.
                while self.read < self.input.len() && decoder.get_ref().is_empty() {
                    let more = decoder.write(&self.input[self.read..])?;
                    if more == 0 {
                        return Err(io::ErrorKind::InvalidData.into());
                    }
                    self.read += more;
                }
                std::mem::take(decoder.get_mut())
            }
        };
        Ok((!piece.is_empty()).then_some(piece))
    }

    /// The body's end; what is left comes out of [`Decoder::take`]. An error where it ends too
    /// early, or its check value is another.
    pub(crate) fn finish(&mut self) -> io::Result<()> {
        match &mut self.form {
            Form::Unknown => {
                self.form = Form::Plain;
                Ok(())
            }
            Form::Plain => Ok(()),
            Form::Gzip(decoder) => decoder.try_finish(),
        }
    }
}

#[cfg(test)]
#[path = "gzip_tests.rs"]
mod tests;
