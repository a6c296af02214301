//! The pages of `infra/runbooks`, and their queries run over lines as CloudWatch Logs
//! Insights runs them. Of a query only its `filter` is judged; the rest sorts and shows.

use serde_json::{Value, json};

use super::template::root;

/// Leads to the pages and is none.
const INDEX: &str = "README.md";

/// One page.
pub(super) struct Runbook {
    pub(super) name: String,
    pub(super) text: String,
}

/// A query: the condition of its `filter`, on one line.
#[derive(Debug)]
pub(super) struct Query(String);

impl Runbook {
    pub(super) fn all() -> Vec<Self> {
        let entries = std::fs::read_dir(root().join("infra/runbooks")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let names = names.filter(|name| name != INDEX);
        names.map(|name| Self::read(&name)).collect()
    }

    pub(super) fn index() -> Self {
        Self::read(INDEX)
    }

    pub(super) fn read(name: &str) -> Self {
        let path = root().join("infra/runbooks").join(name);
        let text = std::fs::read_to_string(path);
        Self {
            name: name.to_owned(),
            text: text.unwrap_or_else(|error| panic!("no page {name}: {error}")),
        }
    }

    /// Its queries, each a block of its own or within a sentence.
    pub(super) fn queries(&self) -> Vec<Query> {
        let mut quoted = Vec::new();
        for (place, part) in self.text.split("```").enumerate() {
            match place % 2 {
                0 => quoted.extend(part.split('`').skip(1).step_by(2)),
                _ => quoted.push(part),
            }
        }
        quoted.into_iter().filter_map(Query::parse).collect()
    }
}

impl Query {
    fn parse(text: &str) -> Option<Self> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let line = words.join(" ");
        let condition = line.strip_prefix("filter ")?.split('|').next()?;
        Some(Self(condition.trim_end().to_owned()))
    }

    /// Whether it shows this line. `and` binds closer than `or`.
    pub(super) fn finds(&self, line: &Value) -> bool {
        let mut choices = self.0.split(" or ");
        choices.any(|terms| terms.split(" and ").all(|term| holds(term, line)))
    }

    /// The events that it asks for.
    pub(super) fn events(&self) -> Vec<&str> {
        let terms = self.0.split(" or ").flat_map(|terms| terms.split(" and "));
        let wanted = terms.filter_map(|term| term.strip_prefix("event = "));
        wanted.map(|event| event.trim_matches('"')).collect()
    }
}

/// A field that is not there is neither equal to anything nor unequal.
fn holds(term: &str, line: &Value) -> bool {
    if let Some(field) = term.strip_prefix("ispresent(") {
        return !member(field.strip_suffix(')').unwrap(), line).is_null();
    }
    let [field, operator, wanted] = term.splitn(3, ' ').collect::<Vec<_>>()[..] else {
        panic!("no term of a query: {term}");
    };
    let found = member(field, line);
    match (operator, wanted.trim_matches('"')) {
        ("=", text) => found.as_str() == Some(text),
        ("!=", text) => !found.is_null() && found.as_str() != Some(text),
        (">=", number) => {
            let least: f64 = number.parse().unwrap();
            found.as_f64().is_some_and(|found| found >= least)
        }
        _ => panic!("no operator: {operator}"),
    }
}

/// `record.status`: the member `status` of the member `record`.
fn member<'a>(field: &str, line: &'a Value) -> &'a Value {
    field.split('.').fold(line, |value, name| &value[name])
}

/// A line of Lambda's own, by AWS's documents (Telemetry API, event schema reference; the log
/// in JSON has the same shape). Assumed: none was seen in an account.
fn lambda_says(kind: &str, record: &Value) -> Value {
    json!({"time": "2027-01-15T08:00:00.000Z", "type": kind, "record": record})
}

#[test]
fn a_call_that_was_cut_off_is_found_and_one_that_went_well_is_not_taken_for_it() {
    let well = lambda_says("platform.report", &json!({"status": "success"}));
    let cut_off = [
        json!({"status": "timeout"}),
        json!({"status": "error", "errorType": "Runtime.ExitError"}),
        json!({"status": "failure"}),
    ];
    for name in ["refresher-not-running.md", "vending-failure.md"] {
        let mut queries = Runbook::read(name).queries();
        queries.retain(|query| !query.finds(&well));
        for record in &cut_off {
            let line = lambda_says("platform.report", record);
            let found = queries.iter().any(|query| query.finds(&line));
            assert!(found, "{name}: {line}");
        }
    }
}

/// Where the schedule calls nobody there is no such line.
#[test]
fn a_call_of_the_refresher_is_found_whatever_came_of_it() {
    let called = lambda_says("platform.start", &json!({"requestId": "run-1"}));
    let queries = Runbook::read("refresher-not-running.md").queries();
    assert!(queries.iter().any(|query| query.finds(&called)));
    // Lambda's lines of calls that went well have the level INFO, which is its default; only
    // vending, whose own line says the same, is without them.
    let template = std::fs::read_to_string(root().join("template.yaml")).unwrap();
    let quiet: Vec<_> = template.split("\n\n").collect();
    let quiet = quiet.iter().filter(|part| part.contains("SystemLogLevel"));
    let quiet: Vec<_> = quiet
        .map(|part| part.lines().find(|line| line.ends_with("Function:")))
        .collect();
    assert_eq!(quiet, [Some("  VendingFunction:")]);
}
