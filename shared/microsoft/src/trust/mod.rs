//! CAs that are trusted besides the system's: those of a proxy that opens TLS, or of a
//! machine that is its own CA. They are read and checked at start: all of a file, or the start
//! is refused. They only ever add: no certificate check is turned off anywhere.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use auth::text::shown_path;
use reqwest::{Certificate, Client};
use url::Url;

use self::ca_file::CaFileError;
use crate::certificate::pem::armoured;
use crate::http::{Asked, Http, HttpError, Patience};

mod ca_file;
#[cfg(test)]
mod tests;

/// A bundle of every public CA is a quarter of this.
const FILE_MAX_BYTES: u64 = 1024 * 1024;

/// CAs to trust besides the system's; none by default. Clones share the HTTP clients that
/// trust them: each client reads the system's CAs, which is a good part of a start.
#[derive(Debug, Clone, Default)]
pub struct TrustRoots {
    extra: Vec<Certificate>,
    pem: String,
    patience: Patience,
    clients: Arc<Clients>,
}

/// One for each kind of place that is asked; made when somebody needs it.
#[derive(Debug, Default)]
struct Clients {
    outside: OnceLock<Http>,
    loopback: OnceLock<Http>,
    loopback_plain: OnceLock<Http>,
}

/// Why `EXTRA_CA_FILE` cannot be used, in one line that says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "EXTRA_CA_FILE: {file}: {reason}: name a PEM file with the CA certificates to trust besides \
     the system's, or set none"
)]
pub struct TrustError {
    /// As it may be shown.
    file: String,
    reason: String,
}

impl TrustRoots {
    /// Reads and checks the CAs in the file of `EXTRA_CA_FILE`; none where it is not set.
    pub fn load(file: Option<&Path>) -> Result<Self, TrustError> {
        let Some(path) = file else {
            return Ok(Self::default());
        };
        let unusable = |reason: String| TrustError {
            file: shown_path(path).to_string(),
            reason,
        };
        let bytes = read(path).map_err(|error| unusable(error.to_string()))?;
        let ders = ca_file::certificates(&bytes).map_err(|error| unusable(error.to_string()))?;
        let extra = trusted(&ders).map_err(|error| unusable(error.to_string()))?;
        Ok(Self {
            pem: ders
                .iter()
                .map(|der| armoured("CERTIFICATE", der))
                .collect(),
            extra,
            patience: Patience::default(),
            clients: Arc::default(),
        })
    }

    /// These CAs as plain PEM, for a file that others are to read.
    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// Waits so long for a connection and for an answer, in place of 3 s and 8 s.
    #[must_use]
    pub fn waiting(self, connection: Duration, answer: Duration) -> Self {
        Self {
            patience: Patience { connection, answer },
            clients: Arc::default(),
            ..self
        }
    }

    /// The client for whatever is not on this machine, for others that ask through it: the
    /// system's CAs are read once then.
    pub fn http_client(&self) -> Result<Client, HttpError> {
        self.of(Asked::Outside).map(|client| client.kept())
    }

    /// The client to ask what is at `url`, for others as well.
    pub fn http_client_at(&self, url: &Url) -> Result<Client, HttpError> {
        self.client(Some(url)).map(|client| client.kept())
    }

    /// The client that everybody who trusts these shares, to ask what is at `url`; `None` for
    /// a cloud's own authority.
    pub(crate) fn client(&self, url: Option<&Url>) -> Result<Http, HttpError> {
        self.of(url.map_or(Asked::Outside, Asked::at))
    }

    fn of(&self, asked: Asked) -> Result<Http, HttpError> {
        let client = match asked {
            Asked::Outside => &self.clients.outside,
            Asked::Loopback => &self.clients.loopback,
            Asked::LoopbackPlain => &self.clients.loopback_plain,
        };
        if let Some(client) = client.get() {
            return Ok(client.clone());
        }
        let made = Http::new(asked, self.extra.clone(), self.patience)?;
        Ok(client.get_or_init(|| made).clone())
    }
}

/// As the HTTP client takes them. A client is asked with these alone: that costs no look at
/// the system's. Which one it refuses it does not say.
fn trusted(ders: &[Vec<u8>]) -> Result<Vec<Certificate>, CaFileError> {
    let taken = |ders: &[Vec<u8>]| -> Option<Vec<Certificate>> {
        let certificates = ders.iter().map(|der| Certificate::from_der(der).ok());
        let certificates: Vec<_> = certificates.collect::<Option<_>>()?;
        let client = Client::builder().tls_certs_only(certificates.clone());
        client.build().ok().map(|_| certificates)
    };
    taken(ders).ok_or_else(|| {
        let refused = ders.chunks(1).position(|one| taken(one).is_none());
        CaFileError::NoAnchor(refused.unwrap_or_default() + 1)
    })
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let length = std::fs::metadata(path)?.len();
    match length > FILE_MAX_BYTES {
        true => Err(std::io::Error::other("it is too large")),
        false => std::fs::read(path),
    }
}
