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
pub mod exit;
mod input;
mod listed;
pub mod moment;
pub mod output;
pub mod pfx;
pub mod place;
pub mod program;
mod record;
pub mod session;
pub mod tenant_name;
mod terminal;
pub mod time_span;

pub use arguments::Arguments;
pub use console::Console;
pub use exit::Exit;
pub use program::run;
