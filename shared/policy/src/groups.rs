//! The policies of a set in groups, so that a question is put to those alone that it can
//! concern: Cedar takes one to three microseconds a policy, whether it is satisfied or not.
//!
//! A policy is found by a fact without which it cannot be satisfied ([`cases`]), the one
//! that fewest policies share, or by its scope (kind of caller, action) where there is
//! none. Of a `forbid` the scope alone is looked at: it is evaluated first and cannot
//! fail, so that a forbid that is left out would neither be satisfied nor fail. A `permit`
//! that were left out by mistake would deny, never allow; the tests compare with Cedar on
//! each policy by itself.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use auth::caller::Action;
use cedar_policy::{Effect, PolicySet as CedarSet};

use crate::cases::{Case, cases, scope};
use crate::facts::{Facts, Principal};
use crate::handles::{Handle, Named, of_case};
use crate::statement::Statement;
use crate::terms::Kind;

const ACTIONS: [Action; 3] = [Action::Vend, Action::List, Action::Invite];

/// The groups of a set.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    forbids: Side,
    permits: Side,
    /// What handles name besides the attributes that every question has.
    named: Named,
}

/// The groups of one effect.
#[derive(Debug, Default)]
struct Side {
    by_scope: HashMap<Scope, CedarSet>,
    by_handle: HashMap<Handle, CedarSet>,
}

/// A part of the questions, by kind of caller and action.
type Scope = (Kind, &'static str);

/// The groups that a question concerns.
pub(crate) struct Concerned<'a> {
    groups: &'a Groups,
    scope: Scope,
    handles: Vec<Handle>,
}

impl Groups {
    pub(crate) fn new(statements: &[Statement]) -> Self {
        let choices: Vec<_> = statements.iter().map(choices).collect();
        let sharers = sharers(&choices);
        let mut groups = Groups::default();
        for (statement, cases) in statements.iter().zip(&choices) {
            groups.add(statement, narrowest(cases, &sharers));
        }
        groups
    }

    /// The groups that a question concerns. A policy can be in several.
    pub(crate) fn concerned(&self, facts: &Facts<'_>) -> Concerned<'_> {
        let kind = match facts.principal {
            Principal::AwsRole(_) => Kind::AwsRole,
            Principal::Workload(_) => Kind::Workload,
            Principal::Key(_) => Kind::Key,
        };
        Concerned {
            groups: self,
            scope: (kind, facts.action.as_str()),
            handles: self.named.handles(kind, facts),
        }
    }

    fn add(&mut self, statement: &Statement, handles: Option<Vec<&Handle>>) {
        let side = match statement.policy.effect() {
            Effect::Permit => &mut self.permits,
            Effect::Forbid => &mut self.forbids,
        };
        let Some(handles) = handles else {
            side.add_by_scope(statement);
            return;
        };
        for handle in handles {
            self.named.add(handle);
            add(side.by_handle.entry(handle.clone()).or_default(), statement);
        }
    }
}

impl Side {
    fn add_by_scope(&mut self, statement: &Statement) {
        for kind in statement.kinds() {
            let actions = ACTIONS.into_iter();
            for action in actions.filter(|action| statement.is_about(*action)) {
                let group = self.by_scope.entry((kind, action.as_str()));
                add(group.or_default(), statement);
            }
        }
    }

    fn concerned<'a>(&'a self, by: &'a Concerned<'_>) -> impl Iterator<Item = &'a CedarSet> {
        let by_handle = by.handles.iter();
        let by_handle = by_handle.filter_map(|handle| self.by_handle.get(handle));
        by_handle.chain(self.by_scope.get(&by.scope))
    }
}

impl Concerned<'_> {
    pub(crate) fn forbids(&self) -> impl Iterator<Item = &CedarSet> {
        self.groups.forbids.concerned(self)
    }

    pub(crate) fn permits(&self) -> impl Iterator<Item = &CedarSet> {
        self.groups.permits.concerned(self)
    }
}

fn add(group: &mut CedarSet, statement: &Statement) {
    // It fails for a policy that is in the group already, and changes nothing then.
    let _ = group.add(statement.policy.clone());
}

/// For each case of a policy the lists of handles that it could be found by: whenever it
/// is satisfied in that case, the question has one handle of each list.
fn choices(statement: &Statement) -> Vec<Vec<Vec<Handle>>> {
    let cases: Vec<Case> = match statement.policy.effect() {
        Effect::Forbid => vec![scope(&statement.tree)],
        Effect::Permit => cases(&statement.tree).unwrap_or_default(),
    };
    cases.iter().map(of_case).collect()
}

/// How many policies could be found by a handle.
fn sharers(choices: &[Vec<Vec<Vec<Handle>>>]) -> BTreeMap<&Handle, usize> {
    let mut sharers = BTreeMap::new();
    for policy in choices {
        let handles: BTreeSet<&Handle> = policy.iter().flatten().flatten().collect();
        for handle in handles {
            *sharers.entry(handle).or_default() += 1;
        }
    }
    sharers
}

/// The handles to find a policy by; `None` where a case has none.
fn narrowest<'a>(
    cases: &'a [Vec<Vec<Handle>>],
    sharers: &BTreeMap<&Handle, usize>,
) -> Option<Vec<&'a Handle>> {
    let shared = |handles: &&Vec<Handle>| -> usize {
        let each = handles.iter().filter_map(|handle| sharers.get(handle));
        each.sum()
    };
    let chosen: Option<Vec<&Vec<Handle>>> = cases
        .iter()
        .map(|case| case.iter().min_by_key(shared))
        .collect();
    let chosen: Vec<&Handle> = chosen?.into_iter().flatten().collect();
    (!chosen.is_empty()).then_some(chosen)
}
