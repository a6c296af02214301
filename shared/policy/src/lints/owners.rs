//! Whether a permit says whose the workloads of a known issuer are: by the whole subject, by
//! a claim that names the owner, or by a beginning of one that reaches past the owner's name.

use auth::caller::{KnownIssuer, OwnerClaim, SubjectStart};

use super::certain::is_pinned;
use crate::cases::{Case, Fact};
use crate::terms::Term;

/// Whether a case says whose the workloads are.
pub(super) fn is_owned(issuer: &KnownIssuer, case: &Case) -> bool {
    let by_claim = issuer.owners.iter().any(|owner| names_owner(owner, case));
    let start = issuer.subject.as_ref();
    let by_pattern = start.is_some_and(|start| begins_with_owner(start, case));
    is_pinned(case, &Term::Subject) || by_claim || by_pattern
}

/// What to add to a permit that does not.
pub(super) fn remedy(issuer: &KnownIssuer) -> String {
    let claim = issuer.owners.first().map(|owner| {
        let name = owner.claim;
        format!("principal.hasTag(\"{name}\") && principal.getTag(\"{name}\") == \"…\"")
    });
    let pattern = issuer.subject.as_ref().map(|start| {
        let SubjectStart { prefix, ends_with } = start;
        format!("principal.subject like \"{prefix}…{ends_with}*\"")
    });
    let exact = "principal.subject == \"…\"".to_owned();
    let choices: Vec<String> = [claim, pattern, Some(exact)]
        .into_iter()
        .flatten()
        .map(|choice| format!("`{choice}`"))
        .collect();
    choices.join(" or ")
}

fn names_owner(owner: &OwnerClaim, case: &Case) -> bool {
    let claim = Term::Claim(owner.claim.to_owned());
    let list = Term::List(owner.claim.to_owned());
    let by_pattern = owner.ends_with.is_some_and(|end| {
        let ends = |text: &str| text.find(end).is_some_and(|at| at > 0);
        case.iter().any(|fact| match fact {
            Fact::Begins(term, text) => *term == claim && ends(text),
            _ => false,
        })
    });
    is_pinned(case, &claim) || is_pinned(case, &list) || by_pattern
}

fn begins_with_owner(start: &SubjectStart, case: &Case) -> bool {
    case.iter().any(|fact| match fact {
        Fact::Begins(Term::Subject, text) => text
            .strip_prefix(start.prefix)
            .and_then(|name| name.find(start.ends_with))
            .is_some_and(|at| at > 0),
        _ => false,
    })
}
