//! Request units, as the table counts them for each operation of the adapter.

use std::collections::BTreeMap;
use std::sync::Mutex;

use aws::{CapacityMeter, Consumed, Operation};

/// Request units.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Units {
    pub(crate) read: f64,
    pub(crate) write: f64,
}

impl Units {
    pub(crate) fn each(self, count: f64) -> Self {
        Self {
            read: self.read / count,
            write: self.write / count,
        }
    }

    pub(crate) fn text(self) -> String {
        format!("{:.2} W + {:.2} R", self.write, self.read)
    }
}

/// Adds up what the adapter does, by operation.
#[derive(Default)]
pub(crate) struct Meter(Mutex<BTreeMap<Operation, Units>>);

impl CapacityMeter for Meter {
    fn consumed(&self, consumed: &Consumed) {
        let mut by = self.0.lock().unwrap();
        let units = by.entry(consumed.operation).or_default();
        match consumed.units {
            aws::Units::Read => units.read += consumed.total,
            aws::Units::Write => units.write += consumed.total,
        }
    }
}

impl Meter {
    /// What was consumed since the last call: by these operations, and by all others.
    pub(crate) fn take(&self, of: &[Operation]) -> [Units; 2] {
        let (mut these, mut others) = (Units::default(), Units::default());
        for (operation, units) in std::mem::take(&mut *self.0.lock().unwrap()) {
            let sum = match of.contains(&operation) {
                true => &mut these,
                false => &mut others,
            };
            sum.read += units.read;
            sum.write += units.write;
        }
        [these, others]
    }
}
