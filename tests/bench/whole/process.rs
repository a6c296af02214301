//! The measured process: the loop by hand, then the runs until no tenant is left.

use std::path::Path;
use std::time::Duration;

use auth::ports::Clock as _;
use aws::SystemClock;
use lambda::function::{Ahead, AnswersEvents as _, Function as _};
use lambda_runtime::{Context, LambdaEvent};
use refresher::Refresher;
use serde::{Deserialize, Serialize};
use serde_json::json;
use wiring::Basis;

use super::hand::Hand;
use crate::child::{json_file, say};
use crate::cpu::{memory_of, own_time};
use crate::place::Place;
use crate::report::micros_each;

/// What Lambda gives a run.
const RUN_TIME: Duration = Duration::from_secs(240);
/// More runs than that show that it gets nowhere.
const RUNS_MAX: usize = 100;

/// What is to be measured.
#[derive(Serialize, Deserialize)]
pub(super) struct Asked {
    pub(super) tenants: usize,
    pub(super) concurrency: usize,
    /// The tenants that the loop by hand asks for.
    pub(super) by_hand: Vec<String>,
}

/// What was measured.
#[derive(Serialize, Deserialize)]
pub(super) struct Measured {
    pub(super) tenants: usize,
    pub(super) refreshed: u32,
    pub(super) runs: usize,
    seconds: f64,
    /// CPU microseconds per token.
    pub(super) cpu_micros: f64,
    /// The same of the loop by hand, and its mean latency.
    pub(super) hand_cpu_micros: f64,
    hand_latency_seconds: f64,
    pub(super) resident_kib: u64,
    pub(super) read_units: f64,
    pub(super) write_units: f64,
}

impl Measured {
    /// Tokens a second.
    pub(super) fn rate(&self) -> f64 {
        f64::from(self.refreshed) / self.seconds
    }

    pub(super) fn cpu_bound(&self) -> f64 {
        1e6 / self.hand_cpu_micros
    }

    pub(super) fn latency_bound(&self, concurrency: usize) -> f64 {
        concurrency as f64 / self.hand_latency_seconds
    }

    /// Of what the smaller bound allows.
    pub(super) fn share(&self, concurrency: usize) -> f64 {
        self.rate() / self.cpu_bound().min(self.latency_bound(concurrency))
    }
}

/// Says what it measured.
pub(crate) async fn serve(data_dir: &Path, asked: &Path) {
    let asked: Asked = serde_json::from_value(json_file(asked)).unwrap();
    let place = Place::of(data_dir);
    let platform = place.platform().await;
    let concurrency = asked.concurrency.to_string();
    let lookup = |name: &str| match name {
        "REFRESH_CONCURRENCY" => Some(concurrency.clone()),
        _ => place.lookup(name),
    };
    let basis = Basis::on(&platform, &lookup).unwrap();
    let refresher = Refresher::build(basis, Ahead::Secrets).await.unwrap();
    let hand = Hand::new(&place).await;
    let by_hand = hand.turn(&asked.by_hand, asked.concurrency).await;

    let (began, before) = (SystemClock.since_start(), own_time());
    let mut measured = Measured {
        tenants: asked.tenants,
        refreshed: 0,
        runs: 0,
        seconds: 0.0,
        cpu_micros: 0.0,
        hand_cpu_micros: by_hand.cpu_micros,
        hand_latency_seconds: by_hand.latency_seconds,
        resident_kib: 0,
        read_units: 0.0,
        write_units: 0.0,
    };
    while (measured.refreshed as usize) < asked.tenants {
        let report = refresher.run(&run_event()).await;
        measured.refreshed += report.refreshed;
        measured.runs += 1;
        assert!(measured.runs < RUNS_MAX, "{report:?}");
        let run = platform.store.runs.last_run().await.unwrap().unwrap();
        measured.read_units += run.units.read;
        measured.write_units += run.units.write;
    }
    measured.seconds = (SystemClock.since_start() - began).as_secs_f64();
    measured.cpu_micros = micros_each(own_time() - before, measured.refreshed as usize);
    measured.resident_kib = memory_of(std::process::id(), "VmHWM");
    say(&serde_json::to_string(&measured).unwrap()).await;
}

fn run_event() -> LambdaEvent<serde_json::Value> {
    let mut context = Context::default();
    let deadline = SystemClock.now() + RUN_TIME;
    context.deadline = u64::try_from(deadline.unix()).unwrap() * 1_000;
    LambdaEvent::new(json!({}), context)
}
