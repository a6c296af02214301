//! Reading the file of a certificate, and the password that a PFX file takes. A
//! password is never an argument: those are seen by every process of the machine.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use anyhow::Context as _;
use auth::secret::{ExposeSecret as _, SecretString};
use auth::text::{decoded, first_line, shown_path};
use microsoft::certificate::{Bundle, FileForm};

use super::directory::Directory;
use crate::console::Console;
use crate::pfx::{self, PfxError};

/// Far above any chain with its key; a device or a wrong file ends here.
const LARGEST: u64 = 1024 * 1024;

/// What was read.
pub(super) struct Source {
    /// The form of the file: `PEM`, `DER` or `PFX`.
    pub(super) form: &'static str,
    pub(super) bundle: Bundle,
}

/// Reads `file`, in whatever form it is. Every error is one line that names the file.
pub(super) fn read(
    file: &Path,
    password_file: Option<&Path>,
    console: &mut Console<'_>,
) -> anyhow::Result<Source> {
    let named = || shown_path(file).to_string();
    let bytes = bytes_of(file)?;
    let form = FileForm::recognise(&bytes).with_context(named)?;
    let (form, bundle) = match form {
        FileForm::Pem(text) => ("PEM", Bundle::from_pem(&text).with_context(named)?),
        FileForm::Der(der) => ("DER", Bundle::new(&[der], Vec::new()).with_context(named)?),
        FileForm::Pfx(der) => {
            let bundle = open_pfx(&der, file, password_file, console).with_context(named)?;
            ("PFX", bundle)
        }
    };
    Ok(Source { form, bundle })
}

/// The same of a path to a certificate and its key: one file that holds both, or the
/// directory that `certificate create` fills.
pub(super) fn read_with_key(
    path: &Path,
    password_file: Option<&Path>,
    console: &mut Console<'_>,
) -> anyhow::Result<Bundle> {
    if !path.is_dir() {
        return Ok(read(path, password_file, console)?.bundle);
    }
    let directory = Directory::at(path);
    // Each is read by itself: one may be of another tool.
    let mut text = String::new();
    for file in [directory.certificate(), directory.private_key()] {
        text.push_str(&pem_of(&file)?);
        text.push('\n');
    }
    let text = SecretString::from(text);
    let named = || shown_path(path).to_string();
    Bundle::from_pem(text.expose_secret()).with_context(named)
}

fn pem_of(file: &Path) -> anyhow::Result<String> {
    let named = || shown_path(file).to_string();
    match FileForm::recognise(&bytes_of(file)?).with_context(named)? {
        FileForm::Pem(text) => Ok(text),
        FileForm::Der(_) | FileForm::Pfx(_) => anyhow::bail!(
            "{}: no PEM text, as the files of a directory are: name the file itself",
            named()
        ),
    }
}

fn bytes_of(file: &Path) -> anyhow::Result<Vec<u8>> {
    let named = shown_path(file).to_string();
    let mut bytes = Vec::new();
    let read = File::open(file).and_then(|opened| opened.take(LARGEST + 1).read_to_end(&mut bytes));
    match read {
        Ok(_) if bytes.len() as u64 > LARGEST => {
            anyhow::bail!("{named}: larger than 1 MiB, so no certificate: name another file")
        }
        Ok(_) => Ok(bytes),
        Err(error) => Err(anyhow::anyhow!("{named}: {}", told(&error))),
    }
}

fn told(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file: check the path".to_owned(),
        io::ErrorKind::IsADirectory => "a directory: name the file in it".to_owned(),
        io::ErrorKind::PermissionDenied => {
            "you may not read it: become a user who may, or copy the certificate".to_owned()
        }
        _ => format!("cannot be read: {error}"),
    }
}

/// Opens a PFX file with the empty password, else with that of the password file, else
/// with what a person types.
fn open_pfx(
    der: &[u8],
    file: &Path,
    password_file: Option<&Path>,
    console: &mut Console<'_>,
) -> anyhow::Result<Bundle> {
    match pfx::open(der, &SecretString::default()) {
        Err(PfxError::WrongPassword) => {}
        opened => return Ok(opened?),
    }
    let password = match password_file {
        Some(path) => Some(password_of(path)?),
        None => {
            let name = shown_path(file).to_string();
            console.password(&format!("Password of {name}"))?
        }
    };
    let Some(password) = password else {
        anyhow::bail!(
            "a PFX file with a password: write the password into a file that only you can \
             read and name it with --password-file"
        );
    };
    pfx::open(der, &password).map_err(|error| match (&error, password_file) {
        (PfxError::WrongPassword, Some(path)) => {
            let path = shown_path(path).to_string();
            anyhow::anyhow!("{error}: compare it with the first line of {path}")
        }
        (PfxError::WrongPassword, None) => anyhow::anyhow!("{error}: type it again"),
        _ => error.into(),
    })
}

/// The password of a password file: its first line, without the line's end.
fn password_of(path: &Path) -> anyhow::Result<SecretString> {
    const PASSWORD_FILE: &str = "the password file";
    let bytes = bytes_of(path).context(PASSWORD_FILE)?;
    let text = decoded(&bytes).map(SecretString::from);
    let text = text.with_context(|| format!("{PASSWORD_FILE}: {}", shown_path(path)))?;
    Ok(first_line(text.expose_secret()).into())
}
