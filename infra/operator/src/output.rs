//! How results look: tables and fields for a person, JSON for a script. A text that came
//! from outside stays in its cell; that it cannot steer the terminal is `terminal.rs`'s.

use std::io::Write;

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

/// What is shown of a text: one line, never nothing.
fn visible(text: &str) -> String {
    match text.is_empty() {
        true => "-".to_owned(),
        false => printable(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
