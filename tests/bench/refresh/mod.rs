//! CPU per token: our client alone, and the refresher's whole path with its table,
//! against a signature and a POST. All three take turns over the same tenants in one
//! process, so that what the machine does meanwhile falls on all of them.

pub(crate) mod floor;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use auth::ports::{Clock as _, TokenIssuer};
use auth::{Cloud, TenantId};
use aws::SystemClock;
use futures::StreamExt as _;
use lambda::function::{Ahead, AnswersEvents as _, Function as _};
use lambda_runtime::{Context, LambdaEvent};
use microsoft::TrustRoots;
use refresher::Refresher;
use serde::{Deserialize, Serialize};
use serde_json::json;
use wiring::settings::RefresherSettings;
use wiring::{Basis, Platform};

use crate::child::{Running, role, say};
use crate::cpu::own_time;
use crate::fleet;
use crate::place::Place;
use crate::report::{median, micros_each, note, row, table};
use crate::world::World;

use self::floor::{Floor, Prepared};

/// Turns of each.
const ROUNDS: usize = 10;
/// Requests at a time, as the refresher has it by default.
const AT_A_TIME: usize = 16;

/// CPU microseconds per token of one turn.
#[derive(Serialize, Deserialize)]
struct Turn {
    signature: f64,
    floor: f64,
    client: f64,
    refresher: f64,
}

#[derive(Serialize, Deserialize)]
struct Measured {
    turns: Vec<Turn>,
    request_bytes: usize,
    answer_bytes: usize,
}

/// Starts the other processes and prints the table.
pub(crate) async fn run(tenants: usize) {
    let world = World::start(tenants).await;
    let list = world.directory.path().join("tenants.json");
    std::fs::write(&list, json!(world.tenants()).to_string()).unwrap();
    let mut command = role("refresh-process");
    command.arg(world.directory.path()).arg(&list);
    let process = Running::start(command).await;
    let measured: Measured = serde_json::from_str(&process.line).unwrap();
    print(&measured, tenants);
}

fn print(measured: &Measured, tenants: usize) {
    let of = |value: fn(&Turn) -> f64| -> Vec<f64> { measured.turns.iter().map(value).collect() };
    let against_floor = |value: fn(&Turn) -> f64| {
        let turns = measured.turns.iter();
        let ratios: Vec<f64> = turns.map(|turn| value(turn) / turn.floor).collect();
        median(&ratios)
    };
    let line = |name: &str, value: fn(&Turn) -> f64, aim: &str| {
        let (micros, ratio) = (median(&of(value)), against_floor(value));
        let cells = [&format!("{micros:.0}"), &format!("{ratio:.2}"), aim];
        [vec![name.to_owned()], cells.map(str::to_owned).to_vec()].concat()
    };
    let rows = [
        row(["refresh", "CPU µs per token", "× floor", "aim"]),
        line(
            "one RSA-2048 signature (PS256, kept key)",
            |turn| turn.signature,
            "",
        ),
        line(
            "floor: signature and POST of the same bytes",
            |turn| turn.floor,
            "",
        ),
        line(
            "our client (`EntraClient::app_only_token`)",
            |turn| turn.client,
            "≤ 1.3",
        ),
        line("the refresher with its table", |turn| turn.refresher, ""),
    ];
    table("Refresh", &rows);
    note(&format!(
        "{tenants} tenants in {ROUNDS} turns, {AT_A_TIME} at a time, plain HTTP on kept \
         connections, medians of turns; {} bytes posted, {} bytes answered.",
        measured.request_bytes, measured.answer_bytes
    ));
}

/// The measured process: says what it measured.
pub(crate) async fn process(data_dir: &Path, tenants: &Path) {
    let tenants: Vec<String> = serde_json::from_slice(&std::fs::read(tenants).unwrap()).unwrap();
    let side = Side::new(&Place::of(data_dir)).await;
    let size = tenants.len() / (ROUNDS + 1);
    let mut turns = Vec::new();
    for (number, some) in tenants.chunks_exact(size).take(ROUNDS + 1).enumerate() {
        let turn = side.turn(some, number % 2 == 0).await;
        // The first turn opens the connections.
        if number > 0 {
            turns.push(turn);
        }
    }
    let sample = side.floor.prepare(&tenants[0]);
    let measured = Measured {
        turns,
        request_bytes: sample.bytes(),
        answer_bytes: side.floor.token(&sample).await,
    };
    say(&serde_json::to_string(&measured).unwrap()).await;
}

/// What is compared.
struct Side {
    floor: Floor,
    client: Arc<dyn TokenIssuer>,
    refresher: Refresher,
    platform: Platform,
}

impl Side {
    async fn new(place: &Place) -> Self {
        let platform = place.platform().await;
        let basis = Basis::on(&platform, &|name| place.lookup(name)).unwrap();
        Self {
            floor: Floor::new(place).await,
            client: client(&basis).await,
            refresher: Refresher::build(basis, Ahead::Secrets).await.unwrap(),
            platform,
        }
    }

    /// `floor_first`: whoever comes second finds the caches warm, so they take turns
    /// in that too.
    async fn turn(&self, tenants: &[String], floor_first: bool) -> Turn {
        let count = tenants.len();
        let prepared: Vec<_> = tenants.iter().map(|id| self.floor.prepare(id)).collect();
        let ids: Vec<TenantId> = tenants.iter().map(|id| id.parse().unwrap()).collect();
        let signature = self.signed(&prepared);
        let (floor, client) = match floor_first {
            true => {
                let floor = self.posted(&prepared).await;
                (floor, self.asked(&ids).await)
            }
            false => {
                let client = self.asked(&ids).await;
                (self.posted(&prepared).await, client)
            }
        };
        let refresher = self.refreshed(&ids).await;
        Turn {
            signature: micros_each(signature, count),
            floor: micros_each(floor, count),
            client: micros_each(client, count),
            refresher: micros_each(refresher, count),
        }
    }

    /// Signatures alone.
    fn signed(&self, prepared: &[Prepared]) -> Duration {
        let before = own_time();
        for one in prepared {
            std::hint::black_box(self.floor.sign(one.signed()));
        }
        own_time() - before
    }

    /// The floor.
    async fn posted(&self, prepared: &[Prepared]) -> Duration {
        let before = own_time();
        futures::stream::iter(prepared)
            .for_each_concurrent(AT_A_TIME, async |one| {
                self.floor.token(one).await;
            })
            .await;
        own_time() - before
    }

    /// Our client.
    async fn asked(&self, tenants: &[TenantId]) -> Duration {
        let resource = fleet::resource();
        let before = own_time();
        futures::stream::iter(tenants)
            .for_each_concurrent(AT_A_TIME, async |id| {
                let issued = self.client.app_only_token(*id, Cloud::Public, &resource);
                issued.await.unwrap();
            })
            .await;
        own_time() - before
    }

    /// One run of the refresher over tenants that were connected just now.
    async fn refreshed(&self, tenants: &[TenantId]) -> Duration {
        let now = SystemClock.now();
        fleet::connect(self.platform.store.table(), tenants, now).await;
        let mut context = Context::default();
        let deadline = now + Duration::from_secs(240);
        context.deadline = u64::try_from(deadline.unix()).unwrap() * 1_000;
        let event = LambdaEvent::new(json!({}), context);
        let before = own_time();
        let report = self.refresher.run(&event).await;
        let spent = own_time() - before;
        // The turns of earlier ones come, too.
        assert!(report.refreshed as usize >= tenants.len(), "{report:?}");
        spent.mul_f64(tenants.len() as f64 / f64::from(report.refreshed))
    }
}

async fn client(basis: &Basis<RefresherSettings>) -> Arc<dyn TokenIssuer> {
    let (settings, roots) = (basis.settings.renewal.signing(), TrustRoots::default());
    let client = wiring::token_issuer(&settings, &basis.platform, roots).await;
    client.unwrap()
}
