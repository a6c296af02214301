//! The operator at work on a run: a command in this process, as its own program runs it.

use std::path::Path;

use clap::Parser as _;
use operator::{Arguments, Console, Exit};
use serde_json::Value;

/// Runs a command on the run of this data directory; gives what it printed.
pub async fn operate(directory: &Path, command: &[&str]) -> String {
    let (exit, out, err) = attempt(directory, command).await;
    assert_eq!(exit, Exit::Done, "{command:?}: {err}");
    out
}

/// Makes a caller key of this name; gives the key.
pub async fn caller_key(directory: &Path, name: &str) -> String {
    let added = operate(directory, &["--json", "caller", "add", name]).await;
    let added: Value = serde_json::from_str(&added).unwrap();
    added["key"].as_str().unwrap().to_owned()
}

/// Puts this text of policies with these options.
pub async fn put_policy(directory: &Path, text: &str, options: &[&str]) {
    let file = directory.join("policy.cedar");
    std::fs::write(&file, text).unwrap();
    let put = ["policy", "put", file.to_str().unwrap()];
    operate(directory, &[&put, options].concat()).await;
}

/// The same where the command may fail: how it ended, standard output, standard error.
pub async fn attempt(directory: &Path, command: &[&str]) -> (Exit, String, String) {
    let line = ["operator", "--data-dir", directory.to_str().unwrap()];
    let arguments = Arguments::try_parse_from([&line, command].concat()).unwrap();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut console = Console {
        out: &mut out,
        err: &mut err,
        person: None,
        piped: &mut std::io::empty(),
        progress: false,
        width: None,
        unseen: &mut || Err(std::io::ErrorKind::Unsupported.into()),
    };
    let exit = operator::run(arguments, &|_| None, &mut console).await;
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (exit, text(out), text(err))
}
