//! A secret where a name, a path or a number was wanted: no reader of an argument, a
//! variable or a file repeats it.

use std::fs;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::world::{OTHER, TENANT, World};

const POLICY: &str = "tests/fixtures/no-such-policy.cedar";

/// What is given by mistake.
fn secrets() -> [String; 6] {
    let key = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj";
    [
        format!("-----BEGIN PRIVATE KEY-----\n{key}\n-----END PRIVATE KEY-----\n"),
        "a long text ".repeat(25),
        "a first line\nand a second one".to_owned(),
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJjb2xsZWN0b3IifQ.c2lnbmF0dXJl".to_owned(),
        "3q2+7wTgXk0mVd9aQzBhLr5sYcUe1JpW8fNi4oKtRjE=".to_owned(),
        format!("m365tb_collector_{}C", "Ab3".repeat(14)),
    ]
}

/// Twelve characters in a row of `secret` that are in `said`.
fn repeated<'s>(said: &str, secret: &'s str) -> Option<&'s str> {
    let pieces = secret.as_bytes().windows(12);
    let mut pieces = pieces.filter_map(|piece| std::str::from_utf8(piece).ok());
    pieces.find(|piece| said.contains(piece))
}

/// Everything that the program says.
fn said(line: &[&str], variables: &[(&str, &str)]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_operator"));
    command.args(line).stdin(Stdio::null()).env_clear();
    let output = command.envs(variables.iter().copied()).output().unwrap();
    assert_ne!(output.status.code(), Some(0), "{line:?}");
    let [out, err] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    assert!(!err.is_empty(), "{line:?}");
    out + &err
}

#[test]
fn no_argument_that_is_a_secret_is_repeated() {
    const S: &str = "SECRET";
    let pfx = "tests/fixtures/modern.pfx";
    let lines: &[&[&str]] = &[
        &[S],
        &["tenants", S],
        &["tenants", "show", S],
        &["tenants", "show", "--tenant=SECRET"],
        &["tenants", "list", "--status", S],
        &["tenants", "list", "--status=SECRET"],
        &["tenants", "list", "--data-dir", S],
        &["tenants", "list", "--data-dir=SECRET"],
        &["tenants", "import", S],
        &["tenants", "import", S, "--format", "csv"],
        &["tenants", "import", "a.csv", "--concurrency", S],
        &["tenants", "import", "a.csv", "--format", S],
        &["tenants", "remove", S, "--yes"],
        &["invite", "Contoso", "--tenant", S],
        &["invite", "Contoso", "--expires", S],
        &["invite", "Contoso", "--cloud", S],
        &["invite", "Contoso", "--return-url", S],
        &["caller", "add", S],
        &["caller", "remove", S, "--yes"],
        &["token", S],
        &["token", TENANT, "--resource", S],
        &["keys", "create", S],
        &["keys", "retire", "--data-dir", S, S, "--yes"],
        &["certificate", "inspect", S],
        &["certificate", "inspect", pfx, "--password-file", S],
        &["certificate", "publish", S],
        &[
            "certificate",
            "create",
            "--out",
            "Cargo.toml",
            "--subject",
            S,
        ],
        &[
            "certificate",
            "create",
            "--subject",
            "b",
            "--out",
            "Cargo.toml",
            "--days",
            S,
        ],
        &["policy", "check", S],
        &["policy", "put", S],
        &["policy", "put", POLICY, "--mode", S],
        &["policy", "explain", "--tenant", TENANT, "--caller", S],
        &[
            "policy",
            "explain",
            "--tenant",
            TENANT,
            "--caller",
            "Key::SECRET",
        ],
        &["policy", "explain", "--tenant", S, "--caller", "Key::a"],
        &[
            "policy",
            "explain",
            "--tenant",
            TENANT,
            "--caller",
            "Workload::a b",
            "--claims",
            S,
        ],
        &[
            "policy", "explain", "--tenant", TENANT, "--caller", "Key::a", "--file", S,
        ],
    ];
    for (line, secret) in lines
        .iter()
        .flat_map(|line| secrets().map(|one| (line, one)))
    {
        let given: Vec<String> = line.iter().map(|word| word.replace(S, &secret)).collect();
        let given: Vec<&str> = given.iter().map(String::as_str).collect();
        let said = said(&given, &[]);
        assert_eq!(repeated(&said, &secret), None, "{line:?}: {said}");
    }
}

#[test]
fn the_text_of_a_file_is_told_from_its_name() {
    let [pem, ..] = secrets();
    let wanted = "this is the text, a file's name is wanted";
    let lines: [&[&str]; 3] = [
        &["certificate", "inspect", "--", &pem],
        &["policy", "check", "--", &pem],
        &["tenants", "import", "--format", "csv", "--", &pem],
    ];
    for line in lines {
        let said = said(line, &[]);
        assert!(said.contains(wanted), "{said}");
    }
    let said = said(&["tenants", "list"], &[("EXTRA_CA_FILE", &pem)]);
    assert!(
        said.contains(wanted) && said.contains("EXTRA_CA_FILE"),
        "{said}"
    );
}

#[test]
fn no_variable_that_is_a_secret_is_repeated() {
    let names = [
        "EXTRA_CA_FILE",
        "TABLE_NAME",
        "CERTIFICATE_SECRET_ID",
        "SEALING_KEYS_SECRET_ID",
        "CONSENT_KEYS_SECRET_ID",
        "FEED_WEBHOOK_KEYS_SECRET_ID",
        "ENTRA_CLIENT_ID",
        "ENTRA_CLOUD",
        "ENTRA_AUTHORITY",
        "ENTRA_TOKEN_ENDPOINT",
        "ENTRA_ASSERTION",
        "ENTRA_RESOURCES",
        "SECRET_MAX_AGE_SECONDS",
        "OUTAGE_TO_SURVIVE_SECONDS",
        "REFRESH_EVERY_SECONDS",
    ];
    for (name, secret) in names
        .iter()
        .flat_map(|name| secrets().map(|one| (name, one)))
    {
        // What is missing besides ends the command before it asks AWS.
        let said = said(&["token", TENANT], &[(name, &secret)]);
        assert_eq!(repeated(&said, &secret), None, "{name}: {said}");
    }
}

#[tokio::test]
async fn no_file_that_holds_a_secret_is_repeated() {
    let world = World::connected().await;
    let path = |name: &str| world.directory().join(name).to_str().unwrap().to_owned();
    for secret in secrets() {
        let quoted = serde_json::to_string(&secret).unwrap();
        let cell = format!("\"{secret}\"");
        let policy = format!("permit (principal, action, resource) when {{ {secret} }};");
        let files = [
            ("a.csv", format!("{cell},tenant_id\n{secret}")),
            ("b.csv", format!("tenant_id,customer,{cell}\n")),
            ("c.csv", format!("tenant_id,customer\n{cell},Contoso\n")),
            (
                "d.csv",
                format!("tenant_id,customer,cloud\n{OTHER},Contoso,{cell}\n"),
            ),
            ("a.json", quoted.clone()),
            ("b.json", format!("[{quoted}]")),
            (
                "c.json",
                json!([{"tenant_id": &secret, "customer": "Contoso"}]).to_string(),
            ),
            ("d.json", json!([{&secret: "Contoso"}]).to_string()),
            ("e.json", secret.clone()),
            ("a.cedar", secret.clone()),
            ("b.cedar", policy),
            (
                "c.cedar",
                format!("@id({quoted}) permit (principal, action, resource) when {{"),
            ),
        ];
        for (name, content) in files {
            let file = path(name);
            fs::write(&file, content).unwrap();
            let command: Vec<&str> = if name.ends_with(".cedar") {
                vec!["policy", "check", &file]
            } else {
                vec!["tenants", "import", &file]
            };
            let outcome = world.run(&command).await;
            let said = outcome.out + &outcome.err;
            assert_eq!(repeated(&said, &secret), None, "{name}: {said}");
        }
        let claims = path("claims.json");
        fs::write(&claims, &quoted).unwrap();
        let explain = ["policy", "explain", "--tenant", TENANT, "--claims", &claims];
        let caller = ["--caller", "Workload::https://a.example b"];
        let outcome = world.run(&[&explain[..], &caller].concat()).await;
        let said = outcome.out + &outcome.err;
        assert!(said.contains("holds no JSON object"), "{said}");
        assert_eq!(repeated(&said, &secret), None, "{said}");
    }
}

#[tokio::test]
async fn a_setting_of_a_run_that_is_a_secret_is_not_repeated() {
    for secret in secrets() {
        let world = World::connected().await;
        for name in [
            "CERTIFICATE_SECRET_ID",
            "SEALING_KEYS_SECRET_ID",
            "ENTRA_AUTHORITY",
        ] {
            world.change_run(&format!("/settings/{name}"), json!(secret));
            let outcome = world.run(&["token", TENANT]).await;
            assert_eq!(
                repeated(outcome.refusal(), &secret),
                None,
                "{name}: {outcome:?}"
            );
        }
        world.change_run("/settings/SEALING_KEYS_SECRET_ID", json!("sealing-keys"));
        let retire = world.run(&["keys", "retire", "--yes", "--", &secret]).await;
        assert_eq!(repeated(retire.refusal(), &secret), None, "{retire:?}");
    }
}
