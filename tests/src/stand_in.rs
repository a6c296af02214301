//! A simulator of the test's own that a run takes for the real Entra ID: what stands
//! between them, which application is registered and how, is the test's to say.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use auth::secret::ExposeSecret as _;
use entra::certificate::CreatedCertificate;
use entra_sim::Simulator;
use tokio::net::TcpListener;

use crate::process::Start;

/// Serves it on a free port of this machine, and gives the port. `url` is where
/// everybody finds it: whatever stands in front of it.
pub async fn serve(simulator: &Simulator, url: &str) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (simulator, url) = (simulator.clone(), url.to_owned());
    tokio::spawn(async move {
        let served = simulator.serve(listener, url, std::future::pending()).await;
        served.unwrap();
    });
    port
}

/// A run that takes what answers at `authority` for the real one.
#[derive(Debug, Clone, Copy)]
pub struct RealRun<'a> {
    /// The binary: `env!("CARGO_BIN_EXE_machine")` of the test.
    pub machine: &'a str,
    /// Empty; the run's own is `data` in it.
    pub directory: &'a Path,
    /// What it signs with.
    pub certificate: &'a CreatedCertificate,
    /// Its application.
    pub client_id: &'a str,
    /// The stand-in's URL.
    pub authority: &'a str,
}

impl RealRun<'_> {
    /// How to start it.
    pub fn start(&self) -> Start {
        let file = self.directory.join("own.pem");
        let key = self.certificate.private_key_pem.expose_secret();
        write_secret(&file, &format!("{}{key}", self.certificate.certificate_pem));
        Start::new(self.machine, &self.directory.join("data"))
            .options(&["--real-entra"])
            .variable("ENTRA_CLIENT_ID", self.client_id)
            .variable("ENTRA_CERTIFICATE_FILE", file.to_str().unwrap())
            .variable("ENTRA_AUTHORITY", self.authority)
    }
}

/// Writes a file that only its owner reads.
pub fn write_secret(path: &Path, text: &str) {
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    std::io::Write::write_all(&mut file.unwrap(), text.as_bytes()).unwrap();
}
