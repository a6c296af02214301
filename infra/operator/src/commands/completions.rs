//! `completions` and `man`: what clap makes of the command line itself. They need no place.

use std::fs;
use std::path::PathBuf;

use anyhow::Context as _;
use auth::text::shown_path;
use clap::Args;
use clap_complete::Shell;

use crate::session::Session;

/// What `completions` takes.
#[derive(Debug, Clone, Args)]
pub struct CompletionsArguments {
    /// For which shell
    #[arg(value_enum)]
    pub shell: Shell,
}

/// What `man` takes.
#[derive(Debug, Clone, Args)]
pub struct ManArguments {
    /// The directory; it is made where it is not there
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

pub(super) fn print(
    arguments: &CompletionsArguments,
    session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut (session.command_line)(),
        "operator",
        &mut script,
    );
    Ok(session.console.out.write_all(&script)?)
}

pub(super) fn write_pages(
    arguments: &ManArguments,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let directory = shown_path(&arguments.out).to_string();
    let write = || {
        fs::create_dir_all(&arguments.out)?;
        clap_mangen::generate_to((session.command_line)(), &arguments.out)?;
        Ok::<_, std::io::Error>(fs::read_dir(&arguments.out)?.count())
    };
    let pages = write().with_context(|| format!("{directory} cannot be written"))?;
    session.print(&serde_json::json!({"pages": pages}), || {
        format!("{pages} pages are in {directory}: `man {directory}/operator.1` shows the first\n")
    })
}
