//! When auditing was off, tenant by tenant. Assumption `auditing-off`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::period::Period;

/// The periods of each tenant, in their order; the last may still last.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Auditing(BTreeMap<Uuid, Vec<Period>>);

impl Auditing {
    /// Writes down how it is now. Content of the second in which auditing ends may have been
    /// listed already: the period begins with the next one.
    pub(crate) fn note(&mut self, tenant: Uuid, is_off: bool, now: u64) {
        let was_off = self
            .0
            .get(&tenant)
            .and_then(|periods| periods.last())
            .is_some_and(|last| last.to.is_none());
        if is_off == was_off {
            return;
        }
        let periods = self.0.entry(tenant).or_default();
        if is_off {
            periods.push(Period {
                from: now.saturating_add(1),
                to: None,
            });
        } else if let Some(last) = periods.last_mut() {
            last.to = Some(now);
        }
    }

    /// Whether auditing was off at that moment.
    pub(crate) fn was_off(&self, tenant: Uuid, moment: u64) -> bool {
        let periods = self.0.get(&tenant);
        periods.is_some_and(|all| all.iter().any(|period| period.contains(moment)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_is_noted_once_and_takes_nothing_back_that_was_offered() {
        let tenant = Uuid::from_u128(7);
        let mut auditing = Auditing::default();
        for (now, is_off) in [
            (10, false),
            (20, true),
            (21, true),
            (25, true),
            (30, false),
            (31, false),
            (40, true),
            (40, false),
            (50, true),
        ] {
            auditing.note(tenant, is_off, now);
        }
        for (moment, was_off) in [
            (0, false),
            (10, false),
            (20, false),
            (21, true),
            (29, true),
            (30, false),
            (40, false),
            (41, false),
            (50, false),
            (51, true),
            (9999, true),
        ] {
            assert_eq!(auditing.was_off(tenant, moment), was_off, "{moment}");
            assert!(!auditing.was_off(Uuid::from_u128(8), moment), "{moment}");
        }
    }
}
