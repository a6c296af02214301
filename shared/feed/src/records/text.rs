//! The inside of a JSON string (RFC 8259 §7), byte by byte: escapes, UTF-8 (RFC 3629), control
//! characters.

/// A byte that no string has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unfit;

/// Where in a string the next byte is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum At {
    #[default]
    Plain,
    /// Within a character of UTF-8: bytes left, and the range of the next.
    Character(u8, u8, u8),
    /// After a backslash.
    Escape,
    /// In `\uXXXX`: digits left, and their value so far.
    Hex(u8, u16),
    /// A high surrogate came: `\`, then `u`, then a low one must follow. Readers refuse a
    /// surrogate that is alone, so that one such record would hide all others of its object.
    LowBackslash,
    LowU,
    LowHex(u8, u16),
}

/// A string, after its opening quote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Text(At);

impl Text {
    /// How many bytes from the front are plain ASCII and escapes of one letter, which need no look
    /// each.
    #[inline]
    pub(super) fn plain(self, bytes: &[u8]) -> usize {
        if !self.is_plain() {
            return 0;
        }
        let mut taken = 0;
        loop {
            let rest = bytes.get(taken..).unwrap_or_default();
            let ascii = ascii(rest);
            taken += ascii;
            match rest.get(ascii..ascii + 2) {
                Some(
                    [
                        b'\\',
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't',
                    ],
                ) => taken += 2,
                _ => return taken,
            }
        }
    }

    /// Whether the next byte may close it.
    #[inline]
    pub(super) fn is_plain(self) -> bool {
        matches!(self.0, At::Plain)
    }

    /// Whether the next byte is escaped by the one before it.
    pub(super) fn is_after_backslash(self) -> bool {
        matches!(self.0, At::Escape | At::LowU)
    }

    /// Takes one byte; whether it closed the string.
    pub(super) fn push(&mut self, byte: u8) -> Result<bool, Unfit> {
        self.0 = match (self.0, byte) {
            (At::Plain, b'"') => return Ok(true),
            (At::Plain, b'\\') => At::Escape,
            (At::Plain, 0x20..=0x7f) => At::Plain,
            (At::Plain, _) => character(byte)?,
            (At::Character(left, low, high), _) if (low..=high).contains(&byte) => match left {
                1 => At::Plain,
                _ => At::Character(left - 1, 0x80, 0xbf),
            },
            (At::Escape, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => At::Plain,
            (At::Escape, b'u') => At::Hex(4, 0),
            (At::Hex(left, value), _) => match (left, digit(value, byte)?) {
                (1, 0xd800..=0xdbff) => At::LowBackslash,
                (1, 0xdc00..=0xdfff) => return Err(Unfit),
                (1, _) => At::Plain,
                (_, value) => At::Hex(left - 1, value),
            },
            (At::LowBackslash, b'\\') => At::LowU,
            (At::LowU, b'u') => At::LowHex(4, 0),
            (At::LowHex(left, value), _) => match (left, digit(value, byte)?) {
                (1, 0xdc00..=0xdfff) => At::Plain,
                (1, _) => return Err(Unfit),
                (_, value) => At::LowHex(left - 1, value),
            },
            _ => return Err(Unfit),
        };
        Ok(false)
    }
}

/// How many bytes from the front are printable ASCII but for quotation marks and backslashes.
#[inline]
fn ascii(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks();
    for (number, word) in words.iter().enumerate() {
        let special = special(u64::from_le_bytes(*word));
        if special != 0 {
            return 8 * number + special.trailing_zeros() as usize / 8;
        }
    }
    let special = |byte: &u8| !matches!(byte, 0x20..=0x7f) || matches!(byte, b'"' | b'\\');
    8 * words.len() + rest.iter().position(special).unwrap_or(rest.len())
}

/// Eight bytes at a time: the lowest bit that is set is in the first of them that needs a look of
/// its own (below a space, a quotation mark, a backslash, no ASCII). Above it anything may be set:
/// a subtraction borrows from the bytes that follow.
fn special(word: u64) -> u64 {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = 0x80 * EACH;
    let less_than = |word: u64, byte: u64| word.wrapping_sub(byte * EACH) & !word;
    let is = |byte: u8| less_than(word ^ (u64::from(byte) * EACH), 1);
    (less_than(word, 0x20) | is(b'"') | is(b'\\') | word) & HIGH
}

/// The first byte of a character of several (RFC 3629 §4).
fn character(byte: u8) -> Result<At, Unfit> {
    Ok(match byte {
        0xc2..=0xdf => At::Character(1, 0x80, 0xbf),
        0xe0 => At::Character(2, 0xa0, 0xbf),
        0xed => At::Character(2, 0x80, 0x9f),
        0xe1..=0xef => At::Character(2, 0x80, 0xbf),
        0xf0 => At::Character(3, 0x90, 0xbf),
        0xf1..=0xf3 => At::Character(3, 0x80, 0xbf),
        0xf4 => At::Character(3, 0x80, 0x8f),
        _ => return Err(Unfit),
    })
}

fn digit(value: u16, byte: u8) -> Result<u16, Unfit> {
    let digit = char::from(byte).to_digit(16).ok_or(Unfit)?;
    Ok((value << 4) | u16::try_from(digit).map_err(|_| Unfit)?)
}
