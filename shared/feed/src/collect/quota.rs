//! How many requests a session makes: the quota is the tenant's, whatever works for it.

use std::time::Duration;

use auth::ports::{Clock, Pause};

use super::Halt;
use super::stop::Stop;

/// How many requests, in each time.
type Rate = (u32, Duration);

/// Of a session that has the tenant for itself: with what a woken turn makes, below the 2,000 a
/// minute of a publisher and tenant (protocol notes §6).
const ALONE: Rate = (1_700, MINUTE);

/// Of a turn, and of each of the four windows that are out: a fifth. By six seconds, so that five
/// that begin at different times stay below the quota in every minute.
const SHARED: Rate = (34, Duration::from_secs(6));

/// Of a turn that was woken, which comes beside all these: 100 a minute.
const WOKEN: Rate = (10, Duration::from_secs(6));

const MINUTE: Duration = Duration::from_secs(60);

/// The requests of a session.
#[derive(Debug, Clone, Copy)]
pub(super) struct Quota {
    rate: Rate,
    /// From then on it is [`SHARED`].
    shared_from: Duration,
    began: Duration,
    made: u32,
}

impl Quota {
    /// Of a turn that nothing but woken ones come beside.
    pub(super) fn alone(clock: &dyn Clock) -> Self {
        Self::of(ALONE, clock)
    }

    /// Of a turn that hands out what is left at `deadline`: workers begin then.
    pub(super) fn alone_until(deadline: Duration, clock: &dyn Clock) -> Self {
        Self {
            shared_from: deadline.saturating_sub(MINUTE),
            ..Self::of(ALONE, clock)
        }
    }

    /// Of a turn while windows are out, or were a moment ago, and of each worker of one.
    pub(super) fn shared(clock: &dyn Clock) -> Self {
        Self::of(SHARED, clock)
    }

    /// Of a turn that was woken.
    pub(super) fn woken(clock: &dyn Clock) -> Self {
        Self::of(WOKEN, clock)
    }

    fn of(rate: Rate, clock: &dyn Clock) -> Self {
        Self {
            rate,
            shared_from: Duration::MAX,
            began: clock.since_start(),
            made: 0,
        }
    }

    /// Waits until one more request fits, if that is before `deadline`.
    pub(super) async fn one_more(
        &mut self,
        (clock, pause): (&dyn Clock, &dyn Pause),
        deadline: Duration,
    ) -> Result<(), Stop> {
        if clock.since_start() >= self.shared_from {
            (self.rate, self.shared_from) = (SHARED, Duration::MAX);
        }
        let (most, each) = self.rate;
        let passed = clock.since_start().saturating_sub(self.began);
        if passed >= each {
            self.begins(clock);
        } else if self.made >= most {
            if clock.since_start() + (each - passed) >= deadline {
                return Err(Stop::Halt(Halt::Deadline));
            }
            pause.pause(each - passed).await;
            self.begins(clock);
        }
        self.made += 1;
        Ok(())
    }

    fn begins(&mut self, clock: &dyn Clock) {
        self.began = clock.since_start();
        self.made = 0;
    }
}
