//! The book: everything that was ever offered, for oracles. Made again from the scenario
//! and the subscriptions; of each body only its sums are remembered.
//!
//! Blobs that repeat others are entries of their own, and so are records that repeat an Id.
//! It shares the generator with what is answered: [`answered`] is the log that does not.

use std::collections::BTreeMap;

use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::answered::Answer;
use super::blob::Blob;
use super::body::{Content, Size};
use super::content_type::ContentType;
use super::digest::{hex, sha256};
use super::sending::made_aside;
use super::subscription::{Key, Offer, Subscription};
use crate::answer;
use crate::files::OpenError;
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

/// By tenant, then by type.
type Sums = BTreeMap<Uuid, BTreeMap<&'static str, Offered>>;

/// `GET /_sim/activity/offered?tenant=&contentType=&after=&before=`
pub(crate) async fn offered(State(site): State<Site>, RawQuery(query): RawQuery) -> Response {
    let Some(wanted) = Wanted::read(query) else {
        return not_understood();
    };
    // A month takes seconds: not on a thread that answers.
    let summed = tokio::task::spawn_blocking(move || sums(&site, wanted)).await;
    match summed {
        Ok(Ok(by_tenant)) => answer::json(StatusCode::OK, &json!({"by_tenant": by_tenant})),
        Ok(Err(error)) => failed(&error.to_string()),
        Err(error) => failed(&error.to_string()),
    }
}

fn sums(site: &Site, wanted: Wanted) -> Result<Sums, OpenError> {
    let mut by_tenant = Sums::new();
    for (key, subscription) in subscriptions(site, wanted) {
        let types = by_tenant.entry(key.tenant).or_default();
        let sums = types.entry(key.content_type.facts().name).or_default();
        for entry in entries(site, key, &subscription, wanted) {
            let content = entry.content(site)?;
            sums.blobs += 1;
            sums.size += site.core.activity.summary(&content).size;
        }
    }
    Ok(by_tenant)
}

/// `GET /_sim/activity/blobs?…`: one line of JSON for each blob.
pub(crate) async fn blobs(State(site): State<Site>, RawQuery(query): RawQuery) -> Response {
    lines(site, query, |site, entry, content| {
        let summary = site.core.activity.summary(content);
        let mut described = entry.described();
        described["records"] = json!(summary.size.records);
        described["bytes"] = json!(summary.size.bytes);
        described["sha256"] = json!(hex(&summary.sha256));
        line(&described)
    })
}

/// `GET /_sim/activity/records?…`: one line for each record.
pub(crate) async fn records(State(site): State<Site>, RawQuery(query): RawQuery) -> Response {
    lines(site, query, |_, entry, content| {
        let shared = entry.described();
        let records = content.records().zip(0_u64..);
        let lines = records.flat_map(|(record, position)| {
            let mut described = shared.clone();
            described["position"] = json!(position);
            described["id"] = json!(record.id);
            described["bytes"] = json!(record.bytes.len());
            described["sha256"] = json!(hex(&sha256(&record.bytes)));
            line(&described)
        });
        lines.collect()
    })
}

/// `GET /_sim/activity/answered?…`: one line for each content that was answered whole; `after`
/// and `before` are of the moment of the answer.
pub(crate) async fn answered(State(site): State<Site>, RawQuery(query): RawQuery) -> Response {
    let Some(wanted) = Wanted::read(query) else {
        return not_understood();
    };
    let answers = site.core.activity.answered.chosen(|answer| {
        wanted.takes(answer.tenant, answer.content_type) && wanted.spans(answer.at)
    });
    answer::json_bytes(
        StatusCode::OK,
        made_aside(answers.into_iter().map(|answer| shown(&answer))),
    )
}

fn shown(answer: &Answer) -> Vec<u8> {
    line(&json!({
        "tenant_id": answer.tenant,
        "client_id": answer.client,
        "content_type": answer.content_type.facts().name,
        "content_id": answer.content_id,
        "bytes": answer.bytes,
        "sha256": hex(&answer.sha256),
        "answered_at": answer.at,
    }))
}

/// `GET /_sim/activity/requests`
pub(crate) async fn requests(State(site): State<Site>) -> Response {
    answer::json(StatusCode::OK, &json!(site.core.activity.counts.read()))
}

/// What a query asks of the book; everything where it names nothing.
#[derive(Clone, Copy)]
struct Wanted {
    tenant: Option<Uuid>,
    content_type: Option<ContentType>,
    /// Later than that, in Unix seconds.
    after: Option<u64>,
    /// Earlier than that, in Unix seconds.
    before: Option<u64>,
}

impl Wanted {
    fn read(query: Option<String>) -> Option<Self> {
        let query = Parameters::parse(query.unwrap_or_default().as_bytes());
        let number = |name| query.get(name).map(str::parse).transpose().ok();
        Some(Self {
            tenant: query.get("tenant").map(Uuid::try_parse).transpose().ok()?,
            content_type: match query.get_in_any_case("contentType") {
                Some(name) => Some(ContentType::parse(name)?),
                None => None,
            },
            after: number("after")?,
            before: number("before")?,
        })
    }

    fn takes(&self, tenant: Uuid, content_type: ContentType) -> bool {
        self.tenant.is_none_or(|wanted| wanted == tenant)
            && self
                .content_type
                .is_none_or(|wanted| wanted == content_type)
    }

    fn spans(&self, moment: u64) -> bool {
        self.after.is_none_or(|after| moment > after)
            && self.before.is_none_or(|before| moment < before)
    }
}

/// A blob as it was offered to an application.
struct Entry {
    key: Key,
    blob: Blob,
    offer: Offer,
}

impl Entry {
    fn content(&self, site: &Site) -> Result<Content, OpenError> {
        let core = &site.core;
        let Self { key, blob, offer } = self;
        core.activity
            .content(key.tenant, blob.clone(), offer.from, &core.faults)
    }

    fn described(&self) -> Value {
        let Self { key, blob, offer } = self;
        let withdrawn_at = offer.withdrawn_at.unwrap_or(u64::MAX);
        json!({
            "tenant_id": key.tenant,
            "client_id": key.client,
            "content_type": key.content_type.facts().name,
            "content_id": blob.content_id,
            "content_created": moment::with_milliseconds(blob.created_ms),
            "started_at": offer.started_at,
            "available_at": offer.from,
            "listable_until": blob.listable_until().min(withdrawn_at),
            "expires_at": blob.expires_ms.div_ceil(1000).min(withdrawn_at),
        })
    }
}

fn lines(
    site: Site,
    query: Option<String>,
    describe: impl Fn(&Site, &Entry, &Content) -> Vec<u8> + Copy + Send + 'static,
) -> Response {
    let Some(wanted) = Wanted::read(query) else {
        return not_understood();
    };
    let described =
        subscriptions(&site, wanted)
            .into_iter()
            .flat_map(move |(key, subscription)| {
                let site = site.clone();
                let entries = entries(&site, key, &subscription, wanted);
                entries
                    .into_iter()
                    .map(move |entry| match entry.content(&site) {
                        Ok(content) => describe(&site, &entry, &content),
                        Err(error) => line(&json!({"error": error.to_string()})),
                    })
            });
    answer::json_bytes(StatusCode::OK, made_aside(described))
}

fn subscriptions(site: &Site, wanted: Wanted) -> Vec<(Key, Subscription)> {
    let mut all = site.core.activity.all();
    all.retain(|(key, _)| wanted.takes(key.tenant, key.content_type));
    all
}

/// What has been offered under a subscription by now, in the order of its becoming available.
fn entries(site: &Site, key: Key, subscription: &Subscription, wanted: Wanted) -> Vec<Entry> {
    let activity = &site.core.activity;
    let now = site.core.clock.unix_seconds();
    let Some(since) = subscription.since() else {
        return Vec::new();
    };
    let log = activity.log(key);
    let from = since.saturating_sub(log.latest());
    let mut entries: Vec<Entry> = log
        .created_between(from * 1000, now * 1000 + 1)
        .filter_map(|blob| {
            let offer = activity.offer(key, subscription, &blob, now)?;
            wanted
                .spans(offer.from)
                .then_some(Entry { key, blob, offer })
        })
        .collect();
    entries.sort_by_key(|entry| {
        (
            entry.offer.from,
            entry.blob.available_at,
            entry.blob.created_ms,
        )
    });
    entries
}

fn line(entry: &Value) -> Vec<u8> {
    let mut line = entry.to_string().into_bytes();
    line.push(b'\n');
    line
}

fn not_understood() -> Response {
    let problem =
        json!({"error": "tenant must be a GUID, contentType a type, after and before numbers"});
    answer::json(StatusCode::BAD_REQUEST, &problem)
}

fn failed(problem: &str) -> Response {
    answer::json(
        StatusCode::INTERNAL_SERVER_ERROR,
        &json!({"error": problem}),
    )
}
