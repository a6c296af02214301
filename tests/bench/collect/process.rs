//! The measured process: the collector as it is deployed, over a table, a vending function and an
//! object store that are elsewhere.

use std::path::Path;
use std::time::Duration;

use auth::ports::{Clock as _, Pause as _};
use auth::secret::SecretString;
use aws::{Endpoint, SystemClock, SystemPause, connect};
use collector::Collector;
use feed::run::RunReport;
use lambda::function::{Ahead, AnswersEvents as _, Function as _};
use lambda_runtime::{Context, LambdaEvent};
use serde_json::json;
use wiring::Basis;
use wiring::settings::CollectorSettings;

use super::Collected;
use super::tenant::CONTENT_TYPE;
use crate::child::{json_file, say};
use crate::cpu::{memory_of, own_time};
use crate::place::Place;

/// No run ends before its backlog does.
const AN_HOUR: Duration = Duration::from_secs(3_600);
/// Between two runs, where one is not enough.
const PAUSE: Duration = Duration::from_millis(100);

/// Collects all there is and says what it took.
pub(crate) async fn process(data_dir: &Path, format: &str, at_once: usize) {
    let collector = collector(data_dir, format, at_once).await;
    let before = memory_of(std::process::id(), "VmRSS");
    let (began, cpu) = (SystemClock.since_start(), own_time());
    let mut bytes = 0;
    loop {
        let report = run(&collector).await;
        bytes += report.bytes;
        if bytes > 0 && report.is_whole() {
            break;
        }
        SystemPause.pause(PAUSE).await;
    }
    let collected = Collected {
        seconds: (SystemClock.since_start() - began).as_secs_f64(),
        cpu_seconds: (own_time() - cpu).as_secs_f64(),
        bytes,
        resident_kib: [before, memory_of(std::process::id(), "VmHWM")],
    };
    say(&serde_json::to_string(&collected).unwrap()).await;
}

async fn run(collector: &Collector) -> RunReport {
    let mut context = Context::default();
    let deadline = SystemClock.now() + AN_HOUR;
    context.deadline = u64::try_from(deadline.unix()).unwrap() * 1_000;
    let answer = collector
        .answer(&LambdaEvent::new(json!({}), context))
        .await;
    let report = answer.run().unwrap();
    let failed = report.failed_by;
    assert_eq!((failed.ours, failed.microsoft), (0, 0), "{report:?}");
    report
}

/// As the function's `main` builds it.
async fn collector(data_dir: &Path, format: &str, at_once: usize) -> Collector {
    let place = Place::of(data_dir);
    let run = json_file(&data_dir.join("run.json"));
    let key = json_file(&data_dir.join("collector-key.json"));
    let objects = Endpoint::Local(run["objects_url"].as_str().unwrap().to_owned());
    let text = |name: &str| key[name].as_str().unwrap();
    let secret = SecretString::from(text("secret_access_key").to_owned());
    let mut platform = place.platform().await;
    platform.own = Some(
        connect(&objects)
            .await
            .signing_as(text("access_key_id"), &secret),
    );
    let at_once = at_once.to_string();
    let lookup = |name: &str| match name {
        "FEED_FORMAT" => Some(format.to_owned()),
        "FEED_CONTENT_TYPES" => Some(CONTENT_TYPE.to_owned()),
        "FEED_CONCURRENCY" => Some(at_once.clone()),
        _ => place.lookup(name),
    };
    let basis: Basis<CollectorSettings> = Basis::on(&platform, &lookup).unwrap();
    Collector::build(basis, Ahead::Secrets).await.unwrap()
}
