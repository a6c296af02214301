//! What is certain of the caller in a case: its kind, its name, and what of it is written out.

use crate::cases::{Case, Fact};
use crate::terms::{Kind, Term};

/// The kinds of callers that a case is about.
pub(super) fn kinds(case: &Case) -> Vec<Kind> {
    let mut kinds = Kind::ALL.to_vec();
    for fact in case {
        let of_fact = match fact {
            Fact::Kinds(of) => of.clone(),
            Fact::Within(Term::Principal, named) => {
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

/// The caller is one of a list of callers.
pub(super) fn is_named(case: &Case) -> bool {
    case.iter()
        .any(|fact| matches!(fact, Fact::Within(Term::Principal, _)))
}

/// Something of the caller's is written out, or must be what a label of the tenant says.
pub(super) fn is_pinned(case: &Case, wanted: &Term) -> bool {
    case.iter().any(|fact| match fact {
        Fact::OneOf(term, _) => term == wanted,
        Fact::Same(one, Term::Label(_)) | Fact::Same(Term::Label(_), one) => one == wanted,
        Fact::Same(..) | Fact::Begins(..) | Fact::Within(..) | Fact::Kinds(_) => false,
    })
}
