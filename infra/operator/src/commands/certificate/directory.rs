//! The directory that `certificate create` fills and `certificate publish` reads. What is
//! there already is never overwritten: it may be the only copy of a key in use. Every file
//! is its owner's only from its first moment on, whatever the umask.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use auth::secret::ExposeSecret as _;
use auth::text::shown_path;
use microsoft::certificate::{CreatedCertificate, KeyCredential};

const CERTIFICATE: &str = "certificate.pem";
const PRIVATE_KEY: &str = "private-key.pem";
const KEY_CREDENTIAL: &str = "key-credential.json";

/// Where the three files are.
pub(super) struct Directory(PathBuf);

impl Directory {
    pub(super) fn at(path: &Path) -> Self {
        Self(path.to_owned())
    }

    /// To be sent to Entra ID.
    pub(super) fn certificate(&self) -> PathBuf {
        self.0.join(CERTIFICATE)
    }

    /// To be seen by no other person.
    pub(super) fn private_key(&self) -> PathBuf {
        self.0.join(PRIVATE_KEY)
    }

    /// An element of `keyCredentials` in the application's manifest.
    pub(super) fn key_credential(&self) -> PathBuf {
        self.0.join(KEY_CREDENTIAL)
    }

    /// Makes the directory, for its owner only, or takes one in which none of the files is.
    pub(super) fn prepare(&self) -> anyhow::Result<()> {
        for file in [
            self.private_key(),
            self.certificate(),
            self.key_credential(),
        ] {
            if file.symlink_metadata().is_ok() {
                return Err(not_made(&file, &io::ErrorKind::AlreadyExists.into()));
            }
        }
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let made = builder.create(&self.0);
        made.map_err(|error| anyhow::anyhow!("{}: {}", named(&self.0), told(&error)))
    }

    /// Writes the three files, the key first; all of them or none.
    pub(super) fn fill(
        &self,
        created: &CreatedCertificate,
        credential: &KeyCredential,
    ) -> anyhow::Result<()> {
        let credential = serde_json::to_string_pretty(credential)? + "\n";
        let key = created.private_key_pem.expose_secret();
        let certificate = created.certificate_pem.as_str();
        write_all(&[
            (self.private_key(), key),
            (self.certificate(), certificate),
            (self.key_credential(), &credential),
        ])
    }

    /// Writes the two files that are to be seen; both or none.
    pub(super) fn fill_public(
        &self,
        certificate_pem: &str,
        credential: &KeyCredential,
    ) -> anyhow::Result<()> {
        let credential = serde_json::to_string_pretty(credential)? + "\n";
        write_all(&[
            (self.certificate(), certificate_pem),
            (self.key_credential(), &credential),
        ])
    }
}

fn write_all(files: &[(PathBuf, &str)]) -> anyhow::Result<()> {
    for (index, (file, content)) in files.iter().enumerate() {
        if let Err(error) = write_new(file, content) {
            for (written, _) in &files[..index] {
                // Made a moment ago, by this command; what cannot be taken away again
                // is named by the next attempt.
                let _ = fs::remove_file(written);
            }
            return Err(not_made(file, &error));
        }
    }
    Ok(())
}

fn write_new(path: &Path, content: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let written = file
        .write_all(content.as_bytes())
        .and_then(|()| file.sync_all());
    written.inspect_err(|_| {
        // Half a file, of which this command wrote all.
        let _ = fs::remove_file(path);
    })
}

fn not_made(file: &Path, error: &io::Error) -> anyhow::Error {
    match error.kind() {
        io::ErrorKind::AlreadyExists => anyhow::anyhow!(
            "{} is there already and is not overwritten: name another directory with --out",
            named(file)
        ),
        _ => anyhow::anyhow!("{}: {}", named(file), told(error)),
    }
}

fn told(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => {
            "you may not write there: name another directory with --out".to_owned()
        }
        io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => {
            "a file, not a directory: name another one with --out".to_owned()
        }
        _ => format!("cannot be written: {error}"),
    }
}

fn named(path: &Path) -> String {
    shown_path(path).to_string()
}
