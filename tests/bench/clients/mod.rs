//! App-only tokens for many tenants: Microsoft's own clients beside our refresher, each in a
//! process of its own, in turns, against the same simulated Entra ID over TLS.
//!
//! The others give the token to their caller and forget it; the refresher checks its roles,
//! seals it and writes it to the table. Each is constructed as its documentation says, with one
//! pool of connections for all tenants.

mod contestant;
pub(crate) mod ours;

use clap::Args;
use serde_json::{Value, json};

use self::contestant::{Contestant, Turn};
use crate::child::json_file;
use crate::place::Place;
use crate::report::{median, note, ratio, row, table};
use crate::world::World;
use auth::secret::ExposeSecret as _;

/// Requests at a time, as the refresher has it by default.
const AT_A_TIME: usize = 16;

/// What to measure.
#[derive(Args)]
pub(crate) struct Wanted {
    /// Tenants of each client
    #[arg(long, default_value_t = 500)]
    tenants: usize,
    /// Turns of each client: the first finds nothing remembered
    #[arg(long, default_value_t = 6)]
    turns: usize,
    /// Without azure_identity, which is built by itself
    #[arg(long)]
    without_azure_identity: bool,
}

/// Starts the other processes and prints the table.
pub(crate) async fn run(wanted: &Wanted) {
    let world = World::start_with_tls(wanted.tenants).await;
    let mut contestants = Contestant::all(&world, !wanted.without_azure_identity);
    let settings = settings(&world).await;
    for contestant in &mut contestants {
        contestant.begin(&settings).await;
    }
    for _ in 0..wanted.turns {
        for contestant in &mut contestants {
            contestant.turn(wanted.tenants).await;
        }
    }
    print(&contestants, wanted);
}

/// What each of them is given.
async fn settings(world: &World) -> Value {
    let place = Place::of(world.directory.path());
    let name = &place.variables["CERTIFICATE_SECRET_ID"];
    let secret = place.secrets().read(name).await.unwrap();
    let pair: Value = serde_json::from_str(secret.expose_secret()).unwrap();
    let run = json_file(&world.directory.path().join("run.json"));
    json!({
        "authority": world.ready.entra_url,
        "ca_file": run["ca_file"],
        "client_id": world.ready.client_id,
        "scope": tests::broker::SCOPE,
        "private_key": pair["private_key"],
        "certificate": pair["certificate"],
        "tenants": world.tenants(),
        "at_a_time": AT_A_TIME,
    })
}

fn print(contestants: &[Contestant], wanted: &Wanted) {
    let ours = contestants.first().expect("ours comes first");
    let mut rows = vec![row([
        "client",
        "CPU µs, first token",
        "CPU µs, renewed",
        "× ours, renewed",
        "tokens/s",
        "MiB",
    ])];
    rows.extend(contestants.iter().map(|one| line(one, ours)));
    table("Beside Microsoft's clients", &rows);
    note(&format!(
        "{} tenants, {AT_A_TIME} at a time over TLS, {} turns of each in turns; CPU of the \
         process, medians; tokens a second by the clock on the wall, with the simulator on the \
         same machine; the most memory there was. Ours checks, seals and writes each token.",
        wanted.tenants, wanted.turns
    ));
}

fn line(one: &Contestant, ours: &Contestant) -> Vec<String> {
    let renewed = |of: &Contestant, value: fn(&Turn) -> f64| -> Vec<f64> {
        of.turns.iter().skip(1).map(value).collect()
    };
    let (own, other) = (renewed(one, Turn::micros), renewed(ours, Turn::micros));
    row([
        &one.name,
        &format!("{:.0}", one.turns[0].micros()),
        &format!("{:.0}", median(&own)),
        &format!("{:.2}", ratio(&own, &other)),
        &format!("{:.0}", median(&renewed(one, Turn::tokens_a_second))),
        &format!("{:.0}", one.memory_mib()),
    ])
}
