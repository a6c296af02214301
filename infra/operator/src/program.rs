//! The program: its command line, the terminal, the exit code.

use std::ffi::OsString;
use std::io::{self, BufRead, IsTerminal as _, Write as _};
use std::process::ExitCode;
use std::rc::Rc;

use auth::operator_action::Outcome;
use auth::text::{veiled, without};
use clap::{CommandFactory as _, Parser as _};
use wiring::settings::Lookup;

use crate::arguments::Arguments;
use crate::commands;
use crate::console::Console;
use crate::exit::{Exit, UsageError};
use crate::record::Record;
use crate::session::Session;
use crate::terminal::Visible;

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
        width: width(),
        unseen: &mut rpassword::read_password,
    };
    run(arguments, &aws::environment, &mut console).await.into()
}

/// Of the terminal that standard output is.
fn width() -> Option<usize> {
    let size = console::Term::stdout().size_checked();
    size.map(|(_, columns)| usize::from(columns))
}

/// Runs one command. `environment`: where its variables come from.
pub async fn run(
    mut arguments: Arguments,
    environment: Lookup<'_>,
    console: &mut Console<'_>,
) -> Exit {
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
        width: console.width,
        unseen: &mut *console.unseen,
    };
    if let Err(error) = look_up(&mut arguments, environment, console).await {
        return failed(&error, console);
    }
    let record = Record::of(arguments.command.recorded());
    let session = Session {
        place: arguments.place,
        environment,
        json: arguments.json,
        console: &mut *console,
        command_line: Arguments::command,
        record: Rc::clone(&record),
    };
    // Boxed: the futures of all commands in one are deeper than the compiler follows.
    let done = Box::pin(commands::run(arguments.command, session)).await;
    let exit = match done.and_then(|()| Ok(console.out.flush()?)) {
        Ok(()) => Exit::Done,
        // Who reads has read enough, as `head` does.
        Err(error) if is_broken_pipe(&error) => Exit::Done,
        Err(error) => failed(&error, console),
    };
    if let Err(unwritten) = record.end(outcome(exit)).await {
        let _ = writeln!(console.err, "warning: {}", veiled(&unwritten));
    }
    exit
}

/// A tenant that is named by a domain gets its ID; which one it is, a person sees.
async fn look_up(
    arguments: &mut Arguments,
    environment: Lookup<'_>,
    console: &mut Console<'_>,
) -> anyhow::Result<()> {
    let Some(name) = arguments.command.tenant() else {
        return Ok(());
    };
    let domain = name.to_string();
    if let Some(id) = name.look_up(&arguments.place, environment).await? {
        writeln!(console.err, "{domain} is tenant {id}")?;
    }
    Ok(())
}

/// Says why, and what to do.
fn failed(error: &anyhow::Error, console: &mut Console<'_>) -> Exit {
    let text = veiled(&format!("{error:#}"));
    // Nothing is left to report to when standard error is closed too.
    let _ = writeln!(console.err, "error: {text}");
    match error.is::<UsageError>() {
        true => Exit::Usage,
        false => Exit::Failed,
    }
}

fn outcome(exit: Exit) -> Outcome {
    match exit {
        Exit::Done => Outcome::Done,
        Exit::Failed | Exit::Usage => Outcome::Failed,
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
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
