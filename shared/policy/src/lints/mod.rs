//! What Cedar's own validation cannot know: permits that let in more than anybody can
//! mean, and names that can be nobody's. They are judged by what is certain of a policy
//! ([`cases`]); what cannot be seen to be restricted counts as not restricted, so that a
//! sound policy can be refused (it says what to write instead) and a restriction that is
//! none is not taken for one. What the lints do not see: whether a name that is well
//! formed exists, and whether a list of names is longer than it should be.

mod callers;
mod certain;
mod finding;
mod impossible;
mod names;
mod owners;
mod tenants;
mod values;

use auth::caller::PrivateIssuers;
use cedar_policy::Effect;

use crate::cases::cases;
use crate::statement::Statement;
pub(crate) use finding::Finding;

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
