//! A simulator of the test's own that a run takes for the real Entra ID: what stands
//! between them, which application is registered and how, is the test's to say.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use auth::secret::ExposeSecret as _;
use microsoft::certificate::CreatedCertificate;
use microsoft_sim::{KeyCredential, Registration, RequiredResource, Simulator};
use tokio::net::TcpListener;

use crate::process::Start;
use crate::recorder::{Microphone, Recorder};

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

/// The same with a recorder in front of it, by whose URL everybody knows it.
pub async fn serve_recorded(simulator: &Simulator) -> Recorder {
    let microphone = Microphone::bind().await;
    let port = serve(simulator, &microphone.url).await;
    microphone.in_front_of(port)
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
    /// The stand-in's URL; the cloud's own authority where there is none.
    pub authority: Option<&'a str>,
}

impl RealRun<'_> {
    /// How to start it.
    pub fn start(&self) -> Start {
        let file = self.directory.join("own.pem");
        let key = self.certificate.private_key_pem.expose_secret();
        write_secret(&file, &format!("{}{key}", self.certificate.certificate_pem));
        let start = Start::new(self.machine, &self.directory.join("data"))
            .options(&["--real-entra"])
            .variable("ENTRA_CLIENT_ID", self.client_id)
            .variable("ENTRA_CERTIFICATE_FILE", file.to_str().unwrap());
        match self.authority {
            Some(url) => start.variable("ENTRA_AUTHORITY", url),
            None => start,
        }
    }
}

/// Our application as the registration guide has it, for the run that sends people back to
/// `consent_url` and signs with the certificate in `der`.
pub fn registration(client_id: &str, consent_url: &str, der: &[u8]) -> Registration {
    Registration {
        client_id: client_id.parse().unwrap(),
        display_name: "Stand-in".to_owned(),
        home_tenant: None,
        multi_tenant: true,
        redirect_uris: vec![format!("{consent_url}/callback")],
        key_credentials: vec![KeyCredential::from_certificate_der(der).unwrap()],
        client_secrets: Vec::new(),
        required_roles: vec![RequiredResource {
            resource: "https://manage.office.com".to_owned(),
            roles: vec!["ActivityFeed.Read".to_owned()],
            scopes: Vec::new(),
        }],
        group_membership_claims_directory_role: true,
    }
}

/// Writes a file that only its owner reads.
pub fn write_secret(path: &Path, text: &str) {
    let mut options = std::fs::OpenOptions::new();
    let file = options.write(true).create_new(true).mode(0o600).open(path);
    std::io::Write::write_all(&mut file.unwrap(), text.as_bytes()).unwrap();
}
