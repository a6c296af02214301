//! How results look: tables and fields for a person, JSON for a script. A text that came
//! from outside stays in its cell; that it cannot steer the terminal is `terminal.rs`'s.

use std::io::Write;

use auth::ports::StoreError;
use auth::text::{escaped_json, printable};
use serde::Serialize;
use serde_json::error::Category;

/// Between two columns.
const GAP: usize = 2;

/// One JSON array, written element by element.
#[derive(Default)]
pub struct JsonArray {
    begun: bool,
}

impl JsonArray {
    /// One element more.
    pub fn push(&mut self, out: &mut dyn Write, value: &impl Serialize) -> anyhow::Result<()> {
        let before = if self.begun { "," } else { "[" };
        self.begun = true;
        let text = escaped_json(&serde_json::to_string_pretty(value)?);
        Ok(write!(out, "{before}\n  {}", text.replace('\n', "\n  "))?)
    }

    /// The end of the array.
    pub fn end(self, out: &mut dyn Write) -> anyhow::Result<()> {
        let end = if self.begun { "\n]" } else { "[]" };
        Ok(writeln!(out, "{end}")?)
    }
}

/// Writes one record of CSV (RFC 4180). A cell that a spreadsheet would take for a formula
/// begins with an apostrophe.
pub fn csv_line(out: &mut dyn Write, cells: &[impl AsRef<str>]) -> anyhow::Result<()> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    for cell in cells {
        let cell = printable(cell.as_ref());
        let is_formula = cell.starts_with(['=', '+', '-', '@']);
        writer.write_field(if is_formula { format!("'{cell}") } else { cell })?;
    }
    writer.write_record(None::<&[u8]>)?;
    Ok(out.write_all(&writer.into_inner()?)?)
}

/// Cells below those of the lines before: each as wide as its column, the last without an end.
pub fn line(cells: &[String], widths: &[usize]) -> String {
    let mut line = String::new();
    for (index, cell) in cells.iter().enumerate() {
        let width = widths.get(index).copied().unwrap_or_default();
        line.push_str(&format!("{:<width$}{:GAP$}", visible(cell), ""));
    }
    line.truncate(line.trim_end().len());
    line + "\n"
}

/// The text in at most so many characters; what was left away shows as an ellipsis.
pub fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let kept = text.chars().take(width.saturating_sub(1));
    kept.chain(std::iter::once('…')).collect()
}

/// So many of a thing that gets an s where there are several.
pub fn counted(count: impl Into<u64>, thing: &str) -> String {
    match count.into() {
        1 => format!("1 {thing}"),
        count => format!("{count} {thing}s"),
    }
}

/// The text in lines of at most `width` characters, broken at spaces, where there is a width: the
/// first goes on at `indent`, the others begin there. A word that is longer stays whole.
pub fn wrapped(text: &str, width: Option<usize>, indent: usize) -> String {
    // Narrower than that a column cannot be read.
    let room = width.map_or(usize::MAX, |width| width.saturating_sub(indent).max(20));
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in text.split(' ') {
        let length = line.chars().count() + 1 + word.chars().count();
        if !line.is_empty() && length > room {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines.join(&format!("\n{:indent$}", ""))
}

/// Writes `value` as one JSON document.
pub fn json(out: &mut dyn Write, value: &impl Serialize) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(value)?;
    Ok(writeln!(out, "{}", escaped_json(&text))?)
}

/// Why a text is not the JSON that was wanted. What is wrong with a value is said without
/// it; the library repeats it.
pub fn unread_json(error: &serde_json::Error) -> String {
    match error.classify() {
        Category::Data => format!("line {} column {}", error.line(), error.column()),
        _ => error.to_string(),
    }
}

/// Lines of columns under a header; an empty cell is a dash.
pub fn table<const N: usize>(header: [&str; N], rows: &[[String; N]]) -> String {
    let header = header.map(str::to_owned);
    let lines: Vec<[String; N]> = std::iter::once(&header)
        .chain(rows)
        .map(|row| row.each_ref().map(|cell| visible(cell)))
        .collect();
    let widths: [usize; N] = std::array::from_fn(|column| {
        let cells = lines.iter().map(|line| line[column].chars().count());
        cells.max().unwrap_or(0)
    });
    lines.iter().map(|cells| line(cells, &widths)).collect()
}

/// One line per field, each indented by `indent`; an empty value is a dash.
pub fn fields(indent: usize, fields: &[(&str, String)]) -> String {
    let width = fields.iter().map(|(name, _)| name.len()).max().unwrap_or(0) + GAP;
    fields
        .iter()
        .map(|(name, value)| format!("{:indent$}{name:<width$}{}\n", "", visible(value)))
        .collect()
}

/// Names on standard error the rows that a list lacks because they cannot be read, and
/// fails where there are any: what was printed is not the whole list.
pub fn refuse_damaged(err: &mut dyn Write, damaged: &[StoreError]) -> anyhow::Result<()> {
    for row in damaged {
        writeln!(err, "{}", printable(&row.to_string()))?;
    }
    match damaged.len() {
        0 => Ok(()),
        count => anyhow::bail!(
            "the list lacks {count} of the table's rows, which cannot be read: repair or \
             delete them by the keys above"
        ),
    }
}

/// What is shown of a text: one line, never nothing.
fn visible(text: &str) -> String {
    if text.is_empty() {
        "-".to_owned()
    } else {
        printable(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_cannot_be_read_are_named_and_fail_the_list() {
        let mut err = Vec::new();
        assert!(refuse_damaged(&mut err, &[]).is_ok());
        assert!(err.is_empty());
        let damaged = ["item CALLERS KEY#a\u{1b}[2J", "item T#x TENANT"];
        let damaged = damaged.map(|text| StoreError::Damaged(text.to_owned()));
        let refusal = refuse_damaged(&mut err, &damaged).unwrap_err().to_string();
        assert!(refusal.contains("lacks 2"), "{refusal}");
        let err = String::from_utf8(err).unwrap();
        assert_eq!(err.lines().count(), 2, "{err}");
        assert!(
            err.contains("KEY#a?[2J") && err.contains("T#x TENANT"),
            "{err}"
        );
    }

    #[test]
    fn an_array_is_the_same_written_at_once_and_piece_by_piece() {
        for count in 0..3 {
            let values: Vec<_> = (0..count)
                .map(|index| serde_json::json!({"i": index, "of": ["a\u{202e}", {}]}))
                .collect();
            let (mut at_once, mut pieces) = (Vec::new(), Vec::new());
            json(&mut at_once, &values).unwrap();
            let mut array = JsonArray::default();
            for value in &values {
                array.push(&mut pieces, value).unwrap();
            }
            array.end(&mut pieces).unwrap();
            let [at_once, pieces] = [at_once, pieces].map(|out| String::from_utf8(out).unwrap());
            assert_eq!(pieces, at_once);
        }
    }

    #[test]
    fn a_cell_of_csv_is_text_to_every_reader() {
        let rows = [
            (["a", "b"], "a,b\n"),
            (["", ""], ",\n"),
            (
                ["Contoso, Inc.", "say \"hi\""],
                "\"Contoso, Inc.\",\"say \"\"hi\"\"\"\n",
            ),
            (["=1+1", "@SUM(A1)"], "'=1+1,'@SUM(A1)\n"),
            (["-2", "+3"], "'-2,'+3\n"),
            (["a\nb", "a\u{1b}[2J"], "a?b,a?[2J\n"),
        ];
        for (cells, expected) in rows {
            let mut out = Vec::new();
            csv_line(&mut out, &cells).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }

    #[test]
    fn a_long_text_is_cut_where_it_shows() {
        let rows = [
            ("Contoso", 7, "Contoso"),
            ("Contoso", 6, "Conto…"),
            ("Müller 漢字", 8, "Müller …"),
            ("abc", 1, "…"),
            ("", 3, ""),
        ];
        for (text, width, expected) in rows {
            assert_eq!(cut(text, width), expected, "{text} {width}");
        }
    }

    #[test]
    fn a_text_is_broken_at_spaces_and_goes_on_below_itself() {
        let rows = [
            (
                None,
                4,
                "one two three four five six",
                "one two three four five six",
            ),
            (
                Some(24),
                4,
                "one two three four five six",
                "one two three four\n    five six",
            ),
            (
                Some(5),
                2,
                "one two three four five",
                "one two three four\n  five",
            ),
            (
                Some(24),
                4,
                "41463f53-8812-40f4-890f-865bf6e35190 is",
                "41463f53-8812-40f4-890f-865bf6e35190\n    is",
            ),
            (Some(80), 4, "", ""),
        ];
        for (width, indent, text, expected) in rows {
            assert_eq!(wrapped(text, width, indent), expected, "{width:?} {text}");
        }
    }

    #[test]
    fn columns_stand_below_each_other_and_lines_end_without_spaces() {
        let rows = [
            ["1".to_owned(), "Müller".to_owned(), "x".to_owned()],
            ["22".to_owned(), "M".to_owned(), String::new()],
        ];
        assert_eq!(
            table(["A", "NAME", "C"], &rows),
            "A   NAME    C\n1   Müller  x\n22  M       -\n"
        );
    }

    #[test]
    fn a_value_cannot_steer_the_terminal() {
        let text = fields(
            2,
            &[("role", "a\u{1b}[2Jb\n".to_owned()), ("none", "".into())],
        );
        assert_eq!(text, "  role  a?[2Jb?\n  none  -\n");
    }

    #[test]
    fn json_is_one_document_and_a_line_break() {
        let mut out = Vec::new();
        json(&mut out, &serde_json::json!(["a\u{202e}\n"])).unwrap();
        assert_eq!(out, b"[\n  \"a\\u202e\\n\"\n]\n");
    }
}
