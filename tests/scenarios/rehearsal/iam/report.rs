//! The table of function, action and resource, with what was seen beside it, and the
//! judgement: nothing missing, nothing unused.

use std::fmt::Write as _;

use tests::iam::{Condition, Statement, is_like};

use super::exceptions::EXCEPTIONS;
use super::{Call, Roles, holder};

/// One permission of one function.
struct Row {
    function: &'static str,
    action: String,
    resource: String,
    condition: String,
    allows: bool,
    /// Calls that it covers.
    seen: usize,
    /// Why none has to be seen.
    exception: Option<&'static str>,
}

/// The table and what is wrong.
pub(crate) struct Report {
    rows: Vec<Row>,
    /// Calls that no role permits.
    missing: Vec<String>,
}

impl Report {
    pub(crate) fn of(roles: &Roles, calls: &[Call]) -> Self {
        let own = roles
            .iter()
            .filter(|(function, _)| holder(function) == **function);
        let rows = own.flat_map(|(function, role)| {
            role.statements
                .iter()
                .flat_map(|statement| rows(function, statement, calls))
        });
        let missing = calls
            .iter()
            .filter(|call| !roles[call.function].allows(&call.asked));
        let mut missing: Vec<_> = missing.map(|call| format!("{call:?}")).collect();
        missing.sort();
        missing.dedup();
        Self {
            rows: rows.collect(),
            missing,
        }
    }

    /// Fails where a permission is missing, unused, or wrongly excepted.
    pub(crate) fn check(&self) {
        let allowed = || self.rows.iter().filter(|row| row.allows);
        let unused: Vec<_> = allowed()
            .filter(|row| row.seen == 0 && row.exception.is_none())
            .map(Row::name)
            .collect();
        let stale: Vec<_> = allowed()
            .filter(|row| row.seen > 0 && row.exception.is_some())
            .map(Row::name)
            .collect();
        let denied = self.rows.iter().filter(|row| !row.allows && row.seen > 0);
        let forbidden: Vec<_> = denied.map(Row::name).collect();
        assert!(
            self.missing.is_empty(),
            "not permitted: {:#?}",
            self.missing
        );
        assert!(unused.is_empty(), "permitted and never used: {unused:#?}");
        assert!(
            stale.is_empty(),
            "excepted and used all the same: {stale:#?}"
        );
        assert!(forbidden.is_empty(), "denied and asked for: {forbidden:#?}");
    }

    pub(crate) fn to_markdown(&self) -> String {
        let mut text = "| function | effect | action | resource | condition | seen | reason |\n\
             |---|---|---|---|---|---|---|\n"
            .to_owned();
        for row in &self.rows {
            let effect = if row.allows { "allow" } else { "deny" };
            let reason = row.exception.unwrap_or_default();
            writeln!(
                text,
                "| {} | {effect} | {} | {} | {} | {} | {reason} |",
                row.function, row.action, row.resource, row.condition, row.seen
            )
            .unwrap();
        }
        text
    }
}

impl Row {
    fn name(&self) -> String {
        format!("{} {} {}", self.function, self.action, self.resource)
    }
}

fn rows(function: &'static str, statement: &Statement, calls: &[Call]) -> Vec<Row> {
    let pairs = statement.actions.iter().flat_map(|action| {
        let resources = statement.resources.iter();
        resources.map(move |resource| (action, resource))
    });
    let row = |(action, resource): (&String, &String)| Row {
        function,
        seen: calls
            .iter()
            .filter(|call| holder(call.function) == function && statement.covers(&call.asked))
            .filter(|call| call.asked.action == *action)
            .filter(|call| is_like(resource, &call.asked.resource))
            .count(),
        exception: EXCEPTIONS
            .iter()
            .find(|one| one.excepts(function, action, resource))
            .map(|one| one.reason),
        condition: statement
            .condition
            .as_ref()
            .map_or(String::new(), Condition::to_text),
        action: action.clone(),
        resource: resource.clone(),
        allows: statement.allows,
    };
    pairs.map(row).collect()
}
