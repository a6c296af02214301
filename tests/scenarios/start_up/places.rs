//! Places that are taken or cannot be: the data directory and the two ports.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpListener};
use std::path::Path;

use operator::Exit;
use tests::operator::attempt;
use tests::process::Start;
use tests::{Broker, operate};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

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
    for address in loopback() {
        let taken = TcpListener::bind((address, 0)).unwrap();
        let port = taken.local_addr().unwrap().port().to_string();
        for option in ["--port", "--entra-port", "--function-url-port"] {
            let copied = template.copy();
            let start = copied.start().options(&[option, &port]);
            let named = format!("port {port} is in use");
            copied.refuses(option, &start, &[&named, option]).await;
        }
    }
}

/// The addresses that this machine has.
fn loopback() -> Vec<IpAddr> {
    let every = [
        IpAddr::from(Ipv4Addr::LOCALHOST),
        Ipv6Addr::LOCALHOST.into(),
    ];
    let has = |address: &IpAddr| TcpListener::bind((*address, 0)).is_ok();
    every.into_iter().filter(has).collect()
}

/// The status of a GET of `path`, asked of one address by the name `host`.
async fn status(address: IpAddr, port: u16, host: &str, path: &str) -> String {
    let mut stream = TcpStream::connect((address, port)).await.unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer.split(' ').nth(1).unwrap().to_owned()
}

#[tokio::test]
async fn localhost_answers_whichever_address_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let run = start(directory.path()).run().await;
    let ready = &run.ready;
    // Unsigned: the function URL answers by itself.
    let rows = [
        (&ready.consent_url, "/consent", "200"),
        (&ready.vending_url, "/health", "200"),
        (&ready.function_url, "/health", "403"),
        (&ready.entra_url, "/_sim/stats", "200"),
    ];
    for (url, path, expected) in rows {
        let port = url.parse::<url::Url>().unwrap().port().unwrap();
        for address in loopback() {
            let literal = match address {
                IpAddr::V4(address) => address.to_string(),
                IpAddr::V6(address) => format!("[{address}]"),
            };
            for name in ["localhost", &literal] {
                let host = format!("{name}:{port}");
                let answered = status(address, port, &host, path).await;
                assert_eq!(answered, expected, "{host}{path} at {address}");
            }
        }
    }
}

#[tokio::test]
async fn a_copied_directory_is_told_from_the_one_it_was_copied_from() {
    let (origin, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = start(origin.path()).run().await;
    copy_tree(origin.path(), copy.path());
    let list = ["caller", "list", "--json"];
    let (exit, _, said) = attempt(copy.path(), &list).await;
    assert_eq!(exit, Exit::Failed, "{said}");
    for part in [copy.path(), &origin.path().canonicalize().unwrap()] {
        assert!(said.contains(part.to_str().unwrap()), "{said}");
    }
    assert!(said.contains("was copied or moved"), "{said}");

    let second = start(copy.path()).run().await;
    operate(copy.path(), &["caller", "add", "of-the-copy"]).await;
    assert!(operate(copy.path(), &list).await.contains("of-the-copy"));
    assert!(!operate(origin.path(), &list).await.contains("of-the-copy"));
    second.kill().await;

    // What was left behind leads nowhere: neither to the other run nor to a dead port.
    let stale = copy.path().join("run.json");
    let live = std::fs::read_to_string(origin.path().join("run.json")).unwrap();
    let (of, here) = (origin.path().canonicalize(), copy.path().canonicalize());
    let (of, here) = (of.unwrap(), here.unwrap());
    let forged = live.replace(of.to_str().unwrap(), here.to_str().unwrap());
    std::fs::write(&stale, forged).unwrap();
    let (exit, _, said) = attempt(copy.path(), &list).await;
    assert_eq!(exit, Exit::Failed, "{said}");
    assert!(said.contains("no run of"), "{said}");
    let health = Broker::of(&first.ready).get("/health").await;
    assert_eq!(health.status, 200, "the first run lives on");
}

fn copy_tree(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap().is_dir() {
            true => {
                std::fs::create_dir(&to).unwrap();
                copy_tree(&entry.path(), &to);
            }
            false => {
                std::fs::copy(entry.path(), &to).unwrap();
            }
        }
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
