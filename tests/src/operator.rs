//! The operator at work on a run: a command in this process, as its own program runs it.

use std::path::Path;

use clap::Parser as _;
use operator::{Arguments, Console, Exit};

/// Runs a command on the run of this data directory; gives what it printed.
pub async fn operate(directory: &Path, command: &[&str]) -> String {
    let directory = directory.to_str().unwrap();
    let line = [&["operator", "--data-dir", directory], command].concat();
    let arguments = Arguments::try_parse_from(line).unwrap();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut console = Console {
        out: &mut out,
        err: &mut err,
        person: None,
        piped: &mut std::io::empty(),
        progress: false,
        unseen: &mut || Err(std::io::ErrorKind::Unsupported.into()),
    };
    let exit = operator::run(arguments, &|_| None, &mut console).await;
    let err = String::from_utf8(err).unwrap();
    assert_eq!(exit, Exit::Done, "{command:?}: {err}");
    String::from_utf8(out).unwrap()
}
