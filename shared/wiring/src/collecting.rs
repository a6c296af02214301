//! What the collector does: the audit logs of all tenants, fetched from the Activity API with
//! tokens of the vending function and stored in the bucket.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use auth::metric::Metric;
use auth::ports::Meter;
use aws::{Compression, Connection, OwnProof, OwnProofParts, VendedTokens, VendedTokensParts};
use feed::collect::{Collector, Queue, WebhookPlace};
use feed::pace::Pacing;
use feed::run::Fleet;
use microsoft::{ActivityClient, ActivityParts, ActivityPatience, TrustRoots};

use crate::platform::Platform;
use crate::settings::{CollectorSettings, VendingPlace};
use crate::waking::{late_auth_keys, wakes as wakes_at};

/// A day: what an admin did while connecting the tenant is wanted, where it is offered.
const BEFORE_START: Duration = Duration::from_secs(24 * 60 * 60);

/// Reads no secret, and makes no request.
pub fn collect(
    settings: &CollectorSettings,
    platform: &Platform,
    roots: &TrustRoots,
) -> anyhow::Result<Fleet> {
    let own = platform.own.as_ref();
    let own = own.context("the platform has no object store, and nothing to sign with")?;
    let (feed, store) = (&settings.feed, &platform.store);
    let table = Arc::new(store.table().clone());
    let wakes = settings.queue_url.as_deref();
    let wakes = wakes.map(|url| wakes_at(url, platform)).transpose()?;
    let collector = Collector {
        api: Arc::new(ActivityClient::new(ActivityParts {
            roots: roots.clone(),
            publisher: feed.publisher,
            patience: ActivityPatience::default(),
        })),
        ledger: table.clone(),
        queue: wakes.map(|wakes| Queue {
            wakes,
            shared: table.clone(),
        }),
        objects: Arc::new(own.objects(&feed.bucket, &feed.prefix)),
        tokens: Arc::new(tokens(&settings.vending, platform, own, roots)?),
        encoding: Arc::new(Compression),
        clock: Arc::clone(&platform.clock),
        pause: Arc::clone(&platform.pause),
        format: feed.format,
        types: feed.types.clone(),
        settle: feed.settle,
        pacing: Pacing {
            interval: feed.every,
            lag_max: feed.lag_max,
        },
        before_start: BEFORE_START,
        webhook: settings.webhook.as_ref().map(|place| WebhookPlace {
            address: place.url.clone(),
            auth_ids: Arc::new(late_auth_keys(
                &place.keys_secret_id,
                settings.entra.secret_max_age,
                platform,
            )),
        }),
    };
    Ok(Fleet {
        collector: Arc::new(collector),
        tenants: Arc::clone(&store.tenants),
        due: table,
        leases: Arc::clone(&store.leases),
        meter: platform.meter.clone().unwrap_or(Arc::new(Unwatched)),
        host: feed.api.clone(),
        concurrency: settings.concurrency,
    })
}

fn tokens(
    vending: &VendingPlace,
    platform: &Platform,
    own: &Connection,
    roots: &TrustRoots,
) -> anyhow::Result<VendedTokens> {
    Ok(VendedTokens::new(VendedTokensParts {
        client: roots.http_client_at(&vending.url)?,
        url: vending.url.clone(),
        proof: OwnProof::new(OwnProofParts {
            connection: own.clone(),
            rules: vending.rules.clone(),
        }),
        clock: Arc::clone(&platform.clock),
        pause: Arc::clone(&platform.pause),
    }))
}

/// Where no one watches.
struct Unwatched;

impl Meter for Unwatched {
    fn record(&self, _: Metric, _: u64) {}
    fn flush(&self) {}
}
