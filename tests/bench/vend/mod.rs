//! Vends per CPU second, with the policies that are stored: to a role that has signed and
//! to a workload with a token, with what was proven and decided remembered and without,
//! against a handler that answers a constant of the same size to the same requests.

mod load;
pub(crate) mod many;
pub(crate) mod process;

use auth::ports::Clock as _;
use aws::SystemClock;

use crate::cpu::own_time;
use crate::fleet;
use crate::place::Place;
use crate::policy_text::{self, POLICIES};
use crate::report::{median, micros_each, note, ratio, row, table};
use crate::world::World;
use tests::issuer::{Check, Issuer};

use self::load::{AT_A_TIME, Load};

const ROUNDS: usize = 10;
const TENANTS: usize = 100;

/// Starts the other processes, asks, and prints the table.
pub(crate) async fn run(requests: usize) {
    let (world, issuer) = tokio::join!(World::start(TENANTS), Issuer::start());
    let place = Place::of(world.directory.path());
    let tenants = world.tenants();
    let ids: Vec<_> = tenants.iter().map(|id| id.parse().unwrap()).collect();
    let store = place.platform().await.store;
    fleet::connect_labelled(store.table(), &ids, SystemClock.now()).await;
    policy_text::put(store.policies.as_ref(), policy_text::mixed(&issuer.url)).await;
    let each = requests / ROUNDS;
    let load = Load::start(&world, &issuer, tenants, each).await;
    let measured = measure(&load, &issuer, each).await;
    print(&measured, each * ROUNDS);
}

/// CPU microseconds of each turn.
#[derive(Default)]
struct Measured {
    signed_constant: Vec<f64>,
    signed_line: Vec<f64>,
    signed: Vec<f64>,
    signed_anew: Vec<f64>,
    from_table: Vec<f64>,
    batch: Vec<f64>,
    batch_from_table: Vec<f64>,
    constant: Vec<f64>,
    remembered: Vec<f64>,
    fresh: Vec<f64>,
    check: Vec<f64>,
}

async fn measure(load: &Load, issuer: &Issuer, each: usize) -> Measured {
    let (at, check) = (&load.addresses, issuer.check());
    let kept = vec![issuer.token_with(0, &policy_text::WORKLOAD)];
    // The first round warms every memory.
    let mut measured = Measured::default();
    for round in 0..=ROUNDS {
        let numbers = (1 + round * each)..=((round + 1) * each);
        let new: Vec<String> = numbers
            .map(|number| issuer.token_with(number, &policy_text::WORKLOAD))
            .collect();
        let turn = [
            (
                &mut measured.signed_constant,
                load.signed(&at.signed_constant).await,
            ),
            (
                &mut measured.signed_line,
                load.signed(&at.signed_line).await,
            ),
            (&mut measured.signed, load.signed(&at.signed).await),
            (
                &mut measured.signed_anew,
                load.signed(&at.signed_anew).await,
            ),
            (
                &mut measured.from_table,
                load.signed(&at.signed_from_table).await,
            ),
            (&mut measured.batch, load.batched(&at.signed).await),
            (
                &mut measured.batch_from_table,
                load.batched(&at.signed_from_table).await,
            ),
            (
                &mut measured.constant,
                load.bearing(&at.constant, &kept).await,
            ),
            (
                &mut measured.remembered,
                load.bearing(&at.bearer, &kept).await,
            ),
            (&mut measured.fresh, load.bearing(&at.bearer, &new).await),
            (&mut measured.check, check_each(&check, &new)),
        ];
        for (turns, micros) in turn.into_iter().filter(|_| round > 0) {
            turns.push(micros);
        }
    }
    measured
}

/// CPU microseconds of the library's own check of each.
fn check_each(check: &Check, tokens: &[String]) -> f64 {
    let before = own_time();
    tokens.iter().for_each(|token| check.run(token));
    micros_each(own_time() - before, tokens.len())
}

fn print(measured: &Measured, requests: usize) {
    let (signed, bearing) = (&measured.signed_constant, &measured.constant);
    let sum: Vec<f64> = measured
        .remembered
        .iter()
        .zip(&measured.check)
        .map(|(a, b)| a + b)
        .collect();
    let rows = [
        row([
            "vend",
            "tokens per CPU second",
            "CPU µs",
            "× constant",
            "aim",
        ]),
        line("IAM: a handler that answers a constant", signed, signed, ""),
        line(
            "IAM: the same, and writes a line of the same length",
            &measured.signed_line,
            signed,
            "",
        ),
        line(
            "IAM: vend from memory, decision remembered",
            &measured.signed,
            signed,
            "≤ 1.25",
        ),
        line(
            "IAM: vend from memory, a decision each time",
            &measured.signed_anew,
            signed,
            "≤ 2",
        ),
        line("IAM: vend from the table", &measured.from_table, signed, ""),
        line(
            "IAM: a token of a batch of 100, from memory",
            &measured.batch,
            &measured.signed,
            "× single",
        ),
        line(
            "IAM: a token of a batch of 100, from the table",
            &measured.batch_from_table,
            &measured.from_table,
            "× single",
        ),
        line(
            "OIDC: a handler that answers a constant",
            bearing,
            bearing,
            "",
        ),
        line(
            "OIDC: vend from memory, proof and decision remembered",
            &measured.remembered,
            bearing,
            "≤ 1.25",
        ),
        line(
            "OIDC: vend from memory, a new proof each time",
            &measured.fresh,
            bearing,
            "the sum",
        ),
        line(
            "one RS256 check (jsonwebtoken), alone",
            &measured.check,
            bearing,
            "",
        ),
        line(
            "the sum: proof remembered, and one RS256 check",
            &sum,
            bearing,
            "",
        ),
    ];
    table("Vend", &rows);
    note(&format!(
        "{requests} requests of each kind in {ROUNDS} turns, {AT_A_TIME} at a time over {TENANTS} \
         tenants, by a stored set of {POLICIES} policies; the process serves on one thread, and \
         every vend writes its audit line to a pipe. IAM: the request context is filled in \
         behind the front without a signature, whose check is the gateway's cost."
    ));
}

fn line(name: &str, times: &[f64], constant: &[f64], aim: &str) -> Vec<String> {
    let micros = median(times);
    row([
        name,
        &format!("{:.0}", 1e6 / micros),
        &format!("{micros:.1}"),
        &format!("{:.2}", ratio(times, constant)),
        aim,
    ])
}
