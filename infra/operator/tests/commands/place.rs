//! Which run a data directory has, and that a dead one is told as such.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use operator::Exit;
use serde_json::json;

use crate::world::{World, run};

/// What every command says of a directory without a run.
fn no_run(directory: &str) -> String {
    format!(
        "error: no run of {directory} answers: start it with `cargo run -- --data-dir {directory}`\n"
    )
}

#[tokio::test]
async fn a_directory_without_a_readable_run_file_has_no_run() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().to_str().unwrap();
    let line = ["operator", "--data-dir", path, "tenants", "list"];
    assert_eq!(run(&line, None).await.refusal(), no_run(path));
    for damaged in ["", "{", "[]", "{\"process_id\": 1}"] {
        fs::write(directory.path().join("run.json"), damaged).unwrap();
        assert_eq!(run(&line, None).await.refusal(), no_run(path), "{damaged}");
    }
}

#[tokio::test]
async fn a_run_file_that_was_left_behind_is_no_run() {
    let world = World::start().await;
    assert_eq!(world.run(&["tenants", "list"]).await.exit, Exit::Done);
    let directory = world.directory().to_str().unwrap();
    // Free for a moment, and nobody takes it in time.
    let port = TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .unwrap()
        .port();
    for endpoint in [
        format!("http://127.0.0.1:{port}"),
        "ftp://127.0.0.1".to_owned(),
    ] {
        world.change_run("/table_endpoint", json!(endpoint));
        let outcome = world.run(&["tenants", "list"]).await;
        assert_eq!(outcome.refusal(), no_run(directory), "{endpoint}");
    }
}

/// What happened to a data directory, and where it is found then.
type Fate = fn(&World, &Path) -> PathBuf;

/// What a command makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Run,
    NoRun,
    OfAnother,
}

const FATES: [(&str, Fate, Found); 14] = [
    (
        "as it is",
        |world, _| world.directory().to_owned(),
        Found::Run,
    ),
    ("by a link", |world, aside| linked(world, aside), Found::Run),
    (
        "in a roundabout way",
        |world, _| world.directory().join("secrets/../."),
        Found::Run,
    ),
    (
        "copied",
        |world, aside| copied(world, aside, copy_file),
        Found::OfAnother,
    ),
    (
        "copied by hard links",
        |world, aside| copied(world, aside, |from, to| fs::hard_link(from, to).unwrap()),
        Found::OfAnother,
    ),
    (
        "copied after the run was killed",
        |world, aside| {
            world.kill_the_run();
            copied(world, aside, copy_file)
        },
        Found::OfAnother,
    ),
    (
        "moved under the run",
        |world, aside| moved(world, aside),
        Found::OfAnother,
    ),
    (
        "with the run file of another",
        |world, _| run_file_of(world, "/somewhere/else"),
        Found::OfAnother,
    ),
    (
        "with a relative origin",
        |world, _| run_file_of(world, "."),
        Found::OfAnother,
    ),
    (
        "with an empty origin",
        |world, _| run_file_of(world, ""),
        Found::OfAnother,
    ),
    (
        "of a version that wrote no origin",
        |world, _| {
            world.change_run("/data_directory", json!(null));
            world.directory().to_owned()
        },
        Found::NoRun,
    ),
    // Its table's port answers still: another program has it by now.
    (
        "after the run was killed",
        |world, _| {
            world.kill_the_run();
            world.directory().to_owned()
        },
        Found::NoRun,
    ),
    (
        "without its lock",
        |world, _| {
            fs::remove_file(world.directory().join("lock")).unwrap();
            world.directory().to_owned()
        },
        Found::NoRun,
    ),
    (
        "with a directory for a lock",
        |world, _| {
            fs::remove_file(world.directory().join("lock")).unwrap();
            fs::create_dir(world.directory().join("lock")).unwrap();
            world.directory().to_owned()
        },
        Found::NoRun,
    ),
];

#[tokio::test]
async fn a_directory_has_the_run_that_works_on_it_and_no_other() {
    for (fate, happens, found) in FATES {
        let (world, aside) = (World::start().await, tempfile::tempdir().unwrap());
        let origin = world.directory().canonicalize().unwrap();
        let directory = happens(&world, aside.path());
        let directory = directory.to_str().unwrap();
        let line = ["operator", "--data-dir", directory, "tenants", "list"];
        let outcome = run(&line, None).await;
        match found {
            Found::Run => assert_eq!(outcome.exit, Exit::Done, "{fate}: {}", outcome.err),
            Found::NoRun => assert_eq!(outcome.refusal(), no_run(directory), "{fate}"),
            Found::OfAnother => {
                let refusal = outcome.refusal();
                let start = format!("cargo run -- --data-dir {directory}");
                for part in [directory, "was copied or moved", "run.json", &start] {
                    assert!(refusal.contains(part), "{fate}: {part}: {refusal}");
                }
                // One that was written by hand names whatever was written.
                let is_true = !fate.starts_with("with ");
                let names_origin = refusal.contains(origin.to_str().unwrap());
                assert!(names_origin || !is_true, "{fate}: {refusal}");
            }
        }
    }
}

fn linked(world: &World, aside: &Path) -> PathBuf {
    let link = aside.join("link");
    std::os::unix::fs::symlink(world.directory(), &link).unwrap();
    link
}

fn copied(world: &World, aside: &Path, copy: fn(&Path, &Path)) -> PathBuf {
    for entry in fs::read_dir(world.directory()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            copy(&path, &aside.join(path.file_name().unwrap()));
        }
    }
    aside.to_owned()
}

fn copy_file(from: &Path, to: &Path) {
    fs::copy(from, to).unwrap();
}

fn moved(world: &World, aside: &Path) -> PathBuf {
    let moved = aside.join("moved");
    fs::rename(world.directory(), &moved).unwrap();
    moved
}

fn run_file_of(world: &World, origin: &str) -> PathBuf {
    world.change_run("/data_directory", json!(origin));
    world.directory().to_owned()
}

#[tokio::test]
async fn a_run_over_tls_whose_ca_cannot_be_read_is_told_by_the_ca() {
    let world = World::start().await;
    let run_file = fs::read(world.directory().join("run.json")).unwrap();
    let mut run_file: serde_json::Value = serde_json::from_slice(&run_file).unwrap();
    let endpoint = run_file["table_endpoint"].as_str().unwrap();
    run_file["table_endpoint"] = json!(endpoint.replace("http://", "https://"));
    let file = world.directory().join("ca.pem");
    let file = file.to_str().unwrap();
    run_file["ca_file"] = json!(file);
    world.change_run("", run_file);
    let contents = [None, Some(""), Some("-----BEGIN CERTIFICATE-----\nAAAA\n")];
    for content in contents {
        if let Some(content) = content {
            fs::write(file, content).unwrap();
        }
        let outcome = world.run(&["tenants", "list"]).await;
        let refusal = outcome.refusal();
        for part in [file, "answers", "readable", "start it again with --tls"] {
            assert!(refusal.contains(part), "{content:?}: {refusal}");
        }
    }
}

#[tokio::test]
async fn a_port_that_somebody_elses_table_has_is_no_run() {
    let world = World::start().await;
    world.change_run("/settings/TABLE_NAME", json!("another"));
    let outcome = world.run(&["tenants", "list"]).await;
    let directory = world.directory().to_str().unwrap();
    assert_eq!(outcome.refusal(), no_run(directory));
}

#[tokio::test]
async fn a_run_without_a_setting_is_told_what_is_missing() {
    let world = World::start().await;
    world.change_run("/settings/SEALING_KEYS_SECRET_ID", json!(""));
    world.change_run("/settings/ENTRA_CLIENT_ID", json!("none"));
    let outcome = world.run(&["tenants", "show", crate::world::TENANT]).await;
    let refusal = outcome.refusal();
    for part in [
        "SEALING_KEYS_SECRET_ID is not set",
        "ENTRA_CLIENT_ID not a GUID",
        "start it again",
    ] {
        assert!(refusal.contains(part), "{refusal}");
    }
}

#[tokio::test]
async fn without_a_data_directory_the_settings_name_the_table_on_aws() {
    let outcome = run(&["operator", "tenants", "list"], None).await;
    let refusal = outcome.refusal();
    assert!(refusal.contains("TABLE_NAME is not set"), "{refusal}");
    assert!(refusal.contains("--data-dir DIR"), "{refusal}");
}
