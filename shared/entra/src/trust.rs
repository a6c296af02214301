//! CAs that are trusted besides the system's: those of a proxy that opens TLS, or of a
//! machine that is its own CA. They are read and checked at start. They only ever add:
//! no certificate check is turned off anywhere.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use auth::text::shown_path;
use reqwest::{Certificate, Client};
use url::Url;

use crate::http::{Asked, Http, HttpError, Patience};

/// A bundle of every public CA is a quarter of this.
const FILE_MAX_BYTES: u64 = 1024 * 1024;

/// CAs to trust besides the system's; none by default. Clones share the HTTP clients that
/// trust them: each client reads the system's CAs, which is a good part of a start.
#[derive(Debug, Clone, Default)]
pub struct TrustRoots {
    extra: Vec<Certificate>,
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
        let text = read(path).map_err(|error| unusable(error.to_string()))?;
        let certificates = Certificate::from_pem_bundle(&text)
            .map_err(|_| unusable("one of its PEM blocks is damaged".to_owned()))?;
        if certificates.is_empty() {
            return Err(unusable("it holds no certificate in PEM".to_owned()));
        }
        // A client reads what the PEM blocks hold. It is asked with these alone: that
        // costs no look at the system's.
        Client::builder()
            .tls_certs_only(certificates.clone())
            .build()
            .map_err(|_| unusable("one of its certificates cannot be read".to_owned()))?;
        Ok(Self {
            extra: certificates,
            patience: Patience::default(),
            clients: Arc::default(),
        })
    }

    /// Waits so long for a connection and for an answer, in place of 3 s and 10 s.
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

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let length = std::fs::metadata(path)?.len();
    match length > FILE_MAX_BYTES {
        true => Err(std::io::Error::other("it is too large")),
        false => std::fs::read(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(content: &[u8]) -> Result<TrustRoots, TrustError> {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("extra.pem");
        std::fs::write(&path, content).unwrap();
        TrustRoots::load(Some(&path))
    }

    fn ca() -> String {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut parameters = rcgen::CertificateParams::default();
        parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        parameters.self_signed(&key).unwrap().pem()
    }

    #[test]
    fn every_certificate_of_the_file_is_taken() {
        let bundle = format!("a comment\n{}\n{}", ca(), ca());
        assert_eq!(load(bundle.as_bytes()).unwrap().extra.len(), 2);
        assert!(TrustRoots::load(None).unwrap().extra.is_empty());
    }

    #[test]
    fn a_file_that_cannot_be_used_is_named_with_its_variable() {
        let good = ca();
        let cut = good.replace("-----END CERTIFICATE-----", "");
        let no_certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let no_base64 = "-----BEGIN CERTIFICATE-----\n????\n-----END CERTIFICATE-----\n";
        let rows: [(&str, Vec<u8>); 7] = [
            ("nothing", Vec::new()),
            ("a text", b"trust everybody".to_vec()),
            ("DER", b"\x30\x82\xff".to_vec()),
            ("a cut block", cut.into_bytes()),
            ("no base64", no_base64.into()),
            ("no certificate inside", no_certificate.into()),
            (
                "a good one and a bad one",
                format!("{good}{no_certificate}").into_bytes(),
            ),
        ];
        for (row, content) in rows {
            let said = load(&content).expect_err(row).to_string();
            assert!(said.starts_with("EXTRA_CA_FILE: "), "{row}: {said}");
            for part in ["extra.pem", "name a PEM file"] {
                assert!(said.contains(part), "{row}: {said}");
            }
            assert!(!said.contains('\n'), "{row}: {said}");
        }
        let missing = TrustRoots::load(Some(Path::new("/no/such/file.pem"))).unwrap_err();
        assert!(missing.to_string().contains("/no/such/file.pem"));
    }
}
