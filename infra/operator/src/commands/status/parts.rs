//! The parts of the page, each read by itself: what is wrong with one takes nothing from the
//! others.

use std::collections::BTreeMap;

use auth::last_run::LastRun;
use auth::ports::{DeployedSecret, SecretError};
use auth::ring::RingBook;
use auth::{Cloud, TenantStatus, Timestamp};
use futures::StreamExt as _;
use serde::Serialize;
use wiring::Platform;

use crate::commands::certificate::status::{VersionView, versions};
use crate::commands::feed::fleet::{Fleet, Totals};
use crate::commands::feed::place::Feed;
use crate::commands::tenants::which::{Which, pages};
use crate::place::{Place, read_secret_name};
use crate::session::Session;

/// A part, or why it cannot be read.
pub(super) type Part<T> = Result<T, String>;

/// All of them.
pub(super) struct Parts {
    pub(super) tenants: Part<Tenants>,
    pub(super) last_run: Part<Option<LastRun>>,
    pub(super) feed: Part<Totals>,
    pub(super) certificate: Part<Certificate>,
    pub(super) rings: Part<Vec<Ring>>,
    pub(super) policy: Part<Policies>,
}

/// The tenants, counted.
#[derive(Debug, Default, Serialize)]
pub(super) struct Tenants {
    pub(super) total: u64,
    pub(super) by_status: BTreeMap<&'static str, u64>,
    pub(super) by_cloud: BTreeMap<Cloud, u64>,
    /// Rows of the table that cannot be read.
    pub(super) damaged: u64,
    /// Since when the longest active one is.
    #[serde(skip)]
    pub(super) active_since: Option<Timestamp>,
}

/// The certificate, in JSON as of `certificate status`.
#[derive(Debug, Serialize)]
pub(super) struct Certificate {
    /// Whether Secrets Manager rotates it; null of a one-machine run.
    pub(super) rotated: Option<bool>,
    pub(super) versions: Vec<VersionView>,
}

/// A ring of keys. Times are RFC 3339 in UTC in JSON.
#[derive(Debug, Default, Serialize)]
pub(super) struct Ring {
    pub(super) ring: &'static str,
    /// None where it has no keys yet.
    pub(super) primary: Option<String>,
    #[serde(skip)]
    pub(super) since: Option<Timestamp>,
    pub(super) primary_since: Option<String>,
    pub(super) pending: Option<String>,
    pub(super) keys: usize,
}

/// The policy in force and its candidate.
#[derive(Debug, Serialize)]
pub(super) struct Policies {
    /// None where every caller is denied.
    pub(super) version: Option<u64>,
    pub(super) put_at: Option<String>,
    pub(super) candidate: Option<Candidate>,
}

/// The candidate.
#[derive(Debug, Serialize)]
pub(super) struct Candidate {
    pub(super) put_at: Option<String>,
    /// Why it cannot be tried.
    pub(super) problem: Option<String>,
}

impl Parts {
    /// Reads them side by side.
    pub(super) async fn read(place: &Place<'_>, session: &Session<'_, '_>) -> Self {
        let platform = match place.tables() {
            Ok(tables) => Ok(place.platform(&tables).await),
            Err(error) => Err(text(error)),
        };
        let platform = platform.as_ref();
        let (tenants, last_run, feed, policy, (certificate, rings)) = tokio::join!(
            of(platform, tenants),
            of(platform, last_run),
            of(platform, async |platform: &Platform| {
                feed(place, platform.clone()).await
            }),
            of(platform, policies),
            secrets(place, session),
        );
        Self {
            tenants,
            last_run,
            feed,
            certificate,
            rings,
            policy,
        }
    }

    /// What cannot be read, and why.
    pub(super) fn unread(&self) -> BTreeMap<&'static str, &str> {
        let parts = [
            ("tenants", self.tenants.as_ref().err()),
            ("last_run", self.last_run.as_ref().err()),
            ("feed", self.feed.as_ref().err()),
            ("certificate", self.certificate.as_ref().err()),
            ("rings", self.rings.as_ref().err()),
            ("policy", self.policy.as_ref().err()),
        ];
        let unread = parts.into_iter();
        unread
            .filter_map(|(part, why)| Some((part, why?.as_str())))
            .collect()
    }
}

/// A part of the tables, where their names are known.
async fn of<T>(
    platform: Result<&Platform, &String>,
    read: impl AsyncFnOnce(&Platform) -> anyhow::Result<T>,
) -> Part<T> {
    let platform = platform.map_err(String::clone)?;
    read(platform).await.map_err(text)
}

fn text(error: anyhow::Error) -> String {
    format!("{error:#}")
}

async fn tenants(platform: &Platform) -> anyhow::Result<Tenants> {
    let mut counted = Tenants::default();
    let mut pages = pages(platform.store.tenants.as_ref(), Which::default());
    while let Some(page) = pages.next().await {
        let page = page?;
        counted.damaged += page.damaged.len() as u64;
        for tenant in page.tenants {
            counted.total += 1;
            *counted.by_status.entry(tenant.status.as_str()).or_default() += 1;
            *counted.by_cloud.entry(tenant.cloud).or_default() += 1;
            if tenant.status == TenantStatus::Active {
                let since = counted.active_since.get_or_insert(tenant.since);
                *since = tenant.since.min(*since);
            }
        }
    }
    Ok(counted)
}

async fn last_run(platform: &Platform) -> anyhow::Result<Option<LastRun>> {
    Ok(platform.store.runs.last_run().await?)
}

async fn feed(place: &Place<'_>, platform: Platform) -> anyhow::Result<Totals> {
    let feed = Feed::over(place, platform)?;
    Ok(Fleet::read(&feed).await?.totals())
}

async fn policies(platform: &Platform) -> anyhow::Result<Policies> {
    let stored = platform.store.policies.current().await?;
    let in_force = stored.in_force.as_ref();
    Ok(Policies {
        version: in_force.map(|policy| policy.version),
        put_at: in_force.map(|policy| policy.put_at.to_string()),
        candidate: match stored.candidate {
            Ok(candidate) => candidate.map(|candidate| Candidate {
                put_at: Some(candidate.put_at.to_string()),
                problem: None,
            }),
            Err(error) => Some(Candidate {
                put_at: None,
                problem: Some(error.to_string()),
            }),
        },
    })
}

/// Secrets are read when that stands in the log, and not without it.
async fn secrets(
    place: &Place<'_>,
    session: &Session<'_, '_>,
) -> (Part<Certificate>, Part<Vec<Ring>>) {
    if let Err(error) = session.record.at(place, session.environment).await {
        let why = text(error);
        return (Err(why.clone()), Err(why));
    }
    let (certificate, rings) = tokio::join!(certificate(place), rings(place));
    (certificate.map_err(text), rings.map_err(text))
}

async fn certificate(place: &Place<'_>) -> anyhow::Result<Certificate> {
    let name = place.settings(|reader| read_secret_name(DeployedSecret::Certificate, reader))?;
    let store = place.secret_store().await;
    let (rotated, versions) = versions(&store, &name).await?;
    Ok(Certificate { rotated, versions })
}

/// The rings that this place has a secret for.
async fn rings(place: &Place<'_>) -> anyhow::Result<Vec<Ring>> {
    let store = place.secret_store().await;
    let mut rings = Vec::new();
    for (ring, secret) in [
        ("sealing", DeployedSecret::SealingRing),
        ("webhook", DeployedSecret::WebhookKeys),
        ("events", DeployedSecret::EventKeys),
    ] {
        let name = place.settings(|reader| Some(reader.text(secret.variable())))?;
        if let Some(name) = name {
            rings.push(Ring::of(ring, store.source.read(&name).await)?);
        }
    }
    Ok(rings)
}

impl Ring {
    fn of(
        ring: &'static str,
        read: Result<auth::secret::SecretString, SecretError>,
    ) -> anyhow::Result<Self> {
        let book = match read {
            Ok(value) => Some(RingBook::from_json(&value).map_err(|error| {
                anyhow::anyhow!("the secret of the {ring} ring holds no keys: {error}")
            })?),
            Err(error) if error.is_without_value() => None,
            Err(error) => return Err(error.into()),
        };
        let since = book.as_ref().and_then(RingBook::primary_since);
        Ok(Self {
            ring,
            primary: book.as_ref().map(|book| book.primary().to_owned()),
            since,
            primary_since: since.map(|at| at.to_string()),
            pending: book
                .as_ref()
                .and_then(|book| book.pending().map(|(id, _)| id.to_owned())),
            keys: book.map_or(0, |book| book.keys().count()),
        })
    }

    /// How long its primary key has been it.
    pub(super) fn age(&self, now: Timestamp) -> Option<u64> {
        self.since.map(|since| since.seconds_until(now))
    }
}
