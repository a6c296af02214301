//! The book: everything that was ever offered, for oracles. Made again from the scenario
//! and the subscriptions, so it holds nothing.
//!
//! Blobs that repeat others are entries of their own, and so are records that repeat an Id.

use std::collections::BTreeMap;

use aws_lc_rs::digest::{Context, SHA256, digest};
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::blob::Blob;
use super::body::{Content, Size};
use super::content_type::ContentType;
use super::shape::streamed;
use super::state::Activity;
use super::subscription::{Key, Subscription};
use crate::answer;
use crate::faults::FaultKind;
use crate::moment;
use crate::parameters::Parameters;
use crate::site::Site;

/// Sums of what has been offered of one type.
#[derive(Default, Serialize)]
struct Offered {
    blobs: u64,
    #[serde(flatten)]
    size: Size,
}

/// `GET /_sim/activity/offered`
pub(crate) async fn offered(State(site): State<Site>) -> Response {
    let mut by_tenant = BTreeMap::<Uuid, BTreeMap<&str, Offered>>::new();
    for (key, subscription) in subscriptions(&site) {
        let types = by_tenant.entry(key.tenant).or_default();
        let sums = types.entry(key.content_type.facts().name).or_default();
        for (_, content) in contents(&site, key, &subscription) {
            sums.blobs += 1;
            sums.size += content.size();
        }
    }
    answer::json(StatusCode::OK, &json!({"by_tenant": by_tenant}))
}

/// `GET /_sim/activity/blobs?tenant=&contentType=&after=`: one line of JSON for each blob.
pub(crate) async fn blobs(State(site): State<Site>, RawQuery(query): RawQuery) -> Response {
    lines(&site, query, |key, blob, content| {
        let mut sum = Context::new(&SHA256);
        let Size { records, bytes } = content.look_through(|piece| sum.update(piece));
        let mut entry = described(key, blob);
        entry["records"] = json!(records);
        entry["bytes"] = json!(bytes);
        entry["sha256"] = json!(hex(sum.finish().as_ref()));
        line(&entry)
    })
}

/// `GET /_sim/activity/records?tenant=&contentType=&after=`: one line for each record.
pub(crate) async fn records(State(site): State<Site>, RawQuery(query): RawQuery) -> Response {
    lines(&site, query, |key, blob, content| {
        let shared = described(key, blob);
        let entries = content
            .records()
            .zip(0_u64..)
            .flat_map(|(record, position)| {
                let mut entry = shared.clone();
                entry["position"] = json!(position);
                entry["id"] = json!(record.id);
                entry["bytes"] = json!(record.bytes.len());
                entry["sha256"] = json!(hex(digest(&SHA256, &record.bytes).as_ref()));
                line(&entry)
            });
        entries.collect()
    })
}

/// `GET /_sim/activity/requests`
pub(crate) async fn requests(State(site): State<Site>) -> Response {
    answer::json(StatusCode::OK, &json!(site.core.activity.counts.read()))
}

/// What a query asks of the book; everything where it names nothing.
struct Wanted {
    tenant: Option<Uuid>,
    content_type: Option<ContentType>,
    /// Available later than that, in Unix seconds.
    after: u64,
}

impl Wanted {
    fn parse(query: &Parameters) -> Option<Self> {
        let tenant = query.get("tenant").map(Uuid::try_parse).transpose().ok()?;
        let content_type = match query.get_in_any_case("contentType") {
            Some(name) => Some(ContentType::parse(name)?),
            None => None,
        };
        let after = query.get("after").map(str::parse).transpose().ok()?;
        Some(Self {
            tenant,
            content_type,
            after: after.unwrap_or(0),
        })
    }

    fn takes(&self, key: Key) -> bool {
        self.tenant.is_none_or(|tenant| tenant == key.tenant)
            && self
                .content_type
                .is_none_or(|wanted| wanted == key.content_type)
    }
}

fn lines(
    site: &Site,
    query: Option<String>,
    describe: impl Fn(Key, &Blob, &Content) -> Vec<u8> + Copy + Send + 'static,
) -> Response {
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    let Some(wanted) = Wanted::parse(&query) else {
        let problem = json!({"error": "tenant must be a GUID, contentType a type, after a number"});
        return answer::json(StatusCode::BAD_REQUEST, &problem);
    };
    let after = wanted.after;
    let chosen = subscriptions(site)
        .into_iter()
        .filter(move |(key, _)| wanted.takes(*key));
    let site = site.clone();
    let described = chosen.flat_map(move |(key, subscription)| {
        let all = contents(&site, key, &subscription);
        let new = all
            .into_iter()
            .filter(move |(blob, _)| blob.available_at > after);
        new.map(move |(blob, content)| describe(key, &blob, &content))
    });
    answer::json_bytes(StatusCode::OK, streamed(described))
}

/// Every subscription, after what faults do to its tenant has been written down.
fn subscriptions(site: &Site) -> Vec<(Key, Subscription)> {
    let core = &site.core;
    let now = core.clock.unix_seconds();
    let all = core.activity.all();
    for (key, _) in &all {
        let off = core.faults.see(FaultKind::AuditingOff, Some(key.tenant));
        let off_since = off.map(|fault| fault.set_at);
        if let Err(error) = core.activity.note_auditing(key.tenant, off_since, now) {
            tracing::error!(%error, "the state of the simulated API cannot be kept");
        }
    }
    all
}

/// What has been offered under a subscription by now, in the order of its becoming available.
fn contents(site: &Site, key: Key, subscription: &Subscription) -> Vec<(Blob, Content)> {
    let activity: &Activity = &site.core.activity;
    let now = site.core.clock.unix_seconds();
    let Some(since) = subscription.since() else {
        return Vec::new();
    };
    let log = activity.log(key);
    let from = since.saturating_sub(log.latest());
    let mut blobs: Vec<Blob> = log
        .created_between(from * 1000, now * 1000 + 1)
        .filter(|blob| activity.offers(key, subscription, blob, now))
        .collect();
    blobs.sort_by_key(|blob| (blob.available_at, blob.created_ms));
    let with_content = blobs.into_iter().map(|blob| {
        let content = activity.content(log, blob.clone());
        (blob, content)
    });
    with_content.collect()
}

fn described(key: Key, blob: &Blob) -> Value {
    json!({
        "tenant_id": key.tenant,
        "content_type": key.content_type.facts().name,
        "content_id": blob.content_id,
        "content_created": moment::with_milliseconds(blob.created_ms),
        "available_at": blob.available_at,
        "expires_at": blob.expires_ms.div_ceil(1000),
    })
}

fn line(entry: &Value) -> Vec<u8> {
    let mut line = entry.to_string().into_bytes();
    line.push(b'\n');
    line
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
