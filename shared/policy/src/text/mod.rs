//! A policy text, read: syntax, ids, the schema, the lints. Everything that is wrong with
//! it comes out at once, so far as it can be known: a text that does not parse is not
//! judged any further, and a policy that does not fit the schema is not linted.

mod report;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use auth::caller::PrivateIssuers;
use cedar_policy::{Policy, PolicySet as CedarSet, ValidationMode};

use self::report::Report;
use crate::limits::{self, DEPTH_MAX, PARSER_STACK_BYTES, POLICIES_MAX};
use crate::lints;
use crate::problem::{PolicyProblem, PolicyProblems, Severity};
use crate::statement::{Statement, is_id, offset};
use crate::syntax_tree::walk;
use crate::vocabulary::VALIDATOR;

/// What a text says, and what of it wants to be confirmed.
pub(crate) struct CheckedText {
    pub(crate) statements: Vec<Statement>,
    pub(crate) to_confirm: Vec<PolicyProblem>,
}

/// Does what is the same for every text, and would keep the first one waiting.
pub(crate) fn prepare() {
    LazyLock::force(&VALIDATOR);
}

/// Reads a text, on a thread with stack enough for whatever passes the limits.
pub(crate) fn read(text: &str, private: &PrivateIssuers) -> Result<CheckedText, PolicyProblems> {
    limits::check(text)?;
    std::thread::scope(|scope| {
        let reader = std::thread::Builder::new()
            .stack_size(PARSER_STACK_BYTES)
            .spawn_scoped(scope, || read_here(text, private));
        match reader.map(|thread| thread.join()) {
            Ok(Ok(read)) => read,
            // It is not taken, whyever.
            Ok(Err(_)) | Err(_) => Err(unreadable()),
        }
    })
}

/// A text that the machine has no room for.
pub(crate) fn unreadable() -> PolicyProblems {
    PolicyProblems::one(
        1,
        "unreadable",
        "it cannot be read on this machine".to_owned(),
        "try again; simplify it if that does not help",
    )
}

fn read_here(text: &str, private: &PrivateIssuers) -> Result<CheckedText, PolicyProblems> {
    let mut report = Report::on(text);
    let statements = match text.parse::<CedarSet>() {
        Ok(parsed) => statements(&parsed, &mut report),
        Err(errors) => {
            report.syntax(&errors);
            Vec::new()
        }
    };
    // Deep expressions must not reach the validator.
    if bounded(&statements, &mut report) {
        let unfit = fit(&statements, &mut report);
        for statement in &statements {
            if !unfit.contains(&statement.id) {
                for finding in lints::findings(statement, private) {
                    report.finding(statement, finding);
                }
            }
        }
    }
    if statements.is_empty() {
        report.no_policy();
    }
    let to_confirm = report.outcome()?;
    Ok(CheckedText {
        statements,
        to_confirm,
    })
}

/// The policies of a parsed text, each under its id.
fn statements(parsed: &CedarSet, report: &mut Report) -> Vec<Statement> {
    for template in parsed.templates() {
        let at = template.as_ref().loc().map_or(0, |place| place.start());
        let what = "it is a template (it has a ?slot), and nothing fills it";
        let line = report.line(at);
        report.refuse(line, None, "template", what, "write the names out");
    }
    if parsed.num_of_policies() > POLICIES_MAX {
        let what = format!("there are {} policies", parsed.num_of_policies());
        let remedy = "1,000 is the most: use labels and claims for what they have in common";
        report.refuse(1, None, "too_many", &what, remedy);
        return Vec::new();
    }
    let mut policies: Vec<_> = parsed.policies().collect();
    policies.sort_by_key(|policy| offset(policy));
    let mut taken = BTreeMap::new();
    let named = policies.into_iter().filter_map(|policy| {
        let line = report.line(offset(policy));
        let id = id(policy, line, &mut taken, report);
        Statement::new(id, line, policy)
    });
    named.collect()
}

/// A policy's id; a made-up one where its own cannot be used.
fn id(
    policy: &Policy,
    line: usize,
    taken: &mut BTreeMap<String, usize>,
    report: &mut Report,
) -> String {
    let instead = format!("(at {})", offset(policy));
    let Some(id) = policy.annotation("id") else {
        let what = "it has no id, and the audit log names policies by their ids";
        report.refuse(line, None, "id_missing", what, "write @id(\"…\") before it");
        return instead;
    };
    if !is_id(id) {
        let what = format!("{id:?} is not an id");
        let remedy = "use 1 to 64 of A-Z, a-z, 0-9, - _ and .";
        report.refuse(line, None, "id_malformed", &what, remedy);
        return instead;
    }
    if let Some(first) = taken.get(id) {
        let what = format!("the policy at line {first} has the same id");
        report.refuse(line, Some(id), "id_doubled", &what, "give it another id");
        return instead;
    }
    taken.insert(id.to_owned(), line);
    id.to_owned()
}

/// Whether every expression can be evaluated on any thread.
fn bounded(statements: &[Statement], report: &mut Report) -> bool {
    let mut bounded = true;
    for statement in statements {
        let mut deepest = 0;
        let walked = walk(&statement.tree, |_, depth| deepest = deepest.max(depth));
        if walked.is_err() || deepest > DEPTH_MAX {
            bounded = false;
            let what = format!("its conditions nest deeper than {DEPTH_MAX} levels");
            let remedy = "each && and || is a level: use lists ([…].contains(…), in […]) for \
                          `||`, or split it into several policies";
            let id = Some(statement.id.as_str());
            report.refuse(statement.line, id, "too_intricate", &what, remedy);
        }
    }
    bounded
}

/// Checks against the schema; the ids of policies that do not fit it.
fn fit(statements: &[Statement], report: &mut Report) -> BTreeSet<String> {
    let policies = statements.iter().map(|statement| statement.policy.clone());
    // Ids are unique by now, so that the set takes them all.
    let Ok(set) = CedarSet::from_policies(policies) else {
        return statements.iter().map(|one| one.id.clone()).collect();
    };
    let result = VALIDATOR.validate(&set, ValidationMode::Strict);
    let mut unfit = BTreeSet::new();
    let statement = |id: &str| statements.iter().find(|one| one.id == id);
    for error in result.validation_errors() {
        let id = error.policy_id().to_string();
        report.schema(statement(&id), error, Severity::Refused);
        unfit.insert(id);
    }
    for warning in result.validation_warnings() {
        let id = warning.policy_id().to_string();
        // What follows from an error says nothing new.
        if !unfit.contains(&id) {
            report.schema(statement(&id), warning, report::severity(warning));
        }
    }
    unfit
}
