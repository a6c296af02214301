//! The collector's use case over the production adapter of the table, by a clock that is moved.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use auth::metric::Metric;
use auth::ports::{Clock as _, HeldClock};
use aws::{Compression, Endpoint, Operation, SystemClock, SystemPause, connect};
use feed::collect::Collector;
use feed::object_key::Format;
use feed::pace::Pacing;
use feed::run::{Fleet, RunReport};
use wiring::Store;

use super::Cost;
use super::outside::{Outside, tokens};
use crate::fleet;
use crate::meter::Meter;

/// What the tenants' own rows take.
const ROWS: &[Operation] = &[
    Operation::ReadFeed,
    Operation::PutFeed,
    Operation::ReadBatches,
    Operation::PutBatch,
    Operation::SplitBatch,
    Operation::FinishBatch,
];
/// As the schedule has it.
const PERIOD: i64 = 300;
/// The last pass begins on day six: before the days that are counted a week goes by, a quarter of
/// a day at a time.
const BEFORE: (u32, i64) = (28, 21_600);
const RUN: Duration = Duration::from_secs(240);

struct Unwatched;

impl auth::ports::Meter for Unwatched {
    fn record(&self, _: Metric, _: u64) {}
    fn flush(&self) {}
}

/// Fills a table with tenants that have just connected, and counts.
pub(super) async fn measure(store: &Store, (tenants, hours): (usize, u32)) -> Cost {
    let meter = Arc::new(Meter::default());
    let table = store.table().clone().with_meter(meter.clone());
    table.create().await.unwrap();
    let clock = Arc::new(HeldClock::at(SystemClock.now().unix()));
    fleet::connect(&table, &fleet::tenants(tenants), clock.now()).await;
    let outside = Arc::new(Outside::new(clock.clone()));
    let table = Arc::new(table);
    // Nothing is stored.
    let nowhere = connect(&Endpoint::Local("http://127.0.0.1:9".to_owned())).await;
    let collector = Collector {
        queue: None,
        api: outside.clone(),
        ledger: table.clone(),
        objects: Arc::new(nowhere.objects("none", "")),
        tokens: Arc::new(tokens(&outside).await),
        encoding: Arc::new(Compression),
        clock: clock.clone(),
        pause: Arc::new(SystemPause),
        format: Format::Gzip,
        types: feed::ContentType::DEFAULT.to_vec(),
        settle: 300,
        pacing: Pacing {
            interval: Duration::from_secs(PERIOD.unsigned_abs()),
            lag_max: Duration::from_secs(3_900),
        },
        before_start: Duration::from_secs(86_400),
        webhook: None,
    };
    let types = collector.types.len();
    let fleet = Fleet {
        collector: Arc::new(collector),
        tenants: table.clone(),
        due: table.clone(),
        leases: table,
        meter: Arc::new(Unwatched),
        host: None,
        concurrency: 32,
    };
    runs(&fleet, &clock, BEFORE).await;
    runs(&fleet, &clock, (12, PERIOD)).await;
    meter.take(ROWS);
    outside
        .counts()
        .for_each(|count| count.store(0, Ordering::Relaxed));
    let count = hours * 12;
    let turns = runs(&fleet, &clock, (count, PERIOD)).await;
    let [rows, besides] = meter.take(ROWS);
    let [listings, others, vends] = outside
        .counts()
        .map(|count| count.load(Ordering::Relaxed))
        .collect::<Vec<_>>()[..]
    else {
        unreachable!("three are counted")
    };
    Cost {
        tenants,
        types,
        days: f64::from(hours) / 24.0,
        turns,
        runs: count,
        listings,
        others,
        vends,
        rows,
        besides,
    }
}

/// So many runs, so many seconds apart; how many turns they were.
async fn runs(fleet: &Fleet, clock: &HeldClock, (count, apart): (u32, i64)) -> u32 {
    let mut turns = 0;
    for _ in 0..count {
        clock.advance(apart);
        let report: RunReport = fleet.run(RUN).await;
        assert!(report.is_whole(), "{report:?}");
        turns += report.turns;
    }
    turns
}
