//! What is said about a policy, for tables.

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

/// A permit for workloads under a condition, for Contoso's tenants.
pub(crate) fn workloads(condition: &str) -> String {
    format!(
        "permit(principal is Workload, action, resource in Customer::\"contoso\") when {{ {condition} }};"
    )
}

/// A condition on a claim.
pub(crate) fn claim(name: &str, comparison: &str) -> String {
    format!("principal.hasTag(\"{name}\") && principal.getTag(\"{name}\") {comparison}")
}
