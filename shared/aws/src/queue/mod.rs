//! The queue of the audit log in SQS: what wakes the workers. It sends alone; Lambda receives.
//!
//! The queue is a standard one, and a message's group is its tenant, so that a tenant with many
//! messages does not hold up the others (SQS Developer Guide, "Amazon SQS fair queues").

mod errors;

use async_trait::async_trait;
use aws_config::SdkConfig;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry as Entry;
use feed::ports::{WakeError, Wakes};
use feed::wake::Wake;

use self::errors::{failed, not_taken};

/// Messages of one request, at most (SQS API reference, SendMessageBatch).
const AT_ONCE: usize = 10;

/// A queue. Its credentials need `sqs:SendMessage` on it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Queue {
    client: Client,
    url: String,
}

impl Queue {
    /// The queue at this URL (`FEED_QUEUE_URL`).
    pub(crate) fn new(config: &SdkConfig, url: &str) -> Self {
        Self {
            client: Client::new(config),
            url: url.to_owned(),
        }
    }

    async fn send_some(&self, wakes: &[Wake]) -> Result<(), WakeError> {
        let entries = wakes.iter().enumerate().map(|(number, wake)| {
            Entry::builder()
                .id(number.to_string())
                .message_body(wake.to_json())
                .message_group_id(wake.tenant().to_string())
                .build()
        });
        let entries = entries
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| WakeError::Broken("a message could not be built".into()))?;
        let request = self.client.send_message_batch().queue_url(&self.url);
        let sent = request.set_entries(Some(entries)).send().await;
        match sent.map_err(|error| failed(&error))?.failed() {
            [] => Ok(()),
            [first, ..] => Err(not_taken(first.code(), first.sender_fault())),
        }
    }
}

#[async_trait]
impl Wakes for Queue {
    async fn send(&self, wakes: &[Wake]) -> Result<(), WakeError> {
        for some in wakes.chunks(AT_ONCE) {
            self.send_some(some).await?;
        }
        Ok(())
    }
}
