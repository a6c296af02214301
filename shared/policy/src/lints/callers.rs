//! Whom a permit lets in: everybody, every role of any account, every workload of an
//! issuer. Anybody can have a token of an issuer that is not declared private: a permit for
//! its workloads has to say whose they are.

use auth::caller::{KnownIssuer, PrivateIssuers, known_issuer};

use super::certain::{is_named, is_pinned, kinds};
use super::finding::Finding;
use super::owners;
use crate::cases::{Case, Fact};
use crate::terms::{Kind, Term};

pub(super) fn findings(case: &Case, private: &PrivateIssuers) -> Vec<Finding> {
    if !case.iter().any(is_about_the_caller) {
        return vec![Finding::refused(
            "permits_everyone",
            "it permits every caller",
            "name the caller: `principal == Key::\"…\"`, or `principal is Workload` with \
             conditions on issuer and subject",
        )];
    }
    let found = kinds(case).into_iter().flat_map(|kind| match kind {
        Kind::AwsRole => role(case).into_iter().collect(),
        Kind::Workload => workload(case, private),
        Kind::Key => key(case).into_iter().collect(),
    });
    found.collect()
}

fn is_about_the_caller(fact: &Fact) -> bool {
    match fact {
        Fact::Kinds(_) => true,
        Fact::OneOf(term, _) | Fact::Begins(term, _) | Fact::Within(term, _) => term.is_callers(),
        Fact::Same(one, other) => one.is_callers() || other.is_callers(),
    }
}

fn role(case: &Case) -> Option<Finding> {
    let named = is_named(case) || is_pinned(case, &Term::Account);
    (!named).then(|| {
        Finding::refused(
            "role_without_account",
            "it permits AWS roles of any account: anybody can make a role of that name",
            "name the role (`principal == AwsRole::\"ACCOUNT/NAME\"`), or add \
             `principal.account == \"…\"`",
        )
    })
}

fn key(case: &Case) -> Option<Finding> {
    let named = is_named(case) || is_pinned(case, &Term::Name);
    (!named).then(|| {
        Finding::to_confirm(
            "every_key",
            "it permits the holder of any caller key",
            "name the key: `principal == Key::\"…\"`",
        )
    })
}

fn workload(case: &Case, private: &PrivateIssuers) -> Vec<Finding> {
    if is_named(case) {
        return Vec::new();
    }
    let issuers = case.iter().find_map(|fact| match fact {
        Fact::OneOf(Term::Issuer, issuers) => Some(issuers),
        _ => None,
    });
    let Some(issuers) = issuers else {
        return vec![Finding::refused(
            "workload_without_issuer",
            "it permits workloads of any issuer: what one issuer writes into a claim, another \
             can write as well",
            "add `principal.issuer == \"https://…\"`",
        )];
    };
    let found = issuers.iter().filter_map(|issuer| {
        if private.contains(issuer) {
            return unrestricted(case, issuer);
        }
        match known_issuer(issuer) {
            Some(known) => unowned(case, issuer, known),
            None => unnamed(case, issuer),
        }
    });
    found.collect()
}

fn unowned(case: &Case, issuer: &str, known: &KnownIssuer) -> Option<Finding> {
    if owners::is_owned(known, case) {
        return None;
    }
    let (name, remedy) = (known.name, owners::remedy(known));
    Some(if known.shared {
        Finding::refused(
            "shared_issuer",
            format!(
                "it permits workloads of {issuer}, which anybody can use ({name}), of any owner"
            ),
            format!("add {remedy}"),
        )
    } else {
        Finding::refused(
            "issuer_not_private",
            format!("it permits workloads of {issuer} ({name}) of any owner"),
            format!("add {remedy}; or {DECLARE}"),
        )
    })
}

/// An issuer of which nothing is known: what its claims and the beginnings of its subjects
/// mean, it alone knows.
fn unnamed(case: &Case, issuer: &str) -> Option<Finding> {
    (!is_pinned(case, &Term::Subject)).then(|| {
        Finding::refused(
            "issuer_not_private",
            format!(
                "it permits workloads of {issuer}, which is not declared private, by something \
                 other than their whole subject"
            ),
            format!("add `principal.subject == \"…\"`; or {DECLARE}"),
        )
    })
}

/// What to do about an issuer that is one's own.
const DECLARE: &str = "if only your own workloads can have a token of it, declare it private \
                       (`\"private\": true` in its entry: `operator issuer put`, or \
                       VENDING_ISSUERS; --issuers FILE reads such a list)";

/// A private issuer: restricted by the subject, or by any claim but those that say for
/// whom and by whom the token is.
fn unrestricted(case: &Case, issuer: &str) -> Option<Finding> {
    let restricts = |term: &Term| match term {
        Term::Subject => true,
        Term::Claim(name) | Term::List(name) => name != "aud",
        _ => false,
    };
    let restricted = case.iter().any(|fact| match fact {
        Fact::OneOf(term, _) => restricts(term),
        Fact::Begins(term, start) => restricts(term) && !start.is_empty(),
        Fact::Same(term, Term::Label(_)) | Fact::Same(Term::Label(_), term) => restricts(term),
        Fact::Same(..) | Fact::Within(..) | Fact::Kinds(_) => false,
    });
    (!restricted).then(|| {
        Finding::to_confirm(
            "every_workload",
            format!("it permits every workload of {issuer}"),
            "add a condition on `principal.subject` or on a claim",
        )
    })
}
