//! What the queue brings: about a tenant that was notified, and about a window that is out.

use std::time::Duration;

use auth::ports::{Clock as _, Write};
use feed::collect::CLAIM;
use feed::due::Due;
use feed::handed::Handed;
use feed::ports::Ledger as _;
use feed::wake::Wake;
use feed::{ContentType, Window};
use local::queue::Message;
use serde_json::{Value, json};

use super::Stage;

/// As SQS has it in an event.
pub(crate) fn event(message: &Message) -> Value {
    let sent = message.sent_at.unix() * 1_000;
    json!({"Records": [{
        "messageId": ID,
        "body": message.body,
        "attributes": {"SentTimestamp": sent.to_string()},
        "eventSource": "aws:sqs",
    }]})
}

/// The message's, in its one event.
pub(crate) const ID: &str = "the-message";

impl Stage {
    /// What a webhook sends about the tenant.
    pub(crate) fn notified(&self) -> Message {
        self.sent(&Wake::Notified {
            tenant: self.tenant(),
            types: [ContentType::Exchange].into(),
        })
    }

    /// Two hours of before are handed out, as a turn does that had no time for them.
    pub(crate) async fn hands_out(&self) -> Message {
        let (table, now) = (self.table().await, self.clock.now());
        let mut feed = table.feed(self.tenant()).await.unwrap().unwrap();
        let start = Window::hour_of(now).start() - Duration::from_secs(5 * 3_600);
        let window = Window::new(start, start + Duration::from_secs(2 * 3_600)).unwrap();
        feed.handed = vec![Handed {
            content_type: ContentType::Exchange,
            window,
            until: now + CLAIM,
        }];
        feed.due = Due::From(now);
        assert_eq!(table.put_feed(&feed).await.unwrap(), Write::Done);
        self.sent(&Wake::Window {
            tenant: feed.tenant,
            content_type: ContentType::Exchange,
            window,
        })
    }

    fn sent(&self, wake: &Wake) -> Message {
        Message {
            body: wake.to_json(),
            tenant: wake.tenant(),
            sent_at: self.clock.now(),
            receives: 1,
        }
    }

    /// The queue brings the message to the run's own worker.
    pub(crate) async fn brings(&self, message: &Message) {
        self.machine.queue().put_back(message.clone());
        self.machine.work().await.unwrap();
    }
}
