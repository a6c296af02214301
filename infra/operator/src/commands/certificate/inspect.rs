//! `certificate inspect`: what a certificate file holds, and whether Entra ID would
//! take it. Asks neither a run nor AWS; never prints a private key.
//!
//! A certificate that Entra ID would refuse is printed like any other, and then the
//! command fails with the reasons: a script that goes on after exit code 0 goes on with
//! a certificate that works.

use std::path::PathBuf;

use auth::ports::Clock as _;
use auth::text::shown_path;
use aws::{SystemClock, SystemRandom};
use clap::Args;
use microsoft::certificate::{Inspection, KeyCredential};

use super::source::{self, Source};
use super::view::{self, CertificateView};
use crate::session::Session;

/// What `certificate inspect` takes.
#[derive(Debug, Clone, Args)]
pub struct InspectArguments {
    /// PEM, DER (.cer), base64 of DER, or PFX (PKCS#12)
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Read a PFX file's password from the first line of this file; without it a person
    /// is asked. The empty password is tried first
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}

pub(super) fn run(
    arguments: &InspectArguments,
    mut session: Session<'_, '_>,
) -> anyhow::Result<()> {
    let password_file = arguments.password_file.as_deref();
    let Source { form, bundle } = source::read(&arguments.file, password_file, session.console)?;
    let now = SystemClock.now();
    let inspection = bundle.inspect(now);
    let credential = KeyCredential::of(&inspection.certificate, &SystemRandom);
    let file = shown_path(&arguments.file).to_string();
    let shown = CertificateView::new(&file, form, &inspection, &credential, now);
    let text = view::for_a_person(&shown)?;
    session.print(&shown, || text)?;
    refuse(&file, &inspection)
}

/// Fails with everything that Entra ID would object to, in one line.
fn refuse(file: &str, inspection: &Inspection) -> anyhow::Result<()> {
    if inspection.problems.is_empty() {
        return Ok(());
    }
    let problems: Vec<String> = inspection
        .problems
        .iter()
        .map(ToString::to_string)
        .collect();
    anyhow::bail!("{file}: {}", problems.join("; "))
}
