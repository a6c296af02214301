//! A gate in front of an authority, or of all of them: open while requests are answered, shut
//! while they would only fail. Once its wait is over, one request tries it (half-open): the
//! others wait for what becomes of that one.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as AsyncMutex, MutexGuard};

use crate::timestamp::Timestamp;

/// After the first failure; doubled with each probe that fails.
const FIRST_WAIT: Duration = Duration::from_secs(30);
/// Probes within one run are at most so far apart.
const LONGEST_WAIT: Duration = Duration::from_secs(4 * 60);

/// Open, or shut until a time.
#[derive(Debug, Default)]
pub(super) struct Gate {
    shut: Mutex<Option<Shut>>,
    probing: AsyncMutex<()>,
}

#[derive(Debug, Clone, Copy)]
struct Shut {
    probe_at: Timestamp,
    /// How long the next wait is.
    wait: Duration,
}

/// That a request may be made. The one that probes keeps the others waiting until it is dropped.
#[must_use = "the gate opens to the others when this is dropped"]
pub(super) struct Passed<'a> {
    _probe: Option<MutexGuard<'a, ()>>,
}

impl Gate {
    /// Shut, and to be tried at once: so a run begins that finds it shut by the one before it.
    pub(super) fn to_be_probed(now: Timestamp) -> Self {
        let shut = Shut {
            probe_at: now,
            wait: FIRST_WAIT,
        };
        Self {
            shut: Mutex::new(Some(shut)),
            ..Self::default()
        }
    }

    /// Passes, at once or when a probe under way has opened it; `None` while it is shut.
    /// `now`: asked again after a wait.
    pub(super) async fn pass(&self, now: impl Fn() -> Timestamp) -> Option<Passed<'_>> {
        if self.is_open() {
            return Some(Passed { _probe: None });
        }
        let probe = self.probing.lock().await;
        match self.shut() {
            None => Some(Passed { _probe: None }),
            Some(shut) if shut.probe_at <= now() => Some(Passed {
                _probe: Some(probe),
            }),
            Some(_) => None,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.shut().is_none()
    }

    /// A request was answered.
    pub(super) fn open(&self) {
        *self.locked() = None;
    }

    /// So many failed that the next one would, or the probe did. What was under way when it
    /// was shut says nothing new.
    pub(super) fn shut_at(&self, now: Timestamp) {
        let mut shut = self.locked();
        if shut.is_some_and(|shut| now < shut.probe_at) {
            return;
        }
        let wait = shut.map_or(FIRST_WAIT, |shut| shut.wait);
        *shut = Some(Shut {
            probe_at: now + wait,
            wait: (2 * wait).min(LONGEST_WAIT),
        });
    }

    fn shut(&self) -> Option<Shut> {
        *self.locked()
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, Option<Shut>> {
        // A panic while it was held leaves a value that is still a value.
        self.shut.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use futures::FutureExt as _;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds)
    }

    /// What comes to the gate at this second: whether it passes, `None` where it waits.
    fn passes(gate: &Gate, now: i64) -> Option<bool> {
        let passed = gate.pass(|| at(now)).now_or_never()?;
        Some(passed.is_some())
    }

    #[test]
    fn a_shut_gate_lets_one_probe_through_after_each_wait() {
        let gate = Gate::default();
        assert_eq!(passes(&gate, 0), Some(true));
        gate.shut_at(at(0));
        for (probe_at, next_wait) in [(30, 60), (90, 120), (210, 240), (450, 240), (690, 240)] {
            assert_eq!(passes(&gate, probe_at - 1), Some(false), "{probe_at}");
            let probe = gate.pass(|| at(probe_at)).now_or_never().unwrap();
            assert!(probe.is_some(), "{probe_at}");
            assert_eq!(passes(&gate, probe_at), None, "the others wait for it");
            gate.shut_at(at(probe_at));
            gate.shut_at(at(probe_at + 1));
            drop(probe);
            assert_eq!(passes(&gate, probe_at + next_wait - 1), Some(false));
        }
        gate.open();
        assert_eq!(passes(&gate, 0), Some(true));
        gate.shut_at(at(1_000));
        assert_eq!(passes(&gate, 1_030), Some(true), "it starts again at 30 s");
    }

    #[test]
    fn one_that_a_run_finds_shut_is_probed_at_once() {
        let gate = Gate::to_be_probed(at(5));
        let probe = gate.pass(|| at(5)).now_or_never().unwrap();
        assert!(probe.is_some());
        gate.open();
        drop(probe);
        assert_eq!(passes(&gate, 5), Some(true));
    }

    /// Who waited for a probe that failed is judged by the time after it.
    #[test]
    fn a_wait_for_a_probe_ends_with_what_became_of_it() {
        for opens in [true, false] {
            let (gate, now) = (Gate::to_be_probed(at(0)), Cell::new(0));
            let probe = gate.pass(|| at(0)).now_or_never().unwrap();
            let mut waiting = Box::pin(gate.pass(|| at(now.get())));
            assert!((&mut waiting).now_or_never().is_none());
            now.set(16);
            match opens {
                true => gate.open(),
                false => gate.shut_at(at(16)),
            }
            drop(probe);
            let passed = waiting.now_or_never().expect("it waits no longer");
            assert_eq!(passed.is_some(), opens);
        }
    }
}
