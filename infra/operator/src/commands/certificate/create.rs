//! `certificate create`: a key, a self-signed certificate over it, and what the
//! application's manifest takes. Asks neither a run nor AWS; prints no key, and writes it
//! into one file that only its owner can read.

use std::path::PathBuf;

use auth::ports::Clock as _;
use auth::text::shown_path;
use aws::{SystemClock, SystemRandom};
use clap::{Args, ValueEnum};
use microsoft::certificate::{CertificateFacts, KeyCredential, RsaLength, create_with};
use serde::Serialize;

use super::directory::Directory;
use super::thumbprints::Digests;
use crate::output;
use crate::session::Session;

/// ub-common-name of X.520, in characters.
const COMMON_NAME_MAX: usize = 64;

/// What `certificate create` takes.
#[derive(Debug, Clone, Args)]
pub struct CreateArguments {
    /// The certificate's common name, by which people know it in Entra ID
    #[arg(long, value_name = "CN", value_parser = common_name)]
    pub subject: String,
    /// How many days it is valid, from now on
    #[arg(long, value_name = "N", default_value_t = 365,
          value_parser = clap::value_parser!(u32).range(1..=3650))]
    pub days: u32,
    /// Length of the RSA key
    #[arg(long, value_enum, default_value_t = Bits::Bits2048)]
    pub bits: Bits,
    /// The directory for certificate.pem, private-key.pem and key-credential.json; made
    /// where there is none. Files that are there already are not overwritten
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
}

/// The lengths of key to choose from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Bits {
    /// What Entra ID asks for at least.
    #[value(name = "2048")]
    Bits2048,
    /// Longer.
    #[value(name = "3072")]
    Bits3072,
    /// Longer still: a signature costs some five times as much.
    #[value(name = "4096")]
    Bits4096,
}

impl From<Bits> for RsaLength {
    fn from(bits: Bits) -> Self {
        match bits {
            Bits::Bits2048 => Self::Bits2048,
            Bits::Bits3072 => Self::Bits3072,
            Bits::Bits4096 => Self::Bits4096,
        }
    }
}

/// A created certificate in JSON. Times are RFC 3339 in UTC.
#[derive(Serialize)]
struct CreatedView<'a> {
    certificate_file: String,
    private_key_file: String,
    key_credential_file: String,
    subject: &'a str,
    not_before: String,
    not_after: String,
    thumbprints: Digests,
    key_credential: &'a KeyCredential,
}

pub(super) fn run(arguments: &CreateArguments, mut session: Session<'_, '_>) -> anyhow::Result<()> {
    let directory = Directory::at(&arguments.out);
    directory.prepare()?;
    let created = create_with(
        &arguments.subject,
        arguments.bits.into(),
        arguments.days,
        SystemClock.now(),
    )?;
    let certificate = CertificateFacts::from_der(&created.der)?;
    let credential = KeyCredential::of(&certificate, &SystemRandom);
    directory.fill(&created, &credential)?;
    let view = view(&directory, &certificate, &credential);
    session.print(&view, || for_a_person(&view, &certificate, arguments))
}

/// A common name; `CN=` before it is taken off. Other attributes are refused, not put into
/// the name as if they were a part of it.
fn common_name(text: &str) -> Result<String, String> {
    let text = text.trim();
    let name = match text.get(..3) {
        Some(prefix) if prefix.eq_ignore_ascii_case("cn=") => text[3..].trim(),
        _ => text,
    };
    if name.contains('=') {
        return Err("a common name has no `=`: write one such as \"Token broker\"".to_owned());
    }
    auth::text::name(name, COMMON_NAME_MAX).map_err(|error| error.to_string())
}

fn view<'a>(
    directory: &Directory,
    certificate: &'a CertificateFacts,
    credential: &'a KeyCredential,
) -> CreatedView<'a> {
    let text = |path: PathBuf| shown_path(&path).to_string();
    CreatedView {
        certificate_file: text(directory.certificate()),
        private_key_file: text(directory.private_key()),
        key_credential_file: text(directory.key_credential()),
        subject: &certificate.subject,
        not_before: certificate.not_before.to_string(),
        not_after: certificate.not_after.to_string(),
        thumbprints: Digests::of(certificate),
        key_credential: credential,
    }
}

fn for_a_person(
    view: &CreatedView<'_>,
    certificate: &CertificateFacts,
    arguments: &CreateArguments,
) -> String {
    let facts = output::fields(
        0,
        &[
            ("certificate", view.certificate_file.clone()),
            ("private key", view.private_key_file.clone()),
            ("key credential", view.key_credential_file.clone()),
            ("subject", view.subject.to_owned()),
            ("not after", view.not_after.clone()),
            ("key", certificate.key.to_string()),
        ],
    );
    let directory = shown_path(&arguments.out).to_string();
    format!(
        "{facts}\n{}\nNext:\n\
         1. Register the certificate with the application: upload certificate.pem under\n   \
            Certificates & secrets, or put key-credential.json into keyCredentials of its \
            manifest.\n\
         2. operator certificate publish {directory}\n\
         3. Delete the private key's file: the secret holds the key then.\n",
        view.thumbprints.for_a_person()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_one_common_name() {
        let longest = "n".repeat(COMMON_NAME_MAX);
        let rows = [
            ("Token broker", Some("Token broker")),
            (" CN=Token broker ", Some("Token broker")),
            ("cn= Contoso, Inc.", Some("Contoso, Inc.")),
            ("Büro", Some("Büro")),
            (&longest, Some(longest.as_str())),
            ("CN=Broker,O=Contoso", None),
            ("O=Contoso", None),
            ("", None),
            ("CN=", None),
            ("a\nb", None),
            (&(longest.clone() + "n"), None),
        ];
        for (text, expected) in rows {
            assert_eq!(common_name(text).ok().as_deref(), expected, "{text:?}");
        }
    }
}
