//! How results look: tables and fields for a person, JSON for a script. A text that came
//! from outside stays in its cell; that it cannot steer the terminal is `terminal.rs`'s.

use std::io::Write;

use auth::ports::StoreError;
use auth::text::{escaped_json, printable};
use serde::Serialize;
use serde_json::error::Category;

/// Between two columns.
const GAP: usize = 2;

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
    let mut text = String::new();
    for line in &lines {
        let mut row = String::new();
        for (cell, width) in line.iter().zip(widths) {
            row.push_str(&format!("{cell:<width$}", width = width + GAP));
        }
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
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
