//! Characters that no reader sees, and that change what is read: line breaks, terminal
//! commands, directions of writing. What shows a text from outside shows something visible
//! in their place; how depends on where it is shown.

use std::fmt::{self, Write as _};

use icu_properties::props::{EnumeratedProperty as _, GeneralCategory, GeneralCategoryGroup};

/// Whether `c` must not be shown as it is. By its general category (Unicode, chapter 4.5):
/// control, format, line and paragraph separators; and private use and unassigned ones, of
/// which it is not known what a reader's terminal does with them.
pub fn is_invisible(c: char) -> bool {
    match c {
        ' '..='~' => false,
        '\0'..='\u{9f}' => true,
        _ => {
            let category = GeneralCategory::for_char(c);
            GeneralCategoryGroup::Other.contains(category)
                || category == GeneralCategory::LineSeparator
                || category == GeneralCategory::ParagraphSeparator
        }
    }
}

/// `text` with `?` in place of each character that is not shown: one line.
pub fn printable(text: &str) -> String {
    let shown = |c: char| if is_invisible(c) { '?' } else { c };
    text.chars().map(shown).collect()
}

/// The same of a text of several lines: line breaks and tabs stay.
pub fn printable_lines(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let stays = match c {
            '\n' | '\t' => true,
            // Alone it would let what comes after it overwrite the line.
            '\r' => rest.peek() == Some(&'\n'),
            c => !is_invisible(c),
        };
        shown.push(if stays { c } else { '?' });
    }
    shown
}

/// A character as an escape of JSON (RFC 8259 §7): `\u` and four digits, twice beyond the
/// Basic Multilingual Plane.
#[derive(Debug, Clone, Copy)]
pub struct JsonEscape(pub char);

impl fmt::Display for JsonEscape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut units = [0u16; 2];
        let units = self.0.encode_utf16(&mut units);
        units.iter().try_for_each(|unit| write!(f, "\\u{unit:04x}"))
    }
}

/// `json`, a text in JSON, with escapes in place of the characters that are not shown. It
/// means the same.
pub fn escaped_json(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if c != '\n' && is_invisible(c) {
            // Writing into a String cannot fail.
            let _ = write!(text, "{}", JsonEscape(c));
        } else {
            text.push(c);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_reader_sees_is_told_from_what_is_read() {
        let invisible = [
            '\0',
            '\u{7}',
            '\t',
            '\n',
            '\r',
            '\u{1b}',
            '\u{7f}',
            '\u{85}',
            '\u{9b}',
            '\u{9f}',
            '\u{ad}',
            '\u{61c}',
            '\u{180e}',
            '\u{200b}',
            '\u{200d}',
            '\u{200f}',
            '\u{2028}',
            '\u{2029}',
            '\u{202e}',
            '\u{2066}',
            '\u{2069}',
            '\u{feff}',
            '\u{fff9}',
            '\u{fffb}',
            '\u{e000}',
            '\u{378}',
            '\u{ffff}',
            '\u{110bd}',
            '\u{1d173}',
            '\u{e0001}',
            '\u{e0041}',
            '\u{e007f}',
            '\u{f0000}',
            '\u{10ffff}',
        ];
        for c in invisible {
            assert!(is_invisible(c), "{}", c.escape_unicode());
        }
        for c in " ~aZ0é漢ह\u{301}\u{a0}\u{3000}–“😀𝄞\u{fffd}\u{fe0f}".chars() {
            assert!(!is_invisible(c), "{}", c.escape_unicode());
        }
    }

    #[test]
    fn a_line_keeps_none_of_them_and_lines_keep_their_breaks() {
        let rows = [
            ("plain", "plain", "plain"),
            ("Müller 漢字", "Müller 漢字", "Müller 漢字"),
            ("a\nb", "a?b", "a\nb"),
            ("a\r\nb", "a??b", "a\r\nb"),
            ("a\rb", "a?b", "a?b"),
            ("a\r", "a?", "a?"),
            ("a\tb", "a?b", "a\tb"),
            ("\u{1b}[2J", "?[2J", "?[2J"),
            ("\u{9b}31m", "?31m", "?31m"),
            ("a\u{202e}b", "a?b", "a?b"),
            ("a\u{2028}b", "a?b", "a?b"),
            ("a\u{e0041}b", "a?b", "a?b"),
        ];
        for (text, line, lines) in rows {
            assert_eq!(printable(text), line, "{text:?}");
            assert_eq!(printable_lines(text), lines, "{text:?}");
        }
    }

    #[test]
    fn an_escape_of_json_is_read_back_as_the_character() {
        for c in ['\u{7f}', '\u{9b}', '\u{2028}', '\u{202e}', '\u{e0041}'] {
            let read: String = serde_json::from_str(&format!("\"{}\"", JsonEscape(c))).unwrap();
            assert_eq!(read, c.to_string());
            let json = serde_json::to_string_pretty(&[format!("a{c}\n\\é")]).unwrap();
            let escaped = escaped_json(&json);
            assert!(!escaped.contains(c) && escaped.contains('é'), "{escaped}");
            let [read]: [String; 1] = serde_json::from_str(&escaped).unwrap();
            assert_eq!(read, format!("a{c}\n\\é"));
        }
    }
}
