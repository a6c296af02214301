//! The queue of one machine, in memory: SQS's part between those who wake and the worker. What it
//! loses at the end of a run, or because too much waits, costs time and no record.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use auth::ports::Clock;
use auth::{TenantId, Timestamp};
use feed::ports::{WakeError, Wakes};
use feed::wake::Wake;
use tokio::sync::Notify;

/// Messages that wait at most; of more, the last to come are dropped.
const MOST: usize = 10_000;
/// A message that failed so often is given up: the queue's `maxReceiveCount` in template.yaml.
const RECEIVES: u32 = 5;

/// Messages between those who wake and the worker.
pub struct LocalQueue {
    clock: Arc<dyn Clock>,
    waiting: Mutex<VecDeque<Message>>,
    arrived: Notify,
}

/// A message that was received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Its text ([`Wake::from_json`]).
    pub body: String,
    /// Its group.
    pub tenant: TenantId,
    /// When it was sent.
    pub sent_at: Timestamp,
    /// How often it was received, this time included.
    pub receives: u32,
}

impl LocalQueue {
    /// An empty one. `clock`: says when something was sent.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            clock,
            waiting: Mutex::default(),
            arrived: Notify::new(),
        }
    }

    /// The oldest messages, at most so many; waits for the first one. What is received is gone
    /// unless it is [put back](Self::put_back).
    pub async fn receive(&self, most: usize) -> Vec<Message> {
        loop {
            let taken = self.take(most);
            if !taken.is_empty() {
                return taken;
            }
            self.arrived.notified().await;
        }
    }

    /// What waits now, at most so many of it; nothing where nothing waits.
    pub fn take(&self, most: usize) -> Vec<Message> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = most.min(waiting.len());
        let taken = waiting.drain(..count).map(|message| Message {
            receives: message.receives + 1,
            ..message
        });
        taken.collect()
    }

    /// A message that could not be worked on comes again, a few times.
    pub fn put_back(&self, message: Message) {
        if message.receives < RECEIVES {
            self.add(message);
        }
    }

    fn add(&self, message: Message) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() < MOST {
            waiting.push_back(message);
        }
        drop(waiting);
        self.arrived.notify_one();
    }
}

#[async_trait]
impl Wakes for LocalQueue {
    async fn send(&self, wakes: &[Wake]) -> Result<(), WakeError> {
        let sent_at = self.clock.now();
        for wake in wakes {
            self.add(Message {
                body: wake.to_json(),
                tenant: wake.tenant(),
                sent_at,
                receives: 0,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use auth::ports::HeldClock;
    use feed::ContentType;

    use super::*;

    fn wake(number: u128) -> Wake {
        Wake::Notified {
            tenant: uuid::Uuid::from_u128(number).to_string().parse().unwrap(),
            types: [ContentType::Exchange].into(),
        }
    }

    async fn queue_of(count: u128) -> LocalQueue {
        let queue = LocalQueue::new(Arc::new(HeldClock::at(1_000)));
        let wakes: Vec<Wake> = (0..count).map(wake).collect();
        queue.send(&wakes).await.unwrap();
        queue
    }

    fn wakes_of(messages: &[Message]) -> Vec<Wake> {
        let wakes = messages.iter().map(|one| Wake::from_json(&one.body));
        wakes.map(Result::unwrap).collect()
    }

    #[tokio::test]
    async fn what_is_sent_is_received_once_in_its_order() {
        let queue = queue_of(3).await;
        let first = queue.receive(2).await;
        assert_eq!(wakes_of(&first), [wake(0), wake(1)]);
        let at = Timestamp::from_unix(1_000);
        assert!(
            first
                .iter()
                .all(|one| one.sent_at == at && one.receives == 1)
        );
        assert_eq!(wakes_of(&queue.receive(2).await), [wake(2)]);
        assert_eq!(queue.take(2), []);
    }

    #[tokio::test]
    async fn a_worker_that_waits_is_woken() {
        let queue = Arc::new(queue_of(0).await);
        let waiting = tokio::spawn({
            let queue = Arc::clone(&queue);
            async move { queue.receive(10).await }
        });
        tokio::task::yield_now().await;
        queue.send(&[wake(7)]).await.unwrap();
        assert_eq!(wakes_of(&waiting.await.unwrap()), [wake(7)]);
    }

    #[tokio::test]
    async fn what_failed_comes_again_and_is_given_up_in_the_end() {
        let queue = queue_of(1).await;
        for receives in 1..=RECEIVES {
            let [message] = &queue.take(10)[..] else {
                panic!("it comes {RECEIVES} times");
            };
            assert_eq!(message.receives, receives);
            queue.put_back(message.clone());
        }
        assert_eq!(queue.take(10), []);
    }

    #[tokio::test]
    async fn what_is_too_much_is_dropped() {
        let queue = queue_of(MOST as u128 + 5).await;
        let kept = wakes_of(&queue.take(2 * MOST));
        assert_eq!(
            (kept.len(), kept.last()),
            (MOST, Some(&wake(MOST as u128 - 1)))
        );
    }
}
