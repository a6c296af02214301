//! The one way to standard output and standard error: of what a command writes, a terminal
//! gets line breaks, tabs and what can be read. A subject, a name or a text from outside
//! cannot steer it.

use std::io::{self, Write};

use auth::text::printable_lines;

/// Shows `?` for each character that is not shown. Each write is whole characters, as the
/// commands write them.
pub(crate) struct Visible<'a>(pub(crate) &'a mut dyn Write);

impl Write for Visible<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        self.0.write_all(printable_lines(&text).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_written_steers_a_terminal() {
        let rows: [(&[u8], &str); 12] = [
            (b"plain\n", "plain\n"),
            ("Müller 漢\n".as_bytes(), "Müller 漢\n"),
            (b"a\tb\r\n", "a\tb\r\n"),
            (b"good\rbad\n", "good?bad\n"),
            (b"\x1b[2J\x1b]0;title\x07", "?[2J?]0;title?"),
            (b"\x7f\x08", "??"),
            ("\u{9b}31m".as_bytes(), "?31m"),
            ("a\u{85}b".as_bytes(), "a?b"),
            ("a\u{2028}error: b".as_bytes(), "a?error: b"),
            ("\u{202e}oslotnoC".as_bytes(), "?oslotnoC"),
            ("a\u{200b}\u{e0041}b".as_bytes(), "a??b"),
            (b"\xff\xfe", "\u{fffd}\u{fffd}"),
        ];
        for (bytes, expected) in rows {
            let mut written = Vec::new();
            Visible(&mut written).write_all(bytes).unwrap();
            assert_eq!(String::from_utf8(written).unwrap(), expected);
        }
    }
}
