//! The command line of the one-machine run: options, the ready line, signals.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use auth::text::{escaped_json, hides, printable_lines, shown_path, veiled, without};
use aws::{SystemClock, environment};
use clap::Parser;
use lambda::telemetry::{self, LogFormat};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use crate::machine::Machine;
use crate::options::{Options, Parts, RealEntra};

/// The table warns of every conditional write that is refused, and those are part of a
/// good day: a state that was used before, a table that is there already.
const LOG_FILTER: &str = "info,dynoxide=error";

/// The Microsoft 365 token broker, whole, on one machine.
///
/// Starts the consent pages, the vending endpoint, the scheduled refresher and collector, the
/// table, the object store and a simulated Entra ID. Open the printed link, sign in as a simulated admin, press
/// Accept, and paste the printed curl line. The functions read their own settings from
/// the environment (CONSENT_FLOW, ENTRA_TOKEN_ENDPOINT, ENTRA_ASSERTION, ...).
#[derive(Parser)]
#[command(name = "local", version)]
struct Arguments {
    /// Port of consent and vending; 0 takes a free one
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Port of the simulated Entra ID; 0 takes a free one
    #[arg(long, default_value_t = 8081)]
    entra_port: u16,
    /// Port of the function URL, for callers that sign with AWS IAM; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    function_url_port: u16,
    /// Everything that must survive a restart
    #[arg(long, default_value = ".local", value_name = "DIR")]
    data_dir: PathBuf,
    /// Print one JSON line on standard output once everything answers
    #[arg(long)]
    ready_json: bool,
    /// No simulator: the real authority, with ENTRA_CLIENT_ID and ENTRA_CERTIFICATE_FILE
    #[arg(long)]
    real_entra: bool,
    /// Everything over TLS, with a CA of its own in DIR/ca.pem
    #[arg(long)]
    tls: bool,
    /// Life of the simulator's tokens, in seconds
    #[arg(long, default_value_t = 3599, value_name = "SECS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    token_life: u64,
    /// How often the scheduled refresher runs, in seconds
    #[arg(long, default_value_t = 60, value_name = "SECS", value_parser = clap::value_parser!(u64).range(1..=3600))]
    refresh_every: u64,
    /// Fetch connected tenants' audit logs into DIR/objects; without a word true, and false with
    /// --real-entra, where it also needs FEED_PUBLISHER_ID
    #[arg(long, value_name = "BOOL", action = clap::ArgAction::Set)]
    collect: Option<bool>,
}

/// Runs the process from its arguments to its exit code.
pub fn main() -> ExitCode {
    let line: Vec<OsString> = std::env::args_os().collect();
    let arguments = match Arguments::try_parse_from(&line) {
        Ok(arguments) => arguments,
        Err(error) => return refused(&error, &line),
    };
    let filter = environment("RUST_LOG");
    telemetry::init(LogFormat::Text, filter.as_deref().or(Some(LOG_FILTER)));
    let outcome = Runtime::new()
        .context("no runtime")
        .and_then(|runtime| runtime.block_on(run(arguments)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let text = printable_lines(&veiled(&format!("{error:#}")));
            let _ = writeln!(std::io::stderr(), "error: {text}");
            ExitCode::FAILURE
        }
    }
}

/// Prints what clap says of the command line. It repeats arguments, which may be secrets.
fn refused(error: &clap::Error, line: &[OsString]) -> ExitCode {
    if !error.use_stderr() {
        // Help, and the version.
        error.exit();
    }
    let text = without(&error.render().to_string(), line);
    // Nothing is left to report to when standard error is closed.
    let _ = std::io::stderr().write_all(text.as_bytes());
    ExitCode::from(2)
}

async fn run(arguments: Arguments) -> anyhow::Result<()> {
    let ready_json = arguments.ready_json;
    let options = options(arguments)?;
    // Before anything starts: a signal that comes early must not be missed.
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let parts = Parts {
        environment: Box::new(environment),
        ..Parts::new(Arc::new(SystemClock))
    };
    let machine = Machine::start(&options, parts).await?;
    announce(&machine, ready_json)?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    // A refresh that runs is let end; who does not want to wait presses again.
    tokio::select! {
        () = machine.stop() => Ok(()),
        _ = interrupt.recv() => Err(anyhow::anyhow!("ended without waiting for what ran")),
    }
}

fn options(arguments: Arguments) -> anyhow::Result<Options> {
    let data_dir = &arguments.data_dir;
    // It would be made, and named in the ready line.
    let is_name = !hides(&data_dir.to_string_lossy());
    anyhow::ensure!(is_name, "--data-dir: {}", shown_path(data_dir));
    Ok(Options {
        port: arguments.port,
        entra_port: arguments.entra_port,
        function_url_port: arguments.function_url_port,
        data_dir: arguments.data_dir,
        real_entra: arguments.real_entra.then(real_entra).transpose()?,
        tls: arguments.tls,
        token_life: arguments.token_life,
        refresh_every: Duration::from_secs(arguments.refresh_every),
        collect: arguments.collect.unwrap_or(!arguments.real_entra),
        ..Options::default()
    })
}

fn real_entra() -> anyhow::Result<RealEntra> {
    let client_id = environment("ENTRA_CLIENT_ID")
        .context("--real-entra needs ENTRA_CLIENT_ID: your application's client ID")?;
    let certificate_file = environment("ENTRA_CERTIFICATE_FILE").context(
        "--real-entra needs ENTRA_CERTIFICATE_FILE: a PEM file with the application's \
         certificate and its key",
    )?;
    Ok(RealEntra {
        client_id,
        certificate_file: certificate_file.into(),
    })
}

/// Says that everything answers; standard output holds nothing else.
fn announce(machine: &Machine, ready_json: bool) -> anyhow::Result<()> {
    let text = if ready_json {
        escaped_json(&serde_json::to_string(&machine.ready)?) + "\n"
    } else {
        let ready = &machine.ready;
        printable_lines(&ready.for_a_person(&machine.resource, &machine.redirect_uri))
    };
    let mut stdout = std::io::stdout();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()?;
    Ok(())
}
