//! The one reader of texts that people bring: password files, policies, PEM files, lists,
//! secrets. It takes what editors and shells write around a text (byte order marks, UTF-16,
//! CRLF, NULs at the end) and refuses the rest with what to do. Bytes in, text out: opening a
//! file is its caller's part.

use std::string::FromUtf8Error;

/// U+FEFF, in whatever encoding it was written.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Why bytes are not text that is read here. Nothing of the bytes is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotText {
    /// Four bytes for each character.
    #[error("UTF-32: save it as UTF-8")]
    Utf32,
    /// An odd byte, or half of a surrogate pair.
    #[error("UTF-16 with a damaged character (line {line}): save it as UTF-8")]
    Utf16 {
        /// Counted from 1.
        line: usize,
    },
    /// Not the encoding of any text, or one of the many of one byte.
    #[error("not UTF-8 or UTF-16 (line {line}): save it as UTF-8")]
    Other {
        /// Counted from 1.
        line: usize,
    },
    /// A NUL that more text follows.
    #[error("no text, with a NUL character in it (line {line}): save it as UTF-8")]
    Nul {
        /// Counted from 1.
        line: usize,
    },
}

/// The text of UTF-8, or of UTF-16 with or without its mark: without byte order marks before
/// it and NULs after it, every line ended by `\n`.
pub fn decoded(bytes: &[u8]) -> Result<String, NotText> {
    let text = match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => return Err(NotText::Utf32),
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes)?,
        _ => unmarked(bytes)?,
    };
    let text = text.trim_end_matches('\0');
    match text.find('\0') {
        Some(at) => Err(NotText::Nul {
            line: line_of(&text[..at]),
        }),
        None => Ok(plain_lines(text.trim_start_matches(BYTE_ORDER_MARK))),
    }
}

/// The password of a password file: its first line without the line's end, with every blank.
pub fn first_line(text: &str) -> &str {
    text.split('\n').next().unwrap_or_default()
}

/// UTF-8, or UTF-16 where that is certain: NULs stand where the upper halves of its characters
/// are, which no UTF-8 text has, and nowhere else.
fn unmarked(bytes: &[u8]) -> Result<String, NotText> {
    let in_utf16 = match bytes {
        [0, 0, 0, low, _, ..] | [low, 0, 0, 0, _, ..] if *low != 0 => return Err(NotText::Utf32),
        [0, low, ..] if *low != 0 => utf16(bytes, u16::from_be_bytes).ok(),
        [low, 0, ..] if *low != 0 => utf16(bytes, u16::from_le_bytes).ok(),
        _ => None,
    };
    let whole = |text: &String| !text.trim_end_matches('\0').contains('\0');
    match in_utf16.filter(whole) {
        Some(text) => Ok(text),
        None => String::from_utf8(bytes.to_vec()).map_err(other),
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, NotText> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    match String::from_utf16(&units) {
        Ok(text) if odd.is_empty() => Ok(text),
        Ok(text) => Err(NotText::Utf16 {
            line: line_of(&text),
        }),
        Err(_) => {
            let sound: String = char::decode_utf16(units).map_while(Result::ok).collect();
            Err(NotText::Utf16 {
                line: line_of(&sound),
            })
        }
    }
}

fn other(error: FromUtf8Error) -> NotText {
    let sound = &error.as_bytes()[..error.utf8_error().valid_up_to()];
    NotText::Other {
        line: line_of(&String::from_utf8_lossy(sound)),
    }
}

/// The number of the line that comes after `before`.
fn line_of(before: &str) -> usize {
    plain_lines(before).matches('\n').count() + 1
}

fn plain_lines(text: &str) -> String {
    match text.contains('\r') {
        true => text.replace("\r\n", "\n").replace('\r', "\n"),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "größer 🔑\nzwei\n";

    fn encoded(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(order).collect()
    }

    #[test]
    fn every_way_to_save_a_text_is_the_same_text() {
        let crlf = TEXT.replace('\n', "\r\n");
        let marked = format!("\u{feff}{crlf}");
        let rows: [(&str, Vec<u8>); 14] = [
            ("UTF-8", TEXT.into()),
            ("CRLF", crlf.clone().into()),
            ("lone CR", TEXT.replace('\n', "\r").into()),
            ("mark", format!("\u{feff}{TEXT}").into()),
            ("two marks", format!("\u{feff}\u{feff}{TEXT}").into()),
            ("mark, CRLF", marked.clone().into()),
            ("UTF-16LE", encoded(&marked, u16::to_le_bytes)),
            ("UTF-16BE", encoded(&marked, u16::to_be_bytes)),
            ("UTF-16LE, no mark", encoded(&crlf, u16::to_le_bytes)),
            ("UTF-16BE, no mark", encoded(&crlf, u16::to_be_bytes)),
            ("NUL at the end", format!("{TEXT}\0").into()),
            ("NULs at the end", format!("{crlf}\0\0\0").into()),
            (
                "UTF-16LE, NUL",
                encoded(&format!("{marked}\0"), u16::to_le_bytes),
            ),
            (
                "UTF-16BE, no mark, NUL",
                encoded(&format!("{crlf}\0"), u16::to_be_bytes),
            ),
        ];
        for (row, bytes) in rows {
            assert_eq!(decoded(&bytes).as_deref(), Ok(TEXT), "{row}");
        }
    }

    #[test]
    fn what_no_reading_makes_a_text_is_refused_with_its_line() {
        let utf32 = |order: fn(u32) -> [u8; 4], text: &str| -> Vec<u8> {
            text.chars().flat_map(|c| order(u32::from(c))).collect()
        };
        let mut cut = encoded("\u{feff}ab\ncd", u16::to_le_bytes);
        cut.pop();
        let half_pair = [&encoded("\u{feff}a\n", u16::to_be_bytes)[..], &[0xd8, 0x3d]].concat();
        let rows: [(&str, Vec<u8>, NotText); 11] = [
            (
                "UTF-32LE",
                utf32(u32::to_le_bytes, "\u{feff}ab"),
                NotText::Utf32,
            ),
            (
                "UTF-32BE",
                utf32(u32::to_be_bytes, "\u{feff}ab"),
                NotText::Utf32,
            ),
            (
                "UTF-32LE, no mark",
                utf32(u32::to_le_bytes, "ab"),
                NotText::Utf32,
            ),
            (
                "UTF-32BE, no mark",
                utf32(u32::to_be_bytes, "ab"),
                NotText::Utf32,
            ),
            ("half a unit", cut, NotText::Utf16 { line: 2 }),
            ("half a pair", half_pair, NotText::Utf16 { line: 2 }),
            (
                "Latin-1",
                b"one\r\ntwo\rgr\xf6\xdfer\n".into(),
                NotText::Other { line: 3 },
            ),
            (
                "cut in a character",
                b"gr\xc3".into(),
                NotText::Other { line: 1 },
            ),
            (
                "DER",
                b"\x30\x82\x0a\x46\x02".into(),
                NotText::Other { line: 1 },
            ),
            ("NUL", b"one\ntwo\0three".into(), NotText::Nul { line: 2 }),
            ("NULs first", b"\0\0two".into(), NotText::Nul { line: 1 }),
        ];
        for (row, bytes, expected) in rows {
            assert_eq!(decoded(&bytes), Err(expected), "{row}");
            assert!(expected.to_string().ends_with("save it as UTF-8"), "{row}");
        }
    }

    #[test]
    fn a_password_is_the_first_line_and_keeps_its_blanks() {
        let utf16 = encoded("\u{feff}secret \r\n", u16::to_le_bytes);
        let rows: [(&[u8], &str); 13] = [
            (b"", ""),
            (b"\n", ""),
            (b"secret", "secret"),
            (b"secret\n", "secret"),
            (b"secret\r\n", "secret"),
            (b"secret\r", "secret"),
            (b"secret\0", "secret"),
            (b"\xef\xbb\xbfsecret\r\n", "secret"),
            (b" secret \n", " secret "),
            (b"secret\t\n\n", "secret\t"),
            (b"secret\nand a second line\n", "secret"),
            (b"\nsecret", ""),
            (&utf16, "secret "),
        ];
        for (bytes, password) in rows {
            assert_eq!(first_line(&decoded(bytes).unwrap()), password, "{bytes:?}");
        }
    }
}
