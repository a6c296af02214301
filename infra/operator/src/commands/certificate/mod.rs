//! `certificate`: the certificate that the broker proves itself to Entra ID with, and its rotation.

mod create;
mod directory;
mod inspect;
mod pending;
mod publish;
mod rotate;
mod source;
pub(crate) mod status;
mod thumbprints;
mod view;

use auth::operator_action::Deed;
use clap::Subcommand;

pub use self::create::{Bits, CreateArguments};
pub use self::inspect::InspectArguments;
pub use self::publish::PublishArguments;
use crate::record::{Recorded, chosen};
use crate::session::Session;

/// The commands about the certificate.
#[derive(Debug, Clone, Subcommand)]
pub enum CertificateCommand {
    /// Make an RSA key and a self-signed certificate over it, in a directory
    ///
    /// Needs neither a run nor AWS. Entra ID matches the registered certificate itself and
    /// follows no chain: self-signed is as good as bought.
    Create(CreateArguments),
    /// What a certificate file holds: validity, key, thumbprints, and the key credential
    /// to paste into the application's manifest
    ///
    /// Needs neither a run nor AWS. Ends with 0 when Entra ID would take the certificate
    /// now, whether or not the file holds its key; with 1 when it would not (expired, not
    /// yet valid, too short, not RSA), when the key in the file is another's or cannot be
    /// read, and when the file cannot be read. What could be read is printed all the same.
    Inspect(InspectArguments),
    /// Put a certificate and its key into the secret that the functions read
    ///
    /// It has to be valid now, with its own RSA key. Where the secret holds another one
    /// already, a person is asked first, and that one stays as the version before.
    ///
    /// With --pending the other way round: of a rotation that waits for an operator, the
    /// certificate that is to be added to the application is written to DIR, never its key.
    Publish(PublishArguments),
    /// Begin a rotation now, in place of waiting for its day
    ///
    /// Secrets Manager calls the rotator, which makes a key and a certificate, adds it to the
    /// application, tries it, and makes it the current one: within minutes. `certificate status`
    /// says how far it is.
    Rotate,
    /// The versions of the certificate's secret with the days that are left, and what Entra ID
    /// holds beside them
    ///
    /// Entra ID is asked where ENTRA_HOME_TENANT and the functions' other variables are set.
    Status,
}

impl CertificateCommand {
    pub(super) fn recorded(&self) -> Recorded {
        match self {
            // Files of the operator's own.
            CertificateCommand::Create(_) | CertificateCommand::Inspect(_) => Recorded::Not,
            CertificateCommand::Publish(arguments) => Recorded::Always(Deed {
                command: "certificate publish",
                options: chosen(&[("pending", arguments.pending)]),
                ..Deed::default()
            }),
            CertificateCommand::Rotate => Recorded::Always(Deed {
                command: "certificate rotate",
                ..Deed::default()
            }),
            // It reads the secret, and signs with its key to ask Entra ID.
            CertificateCommand::Status => Recorded::Always(Deed {
                command: "certificate status",
                ..Deed::default()
            }),
        }
    }
}

pub(super) async fn run(
    command: CertificateCommand,
    session: Session<'_, '_>,
) -> anyhow::Result<()> {
    match command {
        CertificateCommand::Create(arguments) => create::run(&arguments, session),
        CertificateCommand::Inspect(arguments) => inspect::run(&arguments, session),
        CertificateCommand::Publish(arguments) if arguments.pending => {
            pending::run(&arguments, session).await
        }
        CertificateCommand::Publish(arguments) => publish::run(arguments, session).await,
        CertificateCommand::Rotate => rotate::run(session).await,
        CertificateCommand::Status => status::run(session).await,
    }
}
