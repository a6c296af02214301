//! How the fleet as a whole stands, from run to run of the refresher: whether a fault of ours
//! keeps every tenant from its token, and which of Microsoft's clouds are down. What a run saw
//! changes it by one rule ([`FleetState::after`]), whichever run of several writes first.
//!
//! A token is the proof that we are not at fault, so that its time decides: a fault ends with a
//! token that came after it began, and none begins by what was seen before the last token.

use std::collections::BTreeMap;

use crate::cause::CauseCode;
use crate::cloud::Cloud;
use crate::timestamp::Timestamp;

/// How the fleet stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FleetState {
    /// The fault of ours that stops every renewal, while there is one.
    pub fault: Option<FleetFault>,
    /// The clouds whose authority does not answer, each with since when.
    pub down: BTreeMap<Cloud, Timestamp>,
    /// Failures of ours in a row, over all runs, since a token came.
    pub failures: u32,
    /// When a run got a token last.
    pub token_at: Option<Timestamp>,
    /// How many transitions there were, which numbers them.
    pub changes: u64,
}

/// A fault of ours that every tenant has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FleetFault {
    /// Why the tenants that were asked for got no token.
    pub cause: CauseCode,
    /// When a run saw it first.
    pub since: Timestamp,
}

/// What one run saw of the fleet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    /// A fault of ours that no token of this run came after.
    pub fault: Option<FleetFault>,
    /// Failures of ours in a row, with those of the runs before it.
    pub failures: u32,
    /// When it got a token last.
    pub token_at: Option<Timestamp>,
    /// What it saw last of the clouds that it asked.
    pub clouds: BTreeMap<Cloud, CloudSeen>,
}

/// What a run saw last of a cloud's authority.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloudSeen {
    /// It is taken to be down, since then.
    Down(Timestamp),
    /// It answered, at this time.
    Answers(Timestamp),
}

/// A change of the fleet's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition {
    /// A fault of ours stops every renewal.
    Fault(FleetFault),
    /// A token came: the fault is over.
    Recovered(FleetFault),
    /// The authority of a cloud does not answer, since then.
    CloudDown(Cloud, Timestamp),
    /// It answers again; it was down since then.
    CloudBack(Cloud, Timestamp),
}

/// The transitions that one run makes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FleetChange {
    /// Each once, in the order of their numbers.
    pub transitions: Vec<Transition>,
    /// The number of the last one: [`FleetState::changes`] after it.
    pub last_number: u64,
}

impl FleetState {
    /// The state after what a run saw, and what changed by it. `self` is the state that the table
    /// holds when it is written, which may be a later one than the run began with.
    pub fn after(&self, seen: &Observed) -> (Self, Option<FleetChange>) {
        let fault = self.fault_after(seen);
        let clouds = seen.clouds.iter();
        let clouds = clouds.filter_map(|(cloud, seen)| self.cloud_after(*cloud, *seen));
        let transitions: Vec<_> = fault.into_iter().chain(clouds).collect();
        let mut after = Self {
            failures: seen.failures,
            token_at: self.token_at.max(seen.token_at),
            ..self.clone()
        };
        transitions.iter().for_each(|change| after.apply(*change));
        if seen.fault.is_some() && after.fault.is_none() {
            // Another run's token came after all of them.
            after.failures = 0;
        }
        let last_number = after.changes;
        let changed = !transitions.is_empty();
        let change = changed.then_some(FleetChange {
            transitions,
            last_number,
        });
        (after, change)
    }

    fn fault_after(&self, seen: &Observed) -> Option<Transition> {
        match (self.fault, seen.fault) {
            (None, Some(fault)) => {
                // Another run got a token meanwhile: what this one saw is over.
                let is_over = self.token_at.is_some_and(|at| at > fault.since);
                (!is_over).then_some(Transition::Fault(fault))
            }
            (Some(fault), None) => {
                let is_over = seen.token_at.is_some_and(|at| at >= fault.since);
                is_over.then_some(Transition::Recovered(fault))
            }
            (None, None) | (Some(_), Some(_)) => None,
        }
    }

    fn cloud_after(&self, cloud: Cloud, seen: CloudSeen) -> Option<Transition> {
        match (self.down.get(&cloud), seen) {
            (None, CloudSeen::Down(at)) => Some(Transition::CloudDown(cloud, at)),
            (Some(since), CloudSeen::Answers(at)) if at >= *since => {
                Some(Transition::CloudBack(cloud, *since))
            }
            (None, CloudSeen::Answers(_)) | (Some(_), _) => None,
        }
    }

    fn apply(&mut self, change: Transition) {
        self.changes += 1;
        match change {
            Transition::Fault(fault) => self.fault = Some(fault),
            Transition::Recovered(_) => self.fault = None,
            Transition::CloudDown(cloud, at) => drop(self.down.insert(cloud, at)),
            Transition::CloudBack(cloud, _) => drop(self.down.remove(&cloud)),
        }
    }
}

#[cfg(test)]
#[path = "fleet_tests.rs"]
mod tests;
