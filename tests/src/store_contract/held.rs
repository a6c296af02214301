//! The secrets and the meter of a scenario, held in the hand.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use auth::encoding::base64_standard;
use auth::ports::{SecretError, SecretSource};
use auth::secret::SecretString;
use aws::{CapacityMeter, Consumed, Operation, Units};

/// One secret, which a scenario changes or takes away; counts how often it is read.
#[derive(Default)]
pub(super) struct HeldSecrets {
    ring: Mutex<Option<String>>,
    reads: AtomicU32,
}

impl HeldSecrets {
    /// A ring of keys called `ids`; each id stands for the same key everywhere.
    pub(super) fn hold(&self, primary: &str, ids: &[&str]) {
        let keys: Vec<_> = ids
            .iter()
            .map(|id| {
                let key = [id.as_bytes()[0]; 32];
                format!("\"{id}\":\"{}\"", base64_standard(&key))
            })
            .collect();
        let ring = format!(
            "{{\"primary\":\"{primary}\",\"keys\":{{{}}}}}",
            keys.join(",")
        );
        *self.ring.lock().unwrap() = Some(ring);
    }

    pub(super) fn fail(&self) {
        *self.ring.lock().unwrap() = None;
    }

    pub(super) fn reads(&self) -> u32 {
        self.reads.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl SecretSource for HeldSecrets {
    async fn read(&self, name: &str) -> Result<SecretString, SecretError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        let ring = self.ring.lock().unwrap().clone();
        ring.map(SecretString::from)
            .ok_or_else(|| SecretError::Unavailable {
                name: name.to_owned(),
                reason: "held back".into(),
            })
    }
}

/// A meter that adds up.
#[derive(Default)]
pub(super) struct CapacityTally(Mutex<BTreeMap<(Operation, Units), Sum>>);

/// Requests of one kind, added up.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sum {
    /// How many requests.
    pub(super) requests: u32,
    /// Units of the table and its indexes together.
    pub(super) total: f64,
}

impl CapacityTally {
    /// What `operation` consumed since the last call, which forgets it.
    pub(super) fn take(&self, operation: Operation, units: Units) -> Sum {
        let mut sums = self.0.lock().unwrap();
        sums.remove(&(operation, units)).unwrap_or_default()
    }
}

impl CapacityMeter for CapacityTally {
    fn consumed(&self, consumed: &Consumed) {
        let mut sums = self.0.lock().unwrap();
        let sum = sums.entry((consumed.operation, consumed.units));
        let sum = sum.or_default();
        sum.requests += 1;
        sum.total += consumed.total;
    }
}
