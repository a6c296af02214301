//! The collector's worker: Lambda's event source mapping on one machine, between the queue and the
//! function. Some batches at a time; what failed is put back, as the function says.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use auth::ports::Clock;
use collector::{Answer, Collector};
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use lambda::function::AnswersEvents as _;
use lambda_runtime::LambdaEvent;
use serde_json::{Value, json};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::queue::{LocalQueue, Message};
use crate::schedule;

/// Messages of one event (`BatchSize` in template.yaml).
pub(crate) const BATCH: usize = 10;

/// Batches at a time (`MaximumConcurrency`).
const AT_A_TIME: usize = 4;

/// What failed comes again after so long at the earliest.
const PATIENCE: Duration = Duration::from_secs(5);

/// The collector and its queue.
type Worker = (Arc<Collector>, Arc<LocalQueue>);

/// Takes what comes, until `shutdown`. What is under way then is given up: its windows are planned
/// again, and its wakes cost time.
pub(crate) fn start(
    worker: Worker,
    clock: Arc<dyn Clock>,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut shutdown = pin!(shutdown);
        let (collector, queue) = &worker;
        let mut under_way = FuturesUnordered::new();
        loop {
            tokio::select! {
                messages = queue.receive(BATCH), if under_way.len() < AT_A_TIME => {
                    let clock = clock.as_ref();
                    under_way.push(async move {
                        if work((collector, queue), clock, messages).await > 0 {
                            sleep(PATIENCE).await;
                        }
                    });
                }
                Some(()) = under_way.next() => {}
                () = &mut shutdown => return,
            }
        }
    })
}

/// One batch; how many of its messages failed.
pub(crate) async fn work(
    (collector, queue): (&Arc<Collector>, &LocalQueue),
    clock: &dyn Clock,
    messages: Vec<Message>,
) -> usize {
    let records: Vec<_> = messages.iter().enumerate().map(record).collect();
    let context = schedule::context(clock);
    let event = LambdaEvent::new(json!({"Records": records}), context);
    let Answer::Messages(answer) = collector.run(&event).await else {
        return 0;
    };
    let mut failed = 0;
    for (place, message) in messages.into_iter().enumerate() {
        if answer.names(&place.to_string()) {
            failed += 1;
            queue.put_back(message);
        }
    }
    failed
}

/// As SQS has it in an event.
fn record((place, message): (usize, &Message)) -> Value {
    let sent = message.sent_at.unix().saturating_mul(1_000);
    json!({
        "messageId": place.to_string(),
        "body": message.body,
        "attributes": {
            "ApproximateReceiveCount": message.receives.to_string(),
            "SentTimestamp": sent.to_string(),
            "MessageGroupId": message.tenant,
        },
        "eventSource": "aws:sqs",
    })
}
