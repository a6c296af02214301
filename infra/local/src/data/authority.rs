//! The certificate authority of the data directory: `ca-key.pem`, its owner's only, and
//! `ca.pem`, which anybody may read. A missing certificate is made again from the key;
//! a missing key cannot be, and the run says so to the person who trusts the certificate.

use std::path::{Path, PathBuf};

use auth::Timestamp;
use auth::ports::Random;
use auth::secret::{ExposeSecret as _, SecretString};

use super::error::{DataError, damaged};
use super::files::{self, Readers};
use crate::tls::{Authority, Unusable, make_certificate, make_key};

/// Opens the authority, or makes it; gives where its certificate is, too.
pub(super) fn open(
    root: &Path,
    now: Timestamp,
    random: &dyn Random,
) -> Result<(Authority, PathBuf), DataError> {
    let (key_file, certificate_file) = (root.join("ca-key.pem"), root.join("ca.pem"));
    let failed = |unusable| match unusable {
        Unusable::Key(reason) => key_unusable(&key_file, reason),
        Unusable::Certificate(reason) => damaged(&certificate_file, &reason),
    };
    let kept = files::read_text(&certificate_file)?;
    let key = key(&key_file, kept.is_some())?;
    let certificate = match kept {
        Some(certificate) => certificate,
        None => {
            let made = make_certificate(&key, now, random).map_err(failed)?;
            files::write(&certificate_file, made.as_bytes(), Readers::Anybody)?;
            made
        }
    };
    let authority = Authority::open(&certificate, &key, now).map_err(failed)?;
    Ok((authority, certificate_file))
}

/// The key that is kept; a new one only where no certificate says that there was one.
fn key(file: &Path, has_certificate: bool) -> Result<SecretString, DataError> {
    let kept = files::read_private(file).map_err(|error| match error {
        DataError::Damaged { path, .. } => key_unusable(&path, "it is not text"),
        error => error,
    });
    match kept? {
        Some(key) => Ok(key),
        None if has_certificate => Err(key_unusable(file, "it is missing beside ca.pem")),
        None => {
            let key = make_key().map_err(|_| key_unusable(file, "no key could be made"))?;
            let text = key.expose_secret().as_bytes();
            files::write(file, text, Readers::Owner)?;
            Ok(key)
        }
    }
}

fn key_unusable(path: &Path, reason: &'static str) -> DataError {
    DataError::AuthorityKey {
        path: path.to_owned(),
        reason,
    }
}
