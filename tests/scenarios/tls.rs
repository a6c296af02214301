//! The whole job over TLS (`--tls`), for clients that trust the data directory's CA and
//! no other; and what a CA that cannot be used does to a start.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use auth::Timestamp;
use auth::ports::Clock;
use auth::secret::ExposeSecret as _;
use clap::Parser as _;
use local::{Machine, Options, Parts};
use operator::{Arguments, Console, Exit};
use serde_json::Value;
use tests::process::{Process, Start};
use tests::{Broker, Browser, Flow, ReadyLine, connect};
use tokio::net::TcpStream;
use tokio::time::timeout;
use url::Url;

const MACHINE: &str = env!("CARGO_BIN_EXE_machine");
const CLIENT_ID: &str = "41463f53-8812-40f4-890f-865bf6e35190";

/// What is remade or touched by every start, whatever it finds.
const FLEETING: [&str; 4] = ["lock", "run.json", "table.sqlite-wal", "table.sqlite-shm"];

fn start(directory: &Path) -> Start {
    Start::new(MACHINE, directory).options(&["--tls"])
}

fn ca_file(directory: &Path) -> PathBuf {
    directory.join("ca.pem")
}

/// Connects the first simulated tenant; gives its ID.
async fn connected(ready: &ReadyLine, ca_file: &Path) -> String {
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
async fn operator(directory: &Path, command: &[&str]) -> (Exit, String, String) {
    let line = ["operator", "--data-dir", directory.to_str().unwrap()];
    let arguments = Arguments::try_parse_from([&line, command].concat()).unwrap();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut console = Console {
        out: &mut out,
        err: &mut err,
        person: None,
        unseen: &mut || Err(std::io::ErrorKind::Unsupported.into()),
    };
    let exit = operator::run(arguments, &|_| None, &mut console).await;
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (exit, text(out), text(err))
}

fn urls(ready: &ReadyLine) -> [&String; 4] {
    [
        &ready.consent_url,
        &ready.vending_url,
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

    let (exit, out, err) = operator(directory.path(), &["tenants", "list", "--json"]).await;
    assert_eq!(exit, Exit::Done, "{err}");
    assert!(out.contains(&tenant), "{out}");
    let (exit, out, err) = operator(directory.path(), &["token", &tenant, "--raw"]).await;
    assert_eq!(exit, Exit::Done, "{err}");
    assert_eq!(out.trim(), vended.token());

    let log = process.kill().await;
    let key = std::fs::read_to_string(directory.path().join("ca-key.pem")).unwrap();
    assert!(
        !log.contains(key.lines().nth(1).unwrap()),
        "the log holds the CA's key"
    );
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

#[tokio::test]
async fn the_key_is_its_owners_only_and_the_certificate_is_for_others() {
    let directory = tempfile::tempdir().unwrap();
    start(directory.path()).run().await.kill().await;
    for (name, mode) in [("ca-key.pem", 0o600), ("ca.pem", 0o644)] {
        let metadata = std::fs::metadata(directory.path().join(name)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, mode, "{name}");
    }
    let certificate = std::fs::read_to_string(ca_file(directory.path())).unwrap();
    assert!(!certificate.contains("PRIVATE KEY"));
}

/// Every lasting file below, with its content.
fn snapshot(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            let fleeting = FLEETING.iter().any(|name| path == root.join(name));
            match path.is_dir() {
                true => open.push(path),
                false if fleeting => {}
                false => drop(found.insert(path.clone(), std::fs::read(path).unwrap())),
            }
        }
    }
    found
}

/// Fails in one line with these words, and leaves every file as it was.
async fn refuses(row: &str, start: &Start, words: &[&str]) {
    let before = snapshot(&start.data_dir);
    let (code, said) = start.clone().variable("RUST_LOG", "").fails().await;
    assert_eq!(code, 1, "{row}: {said}");
    assert!(said.starts_with("error: "), "{row}: {said}");
    assert_eq!(said.lines().count(), 1, "{row}: {said}");
    for word in words {
        assert!(said.contains(word), "{row} lacks {word:?}: {said}");
    }
    assert!(
        snapshot(&start.data_dir) == before,
        "{row}: files are not as they were"
    );
}

#[tokio::test]
async fn a_ca_that_is_damaged_is_refused_and_left_as_it_was() {
    let directory = tempfile::tempdir().unwrap();
    let other = tempfile::tempdir().unwrap();
    for directory in [&directory, &other] {
        start(directory.path()).run().await.kill().await;
    }
    let read = |from: &Path, name: &str| std::fs::read(from.join(name)).unwrap();
    let (key, ca) = ("ca-key.pem", "ca.pem");
    let rows: [(&str, Option<Vec<u8>>, &str); 8] = [
        (ca, Some(Vec::new()), "move it away"),
        (ca, Some(b"\xff\xfe".to_vec()), "move it away"),
        (ca, Some(read(directory.path(), key)), "move it away"),
        (ca, Some(read(other.path(), ca)), "does not belong"),
        (key, None, "it is missing"),
        (key, Some(Vec::new()), "move it and ca.pem away"),
        (
            key,
            Some(read(directory.path(), ca)),
            "move it and ca.pem away",
        ),
        (key, Some(read(other.path(), key)), "does not belong"),
    ];
    let start = start(directory.path());
    for (name, content, says) in rows {
        let path = directory.path().join(name);
        let good = std::fs::read(&path).unwrap();
        match &content {
            Some(content) => std::fs::write(&path, content).unwrap(),
            None => std::fs::remove_file(&path).unwrap(),
        }
        let row = format!("{name}: {:?}", content.map(|content| content.len()));
        refuses(&row, &start, &["ca", ".pem", "left as it was", says]).await;
        std::fs::write(&path, good).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    }
    let path = directory.path().join(key);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    refuses("others read the key", &start, &["chmod 600", key]).await;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    start.run().await.kill().await;
}

#[tokio::test]
async fn the_persons_own_extra_cas_are_trusted_besides_or_refused_by_name() {
    let directory = tempfile::tempdir().unwrap();
    let outside = tempfile::tempdir().unwrap();
    let theirs = outside.path().join("proxy.pem");
    let name = theirs.to_str().unwrap();
    let start = start(directory.path()).variable("EXTRA_CA_FILE", name);
    let proxy = entra::certificate::create("proxy", 30, now()).unwrap();
    std::fs::write(&theirs, &proxy.certificate_pem).unwrap();
    let process = start.run().await;
    let ca = ca_file(directory.path());
    let tenant = connected(&process.ready, &ca).await;
    let vended = Broker::trusting(&ca, &process.ready).vend(&tenant).await;
    assert_eq!(vended.status, 200, "{}", vended.body);
    let run: Value =
        serde_json::from_slice(&std::fs::read(directory.path().join("run.json")).unwrap()).unwrap();
    let trusted = run["settings"]["EXTRA_CA_FILE"].as_str().unwrap();
    let trusted = std::fs::read_to_string(trusted).unwrap();
    let own = std::fs::read_to_string(&ca).unwrap();
    for (whose, pem) in [
        ("the run's", &own),
        ("the person's", &proxy.certificate_pem),
    ] {
        assert!(trusted.contains(pem.trim()), "{whose}: {trusted}");
    }
    process.kill().await;

    let plain = Start::new(MACHINE, directory.path()).variable("EXTRA_CA_FILE", name);
    for content in [&b""[..], b"no certificate", b"\xff\xfe"] {
        std::fs::write(&theirs, content).unwrap();
        for start in [&start, &plain] {
            refuses("damaged", start, &["EXTRA_CA_FILE", name, "PEM"]).await;
        }
    }
    std::fs::remove_file(&theirs).unwrap();
    for start in [&start, &plain] {
        refuses("missing", start, &["EXTRA_CA_FILE", name, "PEM"]).await;
    }
}

/// The development issuer is asked over TLS with the run's own CA, whatever Entra ID is.
#[tokio::test]
async fn with_the_real_entra_id_the_machines_own_ports_are_over_tls() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("own.pem");
    let own = entra::certificate::create("own", 30, now()).unwrap();
    let pem = own.certificate_pem + own.private_key_pem.expose_secret();
    std::fs::write(&file, pem).unwrap();
    let data = directory.path().join("data");
    let process = start(&data)
        .options(&["--real-entra"])
        .variable("ENTRA_CLIENT_ID", CLIENT_ID)
        .variable("ENTRA_CERTIFICATE_FILE", file.to_str().unwrap())
        .run()
        .await;
    assert_eq!(process.ready.entra_url, "https://login.microsoftonline.com");
    let broker = Broker::trusting(&ca_file(&data), &process.ready);
    let listed = broker.get("/tenants").await;
    assert_eq!(listed.status, 200, "{}", listed.body);
    let (exit, _, err) = operator(&data, &["tenants", "list"]).await;
    assert_eq!(exit, Exit::Done, "{err}");
    process.kill().await;
}

fn now() -> Timestamp {
    aws::SystemClock.now()
}

/// Years away from the system's clock.
struct Elsewhere(i64);

impl Clock for Elsewhere {
    fn now(&self) -> Timestamp {
        let years = Duration::from_secs(3 * 365 * 24 * 60 * 60);
        match self.0 {
            1.. => now() + years,
            _ => now() - years,
        }
    }
}

/// Certificates are checked by programs that read the system's clock, our own among them.
#[tokio::test]
async fn a_run_whose_clock_was_moved_is_reached_all_the_same() {
    for direction in [1, -1] {
        let directory = tempfile::tempdir().unwrap();
        let options = Options {
            port: 0,
            entra_port: 0,
            data_dir: directory.path().to_owned(),
            scheduled: false,
            tls: true,
            ..Options::default()
        };
        let parts = Parts {
            clock: Arc::new(Elsewhere(direction)),
            random: Arc::new(aws::SystemRandom),
            environment: Box::new(|_| None),
        };
        let machine = Machine::start(&options, parts).await.unwrap();
        let ready = serde_json::to_value(&machine.ready).unwrap();
        let ready: ReadyLine = serde_json::from_value(ready).unwrap();
        let ca = ca_file(directory.path());
        let tenant = connected(&ready, &ca).await;
        let vended = Broker::trusting(&ca, &ready).vend(&tenant).await;
        assert_eq!(vended.status, 200, "{direction}: {}", vended.body);
        machine.stop().await;
    }
}
