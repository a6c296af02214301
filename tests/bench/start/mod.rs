//! From exec to the first token. What the policies add to a start shows between an event
//! that asks none (`GET /health`, which reads the table) and a token by one policy and by
//! 200 of them.

use std::time::Instant;

use serde_json::Value;
use tests::gateway_event::request;

use crate::function::Function;
use crate::function::account::{Account, MANY_POLICIES, ONE_POLICY};
use crate::report::{median, note, row, table};

/// One start.
struct Start {
    wall: f64,
    cpu: f64,
    memory: f64,
}

/// One kind of start.
struct Kind<'a> {
    name: &'static str,
    binary: &'static str,
    table: &'static str,
    event: &'a Value,
}

/// Measures and prints the table.
pub(crate) async fn run(starts: usize) {
    let account = Account::open(1).await;
    let (health, vend) = (request("GET", "/health"), &account.vends()[0]);
    let kinds = kinds(&health, vend);
    let mut measured: Vec<Vec<Start>> = kinds.iter().map(|_| Vec::new()).collect();
    // The first round warms the page cache.
    for round in 0..=starts {
        for (kind, starts) in kinds.iter().zip(&mut measured) {
            let start = start(&account, kind).await;
            if round > 0 {
                starts.push(start);
            }
        }
    }
    let mut rows = vec![row([
        "start",
        "CPU ms",
        "wall ms",
        "resident MiB",
        "× minimum's CPU",
        "× minimum's wall",
    ])];
    let minimum = measured.last().map_or(&[][..], Vec::as_slice);
    let (minimum_cpu, minimum_wall) = (
        middle(minimum, |start| start.cpu),
        middle(minimum, |start| start.wall),
    );
    for (kind, starts) in kinds.iter().zip(&measured) {
        let cpu = middle(starts, |start| start.cpu);
        let wall = middle(starts, |start| start.wall);
        rows.push(row([
            kind.name,
            &format!("{cpu:.1}"),
            &format!("{wall:.1}"),
            &format!("{:.1}", middle(starts, |start| start.memory)),
            &format!("{:.2}", cpu / minimum_cpu),
            &format!("{:.2}", wall / minimum_wall),
        ]));
    }
    table("Start", &rows);
    note(&format!(
        "Medians of {starts} starts each, in turns, with a warm page cache; the wall time \
         holds what ministack (Python) takes for its answers: two secrets, a row, and the \
         policies. Aims: 60 ms, and 1.25 × the minimum."
    ));
}

fn middle(starts: &[Start], value: fn(&Start) -> f64) -> f64 {
    median(&starts.iter().map(value).collect::<Vec<_>>())
}

fn kinds<'a>(health: &'a Value, vend: &'a Value) -> [Kind<'a>; 4] {
    let kind = |name, binary, table, event| Kind {
        name,
        binary,
        table,
        event,
    };
    let (one, many) = (ONE_POLICY, MANY_POLICIES);
    [
        kind("`vending`, to `GET /health`", "vending", one, health),
        kind(
            "`vending`, to its first token by one policy",
            "vending",
            one,
            vend,
        ),
        kind(
            "`vending`, to its first token by 200 policies",
            "vending",
            many,
            vend,
        ),
        kind(
            "the minimum by hand, to its first token",
            "bench-minimum",
            one,
            vend,
        ),
    ]
}

/// Starts the binary, hands it the event, and ends it when it has answered.
#[expect(
    clippy::disallowed_methods,
    reason = "what is measured is the wall's time"
)]
async fn start(account: &Account, kind: &Kind<'_>) -> Start {
    let began = Instant::now();
    let function = Function::start(kind.binary, &account.variables, kind.table).await;
    let answer = function.answer(kind.event).await;
    let start = Start {
        wall: began.elapsed().as_secs_f64() * 1e3,
        cpu: function.time().as_secs_f64() * 1e3,
        memory: function.memory(),
    };
    drop(answer);
    function.end().await;
    start
}
