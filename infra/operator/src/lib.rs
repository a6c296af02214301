//! The operator's command line.
//!
//! It owns what a command asks, prints and ends with; the rules are those of `auth`,
//! and what a command does it does through the same ports and use cases as the
//! functions. One file per command in [`commands`], with its arguments.
//!
//! Results go to standard output and nothing else does; what went wrong is one line
//! on standard error that says what to do next.

pub mod arguments;
pub mod commands;
pub mod console;
pub mod output;
pub mod pfx;
pub mod place;
pub mod program;
mod terminal;
pub mod time_span;

use std::io;
use std::process::ExitCode;

use auth::text::veiled;
use wiring::settings::Lookup;

pub use arguments::Arguments;
pub use console::Console;
use terminal::Visible;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// It did what was asked.
    Done,
    /// It did not; standard error says why.
    Failed,
    /// It was asked in a way that cannot be answered.
    Usage,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => ExitCode::SUCCESS,
            Exit::Failed => ExitCode::from(1),
            Exit::Usage => ExitCode::from(2),
        }
    }
}

/// The command was asked in a way that cannot be answered. Says what to do.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct UsageError(pub String);

/// Runs one command. `environment`: where its variables come from.
pub async fn run(arguments: Arguments, environment: Lookup<'_>, console: &mut Console<'_>) -> Exit {
    let mut out = Visible(&mut *console.out);
    let mut err = Visible(&mut *console.err);
    let console = &mut Console {
        out: &mut out,
        err: &mut err,
        person: match &mut console.person {
            Some(person) => Some(&mut **person),
            None => None,
        },
        piped: &mut *console.piped,
        progress: console.progress,
        unseen: &mut *console.unseen,
    };
    let outcome = commands::run(arguments, environment, console).await;
    match outcome.and_then(|()| Ok(console.out.flush()?)) {
        Ok(()) => Exit::Done,
        // Who reads has read enough, as `head` does.
        Err(error) if is_broken_pipe(&error) => Exit::Done,
        Err(error) => {
            // There is nobody left to tell when standard error is closed too.
            let text = veiled(&format!("{error:#}"));
            let _ = writeln!(console.err, "error: {text}");
            match error.is::<UsageError>() {
                true => Exit::Usage,
                false => Exit::Failed,
            }
        }
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
