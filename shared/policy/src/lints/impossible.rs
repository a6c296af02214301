//! Policies whose conditions contradict each other: they mean something and are never
//! satisfied. In a `forbid` that is a hole.

use std::collections::BTreeSet;

use auth::caller::Route;
use cedar_policy::pst::EntityUID;

use super::certain::kinds;
use super::finding::Finding;
use crate::cases::{Case, Fact};
use crate::statement::{ACTIONS, Statement};
use crate::terms::{Kind, Term};

/// A finding where no case of the policy can be any question's.
pub(super) fn finding(statement: &Statement, cases: &[Case]) -> Option<Finding> {
    let never = |case: &Case| {
        let kinds = kinds_of(statement, case);
        kinds.is_empty()
            || !texts_agree(case)
            || !names_agree(case)
            || !comes(statement, case, &kinds)
    };
    (!cases.is_empty() && cases.iter().all(never)).then(|| {
        Finding::refused(
            "never_matches",
            "its conditions contradict each other: no question meets all of them",
            "leave one of them out, or write a policy for each",
        )
    })
}

fn kinds_of(statement: &Statement, case: &Case) -> Vec<Kind> {
    let of_scope = statement.kinds();
    let mut kinds = kinds(case);
    kinds.retain(|kind| of_scope.contains(kind));
    kinds
}

/// A term is one text: what each fact lets it be must leave one. A list holds several.
fn texts_agree(case: &Case) -> bool {
    let named = case.iter().filter_map(|fact| match fact {
        Fact::OneOf(Term::List(_), _) => None,
        Fact::OneOf(term, texts) => Some((term, texts)),
        _ => None,
    });
    let mut named = named;
    named.all(|(term, texts)| texts.iter().any(|text| may_be(case, term, text)))
        && starts_agree(case)
}

/// Whether the facts let a term be a text.
fn may_be(case: &Case, wanted: &Term, text: &str) -> bool {
    case.iter().all(|fact| match fact {
        Fact::OneOf(term, texts) if term == wanted => texts.iter().any(|one| one == text),
        Fact::Begins(term, start) if term == wanted => text.starts_with(start),
        _ => true,
    })
}

fn starts_agree(case: &Case) -> bool {
    let starts: Vec<(&Term, &String)> = case
        .iter()
        .filter_map(|fact| match fact {
            Fact::Begins(term, start) => Some((term, start)),
            _ => None,
        })
        .collect();
    starts.iter().all(|(term, start)| {
        let mut same = starts.iter().filter(|(other, _)| other == term);
        same.all(|(_, other)| start.starts_with(*other) || other.starts_with(*start))
    })
}

/// A caller that is named has its parts in its name, and a case names callers that fit.
fn names_agree(case: &Case) -> bool {
    let fits = |name: &EntityUID| {
        let Some(kind) = Kind::of(&name.ty) else {
            return true;
        };
        let text = name.eid.to_string();
        let parts = match kind {
            Kind::AwsRole => text
                .split_once('/')
                .map(|parts| vec![(Term::Account, parts.0), (Term::Name, parts.1)]),
            Kind::Workload => text
                .split_once(' ')
                .map(|parts| vec![(Term::Issuer, parts.0), (Term::Subject, parts.1)]),
            Kind::Key => Some(vec![(Term::Name, text.as_str())]),
        };
        let mut parts = parts.into_iter().flatten();
        named_by_all(case, name) && parts.all(|(term, part)| may_be(case, &term, part))
    };
    case.iter().all(|fact| match fact {
        Fact::Within(Term::Principal, named) => named.iter().any(fits),
        _ => true,
    })
}

/// No caller belongs to another.
fn named_by_all(case: &Case, name: &EntityUID) -> bool {
    case.iter().all(|fact| match fact {
        Fact::Within(Term::Principal, named) => named.contains(name),
        _ => true,
    })
}

/// Whether a caller of one of the kinds can come by the routes that are named, for an action
/// of the scope. Keys prove a caller on the managed-identity route alone, which takes nothing
/// else.
fn comes(statement: &Statement, case: &Case, kinds: &[Kind]) -> bool {
    let mut routes: BTreeSet<&str> = Route::ALL.iter().map(|route| route.as_str()).collect();
    for fact in case {
        if let Fact::Within(Term::Route, named) = fact {
            let named: Vec<String> = named.iter().map(|one| one.eid.to_string()).collect();
            routes.retain(|route| named.iter().any(|one| one == route));
        }
    }
    let is_named = routes.len() < Route::ALL.len();
    let takes = |route: &Route| match route {
        Route::ManagedIdentity => kinds.contains(&Kind::Key),
        _ => kinds.iter().any(|kind| *kind != Kind::Key),
    };
    let leads = |route: &Route| {
        let mut actions = ACTIONS.iter().filter(|action| statement.is_about(**action));
        actions.any(|action| route.leads_to(*action))
    };
    let named = Route::ALL
        .iter()
        .filter(|route| routes.contains(route.as_str()));
    !is_named || named.into_iter().any(|route| takes(route) && leads(route))
}
