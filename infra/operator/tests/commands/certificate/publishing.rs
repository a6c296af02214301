//! `certificate publish`: what stands in the secret after it, what is asked before it, and
//! what never gets there.

use std::fs;
use std::path::Path;
use std::time::Duration;

use auth::Timestamp;
use auth::ports::{Clock as _, SecretSource as _};
use auth::secret::ExposeSecret as _;
use aws::{SecretFiles, SystemClock};
use microsoft::certificate::{CreatedCertificate, create};
use microsoft::load_signing_key;
use operator::Exit;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::creating;
use super::{fixture, made, text};
use crate::world::{Ran, World};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A world whose certificate secret has no value yet.
async fn empty() -> World {
    let world = World::start().await;
    world.change_run("/settings/CERTIFICATE_SECRET_ID", json!("new"));
    world
}

fn secrets(world: &World) -> SecretFiles {
    SecretFiles::new(world.directory().join("secrets"))
}

/// SHA-1 of the certificate that the functions would sign with.
async fn loaded(world: &World, name: &str) -> String {
    let key = load_signing_key(&secrets(world), name, &SystemClock).await;
    key.unwrap().certificate().thumbprints().sha1.hex()
}

async fn publish(world: &World, path: &Path, more: &[&str]) -> Ran {
    let line = ["certificate", "publish", path.to_str().unwrap()];
    world.run(&[&line, more].concat()).await
}

fn fresh(days: u32, at: Timestamp) -> CreatedCertificate {
    create("Broker", days, at).unwrap()
}

/// A directory as `certificate create` fills it.
fn directory(certificate: &str, key: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("certificate.pem"), certificate).unwrap();
    fs::write(directory.path().join("private-key.pem"), key).unwrap();
    directory
}

fn directory_of(created: &CreatedCertificate) -> TempDir {
    let key = created.private_key_pem.expose_secret();
    directory(&created.certificate_pem, key)
}

#[tokio::test]
async fn what_was_created_is_published_and_the_functions_load_it() {
    let world = empty().await;
    let directory = tempfile::tempdir().unwrap();
    let created = creating::create(directory.path(), &["--json"]).await.json();
    let sha1 = created["thumbprints"]["sha1_hex"].as_str().unwrap();

    let first = publish(&world, directory.path(), &["--json"]).await.json();
    assert_eq!(first["state"], "first");
    assert_eq!(first["thumbprints"], created["thumbprints"]);
    creating::check_days_left(&first, 365);
    assert_eq!(first["warning"], json!(null));
    assert_eq!(loaded(&world, "new").await, sha1);

    let again = publish(&world, directory.path(), &[]).await;
    assert_eq!((again.exit, again.err.as_str()), (Exit::Done, ""));
    for part in [sha1, "already: nothing to do", "Delete the private key"] {
        assert!(again.out.contains(part), "{again:?}");
    }
    let before = secrets(&world).read_previous("new").await.unwrap();
    assert!(before.is_none(), "written once");
    let key = fs::read_to_string(directory.path().join("private-key.pem")).unwrap();
    let body: Vec<_> = key.lines().filter(|line| !line.starts_with('-')).collect();
    assert!(!body.iter().any(|line| again.out.contains(line)));
}

#[tokio::test]
async fn another_one_takes_the_place_of_the_current_one_after_a_yes() {
    let world = World::start().await;
    let before = loaded(&world, "certificate").await;
    let created = fresh(60, SystemClock.now());
    let directory = directory_of(&created);
    let nobody = publish(&world, directory.path(), &[]).await;
    assert_eq!((nobody.exit, nobody.out.as_str()), (Exit::Usage, ""));
    assert!(nobody.err.contains("add --yes"), "{nobody:?}");
    let line = ["certificate", "publish", directory.path().to_str().unwrap()];
    let no = world.run_typing(&line, "no\n").await;
    assert_eq!((no.exit, no.out.as_str()), (Exit::Failed, ""));
    for part in [
        &before,
        "registered",
        "AADSTS700027",
        "Type yes",
        "nothing was published",
    ] {
        assert!(no.err.contains(part), "{no:?}");
    }
    assert_eq!(loaded(&world, "certificate").await, before);

    let yes = world.run_typing(&line, "yes\n").await;
    assert_eq!(yes.exit, Exit::Done, "{yes:?}");
    let after = loaded(&world, "certificate").await;
    assert!(
        yes.out.contains(&after) && no.err.contains(&after),
        "{yes:?}"
    );
    assert_ne!(after, before);
    assert_eq!(loaded(&world, "certificate.previous").await, before);

    let next = directory_of(&fresh(60, SystemClock.now()));
    let json = publish(&world, next.path(), &["--yes", "--json"])
        .await
        .json();
    assert_eq!(
        (&json["state"], &json["replaced_sha1_hex"]),
        (&json!("replaced"), &json!(after))
    );
}

/// One that nobody can use is no reason not to put a good one there, after a yes.
#[tokio::test]
async fn what_no_function_can_use_is_told_and_replaced() {
    let world = World::start().await;
    let expired = fresh(1, SystemClock.now() - 10 * DAY);
    let rows = [
        (json!({"certificate": "none"}), "what no function can use"),
        (
            serde_json::from_str(expired.secret().expose_secret()).unwrap(),
            "CN=Broker, until",
        ),
    ];
    let good = directory_of(&fresh(60, SystemClock.now()));
    let line = ["certificate", "publish", good.path().to_str().unwrap()];
    for (value, told) in rows {
        let value: Value = value;
        world.write_secret("certificate", &value);
        let yes = world.run_typing(&line, "yes\n").await;
        assert_eq!(yes.exit, Exit::Done, "{yes:?}");
        assert!(yes.err.contains(told), "{yes:?}");
        loaded(&world, "certificate").await;
    }
}

#[tokio::test]
async fn one_that_ends_soon_is_published_with_a_warning() {
    // Half a day old, so that no second of the test decides.
    let made_at = SystemClock.now() - DAY / 2;
    for (days, warns) in [(31, false), (30, true), (2, true)] {
        let world = empty().await;
        let directory = directory_of(&fresh(days, made_at));
        let outcome = publish(&world, directory.path(), &[]).await;
        assert_eq!(outcome.exit, Exit::Done, "{outcome:?}");
        assert_eq!(outcome.err.contains("warning: the certificate ends"), warns);
        let json = publish(&world, directory.path(), &["--json"]).await.json();
        assert_eq!(json["warning"].is_string(), warns, "{json}");
    }
}

/// Of a file only the certificate that counts and its key get into the secret.
#[tokio::test]
async fn a_file_that_holds_both_is_published_in_every_form() {
    let password = made("secret");
    let password = ["--password-file", password.path.to_str().unwrap()];
    let pem = |parts: &[&str]| made(parts.iter().map(|part| text(part)).collect::<String>());
    let files = [
        pem(&["app.pem", "app.key.pem"]),
        pem(&["traditional.key.pem", "app.pem"]),
        pem(&["root.pem", "leaf.key.pem", "leaf.pem"]),
    ];
    let paths = files.iter().map(|file| file.path.clone());
    let paths = paths.chain(["modern.pfx", "chain.pfx", "two-pairs.pfx"].map(fixture));
    for path in paths {
        let world = empty().await;
        let shown = super::inspect(&path, &[&password[..], &["--json"]].concat()).await;
        let shown: Value = serde_json::from_str(&shown.out).unwrap();
        let json = publish(&world, &path, &[&password[..], &["--json"]].concat()).await;
        assert_eq!(json.json()["thumbprints"], shown["thumbprints"]);
        let sha1 = shown["thumbprints"]["sha1_hex"].as_str().unwrap();
        assert_eq!(loaded(&world, "new").await, sha1, "{}", path.display());
        let secret = secrets(&world).read("new").await.unwrap();
        let secret: Value = serde_json::from_str(secret.expose_secret()).unwrap();
        for (field, other) in [
            ("certificate", "private_key"),
            ("private_key", "certificate"),
        ] {
            let block = secret[field].as_str().unwrap();
            assert_eq!(block.matches("-----BEGIN").count(), 1, "{field}");
            assert_ne!(block, secret[other].as_str().unwrap());
        }
    }
}

#[tokio::test]
async fn what_no_function_could_use_is_not_published() {
    let world = empty().await;
    let pair = |certificate: &str, key: &str| directory(&text(certificate), &text(key));
    let rows = [
        (pair("app.pem", "other.key.pem"), "does not belong"),
        (pair("app.pem", "encrypted.key.pem"), "openssl pkey"),
        (
            pair("app.pem", "curve.key.pem"),
            "cannot be read as an RSA key",
        ),
        (pair("app.pem", "public.pem"), "comes without its key"),
        (pair("short.pem", "short.key.pem"), "1024 bits"),
        (pair("curve.pem", "curve.key.pem"), "not RSA"),
        (
            pair("request.pem", "app.key.pem"),
            "certificate signing request",
        ),
        (directory("", ""), "the file is empty"),
        (
            directory_of(&fresh(1, SystemClock.now() - 10 * DAY)),
            "expired at",
        ),
        (
            directory_of(&fresh(1, SystemClock.now() + 10 * DAY)),
            "valid only from",
        ),
    ];
    for (directory, reason) in rows {
        let refused = publish(&world, directory.path(), &["--yes"]).await;
        let place = directory.path().to_str().unwrap();
        for part in [reason, place] {
            assert!(refused.refusal().contains(part), "{part}: {refused:?}");
        }
    }
    let none = tempfile::tempdir().unwrap();
    let refused = publish(&world, none.path(), &[]).await;
    assert!(
        refused.refusal().contains("certificate.pem: no such file"),
        "{refused:?}"
    );
    fs::write(none.path().join("certificate.pem"), text("app.pem")).unwrap();
    let refused = publish(&world, none.path(), &[]).await;
    assert!(
        refused.refusal().contains("private-key.pem: no such file"),
        "{refused:?}"
    );
    let left = secrets(&world).read("new").await;
    assert!(left.is_err_and(|error| error.is_without_value()));
}

/// Such a run reads no certificate from a secret: to publish there would change nothing.
#[tokio::test]
async fn a_run_with_a_persons_own_file_says_so() {
    let world = World::start().await;
    world.change_run("/certificate_file", json!("own.pem"));
    let directory = directory_of(&fresh(60, SystemClock.now()));
    let refused = publish(&world, directory.path(), &["--yes"]).await;
    assert!(refused.refusal().contains("own.pem"), "{refused:?}");
}

/// Nothing there rotates: the command says what to do in its place, and the secret stays.
#[tokio::test]
async fn a_run_on_one_machine_rotates_nothing() {
    let world = World::start().await;
    let before = loaded(&world, "certificate").await;
    let out = tempfile::tempdir().unwrap();
    let out = out.path().join("waiting");
    let pending = ["certificate", "publish", "--pending", out.to_str().unwrap()];
    for line in [&["certificate", "rotate"][..], &pending] {
        let ran = world.run(line).await;
        assert_eq!(ran.exit, Exit::Failed, "{line:?}");
        let said = &ran.err;
        for part in ["one-machine run", "`operator certificate publish DIR`"] {
            assert!(said.contains(part), "{line:?}: {part}: {said}");
        }
    }
    let status = world.run(&["certificate", "status", "--json"]).await.json();
    assert_eq!(status["rotated"], Value::Null);
    assert_eq!(status["versions"][0]["sha1_hex"], before);
    assert!(!out.exists());
}
