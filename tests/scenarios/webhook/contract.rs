//! What a queue is to those who send and to those who receive, on each engine that plays SQS's
//! part.

use auth::Timestamp;
use feed::ContentType;
use feed::Window;
use feed::ports::Wakes;
use feed::wake::Wake;

/// A queue of which a test sees the other end.
pub(super) trait Engine {
    fn wakes(&self) -> &dyn Wakes;

    /// Messages that wait, each once: its text, its group and when it was sent.
    async fn receive(&self) -> Vec<(String, String, Timestamp)>;

    fn now(&self) -> Timestamp;
}

fn tenant(number: u8) -> auth::TenantId {
    let text = format!("41463f53-8812-40f4-890f-865bf6e351{number:02}");
    text.parse().unwrap()
}

fn wakes() -> Vec<Wake> {
    let at = Timestamp::from_unix;
    (0..25)
        .map(|number| match number % 2 {
            0 => Wake::Notified {
                tenant: tenant(number),
                types: ContentType::DEFAULT.into(),
            },
            _ => Wake::Window {
                tenant: tenant(number),
                content_type: ContentType::Exchange,
                window: Window::new(at(0), at(3_600 * i64::from(number % 24 + 1))).unwrap(),
            },
        })
        .collect()
}

/// Each message comes as it was sent, in the group of its tenant, with the time of its sending.
pub(super) async fn what_is_sent_is_received(engine: &impl Engine) {
    let before = engine.now();
    engine.wakes().send(&wakes()).await.unwrap();
    engine.wakes().send(&[]).await.unwrap();
    let mut received = engine.receive().await;
    received.sort_by_key(|(_, group, _)| group.clone());
    let after = engine.now();
    let found: Vec<Wake> = received
        .iter()
        .map(|(text, ..)| Wake::from_json(text).unwrap())
        .collect();
    assert_eq!(found, wakes());
    for ((_, group, sent_at), wake) in received.iter().zip(wakes()) {
        assert_eq!(*group, wake.tenant().to_string());
        assert!(before <= *sent_at && *sent_at <= after, "{sent_at}");
    }
}

mod in_memory {
    use std::sync::Arc;

    use auth::ports::{Clock, HeldClock};
    use local::queue::LocalQueue;

    use super::*;

    struct InMemory(LocalQueue, Arc<HeldClock>);

    impl Engine for InMemory {
        fn wakes(&self) -> &dyn Wakes {
            &self.0
        }

        async fn receive(&self) -> Vec<(String, String, Timestamp)> {
            let messages = self.0.take(100).into_iter();
            let facts = messages.map(|one| (one.body, one.tenant.to_string(), one.sent_at));
            facts.collect()
        }

        fn now(&self) -> Timestamp {
            self.1.now()
        }
    }

    #[tokio::test]
    async fn what_is_sent_is_received() {
        let clock = Arc::new(HeldClock::at(1_800_000_000));
        let queue = LocalQueue::new(clock.clone());
        super::what_is_sent_is_received(&InMemory(queue, clock)).await;
    }
}
