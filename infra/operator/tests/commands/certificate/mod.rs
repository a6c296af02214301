//! `certificate …`: the fixtures, what OpenSSL says of them, and how `certificate inspect`
//! is run on them.

mod creating;
mod facts;
mod forms;
mod pfx;
mod publishing;
mod refusals;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::world::{Ran, run};

/// Everything here is made by `tests/fixtures/make`.
pub(super) fn fixture(name: &str) -> PathBuf {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures");
    Path::new(directory).join(name)
}

pub(super) fn text(name: &str) -> String {
    fs::read_to_string(fixture(name)).unwrap()
}

/// What OpenSSL says of a certificate.
pub(super) struct Told {
    pub(super) sha1_hex: String,
    pub(super) sha256_hex: String,
    pub(super) sha1_base64: String,
    pub(super) sha256_base64: String,
    pub(super) der_base64: String,
}

pub(super) fn openssl(name: &str) -> Told {
    let all = text("openssl.txt");
    let line = all
        .lines()
        .find(|line| line.split(' ').next() == Some(name));
    let mut words = line.unwrap().split(' ').skip(1).map(str::to_owned);
    let mut next = || words.next().unwrap();
    Told {
        sha1_hex: next(),
        sha256_hex: next(),
        sha1_base64: next(),
        sha256_base64: next(),
        der_base64: next(),
    }
}

/// Base64url of base64 (RFC 4648 §5), without the padding.
pub(super) fn url_safe(base64: &str) -> String {
    let text = base64.replace('+', "-").replace('/', "_");
    text.trim_end_matches('=').to_owned()
}

pub(super) async fn inspect(file: &Path, more: &[&str]) -> Ran {
    let line = ["operator", "certificate", "inspect", file.to_str().unwrap()];
    run(&[&line, more].concat(), None).await
}

/// A file of a test, with what it holds.
pub(super) struct Made {
    _directory: tempfile::TempDir,
    pub(super) path: PathBuf,
}

pub(super) fn made(content: impl AsRef<[u8]>) -> Made {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("file");
    fs::write(&path, content).unwrap();
    Made {
        _directory: directory,
        path,
    }
}

/// The facts of a file that is fine.
pub(super) async fn json_of(file: &Path, more: &[&str]) -> Value {
    inspect(file, &[&["--json"], more].concat()).await.json()
}
