//! A run over TLS, an admin who trusts its CA, and the operator's commands.

use std::path::{Path, PathBuf};

use auth::Timestamp;
use auth::ports::Clock as _;
use clap::Parser as _;
use operator::{Arguments, Console, Exit};
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

/// Runs an operator's command on a data directory.
pub(super) async fn operator(directory: &Path, command: &[&str]) -> (Exit, String, String) {
    let line = ["operator", "--data-dir", directory.to_str().unwrap()];
    let arguments = Arguments::try_parse_from([&line, command].concat()).unwrap();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut console = Console {
        out: &mut out,
        err: &mut err,
        person: None,
        piped: &mut std::io::empty(),
        progress: false,
        unseen: &mut || Err(std::io::ErrorKind::Unsupported.into()),
    };
    let exit = operator::run(arguments, &|_| None, &mut console).await;
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (exit, text(out), text(err))
}

pub(super) fn now() -> Timestamp {
    aws::SystemClock.now()
}
