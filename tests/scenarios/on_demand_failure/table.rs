//! Rows that say the same, as one; and the tables of the runbook.

use std::fmt::Write as _;
use std::time::Duration;

use super::stage::Unanswered;
use super::trouble::Trouble;

const PAGE: &str = "runbooks/on-demand-failure.md";

/// What came, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) text: String,
    /// Whole seconds.
    pub(super) after: u64,
}

impl Answer {
    pub(super) fn new(text: String, took: Duration) -> Self {
        Self {
            text,
            after: (took + Duration::from_millis(500)).as_secs(),
        }
    }
}

/// A route while something is wrong.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) route: String,
    pub(super) trouble: &'static str,
    pub(super) answer: Answer,
    /// The request's own line.
    pub(super) log: Option<String>,
    /// The line of the function that was asked.
    pub(super) unanswered: Option<Unanswered>,
}

/// The runbook's part for `function` is these rows.
pub(super) fn holds(function: &str, rows: &[Row]) {
    let mut text =
        "\n| route | on demand is | answer | after | log |\n|---|---|---|---|---|\n".to_owned();
    for together in grouped(rows) {
        let first = together[0];
        let tried = rows.iter().filter(|row| row.route == first.route);
        let troubles = named(&together, &tried.map(|row| row.trouble).collect::<Vec<_>>());
        let log = first.log.as_deref().unwrap_or("none");
        let Answer { text: said, after } = &first.answer;
        writeln!(
            text,
            "| {} | {troubles} | {said} | {after} s | {log} |",
            first.route
        )
        .unwrap();
    }
    text.push('\n');
    tests::guide::holds(PAGE, function, &text);
}

/// The runbook's part that says what the askers' log has for each trouble.
pub(super) fn kinds_hold(rows: &[Row]) {
    let mut text = "\n| on demand is | `kind` | `why` |\n|---|---|---|\n".to_owned();
    for trouble in Trouble::all() {
        let mut of_trouble = rows.iter().filter(|row| row.trouble == trouble.name());
        let said = of_trouble.find_map(|row| row.unanswered.as_ref());
        let (kind, why) = match said {
            Some(said) => (format!("`{}`", said.kind), said.why.replace('|', "\\|")),
            None => (
                "none; its own log has `start_waits`".to_owned(),
                String::new(),
            ),
        };
        writeln!(text, "| {} | {kind} | {why} |", trouble.name()).unwrap();
    }
    text.push('\n');
    tests::guide::holds(PAGE, "kinds", &text);
}

/// The troubles of these rows among those that were tried, in few words.
fn named(together: &[&Row], tried: &[&str]) -> String {
    let is_here = |trouble: &&&str| together.iter().any(|row| row.trouble == **trouble);
    let (here, others): (Vec<_>, Vec<_>) = tried.iter().partition(is_here);
    let listed = |troubles: &[&str]| troubles.join(", ");
    match others.len() {
        0 if tried.len() > 1 => "whatever is wrong".to_owned(),
        few if (1..here.len()).contains(&few) => format!("any of them but {}", listed(&others)),
        _ => listed(&here),
    }
}

/// Those that differ in the trouble alone, in the order in which they came.
fn grouped(rows: &[Row]) -> Vec<Vec<&Row>> {
    let mut groups: Vec<Vec<&Row>> = Vec::new();
    for row in rows {
        let alike = |other: &Row| {
            (&other.route, &other.answer, &other.log) == (&row.route, &row.answer, &row.log)
        };
        match groups.iter_mut().find(|group| alike(group[0])) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    groups
}
