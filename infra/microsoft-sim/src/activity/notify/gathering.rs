//! What has become available since the last look, as notifications.

use super::notification::{CONTENT_TYPES, Notification};
use crate::activity::blob::Blob;
use crate::activity::chance::Chance;
use crate::activity::subscription::{Key, Subscription};
use crate::faults::FaultKind;
use crate::site::Site;

/// Contents of one notification, at most. Assumption `notified-soon`.
const MOST: u64 = 20;
/// A notification is sent so many seconds after its content became available, at most.
const SOON: u64 = 30;

/// Puts what is new into the queue, for every webhook that is called. What becomes available
/// while it is not, is not notified later. Assumption `not-notified-later`.
pub(super) fn gather(site: &Site, now: u64) {
    let activity = &site.core.activity;
    for (key, subscription) in activity.all() {
        let Some(webhook) = subscription.called(now) else {
            continue;
        };
        let after = activity.notices.look(key, webhook.since, now);
        if after < now {
            let offered = offered(site, (key, &subscription), after, now);
            put(site, key, offered);
        }
    }
}

/// What was first offered later than `after`, with the second, in its order.
fn offered(
    site: &Site,
    (key, subscription): (Key, &Subscription),
    after: u64,
    now: u64,
) -> Vec<(u64, Blob)> {
    let activity = &site.core.activity;
    let log = activity.log(key);
    let from = subscription
        .available_since(after)
        .saturating_sub(log.latest());
    let mut offered: Vec<_> = log
        .created_between(from * 1000, now * 1000 + 1)
        .filter_map(|blob| {
            let offer = activity.offer(key, subscription, &blob, now)?;
            let is_new = offer.from > after && offer.withdrawn_at.is_none();
            is_new.then_some((offer.from, blob))
        })
        .collect();
    offered.sort_by_key(|(from, blob)| (*from, blob.available_at, blob.created_ms));
    offered
}

/// In notifications of some contents each, as the faults of this moment want them.
fn put(site: &Site, key: Key, mut offered: Vec<(u64, Blob)>) {
    while let Some((from, first)) = offered.first() {
        let mut chance = chance(site, key, first);
        let size = usize::try_from(1 + chance.below(MOST)).unwrap_or(1);
        let due_at = from.saturating_add(chance.below(SOON + 1));
        let rest = offered.split_off(size.min(offered.len()));
        let blobs = std::mem::replace(&mut offered, rest);
        let notification = Notification {
            key,
            blobs: blobs.into_iter().map(|(_, blob)| blob).collect(),
            content_type: chance.pick(&CONTENT_TYPES),
            due_at,
            is_last: false,
            failures: 0,
            first_sent_at: None,
        };
        put_through_faults(site, notification);
    }
}

fn put_through_faults(site: &Site, mut notification: Notification) {
    let hit = |kind| {
        let tenant = Some(notification.key.tenant);
        site.core.faults.hit_by(kind, tenant)
    };
    if hit(FaultKind::NotifyNever).is_some() {
        return;
    }
    let late = hit(FaultKind::NotifyLate).map_or(0, |fault| fault.number_or(0));
    let twice = hit(FaultKind::NotifyTwice).map(|fault| fault.number_or(0));
    let is_last = hit(FaultKind::NotifyReordered).is_some();
    if is_last {
        notification.is_last = true;
        notification.blobs.reverse();
    }
    notification.due_at = notification.due_at.saturating_add(late);
    let notices = &site.core.activity.notices;
    if let Some(later) = twice {
        notices.put(Notification {
            due_at: notification.due_at.saturating_add(later),
            ..notification.clone()
        });
    }
    notices.put(notification);
}

fn chance(site: &Site, key: Key, first: &Blob) -> Chance {
    let (high, low) = key.tenant.as_u64_pair();
    let seed = site.core.activity.scenario(key.tenant).seed;
    let kind = key.content_type.number();
    Chance::of(&[seed, high, low, kind, first.created_ms, 5])
}
