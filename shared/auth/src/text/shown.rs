//! What a message repeats of a value that somebody gave where a name, a path or a number
//! was wanted. The text of a key, a token and one of our own caller keys are given there by
//! mistake, and a message ends in a log: what looks like one is counted, not repeated.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt;
use std::path::Path;

use super::{printable, printable_lines};

/// What every caller key begins with; scanners look for `m365tb_[a-z0-9-]+_[A-Za-z0-9_-]{43}`.
pub(crate) const KEY_PREFIX: &str = "m365tb_";
/// A longer value is no name, in characters.
const SHOWN_MAX: usize = 200;
/// The beginning of every PEM block (RFC 7468 §2).
const PEM: &str = "-----BEGIN";
/// How the header of a JWT begins: base64url of `{"`.
const JWT: &str = "eyJ";
/// Random bits in base64 are looked for in so many characters, 18 bytes.
const WINDOW: usize = 24;
/// Of random base64 some 14 of 23 neighbours differ in kind; of a name in camel case, few.
const CHANGES: usize = 11;
/// A shorter piece of a hidden value is no secret, in characters.
const PIECE: usize = 12;

/// A value as messages repeat it.
#[derive(Debug, Clone)]
pub struct Shown<'a> {
    text: Cow<'a, str>,
    /// What was wanted in its place, where that is known.
    wanted: &'static str,
}

/// Any value.
pub fn shown(value: &str) -> Shown<'_> {
    Shown {
        text: value.into(),
        wanted: "",
    }
}

/// A value that should be the path of a file or a directory.
pub fn shown_path(path: &Path) -> Shown<'_> {
    Shown {
        text: path.to_string_lossy(),
        wanted: ": this is the text, a file's name is wanted",
    }
}

/// A value that should be the name of a secret.
pub fn shown_secret(name: &str) -> Shown<'_> {
    Shown {
        text: name.into(),
        wanted: ": this looks like the secret itself; its name is wanted",
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !hides(&self.text) {
            return f.write_str(&printable(&self.text));
        }
        let length = self.text.chars().count();
        write!(
            f,
            "a value of {length} characters that is not shown{}",
            self.wanted
        )
    }
}

/// Whether a value is not repeated: it has line breaks, holds a PEM block, a token or a
/// caller key, is too long for a name, or looks like random bits in base64.
pub fn hides(value: &str) -> bool {
    is_certainly_secret(value) || has_random_bits(value)
}

/// The same without the guess, for a setting that ends a start: what Secrets Manager calls
/// a secret can look random.
pub fn is_certainly_secret(value: &str) -> bool {
    value.contains([
        '\n', '\r', '\u{b}', '\u{c}', '\u{85}', '\u{2028}', '\u{2029}',
    ]) || value.contains(PEM)
        || has_key(value)
}

/// All of it that a single word can show.
fn has_key(value: &str) -> bool {
    value.contains(KEY_PREFIX) || value.chars().nth(SHOWN_MAX).is_some() || has_token(value)
}

fn has_random_bits(value: &str) -> bool {
    value.split(is_no_base64).any(is_random)
}

fn has_token(value: &str) -> bool {
    let is_of_token = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let mut words = value.split(|c| !is_of_token(c));
    words.any(|word| word.starts_with(JWT) && word.matches('.').count() >= 2)
}

/// A `-` ends a run: names have some, and standard base64 has none.
fn is_no_base64(c: char) -> bool {
    !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '_' | '=' | '.' | '~'))
}

fn is_random(run: &str) -> bool {
    let bytes = run.as_bytes();
    let is_padded = bytes.len() >= WINDOW && bytes.ends_with(b"=");
    is_padded
        || bytes
            .windows(WINDOW)
            .any(|window| changes(window) >= CHANGES)
}

/// How often neighbours differ in kind, where both are letters or digits.
fn changes(window: &[u8]) -> usize {
    let has = |is_kind: fn(&u8) -> bool| window.iter().any(is_kind);
    // Hexadecimal, as thumbprints and digests are written, has letters of one case.
    if !has(u8::is_ascii_uppercase) || !has(u8::is_ascii_lowercase) {
        return 0;
    }
    let pairs = window.windows(2);
    pairs
        .filter(|pair| matches!(pair, [a, b] if differ(*a, *b)))
        .count()
}

fn differ(a: u8, b: u8) -> bool {
    let kind = |byte: u8| match byte {
        b'a'..=b'z' => 1,
        b'A'..=b'Z' => 2,
        b'0'..=b'9' => 3,
        _ => 0,
    };
    let (a, b) = (kind(a), kind(b));
    a != 0 && b != 0 && a != b
}

/// The beginning of a text from outside as a log line keeps it: one line of `max` characters at
/// most, each word counted that looks like a secret. Copies nothing that is short and plain.
pub fn excerpt(text: &str, max: usize) -> Cow<'_, str> {
    if text.len() <= max && is_plain(text) {
        return text.into();
    }
    let whole = whole_words(text, max + SHOWN_MAX);
    let judged = printable(&veiled(whole));
    if whole.len() == text.len() && judged.chars().nth(max).is_none() {
        return judged.into();
    }
    let kept = judged.chars().take(max.saturating_sub(1));
    kept.chain(['…']).collect::<String>().into()
}

/// Whether a text is shown as it is, by one quick look: a line of ASCII without the beginning of
/// a secret, and without a run that is long enough for random bits.
fn is_plain(text: &str) -> bool {
    let mut run = 0;
    text.bytes().enumerate().all(|(at, byte)| {
        run = if is_no_base64(char::from(byte)) {
            0
        } else {
            run + 1
        };
        matches!(byte, b' '..=b'~') && run < WINDOW && !begins_secret(&text.as_bytes()[at..])
    })
}

fn begins_secret(rest: &[u8]) -> bool {
    let begins = |secret: &&str| rest.starts_with(secret.as_bytes());
    [PEM, KEY_PREFIX, JWT].iter().any(begins)
}

/// The first `max` characters without a word that they cut in two: of half a secret one cannot
/// see that it is one. A single word of that length is too long for anything else.
fn whole_words(text: &str, max: usize) -> &str {
    let Some((end, _)) = text.char_indices().nth(max + 1) else {
        return text;
    };
    let beginning = text.get(..end).unwrap_or_default();
    let last = beginning.rfind(|c: char| c.is_ascii_whitespace());
    last.and_then(|at| beginning.get(..at)).unwrap_or(beginning)
}

/// `message` with each word counted that looks like a key: for the words of libraries, which
/// do not know what they repeat. The words `-----BEGIN` alone are no key.
pub fn veiled(message: &str) -> String {
    let is_blank = |c: char| c.is_ascii_whitespace();
    let words = message.split_inclusive(is_blank).map(|piece| {
        let word = piece.trim_end_matches(is_blank);
        let (_, blank) = piece.split_at(word.len());
        if has_key(word) || has_random_bits(word) || has_part_of_token(word) {
            format!("[{} characters not shown]{blank}", word.chars().count())
        } else {
            piece.to_owned()
        }
    });
    words.collect()
}

/// A parser takes a token apart at its dots.
fn has_part_of_token(word: &str) -> bool {
    let mut parts = word.split(|c: char| !c.is_ascii_alphanumeric());
    parts.any(|part| part.starts_with(JWT) && part.len() >= PIECE)
}

/// `message` about `arguments` of a command line, without those that are not repeated.
/// Where a piece of one is left, nothing of the message is.
pub fn without(message: &str, arguments: &[impl AsRef<OsStr>]) -> String {
    let arguments: Vec<_> = arguments
        .iter()
        .map(|argument| argument.as_ref().to_string_lossy())
        .collect();
    let hidden: Vec<&str> = arguments
        .iter()
        .flat_map(|argument| parts(argument))
        .filter(|part| hides(part))
        .collect();
    let mut text = message.to_owned();
    for part in &hidden {
        text = text.replace(part, &shown(part).to_string());
    }
    if hidden.iter().any(|part| shares_a_piece(&text, part)) {
        return "an argument holds a text that is not shown: see --help\n".to_owned();
    }
    printable_lines(&text)
}

/// `--name=value` is one argument, of which a message may repeat each part alone.
fn parts(argument: &str) -> Vec<&str> {
    match argument.split_once('=') {
        Some((name, value)) if name.starts_with("--") && !hides(name) => vec![value],
        Some((name, value)) => vec![argument, name, value],
        None => vec![argument],
    }
}

fn shares_a_piece(text: &str, value: &str) -> bool {
    let mut pieces = value.as_bytes().windows(PIECE);
    pieces.any(|piece| text.as_bytes().windows(PIECE).any(|other| other == piece))
}

#[cfg(test)]
#[path = "shown_tests.rs"]
mod tests;
