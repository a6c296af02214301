//! The lines of a function's log, with what differs from run to run replaced by names.

use std::io;
use std::sync::{Arc, Mutex};

use lambda::telemetry;
use serde_json::{Value, json};
use tracing::subscriber::DefaultGuard;

/// What this thread's functions log.
pub(super) struct Lines {
    written: Arc<Mutex<Vec<u8>>>,
    _listening: DefaultGuard,
}

/// Where a log goes.
#[derive(Clone)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Lines {
    /// Listens to this thread from now on, by a filter that would turn everything off.
    pub(super) fn listen() -> Self {
        let written = Arc::new(Mutex::new(Vec::new()));
        let writer = Written(Arc::clone(&written));
        let subscriber = telemetry::json_lines(Some("off"), move || writer.clone());
        Self {
            written,
            _listening: tracing::subscriber::set_default(subscriber),
        }
    }

    /// The lines since somebody asked last, each a JSON object.
    pub(super) fn take(&self) -> Vec<Value> {
        let written = std::mem::take(&mut *self.written.lock().unwrap());
        let text = String::from_utf8(written).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The one line since then.
    pub(super) fn one(&self, row: &str) -> Value {
        let mut lines = self.take();
        assert_eq!(lines.len(), 1, "{row}: one line for one request: {lines:?}");
        lines.remove(0)
    }
}

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
