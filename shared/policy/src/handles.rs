//! Facts by which a policy can be found: such as a question has, and such as a policy
//! cannot be satisfied without.

use std::collections::BTreeSet;

use crate::cases::{Case, Fact};
use crate::facts::{Facts, Object, Principal, Workload};
use crate::terms::{Kind, Term};

/// A fact that a question has or has not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Handle {
    /// The kind of the caller and the action: what every question has.
    Scope(Kind, &'static str),
    Caller(Kind, String),
    Account(String),
    Issuer(String),
    Subject(String),
    /// A beginning of the subject.
    SubjectStart(String),
    Claim(String, String),
    /// A beginning of a claim.
    ClaimStart(String, String),
    Tenant(String),
    Customer(String),
    Label(String, String),
}

/// The claims and labels that handles name, and the lengths in bytes of beginnings.
#[derive(Debug, Default)]
pub(crate) struct HandleNames {
    claims: BTreeSet<String>,
    labels: BTreeSet<String>,
    subject_starts: BTreeSet<usize>,
    claim_starts: BTreeSet<(String, usize)>,
}

impl HandleNames {
    pub(crate) fn add(&mut self, handle: &Handle) {
        match handle {
            Handle::Claim(name, _) => {
                self.claims.insert(name.clone());
            }
            Handle::Label(name, _) => {
                self.labels.insert(name.clone());
            }
            Handle::SubjectStart(start) => {
                self.subject_starts.insert(start.len());
            }
            Handle::ClaimStart(name, start) => {
                self.claim_starts.insert((name.clone(), start.len()));
            }
            Handle::Scope(..)
            | Handle::Caller(..)
            | Handle::Account(_)
            | Handle::Issuer(_)
            | Handle::Subject(_)
            | Handle::Tenant(_)
            | Handle::Customer(_) => {}
        }
    }

    /// Every handle that the facts have and that a policy could be found by.
    pub(crate) fn handles(&self, facts: &Facts<'_>) -> Vec<Handle> {
        let kind = facts.principal.kind();
        let mut handles = vec![
            Handle::Scope(kind, facts.action.as_str()),
            Handle::Caller(kind, facts.principal.name().into_owned()),
        ];
        match &facts.principal {
            Principal::AwsRole(role) => handles.push(Handle::Account(role.account().to_owned())),
            Principal::Workload(workload) => self.of_workload(workload, &mut handles),
            Principal::Key(_) => {}
        }
        match &facts.object {
            Object::Customer(name) => handles.push(Handle::Customer((*name).to_owned())),
            Object::Tenant(id, connected) => {
                handles.push(Handle::Tenant(id.to_string()));
                if let Some(tenant) = connected {
                    handles.push(Handle::Customer(tenant.customer.to_owned()));
                    let labels = tenant.labels.iter();
                    let named = labels.filter(|(name, _)| self.labels.contains(*name));
                    handles.extend(named.map(|(name, value)| {
                        Handle::Label((*name).to_owned(), (*value).to_owned())
                    }));
                }
            }
        }
        handles
    }

    fn of_workload(&self, workload: &Workload<'_>, handles: &mut Vec<Handle>) {
        handles.push(Handle::Issuer(workload.issuer.to_owned()));
        handles.push(Handle::Subject(workload.subject.to_owned()));
        let starts = self.subject_starts.iter();
        let starts = starts.filter_map(|length| workload.subject.get(..*length));
        handles.extend(starts.map(|start| Handle::SubjectStart(start.to_owned())));
        for (name, value) in &workload.claims {
            if self.claims.contains(*name) {
                handles.push(Handle::Claim((*name).to_owned(), value.to_string()));
            }
            let starts = self.claim_starts.iter().filter(|(claim, _)| claim == name);
            let starts = starts.filter_map(|(_, length)| value.get(..*length));
            let of_start = |start: &str| Handle::ClaimStart((*name).to_owned(), start.to_owned());
            handles.extend(starts.map(of_start));
        }
    }
}

/// The lists of handles of a case: whenever it holds, a question has one of each list.
pub(crate) fn of_case(case: &Case) -> Vec<Vec<Handle>> {
    case.iter().filter_map(of_fact).collect()
}

fn of_fact(fact: &Fact) -> Option<Vec<Handle>> {
    match fact {
        Fact::OneOf(term, texts) => texts.iter().map(|text| of_text(term, text)).collect(),
        Fact::Within(Term::Principal, named) => named
            .iter()
            .map(|one| Some(Handle::Caller(Kind::of(&one.ty)?, one.eid.to_string())))
            .collect(),
        Fact::Within(Term::Resource | Term::Customer, named) => named
            .iter()
            .map(|one| match one.ty.to_string().as_str() {
                "Tenant" => Some(Handle::Tenant(one.eid.to_string())),
                "Customer" => Some(Handle::Customer(one.eid.to_string())),
                _ => None,
            })
            .collect(),
        Fact::Begins(Term::Subject, start) => Some(vec![Handle::SubjectStart(start.clone())]),
        Fact::Begins(Term::Claim(name), start) => {
            Some(vec![Handle::ClaimStart(name.clone(), start.clone())])
        }
        Fact::Within(..) | Fact::Begins(..) | Fact::Same(..) | Fact::Kinds(_) => None,
    }
}

fn of_text(term: &Term, text: &str) -> Option<Handle> {
    let text = text.to_owned();
    Some(match term {
        Term::Account => Handle::Account(text),
        Term::Issuer => Handle::Issuer(text),
        Term::Subject => Handle::Subject(text),
        Term::Claim(name) => Handle::Claim(name.clone(), text),
        Term::Label(name) => Handle::Label(name.clone(), text),
        _ => return None,
    })
}
