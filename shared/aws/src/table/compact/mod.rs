//! Tokens made small before they are sealed. A JWT (RFC 7519) is base64 twice over what could
//! be said in half: its header and payload are decoded and deflated (RFC 1951) with a
//! dictionary of what such tokens say and of what the row itself says; its signature, which
//! nothing makes smaller, is kept as bytes.
//!
//! What does not come back byte for byte is kept as it is. That is tried at each sealing,
//! so that no token depends on how somebody else writes JSON or base64.
//!
//! A form is kept for ever: its number stands in front of the sealed bytes and among what they
//! are bound to, and its dictionary never changes. A better dictionary is another form.

use std::sync::{Mutex, PoisonError};

use auth::encoding::{base64url, from_base64url};
use auth::secret::Wiped;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

/// What the tokens of the management API and of Microsoft Graph say, the most frequent last.
const DICTIONARY_1: &str = include_str!("dictionary_1.txt");
/// Header and payload together. Sealed bytes that say more open as nothing, whoever made them.
const PARTS_MAX: usize = 32 * 1024;
/// Each length is two bytes, big endian.
const LENGTHS: usize = 3 * 2;
/// Of so little text the slowest makes one byte less, in half as much time again.
const LEVEL: u32 = 3;
/// Raw deflate (RFC 1951), without zlib's header.
const ZLIB_HEADER: bool = false;
/// Bits of the compressor's window: 4 KB, for which it has to clear less.
const WINDOW: u8 = 12;

/// How the text of a token is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// As it is.
    Plain = 0,
    /// Lengths of header, payload and signature, the signature, and header and payload deflated
    /// with [`DICTIONARY_1`].
    Deflated1 = 1,
}

impl Form {
    /// The form of this number; `None` for one that this version does not know.
    pub(super) fn numbered(number: u8) -> Option<Self> {
        [Form::Plain, Form::Deflated1]
            .into_iter()
            .find(|form| *form as u8 == number)
    }
}

/// Packs. Its compressor has tables of 100 KB, and so is made once. It sees headers and payloads
/// and no signature: what stays in it is no token.
pub(super) struct Packer(Mutex<Compress>);

impl Packer {
    pub(super) fn new() -> Self {
        let level = Compression::new(LEVEL);
        let compressor = Compress::new_with_window_bits(level, ZLIB_HEADER, WINDOW);
        Self(Mutex::new(compressor))
    }

    /// The smallest form of `text` that gives it back. `known`: what is in the row in the clear
    /// and likely in the token.
    pub(super) fn pack(&self, text: &str, known: &[&str]) -> (Form, Wiped) {
        let comes_back = |packed: &Wiped| {
            let again = unpack(Form::Deflated1, packed, known);
            packed.len() < text.len() && again.is_some_and(|again| *again == text.as_bytes())
        };
        match self.deflated(text, known).filter(comes_back) {
            Some(packed) => (Form::Deflated1, packed),
            None => (Form::Plain, Wiped::from(text.as_bytes().to_vec())),
        }
    }

    fn deflated(&self, text: &str, known: &[&str]) -> Option<Wiped> {
        let mut parts = text.split('.').map(from_base64url);
        let mut next = || parts.next().flatten().map(Wiped::from);
        let (header, payload, signature) = (next()?, next()?, next()?);
        if parts.next().is_some() {
            return None;
        }
        let mut said = Wiped::from(Vec::with_capacity(header.len() + payload.len()));
        said.extend_from_slice(&header);
        said.extend_from_slice(&payload);
        if said.len() > PARTS_MAX {
            return None;
        }
        let deflated = self.deflate(dictionary(known).as_bytes(), &said)?;
        let room = LENGTHS + signature.len() + deflated.len();
        let mut packed = Wiped::from(Vec::with_capacity(room));
        for part in [&header, &payload, &signature] {
            packed.extend_from_slice(&u16::try_from(part.len()).ok()?.to_be_bytes());
        }
        packed.extend_from_slice(&signature);
        packed.extend_from_slice(&deflated);
        Some(packed)
    }

    fn deflate(&self, dictionary: &[u8], said: &[u8]) -> Option<Wiped> {
        // A panic while the lock was held leaves what is reset here.
        let mut compressor = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        compressor.reset();
        compressor.set_dictionary(dictionary).ok()?;
        // It cannot become larger by more than a block's few bytes.
        let mut deflated = Wiped::from(vec![0; said.len() + said.len() / 8 + 64]);
        let flush = FlushCompress::Finish;
        let status = compressor.compress(said, &mut deflated, flush).ok()?;
        if status != Status::StreamEnd {
            return None;
        }
        deflated.truncate(usize::try_from(compressor.total_out()).ok()?);
        Some(deflated)
    }
}

/// The text that was packed; `None` for bytes that are no such form.
pub(super) fn unpack(form: Form, packed: &[u8], known: &[&str]) -> Option<Wiped> {
    match form {
        Form::Plain => Some(Wiped::from(packed.to_vec())),
        Form::Deflated1 => inflated(packed, known),
    }
}

fn inflated(packed: &[u8], known: &[&str]) -> Option<Wiped> {
    let ([h0, h1, p0, p1, s0, s1], rest) = packed.split_first_chunk::<LENGTHS>()?;
    let length = |high, low| usize::from(u16::from_be_bytes([high, low]));
    let (signature, deflated) = rest.split_at_checked(length(*s0, *s1))?;
    let (header, payload) = (length(*h0, *h1), length(*p0, *p1));
    let said = inflate(dictionary(known).as_bytes(), deflated, header + payload)?;
    let (header, payload) = said.split_at_checked(header)?;
    let mut text = Wiped::from(Vec::with_capacity(2 * (said.len() + signature.len())));
    for (number, part) in [header, payload, signature].into_iter().enumerate() {
        if number > 0 {
            text.push(b'.');
        }
        text.extend_from_slice(&Wiped::from(base64url(part).into_bytes()));
    }
    Some(text)
}

fn dictionary(known: &[&str]) -> String {
    let mut dictionary = DICTIONARY_1.to_owned();
    known.iter().for_each(|known| dictionary.push_str(known));
    dictionary
}

/// Into room for `length` bytes and no more, whatever the bytes say.
fn inflate(dictionary: &[u8], deflated: &[u8], length: usize) -> Option<Wiped> {
    if length > PARTS_MAX {
        return None;
    }
    let mut said = Wiped::from(vec![0; length]);
    let mut inflater = Decompress::new(ZLIB_HEADER);
    inflater.set_dictionary(dictionary).ok()?;
    let flush = FlushDecompress::Finish;
    let status = inflater.decompress(deflated, &mut said, flush).ok()?;
    let whole = status == Status::StreamEnd
        && inflater.total_in() == deflated.len() as u64
        && inflater.total_out() == length as u64;
    whole.then_some(said)
}

#[cfg(test)]
mod tests;
