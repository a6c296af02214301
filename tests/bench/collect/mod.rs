//! A backlog of one tenant, collected as in a deployment, against `curl | gzip -1` and
//! `curl | zstd -3` over the same contents of the same server: speed, CPU, resident memory.
//! And the memory with many tenants at once.

mod process;
mod tenant;
mod yardstick;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use self::tenant::{Connected, connected};
use self::yardstick::fetched;
use crate::child::{Running, role};
use crate::cpu::time_of;
use crate::report::{median, note, ratio, row, table};
use crate::world::World;

pub(crate) use self::process::process;

/// Where a megabyte counts: bytes of records, not packed.
const MB: f64 = 1e6;
const KIB_A_MIB: f64 = 1_024.0;
/// Without a compressor: what the server can do.
const BARE: &str = "cat";

/// How much there is to collect.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Size {
    /// Hours of backlog, with some 40 MB each: a subscription's first start offers a day
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u64).range(1..=24))]
    hours: u64,
    /// Records of a content, on average 1.3 KB each
    #[arg(long, default_value_t = 4_600)]
    records: u64,
    /// Megabytes of the one large content of a tenant
    #[arg(long, default_value_t = 100)]
    large: u64,
}

/// What is measured.
#[derive(Debug, clap::Args)]
pub(crate) struct Wanted {
    #[command(flatten)]
    size: Size,
    /// Tenants that are collected, one after the other, in each format
    #[arg(long, default_value_t = 3)]
    turns: usize,
    /// How many tenants are collected at a time, for the table of their memory
    #[arg(long, value_delimiter = ',', default_values_t = [1, 8, 16, 32])]
    at_once: Vec<usize>,
}

/// What the measured process says of itself.
#[derive(Serialize, Deserialize)]
struct Collected {
    seconds: f64,
    cpu_seconds: f64,
    /// Of the records, as they were offered.
    bytes: u64,
    /// Before the first run, and the most there ever was.
    resident_kib: [u64; 2],
}

/// Seconds for a megabyte, and what else was spent meanwhile.
struct Spent {
    wall: f64,
    cpu: f64,
    /// Of the simulator, with table and object store.
    world_cpu: f64,
}

/// One tenant, three ways.
struct Turn {
    ours: Spent,
    packed: Spent,
    bare: Spent,
    resident_kib: [u64; 2],
    bytes: u64,
}

/// The format's setting, and the program that does the same.
const FORMATS: [(&str, &str); 2] = [("gzip", "gzip -1"), ("zstd", "zstd -3 -q")];

/// Measures and prints the tables.
pub(crate) async fn run(wanted: &Wanted) {
    let many: usize = wanted.at_once.iter().sum();
    let world = World::start(wanted.turns * FORMATS.len() + many).await;
    let mut next = 0..;
    let mut formats: [Vec<Turn>; 2] = Default::default();
    for number in 0..wanted.turns {
        for ((format, program), turns) in FORMATS.into_iter().zip(&mut formats) {
            eprintln!("bench collect: turn {}, {format}", number + 1);
            let tenant = connected(&world, next.next().unwrap(), wanted.size).await;
            turns.push(turn(&world, &tenant, (format, program)).await);
        }
    }
    if wanted.turns > 0 {
        print(&formats, wanted);
    }
    let mut rows = vec![row([
        "tenants at a time",
        "MB",
        "resident MiB",
        "MB a second",
    ])];
    for at_once in &wanted.at_once {
        eprintln!("bench collect: {at_once} tenants at a time");
        for _ in 0..*at_once {
            connected(&world, next.next().unwrap(), wanted.size.of_an_hour()).await;
        }
        let (collected, _) = collected(&world, "gzip", *at_once).await;
        rows.push(row([
            &at_once.to_string(),
            &format!("{:.0}", collected.bytes as f64 / MB),
            &mib(collected.resident_kib[1]),
            &format!("{:.0}", collected.bytes as f64 / MB / collected.seconds),
        ]));
    }
    table("The collector's memory", &rows);
    note(
        "Each of the tenants has a first turn, an hour of backlog and a large content, so that all \
         of them store at the same time.",
    );
}

impl Size {
    fn of_an_hour(self) -> Self {
        Self { hours: 1, ..self }
    }
}

async fn turn(world: &World, tenant: &Connected, (format, program): (&str, &str)) -> Turn {
    let (own, world_cpu) = collected(world, format, 1).await;
    let contents = tenant.contents().await;
    let megabytes = own.bytes as f64 / MB;
    Turn {
        ours: Spent {
            wall: own.seconds / megabytes,
            cpu: own.cpu_seconds / megabytes,
            world_cpu: world_cpu.as_secs_f64() / megabytes,
        },
        packed: fetched(world, &contents, program).await,
        bare: fetched(world, &contents, BARE).await,
        resident_kib: own.resident_kib,
        bytes: own.bytes,
    }
}

/// One process that collects all that is due; with the CPU time of the others meanwhile.
async fn collected(world: &World, format: &str, at_once: usize) -> (Collected, Duration) {
    let before = time_of(world.process_id());
    let mut command = role("collect-process");
    command.arg(world.directory.path());
    command.args([format, &at_once.to_string()]);
    let process = Running::start(command).await;
    let collected = serde_json::from_str(&process.line).unwrap();
    (collected, time_of(world.process_id()) - before)
}

fn print(formats: &[Vec<Turn>; 2], wanted: &Wanted) {
    let mut rows = vec![row([
        "collect",
        "MB a second",
        "× yardstick",
        "aim",
        "CPU ms a MB",
        "× yardstick",
        "the others' CPU ms a MB",
        "resident MiB",
        "aim",
    ])];
    let yardsticks = ["curl \\| gzip -1", "curl \\| zstd -3"];
    for (((format, _), turns), yardstick) in FORMATS.iter().zip(formats).zip(yardsticks) {
        let of = |value: fn(&Turn) -> f64| -> Vec<f64> { turns.iter().map(value).collect() };
        let (wall, cpu) = (of(|turn| turn.ours.wall), of(|turn| turn.ours.cpu));
        let (their_wall, their_cpu) = (of(|turn| turn.packed.wall), of(|turn| turn.packed.cpu));
        let peak = turns.iter().map(|turn| turn.resident_kib[1]).max().unwrap();
        rows.push(row([
            &format!("the collector, {format}"),
            &speed(&wall),
            &format!("{:.2}", ratio(&their_wall, &wall)),
            "≥ 0.7",
            &millis(&cpu),
            &format!("{:.2}", ratio(&cpu, &their_cpu)),
            &millis(&of(|turn| turn.ours.world_cpu)),
            &mib(peak),
            "≤ 64",
        ]));
        let theirs = millis(&of(|turn| turn.packed.world_cpu));
        rows.push(program(yardstick, (&their_wall, &their_cpu, theirs)));
    }
    let all = || formats.iter().flatten().map(|turn| &turn.bare);
    let wall: Vec<f64> = all().map(|bare| bare.wall).collect();
    let cpu: Vec<f64> = all().map(|bare| bare.cpu).collect();
    let theirs: Vec<f64> = all().map(|bare| bare.world_cpu).collect();
    rows.push(program("curl \\| cat", (&wall, &cpu, millis(&theirs))));
    table("Collect", &rows);
    let turns = || formats.iter().flatten();
    let bytes: Vec<f64> = turns().map(|turn| turn.bytes as f64 / MB).collect();
    let idle: Vec<f64> = turns()
        .map(|turn| turn.resident_kib[0] as f64 / KIB_A_MIB)
        .collect();
    note(&format!(
        "{} tenants in each format, with {:.0} MB each, one content of {} MB among them; medians, and the \
         most memory of any. Before its first request the process has {:.1} MiB. The contents come \
         from the simulator, which makes them as they are sent, unpacked; it, the table and the object store \
         are one thread of another process.",
        wanted.turns,
        median(&bytes),
        wanted.size.large,
        median(&idle),
    ));
}

fn program(name: &str, (wall, cpu, others): (&[f64], &[f64], String)) -> Vec<String> {
    row([
        name,
        &speed(wall),
        "1.00",
        "",
        &millis(cpu),
        "1.00",
        &others,
        "",
        "",
    ])
}

fn speed(seconds_a_megabyte: &[f64]) -> String {
    format!("{:.0}", 1.0 / median(seconds_a_megabyte))
}

fn millis(seconds: &[f64]) -> String {
    format!("{:.2}", median(seconds) * 1e3)
}

fn mib(kib: u64) -> String {
    format!("{:.1}", kib as f64 / KIB_A_MIB)
}
