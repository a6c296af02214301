//! Which events the functions can leave in a deployment's log, by their sources, and of which
//! the guide to start-up tells a person.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::template::root;

/// What a deployment's log holds: `debug` and `trace` only for whoever turns them on.
const LEVELS: [&str; 3] = ["error", "warn", "info"];

/// Every event that the code writes.
pub(super) fn written() -> BTreeSet<String> {
    let sources = sources().into_iter();
    let texts = sources.map(|path| std::fs::read_to_string(path).unwrap());
    texts.flat_map(|text| written_by(&text)).collect()
}

/// The functions and what they are made of; tests in files of their own are left out.
fn sources() -> Vec<PathBuf> {
    let mut directories = vec![root().join("functions"), root().join("shared")];
    let mut sources = Vec::new();
    while let Some(directory) = directories.pop() {
        let entries = std::fs::read_dir(directory).unwrap();
        let paths = entries.map(|entry| entry.unwrap().path());
        for path in paths.filter(|path| !is_of_tests(path)) {
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push(path);
            }
        }
    }
    sources
}

fn is_of_tests(path: &Path) -> bool {
    let stem = path.file_stem().and_then(|stem| stem.to_str());
    stem.is_some_and(|stem| stem.ends_with("tests"))
}

/// The events of a source's log lines: `event` is the first field of each, behind the target if
/// it has one. Comments and the file's own tests write none.
fn written_by(source: &str) -> Vec<String> {
    let code = source.split("\nmod tests {").next().unwrap_or_default();
    let code = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let code = code.collect::<Vec<_>>().join("\n");
    let macros = code.split("tracing::").skip(1);
    macros.filter_map(event_of).collect()
}

/// `rest`: what follows `tracing::`.
fn event_of(rest: &str) -> Option<String> {
    let (level, fields) = rest.split_once("!(")?;
    let fields = fields.trim_start();
    let fields = match fields.strip_prefix("target: ") {
        Some(named) => named.split_once(',')?.1.trim_start(),
        None => fields,
    };
    let event = fields.strip_prefix("event = \"")?;
    let (event, _) = event.split_once('"')?;
    LEVELS.contains(&level).then(|| event.to_owned())
}

/// The events of the guide's tables: of the one that says what to do, and of the lines that
/// the functions leave.
pub(super) fn told_by_the_guide() -> BTreeSet<String> {
    let guide = std::fs::read_to_string(root().join("infra/guides/start-up.md")).unwrap();
    let rows = guide.lines().filter_map(|line| line.strip_prefix("| "));
    rows.flat_map(|row| match row.split(" | ").collect::<Vec<_>>()[..] {
        [events, to_do] => in_backticks(&format!("{events} {to_do}")),
        [_, told, _, _] => before_a_colon(told),
        _ => panic!("no row of the guide: {row}"),
    })
    .collect()
}

fn in_backticks(text: &str) -> Vec<String> {
    let quoted = text.split('`').skip(1).step_by(2);
    quoted.map(str::to_owned).collect()
}

/// Several lines of a cell are broken by `<br>`; "none" has no colon.
fn before_a_colon(told: &str) -> Vec<String> {
    let lines = told.split("<br>");
    let events = lines.filter_map(|line| line.split_once(": "));
    events.map(|(event, _)| event.to_owned()).collect()
}

#[test]
fn only_what_a_deployment_logs_counts_as_written() {
    let source = "
        // tracing::error!(event = \"in_a_comment\");
        tracing::error!(
            event = \"an_error\", %error,
            \"a text\"
        );
        tracing::warn!(
            target: \"audit\",
            event = \"an_audit_line\",
        );
        tracing::debug!(event = \"for_whoever_looks_closer\");
        let word = tracing::field::display(text); call!(event = \"of_another_macro\");
        wanted(\"event = \\\"in_a_text\\\"\");
mod tests {
        tracing::info!(event = \"of_a_test\");
";
    assert_eq!(written_by(source), ["an_error", "an_audit_line"]);
}
