//! A run against a simulator of the test's own, whose registration the test says and whose
//! requests are recorded.

use std::sync::Arc;

use auth::ports::Clock as _;
use microsoft_sim::{Config, Registration, Simulator, SystemClock};
use tests::stand_in::{RealRun, registration, serve_recorded};
use tests::{Broker, Flow, Process, Recorder};

const CLIENT_ID: &str = "a6099727-6b7b-482c-b509-1df309acc563";

/// Anybody may start; the schedule does not come by itself.
pub(super) struct OwnAuthority {
    pub(super) process: Process,
    pub(super) broker: Broker,
    pub(super) recorder: Recorder,
    pub(super) simulator: Simulator,
    _directory: tempfile::TempDir,
}

impl OwnAuthority {
    /// `change`: what is registered otherwise than the guide says.
    pub(super) async fn start(flow: Flow, change: impl FnOnce(&mut Registration)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let created = microsoft::certificate::create("Own", 30, aws::SystemClock.now()).unwrap();
        let simulator = Simulator::open(Config::default(), Arc::new(SystemClock)).unwrap();
        let recorder = serve_recorded(&simulator).await;
        let run = RealRun {
            machine: env!("CARGO_BIN_EXE_machine"),
            directory: directory.path(),
            certificate: &created,
            client_id: CLIENT_ID,
            authority: Some(&recorder.url),
        };
        let start = run.start().variable("CONSENT_FLOW", flow.as_str());
        let process = start.options(&["--refresh-every", "3600"]).run().await;
        let mut registered = registration(CLIENT_ID, &process.ready.consent_url, &created.der);
        change(&mut registered);
        simulator.register(registered).unwrap();
        Self {
            broker: Broker::of(&process.ready),
            process,
            recorder,
            simulator,
            _directory: directory,
        }
    }
}
