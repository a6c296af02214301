//! A notification through the webhook, as its main takes it, against a function that only writes
//! to the queue: the same conversion of events, the same queue, one message each.

pub(crate) mod process;

use std::process::Stdio;

use serde::{Deserialize, Serialize};
use tests::aws_service::AwsService;

use crate::child::role;
use crate::report::{median, note, ratio, row, table};

/// CPU microseconds of each turn, by kind.
#[derive(Serialize, Deserialize)]
pub(crate) struct Measured {
    kinds: Vec<(String, Vec<f64>)>,
    requests: usize,
}

/// Starts the measured process with a queue in this one, and prints the table.
pub(crate) async fn run(requests: usize) {
    let queue = AwsService::queue().await;
    let mut command = role("webhook-process");
    let arguments = [queue.url.as_str(), &requests.to_string()];
    let ended = command.args(arguments).stderr(Stdio::inherit()).output();
    let said = String::from_utf8(ended.await.unwrap().stdout).unwrap();
    // The lines before it are the function's log.
    let measured: Measured = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    print(&measured);
}

fn print(measured: &Measured) {
    let mut rows = vec![row(["webhook", "CPU µs", "× the write alone", "aim"])];
    let (_, write) = &measured.kinds[0];
    for (name, own) in &measured.kinds {
        let aim = match name.contains("notification") {
            true => "≤ 1.5",
            false => "",
        };
        rows.push(row([
            name,
            &format!("{:.1}", median(own)),
            &format!("{:.2}", ratio(own, write)),
            aim,
        ]));
    }
    table("Webhook", &rows);
    note(&format!(
        "{} events of each kind, one at a time; each notification is one message to SQS's protocol \
         over HTTP in another process, and a line of the log to a pipe.",
        measured.requests
    ));
}
