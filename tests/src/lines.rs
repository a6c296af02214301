//! The log of the functions that run on this thread, line by line as they write it.

use std::io;
use std::sync::{Arc, Mutex};

use lambda::telemetry;
use serde_json::Value;
use tracing::Subscriber;
use tracing::subscriber::DefaultGuard;

use crate::events::set_process_subscriber;

/// What this thread's functions log.
pub struct Lines {
    written: Written,
    _listening: DefaultGuard,
}

/// Where lines go; its clones are one place.
#[derive(Clone, Default)]
pub struct Written(Arc<Mutex<Vec<u8>>>);

impl Written {
    /// The lines since somebody asked last, each a JSON object.
    pub fn take(&self) -> Vec<Value> {
        let written = std::mem::take(&mut *self.0.lock().unwrap());
        let text = String::from_utf8(written).unwrap();
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// This thread's lines go to `subscriber` until the guard is dropped.
///
/// The other threads get one that keeps nothing: while a process has a single subscriber,
/// tracing asks the thread that comes to a line first whether it wants it, and believes it for
/// all threads.
#[expect(clippy::disallowed_methods, reason = "the one place in these tests")]
pub fn listen(subscriber: impl Subscriber + Send + Sync + 'static) -> DefaultGuard {
    set_process_subscriber();
    tracing::subscriber::set_default(subscriber)
}

impl Lines {
    /// Listens to this thread from now on. `filter`: as `RUST_LOG`.
    pub fn listen(filter: &str) -> Self {
        let written = Written::default();
        let writer = written.clone();
        let subscriber = telemetry::json_lines(Some(filter), move || writer.clone());
        Self {
            written,
            _listening: listen(subscriber),
        }
    }

    /// The lines since somebody asked last, each a JSON object.
    pub fn take(&self) -> Vec<Value> {
        self.written.take()
    }

    /// The one line since then, besides those of signatures.
    pub fn one(&self, row: &str) -> Value {
        let mut lines = self.take();
        lines.retain(|line| line["event"] != "assertion_signed");
        assert_eq!(lines.len(), 1, "{row}: one line for one request: {lines:?}");
        lines.remove(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line_of_the_product() {
        tracing::warn!("heard");
    }

    #[test]
    fn a_thread_without_a_log_that_comes_to_a_line_first_silences_no_other() {
        let lines = Lines::listen("info");
        std::thread::spawn(line_of_the_product).join().unwrap();
        assert_eq!(lines.take(), Vec::<Value>::new());
        line_of_the_product();
        assert_eq!(lines.one("the second time")["message"], "heard");
    }
}
