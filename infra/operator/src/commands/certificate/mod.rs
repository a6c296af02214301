//! `certificate`: the certificate that the broker proves itself to Entra ID with.

mod inspect;
mod source;
mod view;

use clap::Subcommand;

pub use self::inspect::InspectArguments;
use super::Session;

/// The commands about the certificate.
#[derive(Debug, Clone, Subcommand)]
pub enum CertificateCommand {
    /// What a certificate file holds: validity, key, thumbprints, and the key credential
    /// to paste into the application's manifest
    ///
    /// Needs neither a run nor AWS. Ends with 0 when Entra ID would take the certificate
    /// now, whether or not the file holds its key; with 1 when it would not (expired, not
    /// yet valid, too short, not RSA), when the key in the file is another's or cannot be
    /// read, and when the file cannot be read. What could be read is printed all the same.
    Inspect(InspectArguments),
}

pub(super) fn run(command: CertificateCommand, session: Session<'_, '_>) -> anyhow::Result<()> {
    match command {
        CertificateCommand::Inspect(arguments) => inspect::run(&arguments, session),
    }
}
