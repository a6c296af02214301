//! What there is after a run: the book, the objects, and what the operator reads.

use std::collections::BTreeMap;

use serde_json::Value;
use tests::MovedRun;

use super::rows::Expected::{Later, Whole};
use super::rows::ROWS;
use crate::book::{Book, TYPES, is_within, status};
use crate::objects::{Stored, dead, stored};

/// What there is after a run.
pub(super) struct Seen {
    book: Book,
    stored: Stored,
    dead: Stored,
    /// By tenant.
    status: BTreeMap<String, Value>,
}

impl Seen {
    pub(super) async fn of(run: &MovedRun) -> Self {
        let directory = &run.machine.ready.objects_directory;
        Self {
            book: Book::of(&run.broker).await,
            stored: stored(directory),
            dead: dead(directory),
            status: status(directory.parent().unwrap()).await,
        }
    }

    /// The records of a tenant's type that are stored, and those that are kept as bytes.
    fn kept(&self, tenant: &str, content_type: &str) -> Vec<String> {
        let mut kept = self.stored.of(tenant, content_type);
        kept.extend(self.dead.of(tenant, content_type));
        kept.sort();
        kept
    }

    fn sum(&self, tenant: &str, field: &str) -> u64 {
        let types = self.status[tenant]["types"].as_array().unwrap();
        types.iter().map(|one| one[field].as_u64().unwrap()).sum()
    }

    /// What a tenant's types are refused with, by type.
    fn causes(&self, tenant: &str) -> BTreeMap<&str, &str> {
        let types = self.status[tenant]["types"].as_array().unwrap();
        let refused = types
            .iter()
            .filter_map(|one| Some((one["content_type"].as_str()?, one["cause"].as_str()?)));
        refused.collect()
    }

    /// What is other than the table says, each in a line.
    pub(super) fn after_the_first_run(&self, run: &MovedRun) -> Vec<String> {
        let mut problems = Vec::new();
        for (index, (what, .., expected)) in ROWS.iter().enumerate() {
            let tenant = run.tenant(index);
            let causes = self.causes(&tenant);
            let is_as_expected = match expected {
                Whole { dead, without_id } => {
                    causes.is_empty()
                        && self.is_whole(&tenant)
                        && (self.sum(&tenant, "dead"), self.sum(&tenant, "without_id"))
                            == (*dead, *without_id)
                }
                Later(cause) => !causes.is_empty() && causes.values().all(|found| found == cause),
            };
            if !is_as_expected {
                problems.push(format!("{what}: {causes:?} {}", self.status[&tenant]));
            }
            for content_type in TYPES {
                let kept = self.kept(&tenant, content_type);
                let offered = self.book.of_type(&tenant, content_type);
                let goes_on = causes.contains_key(content_type) || kept == offered;
                if !goes_on || !is_within(&kept, &offered) {
                    let counts = (kept.len(), offered.len());
                    problems.push(format!("{what}: {content_type} {counts:?} {causes:?}"));
                }
            }
        }
        problems
    }

    /// What is missing, is there twice, or still has a cause.
    pub(super) fn in_the_end(&self, run: &MovedRun) -> Vec<String> {
        let mut problems = Vec::new();
        for (index, (what, ..)) in ROWS.iter().enumerate() {
            let tenant = run.tenant(index);
            for content_type in TYPES {
                let kept = self.kept(&tenant, content_type);
                let offered = self.book.of_type(&tenant, content_type);
                if kept != offered {
                    let counts = (kept.len(), offered.len());
                    problems.push(format!("{what}: in the end {content_type} {counts:?}"));
                }
            }
            if !self.is_whole(&tenant) || !self.causes(&tenant).is_empty() {
                problems.push(format!("{what}: in the end {}", self.status[&tenant]));
            }
        }
        problems
    }

    /// As the operator reads it.
    fn is_whole(&self, tenant: &str) -> bool {
        self.status[tenant]["complete"] == true
            && self.sum(tenant, "listed") == self.sum(tenant, "stored")
            && self.sum(tenant, "open") + self.sum(tenant, "lost") == 0
    }
}
