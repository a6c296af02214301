//! What Cedar's own validation cannot know: permits that let in more than anybody can
//! mean, and names that can be nobody's. They are judged by what is certain of a policy
//! ([`cases`]); what cannot be seen to be restricted counts as not restricted, so that a
//! sound policy can be refused (it says what to write instead) and a restriction that is
//! none is not taken for one. What the lints do not see: whether a name that is well
//! formed exists, and whether a list of names is longer than it should be.

mod callers;
mod impossible;
mod names;
mod owners;
mod tenants;
mod values;

use auth::caller::PrivateIssuers;
use cedar_policy::Effect;

use crate::cases::{Case, Fact, cases};
use crate::problem::Severity;
use crate::statement::Statement;
use crate::terms::Kind;

/// What a lint found in one policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) code: &'static str,
    pub(crate) severity: Severity,
    pub(crate) what: String,
    pub(crate) remedy: String,
}

impl Finding {
    fn refused(code: &'static str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Refused,
            what: what.into(),
            remedy: remedy.into(),
        }
    }

    fn to_confirm(code: &'static str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            severity: Severity::NeedsConfirmation,
            ..Self::refused(code, what, remedy)
        }
    }
}

/// What is to be said about a policy, each thing once. `private`: the issuers that the
/// operator declared private.
pub(crate) fn findings(statement: &Statement, private: &PrivateIssuers) -> Vec<Finding> {
    let mut found = names::findings(statement);
    match cases(&statement.tree) {
        Some(cases) => {
            found.extend(impossible::finding(statement, &cases));
            if statement.policy.effect() == Effect::Permit {
                for case in &cases {
                    found.extend(callers::findings(case, private));
                    found.extend(tenants::findings(statement, case));
                }
            }
        }
        // A forbid may be as wide as it likes.
        None if statement.policy.effect() == Effect::Forbid => {}
        None => found.push(Finding::refused(
            "too_intricate",
            "it permits in too many different cases to be checked",
            "use lists ([…].contains(…), in […]) for `||`, or split it into several policies",
        )),
    }
    let mut once: Vec<Finding> = Vec::new();
    for finding in found {
        if !once.contains(&finding) {
            once.push(finding);
        }
    }
    once
}

/// The kinds of callers that a case is about.
fn kinds(case: &Case) -> Vec<Kind> {
    let mut kinds = Kind::ALL.to_vec();
    for fact in case {
        let of_fact = match fact {
            Fact::Kinds(of) => of.clone(),
            Fact::Within(crate::terms::Term::Principal, named) => {
                named.iter().filter_map(|name| Kind::of(&name.ty)).collect()
            }
            Fact::OneOf(term, _) | Fact::Begins(term, _) | Fact::Within(term, _) => term.kinds(),
            Fact::Same(one, other) => {
                let other = other.kinds();
                let both = one.kinds().into_iter();
                both.filter(|kind| other.contains(kind)).collect()
            }
        };
        kinds.retain(|kind| of_fact.contains(kind));
    }
    kinds
}
