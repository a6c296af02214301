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

use cedar_policy::{Effect, PolicySet as CedarSet};

use crate::cases::{Case, cases, scope};
use crate::facts::Facts;
use crate::handles::{Handle, HandleNames, of_case};
use crate::statement::{ACTIONS, Statement};

/// The groups of a set, by the handle that their policies are found by.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    by_handle: HashMap<Handle, Group>,
    /// What handles name besides the attributes that every question has.
    named: HandleNames,
}

/// Policies that share a handle.
#[derive(Debug, Default)]
struct Group {
    forbids: CedarSet,
    permits: CedarSet,
}

/// The groups that a question concerns.
pub(crate) struct Concerned<'a>(Vec<&'a Group>);

impl Groups {
    pub(crate) fn new(statements: &[Statement]) -> Self {
        let choices: Vec<_> = statements.iter().map(choices).collect();
        let sharers = sharers(&choices);
        let mut groups = Groups::default();
        for (statement, cases) in statements.iter().zip(&choices) {
            let handles = narrowest(cases, &sharers).unwrap_or_else(|| scopes(statement));
            for handle in handles {
                groups.add(handle, statement);
            }
        }
        groups
    }

    /// The groups that a question concerns. A policy can be in several.
    pub(crate) fn concerned(&self, facts: &Facts<'_>) -> Concerned<'_> {
        let handles = self.named.handles(facts);
        let groups = handles.iter().filter_map(|one| self.by_handle.get(one));
        Concerned(groups.collect())
    }

    fn add(&mut self, handle: Handle, statement: &Statement) {
        self.named.add(&handle);
        let group = self.by_handle.entry(handle).or_default();
        let policies = match statement.policy.effect() {
            Effect::Permit => &mut group.permits,
            Effect::Forbid => &mut group.forbids,
        };
        // It fails for a policy that is in the group already, and changes nothing then.
        let _ = policies.add(statement.policy.clone());
    }
}

impl Concerned<'_> {
    pub(crate) fn forbids(&self) -> impl Iterator<Item = &CedarSet> {
        let forbids = self.0.iter().map(|group| &group.forbids);
        forbids.filter(|policies| !policies.is_empty())
    }

    pub(crate) fn permits(&self) -> impl Iterator<Item = &CedarSet> {
        let permits = self.0.iter().map(|group| &group.permits);
        permits.filter(|policies| !policies.is_empty())
    }
}

/// Every part of the questions that the scope of a policy can be about.
fn scopes(statement: &Statement) -> Vec<Handle> {
    let actions = ACTIONS.iter().filter(|action| statement.is_about(**action));
    let kinds = statement.kinds();
    actions
        .flat_map(|action| {
            kinds
                .iter()
                .map(|kind| Handle::Scope(*kind, action.as_str()))
        })
        .collect()
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
fn narrowest(
    cases: &[Vec<Vec<Handle>>],
    sharers: &BTreeMap<&Handle, usize>,
) -> Option<Vec<Handle>> {
    let shared = |handles: &&Vec<Handle>| -> usize {
        let each = handles.iter().filter_map(|handle| sharers.get(handle));
        each.sum()
    };
    let chosen: Option<Vec<&Vec<Handle>>> = cases
        .iter()
        .map(|case| case.iter().min_by_key(shared))
        .collect();
    let chosen: Vec<Handle> = chosen?.into_iter().flatten().cloned().collect();
    (!chosen.is_empty()).then_some(chosen)
}
