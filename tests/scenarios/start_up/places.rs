//! Places that are taken or cannot be: the data directory and the two ports.

use std::net::TcpListener;

use tests::Broker;
use tests::process::Start;

use super::stage::{MACHINE, Template, fails, start};

#[tokio::test]
async fn two_runs_never_share_a_directory() {
    let directory = tempfile::tempdir().unwrap();
    let first = Start::new(MACHINE, directory.path()).run().await;
    let name = directory.path().canonicalize().unwrap();
    let words = [
        name.to_str().unwrap(),
        "in use by another run",
        "--data-dir",
    ];
    fails("the same directory", &start(directory.path()), &words).await;
    let roundabout = directory.path().join("secrets/..");
    fails("by another name", &start(&roundabout), &words).await;

    let health = Broker::of(&first.ready).get("/health").await;
    assert_eq!(health.status, 200, "the first run lives on");
    first.kill().await;
    let (code, _) = start(directory.path()).run().await.interrupt().await;
    assert_eq!(code, 0, "a killed run holds nothing");
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let template = Template::make().await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for option in ["--port", "--entra-port"] {
        let copied = template.copy();
        let start = copied.start().options(&[option, &port]);
        let named = format!("port {port} is in use");
        copied.refuses(option, &start, &[&named, option]).await;
    }
}

#[tokio::test]
async fn a_directory_that_cannot_be_one_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("a-file");
    std::fs::write(&file, "content").unwrap();
    let name = file.to_str().unwrap();
    fails("a file", &start(&file), &[name]).await;
    let below = file.join("below");
    fails("below a file", &start(&below), &[name]).await;
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "content");

    for inside in [
        "secrets",
        "entra",
        "table.sqlite",
        "application.json",
        "issuer.json",
        "access-key.json",
    ] {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join(inside);
        // A file where a directory belongs, and the other way round.
        match inside {
            "secrets" | "entra" => std::fs::write(&path, "content").unwrap(),
            _ => std::fs::create_dir(&path).unwrap(),
        }
        fails(inside, &start(directory.path()), &[inside]).await;
    }
}
