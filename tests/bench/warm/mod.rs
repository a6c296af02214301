//! A warm vend through Lambda's runtime loop, as it is deployed, against a function of the
//! same runtime crate that does nothing. And what a function that has vended holds.

use std::time::Instant;

use serde_json::Value;

use crate::fleet;
use crate::function::Function;
use crate::function::account::{Account, MANY_POLICIES};
use crate::report::{median, micros_each, note, ratio, row, table};

const ROUNDS: usize = 10;
const TENANTS: usize = 100;
/// A vend's answer has about as many.
const ANSWER_BYTES: usize = fleet::TOKEN_BYTES + 150;

/// One kind of function and what it is asked for, in turn.
struct Kind {
    name: &'static str,
    binary: &'static str,
    aim: &'static str,
    answer_bytes: usize,
    events: Vec<Value>,
}

/// What came out of the turns of one kind.
#[derive(Default)]
struct Measured {
    cpu: Vec<f64>,
    wall: Vec<f64>,
    memory: f64,
}

/// Measures and prints the table.
pub(crate) async fn run(requests: usize) {
    let account = Account::open(TENANTS).await;
    let kinds = kinds(&account);
    let mut functions = Vec::new();
    for kind in &kinds {
        let mut variables = account.variables.clone();
        let bytes = kind.answer_bytes.to_string();
        variables.insert("BENCH_ANSWER_BYTES".to_owned(), bytes);
        functions.push(Function::start(kind.binary, &variables, MANY_POLICIES).await);
    }
    let each = requests / ROUNDS;
    let mut measured: Vec<Measured> = kinds.iter().map(|_| Measured::default()).collect();
    // The first round warms every memory.
    for round in 0..=ROUNDS {
        for ((kind, function), measured) in kinds.iter().zip(&functions).zip(&mut measured) {
            let turn = turn(function, &kind.events, each).await;
            if round > 0 {
                measured.cpu.push(turn.0);
                measured.wall.push(turn.1);
            }
            measured.memory = function.memory();
        }
    }
    for function in functions {
        function.end().await;
    }
    print(&kinds, &measured, each * ROUNDS);
}

/// The first is what the others are measured against.
fn kinds(account: &Account) -> [Kind; 4] {
    let (nothing, vending) = ("bench-nothing", "vending");
    let kind = |name, binary, aim, events| Kind {
        name,
        binary,
        aim,
        answer_bytes: 0,
        events,
    };
    [
        kind("a function that does nothing", nothing, "", account.vends()),
        Kind {
            answer_bytes: ANSWER_BYTES,
            ..kind(
                "the same, with an answer as long as a token's",
                nothing,
                "",
                account.vends(),
            )
        },
        kind(
            "`vending`, to a role",
            vending,
            "≤ 1.25",
            account.signed_vends(),
        ),
        kind(
            "`vending`, to a workload",
            vending,
            "≤ 1.25",
            account.vends(),
        ),
    ]
}

/// CPU and wall microseconds of each of `count` invocations, one after another, as Lambda
/// hands them to one instance. The wall's is the median's.
#[expect(
    clippy::disallowed_methods,
    reason = "what is measured is the wall's time"
)]
async fn turn(function: &Function, events: &[Value], count: usize) -> (f64, f64) {
    let before = function.time();
    let mut walls = Vec::with_capacity(count);
    for event in events.iter().cycle().take(count) {
        let began = Instant::now();
        drop(function.answer(event).await);
        walls.push(began.elapsed().as_secs_f64() * 1e6);
    }
    (micros_each(function.time() - before, count), median(&walls))
}

fn print(kinds: &[Kind], measured: &[Measured], requests: usize) {
    let mut rows = vec![row([
        "warm",
        "CPU µs",
        "wall µs",
        "× nothing's CPU",
        "× nothing's wall",
        "aim",
        "resident MiB",
    ])];
    let nothing = &measured[0];
    for (kind, own) in kinds.iter().zip(measured) {
        rows.push(row([
            kind.name,
            &format!("{:.0}", median(&own.cpu)),
            &format!("{:.0}", median(&own.wall)),
            &format!("{:.2}", ratio(&own.cpu, &nothing.cpu)),
            &format!("{:.2}", ratio(&own.wall, &nothing.wall)),
            kind.aim,
            &format!("{:.1}", own.memory),
        ]));
    }
    table("Warm", &rows);
    note(&format!(
        "{requests} events of each kind in {ROUNDS} turns over {TENANTS} tenants, one at a time, \
         through an emulated runtime API over HTTP, on one processor; 200 policies; the log goes \
         nowhere. Resident \
         memory: at the end (aim: 32 MiB)."
    ));
}
