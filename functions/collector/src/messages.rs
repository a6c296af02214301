//! The event of the queue, and the answer that says which of its messages are to come again
//! (`ReportBatchItemFailures`, Lambda Developer Guide, "Handling errors for an SQS event source").

use auth::Timestamp;
use feed::run::Message;
use feed::wake::Wake;
use serde::Serialize;
use serde_json::Value;

/// Which messages are to come again; the queue deletes the others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct MessagesAnswer {
    batch_item_failures: Vec<ItemFailure>,
}

impl MessagesAnswer {
    /// Whether the message with this id is to come again.
    pub fn names(&self, id: &str) -> bool {
        let mut failures = self.batch_item_failures.iter();
        failures.any(|failure| failure.item_identifier == id)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
struct ItemFailure {
    item_identifier: String,
}

/// The messages of an event.
#[derive(Debug)]
pub(crate) struct Messages {
    /// Those that can be read.
    pub(crate) readable: Vec<Message>,
    /// The ids of these.
    ids: Vec<String>,
    /// The ids of the others: no release can read them, or only another one.
    unread: Vec<String>,
}

impl Messages {
    /// `None` where the event is none of the queue: the schedule's, an operator's, a test's.
    /// `now`: of a message that does not say when it was sent.
    pub(crate) fn of(event: &Value, now: Timestamp) -> Option<Self> {
        let records = event.get("Records")?.as_array()?;
        let mut messages = Self {
            readable: Vec::new(),
            ids: Vec::new(),
            unread: Vec::new(),
        };
        for record in records {
            // Without an id Lambda takes the whole batch for failed.
            let id = record["messageId"].as_str().unwrap_or_default().to_owned();
            match record["body"].as_str().map(Wake::from_json) {
                Some(Ok(wake)) if !id.is_empty() => {
                    let sent = sent_at(record).unwrap_or(now);
                    messages.readable.push(Message { sent, wake });
                    messages.ids.push(id);
                }
                _ => messages.unread.push(id),
            }
        }
        Some(messages)
    }

    /// Those that cannot be read, and of the readable ones those at these places, come again: in
    /// the end they are dead letters.
    pub(crate) fn answer(self, failed: &[usize]) -> MessagesAnswer {
        if !self.unread.is_empty() {
            tracing::error!(
                event = "feed_wake_unread",
                messages = self.unread.len(),
                "the queue holds what is no message of ours; it goes to the dead letters"
            );
        }
        let failed = failed.iter().filter_map(|place| self.ids.get(*place));
        let ids = failed.chain(&self.unread);
        let failures = ids.map(|id| ItemFailure {
            item_identifier: id.clone(),
        });
        MessagesAnswer {
            batch_item_failures: failures.collect(),
        }
    }

    /// All of them come again.
    pub(crate) fn none_done(self) -> MessagesAnswer {
        let all: Vec<_> = (0..self.ids.len()).collect();
        self.answer(&all)
    }
}

/// When the queue took it: milliseconds, as text.
fn sent_at(record: &Value) -> Option<Timestamp> {
    let sent: i64 = record["attributes"]["SentTimestamp"]
        .as_str()?
        .parse()
        .ok()?;
    Some(Timestamp::from_unix(sent.div_euclid(1_000)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(5_000);
    const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";

    fn body() -> String {
        json!({"v": 1, "tenant": TENANT, "types": ["Audit.Exchange"]}).to_string()
    }

    /// As the Lambda Developer Guide shows one.
    fn record(id: &str, body: &str) -> Value {
        json!({
            "messageId": id,
            "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a...",
            "body": body,
            "attributes": {
                "ApproximateReceiveCount": "1",
                "SentTimestamp": "1545082649183",
                "SenderId": "AIDAIENQZJOLO23YVJ4VO",
                "ApproximateFirstReceiveTimestamp": "1545082649185"
            },
            "messageAttributes": {},
            "md5OfBody": "e4e68fb7bd0e697a0ae8f1bb342846b3",
            "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:us-east-2:123456789012:my-queue",
            "awsRegion": "us-east-2"
        })
    }

    #[test]
    fn what_has_no_records_is_not_the_queues() {
        for event in [
            json!({}),
            json!({"source": "schedule"}),
            json!(null),
            json!("Records"),
            json!({"Records": null}),
            json!({"Records": "no"}),
            json!({"records": []}),
        ] {
            assert!(Messages::of(&event, NOW).is_none(), "{event}");
        }
    }

    #[test]
    fn a_message_is_read_with_the_time_at_which_it_was_sent() {
        let mut late = record("late", &body());
        late["attributes"]["SentTimestamp"] = json!("soon");
        let event = json!({"Records": [record("one", &body()), late]});
        let messages = Messages::of(&event, NOW).unwrap();
        let sent: Vec<_> = messages
            .readable
            .iter()
            .map(|one| one.sent.unix())
            .collect();
        assert_eq!(sent, [1_545_082_649, NOW.unix()]);
        let answer = serde_json::to_value(messages.answer(&[])).unwrap();
        assert_eq!(answer, json!({"batchItemFailures": []}));
    }

    #[test]
    fn what_cannot_be_read_and_what_failed_comes_again() {
        let odd = [
            "",
            "{}",
            "[]",
            "null",
            "not json",
            r#"{"v":2,"tenant":"41463f53-8812-40f4-890f-865bf6e35190","types":["Audit.Exchange"]}"#,
            r#"{"v":1,"tenant":"contoso","types":["Audit.Exchange"]}"#,
            r#"{"v":1,"tenant":"41463f53-8812-40f4-890f-865bf6e35190","types":["Audit.All"]}"#,
            r#"{"v":1,"tenant":"41463f53-8812-40f4-890f-865bf6e35190"}"#,
            r#"{"v":1,"tenant":"41463f53-8812-40f4-890f-865bf6e35190","type":"Audit.Exchange","start":9,"end":3}"#,
        ];
        for body_of in odd {
            let records = [
                record("a", &body()),
                record("odd", body_of),
                record("b", &body()),
            ];
            let event = json!({"Records": records});
            let messages = Messages::of(&event, NOW).unwrap();
            assert_eq!(messages.readable.len(), 2, "{body_of}");
            let answer = serde_json::to_value(messages.answer(&[1])).unwrap();
            let expected = json!([{"itemIdentifier": "b"}, {"itemIdentifier": "odd"}]);
            assert_eq!(answer["batchItemFailures"], expected, "{body_of}");
            let all = Messages::of(&event, NOW).unwrap().none_done();
            assert_eq!(all.batch_item_failures.len(), 3);
        }
        // One without an id: Lambda takes an empty one for the whole batch.
        let mut nameless = record("", &body());
        nameless.as_object_mut().unwrap().remove("messageId");
        let event = json!({"Records": [nameless, record("a", &body())]});
        let answer = Messages::of(&event, NOW).unwrap().answer(&[]);
        let answer = serde_json::to_value(answer).unwrap();
        assert_eq!(
            answer,
            json!({"batchItemFailures": [{"itemIdentifier": ""}]})
        );
    }
}
