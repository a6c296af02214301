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
use miniz_oxide::deflate::core::{
    CompressorOxide, TDEFLFlush, TDEFLStatus, compress, create_comp_flags_from_zip_params,
};
use miniz_oxide::inflate::TINFLStatus;
use miniz_oxide::inflate::core::inflate_flags::TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF;
use miniz_oxide::inflate::core::{DecompressorOxide, decompress};

/// What the tokens of the management API and of Microsoft Graph say, the most frequent last.
const DICTIONARY_1: &str = include_str!("dictionary_1.txt");
/// Header and payload together. Sealed bytes that say more open as nothing, whoever made them.
const PARTS_MAX: usize = 32 * 1024;
/// Each length is two bytes, big endian.
const LENGTHS: usize = 3 * 2;
/// miniz_oxide's slowest: a renewal has the time.
const LEVEL: i32 = 10;
/// Raw deflate, without zlib's header.
const RAW_WINDOW: i32 = -15;
const USUAL_STRATEGY: i32 = 0;

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

/// Packs. Its compressor has tables of 300 KB, and so is made once, and never moved: futures
/// that hold it would fill a thread's stack. It sees headers and payloads and no signature:
/// what stays in it is no token.
pub(super) struct Packer(Mutex<Box<CompressorOxide>>);

impl Packer {
    pub(super) fn new() -> Self {
        let flags = create_comp_flags_from_zip_params(LEVEL, RAW_WINDOW, USUAL_STRATEGY);
        Self(Mutex::new(Box::new(CompressorOxide::new(flags))))
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

    /// The compressor reads the dictionary first, up to a byte's edge; what it writes for it is
    /// dropped, and what follows refers back to it.
    fn deflate(&self, dictionary: &[u8], said: &[u8]) -> Option<Wiped> {
        // A panic while the lock was held leaves what is reset here.
        let mut compressor = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        compressor.reset();
        // Neither can become larger by more than a block's few bytes.
        let mut dropped = vec![0; 2 * dictionary.len() + 1024];
        let flush = TDEFLFlush::Sync;
        let (status, read, _) = compress(&mut compressor, dictionary, &mut dropped, flush);
        if status != TDEFLStatus::Okay || read != dictionary.len() {
            return None;
        }
        let mut deflated = Wiped::from(vec![0; 2 * said.len() + 1024]);
        let flush = TDEFLFlush::Finish;
        let (status, _, written) = compress(&mut compressor, said, &mut deflated, flush);
        if status != TDEFLStatus::Done {
            return None;
        }
        deflated.truncate(written);
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

/// Writes behind the dictionary, into room for `length` bytes and no more, whatever the bytes
/// say.
fn inflate(dictionary: &[u8], deflated: &[u8], length: usize) -> Option<Wiped> {
    if length > PARTS_MAX {
        return None;
    }
    let mut room = Wiped::from(vec![0; dictionary.len() + length]);
    room[..dictionary.len()].copy_from_slice(dictionary);
    let (status, read, written) = decompress(
        &mut DecompressorOxide::new(),
        deflated,
        &mut room,
        dictionary.len(),
        TINFL_FLAG_USING_NON_WRAPPING_OUTPUT_BUF,
    );
    let whole = status == TINFLStatus::Done && read == deflated.len() && written == length;
    whole.then(|| Wiped::from(room[dictionary.len()..].to_vec()))
}

#[cfg(test)]
mod tests;
