//! The program itself: exit codes, and what goes where.

use std::process::{Command, Output, Stdio};

use auth::TenantStatus;

use crate::world::{OTHER, TENANT, World, tenant};

async fn spawn(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_operator"));
    command.args(arguments).stdin(Stdio::null()).env_clear();
    // Elsewhere, because the table answers from this very runtime.
    let spawned = tokio::task::spawn_blocking(move || command.output());
    spawned.await.unwrap().unwrap()
}

#[tokio::test]
async fn exit_codes_tell_done_failed_and_usage_apart() {
    let world = World::start().await;
    world
        .connect(&tenant(TENANT, TenantStatus::Active, None))
        .await;
    let directory = world.directory().to_str().unwrap();
    let rows: &[(i32, &[&str])] = &[
        (0, &["tenants", "list"]),
        (0, &["--version"]),
        (0, &["invite", "Contoso"]),
        (0, &["certificate", "inspect", "tests/fixtures/app.pem"]),
        (1, &["token", TENANT]),
        (1, &["tenants", "import", "no-such-file.csv"]),
        (1, &["tenants", "suspend", OTHER, "--yes"]),
        (1, &["certificate", "inspect", "tests/fixtures/request.pem"]),
        (0, &["keys", "create"]),
        (1, &["certificate", "publish", "tests/fixtures/app.pem"]),
        (
            2,
            &[
                "certificate",
                "publish",
                "tests/fixtures/empty-password.pfx",
            ],
        ),
        (2, &["certificate", "create", "--subject", "Broker"]),
        (2, &["certificate", "inspect"]),
        (2, &["tenants", "show", "contoso"]),
        (1, &["tenants", "show", "contoso.com"]),
        (0, &["completions", "fish"]),
        (2, &["tenants", "remove", TENANT]),
        (2, &["tenants", "import", "-"]),
        (2, &["invite", "Contoso", "--expires", "1s"]),
        (2, &["tenants"]),
    ];
    for (expected, command) in rows {
        let line = [&["--data-dir", directory], *command].concat();
        let output = spawn(&line).await;
        assert_eq!(output.status.code(), Some(*expected), "{command:?}");
        let [out, err] = [&output.stdout, &output.stderr].map(|bytes| !bytes.is_empty());
        assert_eq!((out, err), (*expected == 0, *expected != 0), "{command:?}");
    }
}

#[tokio::test]
async fn a_directory_without_a_run_fails_with_one_line() {
    let output = spawn(&["tenants", "list", "--data-dir", "no-such-directory"]).await;
    assert_eq!(output.status.code(), Some(1));
    let expected = "error: no run of no-such-directory answers: start it with \
                    `cargo run -- --data-dir no-such-directory`\n";
    assert_eq!(String::from_utf8(output.stderr).unwrap(), expected);
}
