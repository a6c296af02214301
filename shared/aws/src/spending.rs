//! A counter of what requests to the table cost, for the record of a run.

use std::sync::atomic::{AtomicU64, Ordering};

use auth::last_run::RequestUnits;
use auth::ports::Spending;

use crate::table::{CapacityMeter, Consumed, Units};

/// DynamoDB counts in halves.
const HALVES: f64 = 2.0;

/// Counts units of both kinds.
#[derive(Debug, Default)]
pub struct UnitCounter {
    read_halves: AtomicU64,
    write_halves: AtomicU64,
}

impl CapacityMeter for UnitCounter {
    fn consumed(&self, consumed: &Consumed) {
        let counter = match consumed.units {
            Units::Read => &self.read_halves,
            Units::Write => &self.write_halves,
        };
        // Units are not negative.
        let halves = (consumed.total * HALVES).round() as u64;
        counter.fetch_add(halves, Ordering::Relaxed);
    }
}

impl Spending for UnitCounter {
    fn spent(&self) -> RequestUnits {
        let units = |halves: &AtomicU64| halves.load(Ordering::Relaxed) as f64 / HALVES;
        RequestUnits {
            read: units(&self.read_halves),
            write: units(&self.write_halves),
        }
    }
}
