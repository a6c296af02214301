//! What wakes the workers of the audit log: the queue, and the keys of the webhook's AuthIDs.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use auth::ports::{DeployedSecret, SecretError};
use auth::ring::LiveRingParts;
use feed::auth_id::{AuthKeys, LateAuthKeys, LiveAuthKeys, not_read, not_read_again};
use feed::ports::Wakes;

use crate::platform::Platform;

/// The queue at this URL (`FEED_QUEUE_URL`), or the platform's own in its place. Makes no
/// request.
pub fn wakes(queue_url: &str, platform: &Platform) -> anyhow::Result<Arc<dyn Wakes>> {
    if let Some(own) = &platform.wakes {
        return Ok(Arc::clone(own));
    }
    let own = platform.own.as_ref().context("the platform has no queue")?;
    Ok(Arc::new(own.queue(queue_url)))
}

/// The keys of the AuthIDs from this secret (`FEED_WEBHOOK_KEYS_SECRET_ID`), read again after
/// `max_age` (`SECRET_MAX_AGE_SECONDS`).
pub async fn auth_keys(
    secret_id: &str,
    max_age: Duration,
    platform: &Platform,
) -> Result<LiveAuthKeys, SecretError> {
    let parts = parts(secret_id, platform, not_read_again);
    let mut keys = LiveAuthKeys::load(parts, Arc::clone(&platform.clock)).await?;
    keys.read_again_after(max_age);
    Ok(keys)
}

/// The same for the collector, which can be without them: read when they are first wanted.
pub(crate) fn late_auth_keys(
    secret_id: &str,
    max_age: Duration,
    platform: &Platform,
) -> LateAuthKeys {
    let parts = parts(secret_id, platform, not_read);
    LateAuthKeys::new(parts, Arc::clone(&platform.clock), max_age)
}

fn parts(
    secret_id: &str,
    platform: &Platform,
    not_read_again: fn(&SecretError),
) -> LiveRingParts<AuthKeys> {
    LiveRingParts {
        secrets: Arc::clone(&platform.secrets),
        name: secret_id.to_owned(),
        secret: DeployedSecret::WebhookKeys,
        parse: AuthKeys::from_json,
        not_read_again,
    }
}
