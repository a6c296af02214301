//! The program: arguments, the terminal, the exit code.

use std::ffi::OsString;
use std::io::{self, BufRead, IsTerminal as _, Write as _};
use std::process::ExitCode;

use auth::text::without;
use clap::Parser as _;

use crate::{Arguments, Console, Exit};

/// Runs the command of this process's command line.
pub async fn main() -> ExitCode {
    let line: Vec<OsString> = std::env::args_os().collect();
    let arguments = match Arguments::try_parse_from(&line) {
        Ok(arguments) => arguments,
        Err(error) => return refused(&error, &line),
    };
    let mut person = io::stdin().is_terminal().then(|| io::stdin().lock());
    let mut console = Console {
        out: &mut io::stdout().lock(),
        err: &mut io::stderr().lock(),
        person: person.as_mut().map(|person| person as &mut dyn BufRead),
        piped: &mut io::stdin(),
        progress: io::stderr().is_terminal(),
        unseen: &mut rpassword::read_password,
    };
    crate::run(arguments, &aws::environment, &mut console)
        .await
        .into()
}

/// Prints what clap says of the command line. It repeats arguments, which may be secrets.
fn refused(error: &clap::Error, line: &[OsString]) -> ExitCode {
    if !error.use_stderr() {
        // Help, and the version.
        error.exit();
    }
    let text = without(&error.render().to_string(), line);
    // Nothing is left to report to when standard error is closed.
    let _ = io::stderr().write_all(text.as_bytes());
    Exit::Usage.into()
}
