//! A function's log lines for a snapshot: what differs from run to run replaced by names.

use serde_json::{Value, json};

/// Replaces a field that the caller of this has checked.
pub(super) fn name_field(line: &mut Value, field: &str) {
    let found = line.get_mut(field);
    *found.unwrap_or_else(|| panic!("no {field}")) = json!(format!("[{field}]"));
}

/// The lines as a snapshot shows them, with these texts replaced wherever they stand.
pub(super) fn shown(rows: &[(&str, Value)], names: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (row, line) in rows {
        let line = serde_json::to_string_pretty(line).unwrap();
        text.push_str(&format!("# {row}\n{line}\n\n"));
    }
    names
        .iter()
        .fold(text, |text, (value, name)| text.replace(value, name))
}
