//! A run over TLS, and an admin who trusts its CA.

use std::path::{Path, PathBuf};

use auth::Timestamp;
use auth::ports::Clock as _;
use tests::process::Start;
use tests::{Browser, Flow, ReadyLine, connect};

pub(super) const MACHINE: &str = env!("CARGO_BIN_EXE_machine");

pub(super) fn start(directory: &Path) -> Start {
    Start::new(MACHINE, directory).options(&["--tls"])
}

pub(super) fn ca_file(directory: &Path) -> PathBuf {
    directory.join("ca.pem")
}

/// Connects the first simulated tenant; gives its ID.
pub(super) async fn connected(ready: &ReadyLine, ca_file: &Path) -> String {
    let person = &ready.simulated_tenants[0];
    let mut browser = Browser::trusting(ca_file);
    let result = connect(&mut browser, &ready.consent_url, &person.admin, Flow::V2).await;
    assert_eq!(result.heading(), "Connected", "{}", result.body);
    assert!(
        !browser.cookies_of(&result.url).is_empty(),
        "cookies were kept"
    );
    person.tenant_id.clone()
}

pub(super) fn now() -> Timestamp {
    aws::SystemClock.now()
}
