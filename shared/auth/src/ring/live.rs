//! A ring while a program runs: read at the start, and read again when it is old or when
//! something was met that was made with a key that it does not hold, and never more than once a
//! minute. What cannot be read again stays as it is. What its keys are for, the caller knows.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::ports::{Clock, DeployedSecret, SecretError, SecretSource, short_secret_name};
use crate::refreshed::Refreshed;
use crate::sealing::InvalidKeys;
use crate::secret::ExposeSecret as _;

/// A ring that is older is read again by every function, or sooner where its settings say so
/// (`SECRET_MAX_AGE_SECONDS`). Who adds a key waits for this before that key becomes the
/// primary one: every reader holds it by then. No setting may make it longer.
pub const RING_MAX_AGE: Duration = Duration::from_secs(15 * 60);
/// Within this time every function that runs has read a ring that was written: its age,
/// the pause after a try that failed, and a minute for the write and the tries. One that cannot
/// read the secret for longer meets the new key as an unknown one.
pub const RING_READ_WITHIN: Duration =
    Duration::from_secs(RING_MAX_AGE.as_secs() + BETWEEN_READS.as_secs() + 60);
/// What no key of the ring made would otherwise ask the secrets manager each time.
const BETWEEN_READS: Duration = Duration::from_secs(60);

/// Where the keys `K` of a ring come from.
pub struct LiveRingParts<K> {
    /// The source.
    pub secrets: Arc<dyn SecretSource>,
    /// The secret's name.
    pub name: String,
    /// Which one it is.
    pub secret: DeployedSecret,
    /// Reads its text.
    pub parse: fn(&str) -> Result<K, InvalidKeys>,
    /// Says in the log that it could not be read again.
    pub not_read_again: fn(&SecretError),
}

/// A ring and what keeps it current.
pub struct LiveRing<K> {
    parts: LiveRingParts<K>,
    keys: Refreshed<Arc<K>>,
}

impl<K> LiveRing<K> {
    /// Reads the ring for the first time: without it there is none.
    pub async fn load(parts: LiveRingParts<K>, clock: Arc<dyn Clock>) -> Result<Self, SecretError> {
        let keys = Refreshed::new(clock, RING_MAX_AGE);
        let began = keys.now();
        keys.confirm(parts.read().await?, began);
        Ok(Self { parts, keys })
    }

    /// Reads it again after `max_age`; never later than [`RING_MAX_AGE`], which rotations
    /// count on.
    pub fn read_again_after(&mut self, max_age: Duration) {
        self.keys.set_fresh_for(max_age.min(RING_MAX_AGE));
    }

    /// The ring to use, read again when it is old.
    pub async fn current(&self) -> Arc<K> {
        let read = |_| self.parts.read_again();
        let current = self.keys.current(|_| BETWEEN_READS, read);
        loaded(current.await)
    }

    /// The ring after something was met that was made with a key it does not hold.
    pub async fn after_unknown_key(&self) -> Arc<K> {
        let read = |_| self.parts.read_again();
        self.keys
            .read_unless(|| false, |_| BETWEEN_READS, read)
            .await;
        loaded(self.keys.held())
    }
}

/// A ring that its user can be without: read when it is first wanted, and where that fails, again
/// once a minute.
pub struct LateRing<K> {
    parts: LiveRingParts<K>,
    keys: Refreshed<Arc<K>>,
}

impl<K> LateRing<K> {
    /// Reads nothing. It is read again after `max_age`; never later than [`RING_MAX_AGE`].
    pub fn new(parts: LiveRingParts<K>, clock: Arc<dyn Clock>, max_age: Duration) -> Self {
        let keys = Refreshed::new(clock, max_age.min(RING_MAX_AGE));
        Self { parts, keys }
    }

    /// The ring to use; `None` where none could be read yet.
    pub async fn current(&self) -> Option<Arc<K>> {
        let read = |_| self.parts.read_again();
        self.keys.current(|_| BETWEEN_READS, read).await
    }
}

impl<K> LiveRingParts<K> {
    async fn read_again(&self) -> Result<Arc<K>, ()> {
        let keys = self.read().await;
        keys.map_err(|error| (self.not_read_again)(&error))
    }

    async fn read(&self) -> Result<Arc<K>, SecretError> {
        let text = self.secrets.read(&self.name).await;
        let keys = text.and_then(|text| {
            (self.parse)(text.expose_secret())
                .map_err(|error| SecretError::unusable(&self.name, error))
        });
        keys.map(Arc::new).map_err(|error| error.of(self.secret))
    }
}

impl<K> fmt::Debug for LiveRing<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveRing")
            .field("name", &short_secret_name(&self.parts.name))
            .finish_non_exhaustive()
    }
}

fn loaded<K>(keys: Option<Arc<K>>) -> Arc<K> {
    match keys {
        Some(keys) => keys,
        None => unreachable!("a ring that was loaded is believed until another one was read"),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use async_trait::async_trait;

    use super::*;
    use crate::ports::HeldClock;
    use crate::secret::SecretString;

    /// What it answers, and how often it was asked.
    #[derive(Default)]
    struct Secret(Mutex<(Option<SecretString>, u32)>);

    #[async_trait]
    impl SecretSource for Secret {
        async fn read(&self, name: &str) -> Result<SecretString, SecretError> {
            let mut held = self.0.lock().unwrap();
            held.1 += 1;
            let none = || SecretError::unusable(name, InvalidKeys::NotAKeyRing);
            held.0.clone().ok_or_else(none)
        }
    }

    #[tokio::test]
    async fn a_ring_that_comes_late_is_read_when_it_is_wanted_and_once_a_minute_until_it_is_there()
    {
        let (clock, secret) = (Arc::new(HeldClock::at(0)), Arc::new(Secret::default()));
        let parts = LiveRingParts {
            secrets: secret.clone(),
            name: "keys".to_owned(),
            secret: DeployedSecret::WebhookKeys,
            parse: |text| Ok(text.len()),
            not_read_again: |_| {},
        };
        let ring = LateRing::new(parts, clock.clone(), Duration::from_secs(600));
        assert_eq!(secret.0.lock().unwrap().1, 0);
        // Seconds that pass, what the secret holds, what is there then, how often it was read.
        for (seconds, holds, found, reads) in [
            (0, None, None, 1),
            (59, None, None, 1),
            (1, None, None, 2),
            (59, Some("one"), None, 2),
            (1, Some("one"), Some(3), 3),
            (599, Some("other"), Some(3), 3),
            (1, Some("other"), Some(5), 4),
            // What cannot be read again stays in use.
            (600, None, Some(5), 5),
            (59, Some("one"), Some(5), 5),
            (1, Some("one"), Some(3), 6),
        ] {
            clock.pass(Duration::from_secs(seconds));
            secret.0.lock().unwrap().0 = holds.map(Into::into);
            let current = ring.current().await.map(|length| *length);
            assert_eq!(current, found, "{seconds} {holds:?}");
            assert_eq!(secret.0.lock().unwrap().1, reads, "{seconds} {holds:?}");
        }
    }
}
