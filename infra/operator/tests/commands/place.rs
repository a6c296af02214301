//! Which run a data directory has, and that a dead one is told as such.

use std::fs;
use std::net::TcpListener;

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
