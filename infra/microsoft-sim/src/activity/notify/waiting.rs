//! What is to be sent, and when: again with growing gaps after a failure, and in the end never,
//! because the webhook is disabled.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::attempts::{Attempt, Attempts};
use super::notification::Notification;
use crate::activity::blob::Blob;
use crate::activity::subscription::Key;

/// Seconds until the second attempt; each later gap is twice as long.
/// Assumption `retries-of-notifications`.
const FIRST_GAP: u64 = 60;
/// After so many failures of one notification, the last an hour after the first, and no success
/// of another meanwhile, the webhook is disabled.
const FAILURES: u32 = 7;

/// What follows from an attempt that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failed {
    /// It is sent again.
    Again,
    /// It is not; others were answered.
    GivenUp,
    /// The webhook is disabled.
    Disables,
}

/// The notifications of every subscription.
pub(crate) struct Notices {
    inner: Mutex<Inner>,
    /// One pass at a time.
    passing: tokio::sync::Mutex<()>,
    opened_at: u64,
}

#[derive(Default)]
struct Inner {
    /// What was offered by then is known, in Unix seconds.
    looked_until: BTreeMap<Key, u64>,
    waiting: Vec<Notification>,
    succeeded_at: BTreeMap<Key, u64>,
    attempts: Attempts,
}

impl Notices {
    /// `now`: what became available before is not notified.
    pub(crate) fn new(now: u64) -> Self {
        Self {
            inner: Mutex::default(),
            passing: tokio::sync::Mutex::default(),
            opened_at: now,
        }
    }

    /// Held while notifications are sent.
    pub(super) async fn alone(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.passing.lock().await
    }

    /// After which second content is new to a webhook that is called `since` then; it is looked
    /// for up to `now`.
    pub(super) fn look(&self, key: Key, since: u64, now: u64) -> u64 {
        self.with(|inner| {
            let before = inner.looked_until.insert(key, now);
            let before = before.unwrap_or(self.opened_at.saturating_sub(1));
            before.max(since.saturating_sub(1))
        })
    }

    pub(super) fn put(&self, notification: Notification) {
        self.with(|inner| inner.waiting.push(notification));
    }

    /// Takes what is due, in the order in which it is sent.
    pub(super) fn due(&self, now: u64) -> Vec<Notification> {
        self.with(|inner| {
            let (mut due, later) = std::mem::take(&mut inner.waiting)
                .into_iter()
                .partition::<Vec<_>, _>(|notification| notification.due_at <= now);
            inner.waiting = later;
            due.sort_by_key(|notification| (notification.is_last, notification.due_at));
            due
        })
    }

    /// How many are not due yet.
    pub(super) fn waiting(&self) -> usize {
        self.with(|inner| inner.waiting.len())
    }

    pub(super) fn succeeded(&self, key: Key, blobs: &[Blob], now: u64) {
        self.with(|inner| {
            inner.succeeded_at.insert(key, now);
            inner.attempts.add(key, blobs, now, true);
        });
    }

    /// Notes the attempt, and puts it back where it is sent again.
    pub(super) fn failed(&self, mut notification: Notification, now: u64) -> Failed {
        self.with(|inner| {
            let key = notification.key;
            inner.attempts.add(key, &notification.blobs, now, false);
            let first = *notification.first_sent_at.get_or_insert(now);
            let gap = FIRST_GAP << notification.failures;
            notification.failures += 1;
            if notification.failures < FAILURES {
                notification.due_at = now.saturating_add(gap);
                inner.waiting.push(notification);
                return Failed::Again;
            }
            let succeeded_at = inner.succeeded_at.get(&key);
            if succeeded_at.is_some_and(|at| *at >= first) {
                Failed::GivenUp
            } else {
                Failed::Disables
            }
        })
    }

    /// Drops what waits for a webhook that is not called any more.
    pub(super) fn drop_all(&self, key: Key) {
        self.with(|inner| inner.waiting.retain(|waiting| waiting.key != key));
    }

    pub(super) fn attempts(&self, key: Key) -> Vec<Attempt> {
        self.with(|inner| inner.attempts.of(key))
    }

    fn with<T>(&self, work: impl FnOnce(&mut Inner) -> T) -> T {
        work(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::activity::content_type::ContentType;

    const NOW: u64 = 1_768_435_200;

    fn key(client: u128) -> Key {
        Key {
            tenant: Uuid::from_u128(7),
            client: Uuid::from_u128(client),
            content_type: ContentType::General,
        }
    }

    fn notification(client: u128) -> Notification {
        Notification {
            key: key(client),
            blobs: Vec::new(),
            content_type: "application/json",
            due_at: NOW,
            is_last: false,
            failures: 0,
            first_sent_at: None,
        }
    }

    /// When one that always fails is sent, in minutes, and what its last failure leads to.
    fn sent(notices: &Notices, client: u128) -> (Vec<u64>, Failed) {
        notices.put(notification(client));
        let mut minutes = Vec::new();
        for now in (NOW..).step_by(60) {
            for due in notices.due(now) {
                minutes.push((now - NOW) / 60);
                let failed = notices.failed(due, now);
                if failed != Failed::Again {
                    return (minutes, failed);
                }
            }
        }
        unreachable!("it is sent for ever")
    }

    #[test]
    fn what_fails_is_sent_again_with_growing_gaps_and_then_the_webhook_is_disabled() {
        let expected = vec![0, 1, 3, 7, 15, 31, 63];
        let notices = Notices::new(NOW);
        let (minutes, failed) = sent(&notices, 1);
        assert_eq!((minutes, failed), (expected.clone(), Failed::Disables));
        // Another subscription's success says nothing.
        notices.succeeded(key(1), &[], NOW + 60);
        let (minutes, failed) = sent(&notices, 2);
        assert_eq!((minutes, failed), (expected.clone(), Failed::Disables));
        // Its own does, from the first attempt on.
        for (at, expected) in [
            (NOW - 1, Failed::Disables),
            (NOW, Failed::GivenUp),
            (NOW + 600, Failed::GivenUp),
        ] {
            let notices = Notices::new(NOW);
            notices.succeeded(key(3), &[], at);
            assert_eq!(sent(&notices, 3).1, expected, "{at}");
        }
        assert_eq!(notices.waiting(), 0);
    }

    #[test]
    fn what_is_due_is_taken_once_in_its_order_and_the_rest_waits() {
        let notices = Notices::new(NOW);
        for (client, due_at, is_last) in [
            (1, NOW + 2, false),
            (2, NOW, true),
            (3, NOW + 1, false),
            (4, NOW + 3, false),
            (5, NOW, false),
        ] {
            notices.put(Notification {
                due_at,
                is_last,
                ..notification(client)
            });
        }
        let clients = |now| {
            let due = notices.due(now).into_iter();
            due.map(|due| due.key.client.as_u128()).collect::<Vec<_>>()
        };
        assert_eq!(clients(NOW + 2), [5, 3, 1, 2]);
        assert_eq!(clients(NOW + 2), []);
        assert_eq!(notices.waiting(), 1);
        notices.drop_all(key(4));
        assert_eq!(clients(NOW + 3), []);
    }

    #[test]
    fn content_is_new_once_and_from_the_start_of_the_webhook_on() {
        let notices = Notices::new(NOW);
        for (since, now, after) in [
            // Started in the second in which the process began: its backlog is new.
            (NOW, NOW, NOW - 1),
            (NOW, NOW, NOW),
            (NOW, NOW + 9, NOW),
            (NOW, NOW + 9, NOW + 9),
            // Enabled again: what came meanwhile is not.
            (NOW + 50, NOW + 60, NOW + 49),
            (NOW + 50, NOW + 70, NOW + 60),
        ] {
            assert_eq!(notices.look(key(1), since, now), after, "{since} {now}");
        }
        // Of a webhook that a process before this one has started.
        assert_eq!(notices.look(key(2), NOW - 500, NOW + 5), NOW - 1);
    }
}
