//! The same by curl, which signs by an implementation of its own, with the very line that a
//! person is told to paste.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use aws::SystemClock;
use local::{Machine, Options, Parts};
use serde_json::Value;
use tests::in_process;
use tokio::process::Command;

async fn machine(data_dir: &Path, tls: bool) -> Machine {
    let options = Options {
        tls,
        ..in_process::options(data_dir)
    };
    let parts = Parts::new(Arc::new(SystemClock));
    Machine::start(&options, parts).await.unwrap()
}

/// The line that reads the key and signs with it.
fn pasted_line(machine: &Machine) -> String {
    let text = machine
        .ready
        .for_a_person(&machine.resource, &machine.redirect_uri);
    let line = text.lines().find(|line| line.contains("--aws-sigv4"));
    line.expect("a line to paste").to_owned()
}

async fn shell(line: &str) -> (i32, String) {
    let output = Command::new("sh")
        .args(["-c", line])
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    (output.status.code().unwrap(), said)
}

/// A directory whose name has to be quoted, plain and over TLS.
#[tokio::test]
async fn the_pasted_line_reaches_vending() {
    for tls in [false, true] {
        let parent = tempfile::tempdir().unwrap();
        let machine = machine(&parent.path().join("it's $HOME"), tls).await;
        let line = pasted_line(&machine);
        let (code, said) = shell(&line).await;
        assert_eq!(code, 0, "{said}");
        let body: Value = serde_json::from_str(&said).expect(&said);
        // The tenant is not connected: vending itself says so, in its own form.
        assert!(body["error_description"].is_string(), "{body}");
        assert!(body["request_id"].is_string(), "{body}");
        machine.stop().await;
    }
}

#[tokio::test]
async fn curl_with_another_secret_or_service_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let machine = machine(directory.path(), false).await;
    let good = pasted_line(&machine);
    let rows = [
        (
            "another service",
            good.replace(":lambda", ":execute-api"),
            "correct service",
        ),
        (
            "another region",
            good.replace("us-east-1", "eu-west-1"),
            "valid region",
        ),
        (
            "another secret",
            good.replace(r#":\2"/"#, r#":x\2"/"#),
            "does not match",
        ),
        (
            "another id",
            good.replace(r#""\1:"#, r#""x\1:"#),
            "token included in the request",
        ),
        (
            "no signature",
            good.replace("--aws-sigv4 aws:amz:us-east-1:lambda", ""),
            "Forbidden",
        ),
    ];
    for (row, line, words) in rows {
        assert_ne!(line, good, "{row}");
        let (_, said) = shell(&line).await;
        assert!(said.contains(words), "{row}: {said}");
    }
    machine.stop().await;
}
