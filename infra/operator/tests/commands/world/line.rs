//! A whole command line, run in this process.

use std::io::BufRead;

use clap::Parser as _;
use operator::{Arguments, Console, Exit};
use serde_json::Value;

/// What a command did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) exit: Exit,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Standard output as JSON; the command must have succeeded without a word.
    pub(crate) fn json(&self) -> Value {
        assert_eq!((self.exit, self.err.as_str()), (Exit::Done, ""), "{self:?}");
        serde_json::from_str(&self.out).unwrap()
    }

    /// The one line on standard error of a command that failed and printed nothing.
    pub(crate) fn refusal(&self) -> &str {
        assert_eq!(
            (self.exit, self.out.as_str()),
            (Exit::Failed, ""),
            "{self:?}"
        );
        assert_eq!(self.err.lines().count(), 1, "{self:?}");
        &self.err
    }
}

/// Runs a whole command line without any environment.
pub(crate) async fn run(line: &[&str], typed: Option<&str>) -> Ran {
    run_at(line, typed, b"").await
}

pub(super) async fn run_at(line: &[&str], typed: Option<&str>, mut piped: &[u8]) -> Ran {
    let arguments = Arguments::try_parse_from(line).unwrap();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let unseen = typed.unwrap_or_default().to_owned();
    let mut typed = typed.map(str::as_bytes);
    let mut console = Console {
        out: &mut out,
        err: &mut err,
        person: typed.as_mut().map(|typed| typed as &mut dyn BufRead),
        piped: &mut piped,
        progress: false,
        width: None,
        unseen: &mut || Ok(unseen.clone()),
    };
    let exit = operator::run(arguments, &|_| None, &mut console).await;
    Ran {
        exit,
        out: String::from_utf8(out).unwrap(),
        err: String::from_utf8(err).unwrap(),
    }
}
