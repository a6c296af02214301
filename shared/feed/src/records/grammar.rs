//! One JSON value (RFC 8259), byte by byte: where it ends, and whether it is one. It keeps a
//! bit for each open bracket and nothing of the value.

use super::text::{Text, Unfit};

/// Brackets that may be open. More is no record that anything could read; what it takes to
/// know them is 1 KB.
const DEPTH: usize = 8_192;

/// What the next byte may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Value,
    ValueOrEnd,
    Key,
    KeyOrEnd,
    Colon,
    CommaOrEnd,
    /// In a string; whether it is a key.
    String(Text, bool),
    Number(Number),
    /// The rest of `true`, `false` or `null`.
    Literal(&'static [u8]),
    Ended,
}

/// Where in a number (RFC 8259 §6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    Minus,
    Zero,
    Digits,
    Point,
    Fraction,
    E,
    Sign,
    Exponent,
}

impl Number {
    fn after(self, byte: u8) -> Option<Number> {
        Some(match (self, byte) {
            (Number::Minus, b'0') => Number::Zero,
            (Number::Minus, b'1'..=b'9') | (Number::Digits, b'0'..=b'9') => Number::Digits,
            (Number::Zero | Number::Digits, b'.') => Number::Point,
            (Number::Point | Number::Fraction, b'0'..=b'9') => Number::Fraction,
            (Number::Zero | Number::Digits | Number::Fraction, b'e' | b'E') => Number::E,
            (Number::E, b'+' | b'-') => Number::Sign,
            (Number::E | Number::Sign | Number::Exponent, b'0'..=b'9') => Number::Exponent,
            _ => return None,
        })
    }

    fn may_end(self) -> bool {
        matches!(
            self,
            Number::Zero | Number::Digits | Number::Fraction | Number::Exponent
        )
    }
}

/// What a byte was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Was {
    /// A part of the value.
    Part,
    /// Whitespace between its parts.
    Space,
    /// Its last byte.
    Last,
    /// The first byte after it: numbers have no end of their own.
    After,
}

/// A value that has begun.
#[derive(Debug)]
pub(super) struct Value {
    at: At,
    /// One bit for each open bracket, the outermost first: set for an object.
    open: Vec<u8>,
    depth: usize,
}

impl Value {
    pub(super) fn new() -> Self {
        Self {
            at: At::Value,
            open: Vec::new(),
            depth: 0,
        }
    }

    /// Begins another, in the room of the last.
    pub(super) fn restart(&mut self) {
        self.at = At::Value;
        self.depth = 0;
    }

    /// How many brackets are open.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// Whether the next byte is escaped by the one before it.
    pub(super) fn is_after_backslash(&self) -> bool {
        matches!(self.at, At::String(text, _) if text.is_after_backslash())
    }

    /// Whether the next byte is in a key.
    pub(super) fn is_in_key(&self) -> bool {
        matches!(self.at, At::String(_, true))
    }

    /// Whether the next byte is in a string that is no key.
    pub(super) fn is_in_string(&self) -> bool {
        matches!(self.at, At::String(_, false))
    }

    /// How many bytes from the front are plain text of a string.
    #[inline]
    pub(super) fn plain(&self, bytes: &[u8]) -> usize {
        match self.at {
            At::String(text, _) => text.plain(bytes),
            _ => 0,
        }
    }

    /// Takes what is below so many open brackets, up to a line break between its parts, to what is
    /// no JSON, or to where no more than these are open; how many bytes that is. The last byte of
    /// the value is left.
    pub(super) fn inner(&mut self, bytes: &[u8], brackets: usize) -> usize {
        let mut taken = 0;
        while self.depth > brackets {
            let rest = bytes.get(taken..).unwrap_or_default();
            let plain = self.plain(rest);
            let rest = rest.get(plain..).unwrap_or_default();
            let between = self.between_strings(rest);
            taken += plain + between;
            if between > 0 {
                continue;
            }
            let Some(&byte) = rest.first() else {
                break;
            };
            let may_end = self.depth == 1 && matches!(byte, b'}' | b']');
            if may_end || matches!(byte, b'\n' | b'\r') || self.push(byte).is_err() {
                break;
            }
            taken += 1;
        }
        taken
    }

    /// From the end of a string to the beginning of the next, as most of them follow one another;
    /// how many bytes that took.
    #[inline]
    fn between_strings(&mut self, bytes: &[u8]) -> usize {
        let At::String(text, is_key) = self.at else {
            return 0;
        };
        let next = match bytes {
            [b'"', b':', b'"', ..] if is_key => false,
            [b'"', b',', b'"', ..] if !is_key => self.is_object(),
            _ => return 0,
        };
        if !text.is_plain() {
            return 0;
        }
        self.at = At::String(Text::default(), next);
        3
    }

    /// Takes one byte.
    #[inline]
    pub(super) fn push(&mut self, byte: u8) -> Result<Was, Unfit> {
        match &mut self.at {
            At::String(text, is_key) => {
                let is_key = *is_key;
                if text.push(byte)? {
                    return Ok(if is_key {
                        self.go(At::Colon)
                    } else {
                        self.value_ended()
                    });
                }
                Ok(Was::Part)
            }
            At::Number(number) => match number.after(byte) {
                Some(next) => {
                    *number = next;
                    Ok(Was::Part)
                }
                None if number.may_end() => self.after_number(byte),
                None => Err(Unfit),
            },
            At::Literal(rest) => {
                let (first, others) = rest.split_first().ok_or(Unfit)?;
                if *first != byte {
                    return Err(Unfit);
                }
                *rest = others;
                let is_over = others.is_empty();
                Ok(if is_over {
                    self.value_ended()
                } else {
                    Was::Part
                })
            }
            _ => self.between(byte),
        }
    }

    fn after_number(&mut self, byte: u8) -> Result<Was, Unfit> {
        match self.value_ended() {
            Was::Last => Ok(Was::After),
            _ => self.between(byte),
        }
    }

    /// Between strings, numbers and literals.
    fn between(&mut self, byte: u8) -> Result<Was, Unfit> {
        match (self.at, byte) {
            (At::Ended, _) => Err(Unfit),
            (_, b' ' | b'\t' | b'\n' | b'\r') => Ok(Was::Space),
            (At::KeyOrEnd | At::CommaOrEnd, b'}') if self.is_object() => Ok(self.close()),
            (At::ValueOrEnd | At::CommaOrEnd, b']') if !self.is_object() => Ok(self.close()),
            (At::CommaOrEnd, b',') if self.is_object() => Ok(self.go(At::Key)),
            (At::CommaOrEnd, b',') => Ok(self.go(At::Value)),
            (At::Key | At::KeyOrEnd, b'"') => Ok(self.go(At::String(Text::default(), true))),
            (At::Colon, b':') => Ok(self.go(At::Value)),
            (At::Value | At::ValueOrEnd, _) => self.begin(byte),
            _ => Err(Unfit),
        }
    }

    fn begin(&mut self, byte: u8) -> Result<Was, Unfit> {
        let next = match byte {
            b'"' => At::String(Text::default(), false),
            b'-' => At::Number(Number::Minus),
            b'0' => At::Number(Number::Zero),
            b'1'..=b'9' => At::Number(Number::Digits),
            b't' => At::Literal(b"rue"),
            b'f' => At::Literal(b"alse"),
            b'n' => At::Literal(b"ull"),
            b'{' => return self.open(true, At::KeyOrEnd),
            b'[' => return self.open(false, At::ValueOrEnd),
            _ => return Err(Unfit),
        };
        Ok(self.go(next))
    }

    fn go(&mut self, at: At) -> Was {
        self.at = at;
        Was::Part
    }

    fn value_ended(&mut self) -> Was {
        if self.depth == 0 {
            self.at = At::Ended;
            return Was::Last;
        }
        self.go(At::CommaOrEnd)
    }

    fn open(&mut self, is_object: bool, at: At) -> Result<Was, Unfit> {
        if self.depth == DEPTH {
            return Err(Unfit);
        }
        let (byte, bit) = (self.depth / 8, 1 << (self.depth % 8));
        if byte == self.open.len() {
            self.open.push(0);
        }
        if let Some(bits) = self.open.get_mut(byte) {
            *bits = if is_object { *bits | bit } else { *bits & !bit };
        }
        self.depth += 1;
        Ok(self.go(at))
    }

    fn close(&mut self) -> Was {
        self.depth = self.depth.saturating_sub(1);
        self.value_ended()
    }

    /// Whether the innermost open bracket is an object's.
    fn is_object(&self) -> bool {
        let Some(last) = self.depth.checked_sub(1) else {
            return false;
        };
        let bits = self.open.get(last / 8).copied().unwrap_or(0);
        bits & (1 << (last % 8)) != 0
    }
}
