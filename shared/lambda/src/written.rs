//! Where the tests of this crate have log lines and figures written.

use std::io;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tracing::Subscriber;
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;

/// Lines in memory; clones are one place.
#[derive(Clone, Default)]
pub(crate) struct Written(Arc<Mutex<Vec<u8>>>);

/// This thread's lines go to `subscriber` until the guard is dropped.
///
/// The other threads get one that keeps nothing: while a process has a single subscriber,
/// tracing asks the thread that comes to a line first whether it wants it, and believes it for
/// all threads.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place in this crate's tests"
)]
pub(crate) fn listen(subscriber: impl Subscriber + Send + Sync + 'static) -> DefaultGuard {
    drop(tracing::subscriber::set_global_default(
        tracing_subscriber::registry(),
    ));
    tracing::subscriber::set_default(subscriber)
}

impl Written {
    /// All text so far.
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// All lines so far, each a JSON object.
    pub(crate) fn lines(&self) -> Vec<Value> {
        self.text()
            .lines()
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

impl MakeWriter<'_> for Written {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}
