//! The refusal table: every answer in `af_refusals.md`, put on the wire to the byte, and what the
//! client makes of it. What it logs of them holds nothing of token and body.

use auth::Fault;
use feed::ContentType;
use feed::ports::{Failure, FeedApi as _, Subscribe};

use super::server::{Part, RawApi};
use super::{Asker, DATE, DATE_UNIX, TOKEN, impatient};
use crate::fake::lines::Lines;
use crate::fake::raw::http;

const TABLE: &str = include_str!("../af_refusals.md");

const OPERATIONS: [&str; 5] = ["list", "content", "subscriptions", "start", "stop"];

/// A row's cells, by the names of the columns.
struct Row<'a> {
    asked: &'a str,
    answer: &'a str,
    headers: &'a str,
    body: &'a str,
    refusal: &'a str,
    code: &'a str,
    step: &'a str,
    fault: &'a str,
    wait: &'a str,
}

fn rows() -> Vec<Row<'static>> {
    let is_row = |line: &&str| line.starts_with("| ") && !line.starts_with("| asked");
    TABLE.lines().filter(is_row).map(row).collect()
}

fn row(line: &'static str) -> Row<'static> {
    let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
    let [
        asked,
        answer,
        headers,
        body,
        refusal,
        code,
        step,
        fault,
        wait,
    ] = cells[..]
    else {
        panic!("nine cells: {line}");
    };
    let body = body.trim_matches('`');
    Row {
        asked,
        answer,
        headers,
        body,
        refusal,
        code,
        step,
        fault,
        wait,
    }
}

impl Row<'_> {
    fn parts(&self) -> Vec<Part> {
        let headers = match self.headers {
            "" => DATE.to_owned(),
            headers => format!("{DATE}{headers}\r\n"),
        };
        let body = self.body.as_bytes();
        let bytes = match self.answer {
            "closed" => Vec::new(),
            "silence" => return vec![Part::Silence],
            "cut" => {
                let whole = http(403, &headers, body);
                whole[..whole.len() - 5].to_vec()
            }
            status => http(status.parse().unwrap(), &headers, body),
        };
        vec![Part::Bytes(bytes)]
    }

    fn operations(&self) -> impl Iterator<Item = &'static str> {
        let is_asked = |one: &&str| self.asked == "any" || self.asked == *one;
        OPERATIONS.into_iter().filter(is_asked)
    }
}

async fn ask(asker: &Asker, operation: &str) -> Result<(), Failure> {
    let (client, who) = (&asker.client, asker.who());
    match operation {
        "list" => asker.list().await.map(drop),
        "content" => client
            .content(who, &asker.address("audit/1"))
            .await
            .map(drop),
        "subscriptions" => client.subscriptions(who).await.map(drop),
        start_or_stop => {
            let what = match start_or_stop {
                "start" => Subscribe::Start(None),
                _ => Subscribe::Stop,
            };
            client
                .subscribe(who, ContentType::Exchange, what)
                .await
                .map(drop)
        }
    }
}

#[tokio::test]
async fn every_answer_of_the_table_is_judged_as_it_says() {
    let api = RawApi::start().await;
    let lines = Lines::listen();
    let rows = rows();
    assert!(rows.len() >= 60, "{} rows were read", rows.len());
    for row in rows {
        let patience = match row.answer {
            "silence" => impatient(),
            _ => Default::default(),
        };
        let asker = Asker::with(&api.base_url, patience);
        for operation in row.operations() {
            let line = format!("{operation}: {} {} {}", row.answer, row.headers, row.body);
            api.answer_parts(row.parts());
            let failure = ask(&asker, operation).await.expect_err(&line);
            check(&row, &failure, &line);
            check_log(&row, &lines, &line);
        }
    }
}

fn check(row: &Row<'_>, failure: &Failure, line: &str) {
    let refusal = failure.refusal;
    assert_eq!(refusal.as_str(), row.refusal, "{line}");
    let code = failure.code.map(|code| code.to_string());
    assert_eq!(code.unwrap_or_default(), row.code, "{line}");
    assert_eq!(format!("{:?}", refusal.step()), row.step, "{line}");
    let fault: Fault = refusal.fault();
    assert_eq!(fault.as_str(), row.fault, "{line}");
    let wait = failure.retry_after.map(|wait| wait.as_secs().to_string());
    assert_eq!(wait.unwrap_or_default(), row.wait, "{line}");
    // What a window is planned again by.
    let is_answered = !matches!(row.answer, "closed" | "silence");
    let at = is_answered.then_some(DATE_UNIX);
    assert_eq!(failure.at.map(|at| at.unix()), at, "{line}");
}

/// One line, whose words are ours.
fn check_log(row: &Row<'_>, lines: &Lines, line: &str) {
    let logged = lines.take();
    let events = logged.iter().filter(|one| one.contains_key("event"));
    let ours = events.filter(|one| one["event"].starts_with("activity_"));
    assert_eq!(ours.count(), 1, "{line} {logged:?}");
    for text in logged.iter().flat_map(|one| one.values()) {
        assert!(
            !text.contains(TOKEN) && !text.contains("a-token-of"),
            "{line}: {text}"
        );
        let is_of_body = ["Words.", "CorrId", "Method=", "does not exist", "<html>"];
        let is_of_body = is_of_body.iter().find(|words| text.contains(**words));
        assert_eq!(
            is_of_body.filter(|words| row.body.contains(**words)),
            None,
            "{line}: {text}"
        );
    }
}
