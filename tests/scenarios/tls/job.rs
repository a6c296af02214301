//! Connected and vended over TLS, across restarts, among strangers and silent clients.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use operator::Exit;
use tests::operator::attempt;
use tests::process::{Process, Start};
use tests::{Broker, ReadyLine};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::timeout;
use url::Url;

use super::stage::{MACHINE, ca_file, connected, start};

const OPERATOR: &str = env!("CARGO_BIN_EXE_operator_program");

fn urls(ready: &ReadyLine) -> [&String; 5] {
    [
        &ready.consent_url,
        &ready.vending_url,
        &ready.function_url,
        &ready.entra_url,
        &ready.table_endpoint,
    ]
}

#[tokio::test]
async fn a_tenant_is_connected_and_vended_for_whoever_trusts_the_ca() {
    let directory = tempfile::tempdir().unwrap();
    let process = start(directory.path()).run().await;
    let ca = ca_file(directory.path());
    let told = process.ready.ca_file.clone().unwrap();
    assert_eq!(told, ca.canonicalize().unwrap());
    for url in urls(&process.ready) {
        assert!(url.starts_with("https://"), "{url}");
    }
    let tenant = connected(&process.ready, &ca).await;
    let vended = Broker::trusting(&ca, &process.ready).vend(&tenant).await;
    assert_eq!(vended.status, 200, "{}", vended.body);
    let issuer = vended.claims()["iss"].to_string();
    assert!(issuer.contains(&tenant), "{issuer}");

    let (exit, out, err) = attempt(directory.path(), &["tenants", "list", "--json"]).await;
    assert_eq!(exit, Exit::Done, "{err}");
    assert!(out.contains(&tenant), "{out}");
    let (exit, out, err) = attempt(directory.path(), &["token", &tenant, "--raw"]).await;
    assert_eq!(exit, Exit::Done, "{err}");
    assert_eq!(out.trim(), vended.token());

    let log = process.kill().await;
    let key = std::fs::read_to_string(directory.path().join("ca-key.pem")).unwrap();
    assert!(
        !log.contains(key.lines().nth(1).unwrap()),
        "the log holds the CA's key"
    );
}

/// The table as AWS's own endpoint, for a program that knows it by the SDK's variables alone:
/// what the functions have on AWS.
#[tokio::test]
async fn the_sdk_trusts_the_cas_of_extra_ca_file() {
    let directory = tempfile::tempdir().unwrap();
    let process = start(directory.path()).run().await;
    let ca = ca_file(directory.path());
    let tenant = connected(&process.ready, &ca).await;
    let list = |ca: Option<&Path>| {
        let mut operator = Command::new(OPERATOR);
        operator
            .args(["tenants", "list", "--json"])
            .env_clear()
            .env("TABLE_NAME", "tenants")
            .env("AWS_ENDPOINT_URL", &process.ready.table_endpoint)
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "operator")
            .env("AWS_SECRET_ACCESS_KEY", "operator")
            .envs(ca.map(|ca| ("EXTRA_CA_FILE", ca)))
            .stdin(Stdio::null());
        async move { operator.output().await.unwrap() }
    };
    let output = list(Some(&ca)).await;
    let (out, said) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert_eq!((output.status.code(), said.as_str()), (Some(0), ""));
    assert!(out.contains(&tenant), "{out}");

    let output = list(None).await;
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("EXTRA_CA_FILE"), "{said}");
}

#[tokio::test]
async fn whoever_does_not_trust_the_ca_or_speaks_no_tls_gets_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let process = start(directory.path()).run().await;
    let other = tempfile::tempdir().unwrap();
    let another = start(other.path()).run().await;
    let strangers = [
        ("the system's CAs", Broker::of(&process.ready)),
        (
            "another's CA",
            Broker::trusting(&ca_file(other.path()), &process.ready),
        ),
    ];
    for url in urls(&process.ready) {
        for (whom, broker) in &strangers {
            let refused = broker.client.get(url).send().await;
            assert!(refused.unwrap_err().is_connect(), "{whom} at {url}");
        }
        let plain = url.replace("https://", "http://");
        let answer = strangers[0].1.client.get(&plain).send().await;
        assert!(answer.is_err(), "{plain} answers");
    }
    let own = Broker::trusting(&ca_file(directory.path()), &process.ready);
    assert_eq!(own.get("/tenants").await.status, 200, "it goes on");
    another.kill().await;
    let log = process.kill().await;
    assert!(!log.contains("panicked"), "{log}");
}

#[tokio::test]
async fn clients_that_say_nothing_do_not_stop_others() {
    let directory = tempfile::tempdir().unwrap();
    let process = start(directory.path()).run().await;
    let mut silent = Vec::new();
    for url in urls(&process.ready) {
        let port = Url::parse(url).unwrap().port().unwrap();
        for _ in 0..20 {
            silent.push(TcpStream::connect(("127.0.0.1", port)).await.unwrap());
        }
    }
    let ca = ca_file(directory.path());
    // One after the other, the silent ones would take ten seconds each.
    let vended = timeout(Duration::from_secs(60), async {
        let tenant = connected(&process.ready, &ca).await;
        Broker::trusting(&ca, &process.ready).vend(&tenant).await
    });
    let vended = vended.await.expect("nobody is kept waiting");
    assert_eq!(vended.status, 200, "{}", vended.body);
    drop(silent);
}

#[tokio::test]
async fn the_ca_and_what_was_connected_hold_across_restarts() {
    let directory = tempfile::tempdir().unwrap();
    let process = start(directory.path()).run().await;
    let outside = tempfile::tempdir().unwrap();
    // What a script somewhere else has been told to trust.
    let kept = outside.path().join("trusted.pem");
    std::fs::copy(ca_file(directory.path()), &kept).unwrap();
    let tenant = connected(&process.ready, &kept).await;
    let caller_token = process.ready.caller_token.clone();
    process.kill().await;

    let vends = async |process: &Process| {
        let mut broker = Broker::trusting(&kept, &process.ready);
        broker.ready.caller_token = caller_token.clone();
        let vended = broker.vend(&tenant).await;
        assert_eq!(vended.status, 200, "{}", vended.body);
    };
    let again = start(directory.path()).run().await;
    vends(&again).await;
    let (code, log) = again.interrupt().await;
    assert_eq!(code, 0, "{log}");
    assert!(!log.contains(" ERROR "), "{log}");

    // Without TLS in between, and with the certificate lost: its key is the CA.
    let plain = Start::new(MACHINE, directory.path()).run().await;
    assert!(plain.ready.ca_file.is_none());
    let vended = Broker::of(&plain.ready).vend(&tenant).await;
    assert_eq!(vended.status, 200, "{}", vended.body);
    plain.kill().await;
    std::fs::remove_file(ca_file(directory.path())).unwrap();
    vends(&start(directory.path()).run().await).await;
}
