//! axe-core: whether a person who sees badly, hears a page or has no mouse can use it
//! (WCAG 2.2 AA, and what is good practice besides). It runs inside the page, in spite
//! of the page's policy.

use std::path::Path;

use serde::Deserialize;
use serde_json::{Value, json};

use super::{Refused, Session, installed};

/// The groups of rules that are applied.
const RULES: [&str; 6] = [
    "wcag2a",
    "wcag2aa",
    "wcag21a",
    "wcag21aa",
    "wcag22aa",
    "best-practice",
];
/// Rules that apply to every page: where one of them has not passed, axe-core has not
/// looked, or could not tell.
const ALWAYS_PASSED: [&str; 5] = [
    "color-contrast",
    "document-title",
    "html-has-lang",
    "landmark-one-main",
    "page-has-heading-one",
];
/// It takes a page that states no background for a white one: then it is told the one
/// that the browser paints.
const RUN: &str = "
    const [rules, done] = arguments;
    const page = document.documentElement;
    const painted = element => getComputedStyle(element).backgroundColor !== 'rgba(0, 0, 0, 0)';
    if (!painted(page) && !painted(document.body)) page.style.backgroundColor = 'Canvas';
    const told = found => found.map(({id, impact, help, nodes}) =>
        ({id, impact, help, where: nodes.map(node => node.html).join(' ')}));
    axe.run(document, {runOnly: {type: 'tag', values: rules}}).then(
        found => done({
            passed: found.passes.map(rule => rule.id),
            violations: told(found.violations),
            undecided: told(found.incomplete),
        }),
        error => done(String(error)));";
/// A page that follows by itself can go while it is judged: then the next one is.
const ATTEMPTS: usize = 5;

/// The judge, as it was installed.
pub struct Axe {
    script: String,
}

/// What it found in a page.
#[derive(Debug, Clone, Deserialize)]
pub struct Verdict {
    /// Rules that applied and hold.
    pub passed: Vec<String>,
    /// Rules that do not hold.
    pub violations: Vec<Violation>,
    /// Rules of which it cannot tell.
    pub undecided: Vec<Violation>,
}

/// A rule that does not hold.
#[derive(Debug, Clone, Deserialize)]
pub struct Violation {
    /// The rule.
    pub id: String,
    /// How much it keeps a person out: `minor` to `critical`.
    pub impact: Option<String>,
    /// What should be.
    pub help: String,
    /// The elements, as HTML.
    #[serde(rename = "where")]
    pub place: String,
}

impl Axe {
    /// Reads it from where `tests/run` has put npm packages.
    pub fn installed() -> Self {
        let packages = installed("JUDGES_NODE_MODULES");
        let file = Path::new(&packages).join("axe-core/axe.min.js");
        let judge = std::fs::read_to_string(&file)
            .unwrap_or_else(|error| panic!("{}: {error}: run tests/run", file.display()));
        Self {
            script: format!("{judge};{RUN}"),
        }
    }

    /// Judges the page that the browser shows.
    pub async fn judge(&self, session: &Session) -> Verdict {
        for _ in 0..ATTEMPTS {
            let told = session.run_until_done(&self.script, json!([RULES])).await;
            match told {
                Ok(verdict) => return read(verdict),
                Err(refused) if page_has_gone(&refused) => {}
                Err(refused) => panic!("axe-core did not run: {refused:?}"),
            }
        }
        panic!("axe-core did not run: the page goes again and again");
    }
}

impl Verdict {
    /// What keeps people out.
    pub fn barriers(&self) -> Vec<&Violation> {
        let hard =
            |found: &&Violation| matches!(found.impact.as_deref(), Some("serious" | "critical"));
        self.violations.iter().filter(hard).collect()
    }

    /// Rules that apply to every page and hold not everywhere in this one, as far as can
    /// be told.
    pub fn not_passed(&self) -> Vec<&'static str> {
        let doubted = |rule: &str| {
            let mut found = self.violations.iter().chain(&self.undecided);
            found.any(|found| found.id == rule)
        };
        let passed = |rule: &str| self.passed.iter().any(|passed| passed == rule);
        let mut rules = ALWAYS_PASSED.to_vec();
        rules.retain(|rule| !passed(rule) || doubted(rule));
        rules
    }
}

fn read(told: Value) -> Verdict {
    serde_json::from_value(told.clone()).unwrap_or_else(|_| panic!("axe-core did not run: {told}"))
}

fn page_has_gone(refused: &Refused) -> bool {
    refused.message.contains("document unloaded")
}
