//! The schedule starts the collector: the audit log of the connected tenant lies in the bucket,
//! with the bytes that the simulator's book offered.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use auth::digest::sha256;
use auth::encoding::hex;
use auth::ports::Clock as _;
use aws::SystemClock;
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::{interval, timeout};

use super::schedule;
use crate::stage::Stage;

const SCHEDULE: &str = "CollectorSchedule";
/// The schedule is looked at every ten seconds, and a loaded machine is slow.
const PATIENCE: Duration = Duration::from_secs(120);
const TICK: Duration = Duration::from_millis(500);
/// What was created until so many seconds ago has settled (FEED_SETTLE_SECONDS, by default 300),
/// however long the run takes to begin.
const SETTLED: i64 = 360;

pub(crate) async fn the_audit_log_is_collected(stage: &mut Stage) {
    stage.story.act("The schedule starts the collector");
    schedule::is_every_five_minutes(stage, SCHEDULE).await;
    let tenant = stage.authority.tenants()[0].tenant_id;
    let bucket = stage.stack().output("AuditLogBucketName").to_owned();
    assert_eq!(keys(stage, &bucket).await, BTreeSet::new());
    schedule::is_due_now(stage, SCHEDULE, "collect").await;
    let lines = timeout(PATIENCE, ended(stage)).await;
    let lines = lines.unwrap_or_else(|_| panic!("no run has ended: {}", stage.cloud.log()));
    let keys = keys(stage, &bucket).await;
    let records = stored(stage, &bucket, &keys).await;
    let offered = stage.authority.records_of(tenant).await;
    let settled = settled(&offered);
    assert!(!settled.is_empty(), "nothing was offered: {lines:#?}");
    assert!(settled.is_subset(&records), "not complete: {lines:#?}");
    assert!(records.is_subset(&digests(&offered)), "no one offered it");
    let own = format!("tenant={tenant}/type=");
    assert!(keys.iter().all(|key| key.starts_with(&own)), "{keys:?}");
    stage.story.seen(format!(
        "ministack's scheduler started the function: {} objects below s3://{bucket}/{own}..., of \
         whose {} records each has the bytes that the simulator offered, and none is missing",
        keys.len(),
        records.len()
    ));
    stage.story.seen(
        "its token came from the HTTP API, by its role's proof: ministack's STS said who signed, \
         and infra/policies/collector.cedar lets that role have it",
    );
}

/// Waits until a run has ended; gives what it said, and vending.
async fn ended(stage: &Stage) -> Vec<String> {
    let mut ticks = interval(TICK);
    loop {
        ticks.tick().await;
        let mut said = lines(stage, "CollectorLogGroup").await;
        if said.iter().any(|line| line.starts_with("REPORT ")) {
            said.extend(lines(stage, "VendingLogGroup").await);
            return said;
        }
    }
}

/// What a function printed, by its log group's name in the template.
pub(super) async fn lines(stage: &Stage, group: &str) -> Vec<String> {
    let target = "Logs_20140328.FilterLogEvents";
    let by_group = json!({"logGroupName": stage.stack().physical(group)});
    let found = stage.account.json("logs", target, &by_group).await;
    let events = found["events"].as_array().into_iter().flatten();
    let lines = events.filter_map(|event| event["message"].as_str().map(str::to_owned));
    lines.collect()
}

/// SHA-256 of each record of these objects.
async fn stored(stage: &Stage, bucket: &str, keys: &BTreeSet<String>) -> BTreeSet<String> {
    let mut stored = BTreeSet::new();
    for key in keys {
        let object = stage.account.bytes(&format!("/{bucket}/{key}")).await;
        stored.extend(records(&object));
    }
    stored
}

/// The keys of a bucket's objects.
pub(super) async fn keys(stage: &Stage, bucket: &str) -> BTreeSet<String> {
    let list = stage.account.bytes(&format!("/{bucket}?list-type=2")).await;
    let list = String::from_utf8(list).unwrap();
    assert!(
        !list.contains("<IsTruncated>true"),
        "over a thousand objects"
    );
    let keys = list.split("<Key>").skip(1);
    let keys = keys.map(|rest| rest.split_once("</Key>").unwrap().0.to_owned());
    keys.collect()
}

/// SHA-256 of each record of an object, as gzip reads it.
fn records(object: &[u8]) -> Vec<String> {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(object).unwrap();
    let input = Stdio::from(File::open(file.path()).unwrap());
    let output = Command::new("gzip").arg("-dc").stdin(input).output();
    let output = output.unwrap();
    assert!(output.status.success(), "gzip reads it");
    let lines = output.stdout.split(|byte| *byte == b'\n');
    let lines = lines.filter(|line| !line.is_empty());
    lines.map(|line| hex(&sha256(line))).collect()
}

/// Of these, what was there to be listed before [`SETTLED`].
fn settled(offered: &[Value]) -> BTreeSet<String> {
    let latest = SystemClock.now().unix() - SETTLED;
    let has_settled = |line: &&Value| {
        let created = line["content_created"].as_str().unwrap();
        let created = OffsetDateTime::parse(created, &Rfc3339).unwrap();
        created.unix_timestamp() < latest
    };
    digests(offered.iter().filter(has_settled))
}

/// In the types that are collected.
fn digests<'a>(lines: impl IntoIterator<Item = &'a Value>) -> BTreeSet<String> {
    let collected = lines
        .into_iter()
        .filter(|line| line["content_type"] != "DLP.All");
    let digests = collected.map(|line| line["sha256"].as_str().unwrap().to_owned());
    digests.collect()
}
