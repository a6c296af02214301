//! The program: arguments, the terminal, the exit code.

use std::io::{self, BufRead, IsTerminal as _};
use std::process::ExitCode;

use clap::Parser as _;

use crate::{Arguments, Console};

/// Runs the command of this process's command line.
pub async fn main() -> ExitCode {
    let arguments = Arguments::parse();
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
