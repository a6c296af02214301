//! What is said about a policy, for tables.
#![allow(dead_code, reason = "each test uses its part")]

use auth::caller::PrivateIssuers;
use policy::{PolicyProblem, PolicySet, Severity};

/// What is said about a policy: code and whether it can be confirmed.
pub(crate) fn said(body: &str) -> Vec<(&'static str, Severity)> {
    said_with(body, &PrivateIssuers::default())
}

/// The same where issuers are private.
pub(crate) fn said_with(body: &str, private: &PrivateIssuers) -> Vec<(&'static str, Severity)> {
    let said = |problem: &PolicyProblem| (problem.code, problem.severity);
    match PolicySet::parse_with(&format!("@id(\"one\")\n{body}"), private) {
        Ok(policies) => policies.to_confirm().iter().map(said).collect(),
        Err(problems) => problems.0.iter().map(said).collect(),
    }
}

pub(crate) fn check(rows: &[(&str, &[&str])], severity: Severity) {
    for (body, codes) in rows {
        let expected: Vec<_> = codes.iter().map(|code| (*code, severity)).collect();
        assert_eq!(said(body), expected, "{body}");
    }
}
