//! The log of the functions that run on this thread, line by line as they write it.

use std::io;
use std::sync::{Arc, Mutex};

use lambda::telemetry;
use serde_json::Value;
use tracing::subscriber::DefaultGuard;

/// What this thread's functions log.
pub struct Lines {
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
    /// Listens to this thread from now on. `filter`: as `RUST_LOG`.
    pub fn listen(filter: &str) -> Self {
        let written = Arc::new(Mutex::new(Vec::new()));
        let writer = Written(Arc::clone(&written));
        let subscriber = telemetry::json_lines(Some(filter), move || writer.clone());
        Self {
            written,
            _listening: tracing::subscriber::set_default(subscriber),
        }
    }

    /// The lines since somebody asked last, each a JSON object.
    pub fn take(&self) -> Vec<Value> {
        let written = std::mem::take(&mut *self.written.lock().unwrap());
        let text = String::from_utf8(written).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The one line since then.
    pub fn one(&self, row: &str) -> Value {
        let mut lines = self.take();
        assert_eq!(lines.len(), 1, "{row}: one line for one request: {lines:?}");
        lines.remove(0)
    }
}
