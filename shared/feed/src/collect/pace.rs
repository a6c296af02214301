//! How many requests a session makes: the quota is the tenant's, whatever works for it.

use std::time::Duration;

use super::Halt;
use super::session::Stop;
use auth::ports::{Clock, Pause};

/// Requests of a session, so many in each time.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    most: u32,
    each: Duration,
    began: Duration,
    made: u32,
}

impl Pace {
    /// Of a session that has the tenant for itself: below the 2,000 a minute of a publisher and
    /// tenant (protocol notes §6).
    pub(super) const ALONE: (u32, Duration) = (1_800, Duration::from_secs(60));

    /// Of a turn, and of each of the four windows that are out: a fifth of 1,700. By six seconds,
    /// so that five that begin at different times stay below the quota in every minute.
    pub(super) const SHARED: (u32, Duration) = (34, Duration::from_secs(6));

    /// Of a turn that was woken, which comes beside all these: 100 a minute.
    pub(super) const WOKEN: (u32, Duration) = (10, Duration::from_secs(6));

    pub(super) fn of((most, each): (u32, Duration), clock: &dyn Clock) -> Self {
        Self {
            most,
            each,
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
        let passed = clock.since_start().saturating_sub(self.began);
        if passed >= self.each {
            self.begins(clock);
        } else if self.made >= self.most {
            if clock.since_start() + (self.each - passed) >= deadline {
                return Err(Stop::Halt(Halt::Deadline));
            }
            pause.pause(self.each - passed).await;
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
