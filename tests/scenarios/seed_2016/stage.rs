//! A run in the form of 2016, client secret included, against the simulator, with a
//! recorder between them. The run takes the simulator for the real authority: it has
//! our certificate and our application, and nothing was registered for it by itself.

use std::path::Path;
use std::sync::Arc;

use auth::ports::Clock as _;
use microsoft::certificate::{CreatedCertificate, create};
use microsoft_sim::{Config, Registration, RequiredResource, Simulator, SystemClock};
use tempfile::TempDir;
use tests::process::Start;
use tests::stand_in::{RealRun, registration, serve_recorded, write_secret};
use tests::{Broker, Process, Recorder};

const MACHINE: &str = env!("CARGO_BIN_EXE_machine");
/// The sample's.
pub(super) const CLIENT_ID: &str = "a6099727-6b7b-482c-b509-1df309acc563";
/// With characters that a form must encode.
pub(super) const CLIENT_SECRET: &str = "s3cret~of+2016/with=signs&spaces in it";
const CLIENT_SECRET_ID: &str = "client-secret";

/// Everything that the scenario needs.
pub(super) struct Stage {
    pub(super) process: Process,
    pub(super) broker: Broker,
    pub(super) recorder: Recorder,
    /// A simulated tenant and its admin.
    pub(super) tenant: String,
    pub(super) admin: String,
    /// DER.
    pub(super) certificate: Vec<u8>,
    _directory: TempDir,
}

impl Stage {
    pub(super) async fn start() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let created = create("Page of 2016", 30, aws::SystemClock.now()).unwrap();
        let simulator = Simulator::open(Config::default(), Arc::new(SystemClock)).unwrap();
        let recorder = serve_recorded(&simulator).await;
        let process = start(directory.path(), &created, &recorder.url).run().await;
        let stage = Self {
            broker: Broker::of(&process.ready),
            process,
            recorder,
            tenant: simulator.tenants()[0].tenant_id.to_string(),
            admin: simulator.tenants()[0].admin.clone(),
            certificate: created.der,
            _directory: directory,
        };
        simulator.register(stage.registration()).unwrap();
        stage
    }

    pub(super) fn redirect_uri(&self) -> String {
        format!("{}/callback", self.broker.ready.consent_url)
    }

    fn registration(&self) -> Registration {
        Registration {
            display_name: "MyCompanyName MyAppName".to_owned(),
            client_secrets: vec![CLIENT_SECRET.to_owned()],
            required_roles: vec![RequiredResource {
                resource: "https://manage.office.com".to_owned(),
                roles: vec![
                    "ServiceHealth.Read".to_owned(),
                    "ActivityFeed.Read".to_owned(),
                ],
                scopes: Vec::new(),
            }],
            group_membership_claims_directory_role: false,
            ..registration(CLIENT_ID, &self.broker.ready.consent_url, &self.certificate)
        }
    }
}

fn start(directory: &Path, created: &CreatedCertificate, authority: &str) -> Start {
    let secrets = directory.join("data/secrets");
    std::fs::create_dir_all(&secrets).unwrap();
    write_secret(&secrets.join(CLIENT_SECRET_ID), CLIENT_SECRET);
    let run = RealRun {
        machine: MACHINE,
        directory,
        certificate: created,
        client_id: CLIENT_ID,
        authority: Some(authority),
    };
    run.start()
        .variable("CLIENT_SECRET_ID", CLIENT_SECRET_ID)
        .variable("CONSENT_FLOW", "v1")
        .variable("ENTRA_TOKEN_ENDPOINT", "v1")
        .variable("ENTRA_ASSERTION", "rs256")
}
