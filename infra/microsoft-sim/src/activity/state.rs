//! Everything of the API that outlives a request: subscriptions, when auditing was off, what
//! faults have made of blobs, the scenarios, the log of answers.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use uuid::Uuid;

use super::alteration::Alteration;
use super::answered::Answered;
use super::auditing::Auditing;
use super::blob::{Blob, Log};
use super::body::{Content, Summary};
use super::content_type::ContentType;
use super::counts::Counts;
use super::kept::{FILE, Kept, Scenarios};
use super::notify::Notices;
use super::post::Post;
use super::quota::Quota;
use super::scenario::Scenario;
use super::subscription::{Key, Offer, Subscription};
use crate::config::Config;
use crate::faults::Faults;
use crate::files::OpenError;

/// What a body follows from: the blob's name, and what a fault made of it.
type Body = (String, Option<Alteration>);

/// The API's state.
pub(crate) struct Activity {
    /// Where the control surface set no other.
    scenario: Scenario,
    pub(crate) quota: Quota,
    pub(crate) counts: Counts,
    pub(crate) answered: Answered,
    pub(crate) notices: Notices,
    /// Calls webhooks.
    pub(crate) post: Post,
    /// Webhooks with http on this machine are taken.
    pub(crate) plain_loopback: bool,
    kept: Mutex<Kept>,
    file: Option<PathBuf>,
    /// What the book said of a body before: made once, asked often.
    summaries: Mutex<HashMap<Body, Summary>>,
}

/// A scenario cannot be changed where content has been offered: it would be other content.
#[derive(Debug)]
pub(crate) struct AlreadyOffered;

impl Activity {
    pub(crate) fn open(config: &Config, now: u64) -> Result<Self, OpenError> {
        let data_dir = config.data_dir.as_deref();
        let file = data_dir.map(|directory| directory.join(FILE));
        let kept = match &file {
            None => Kept::default(),
            Some(path) => Kept::load(path)?,
        };
        Ok(Self {
            scenario: config.activity,
            quota: Quota::default(),
            counts: Counts::default(),
            answered: Answered::default(),
            notices: Notices::new(now),
            post: Post::new(config.webhooks.extra_roots.clone()),
            plain_loopback: config.webhooks.plain_loopback,
            kept: Mutex::new(kept),
            file,
            summaries: Mutex::default(),
        })
    }

    /// The subscription as it is; one that never was is a new one.
    pub(crate) fn subscription(&self, key: Key) -> Subscription {
        self.read(|kept| kept.subscriptions.get(&key).cloned().unwrap_or_default())
    }

    /// Every subscription of an application in a tenant, in the order of the types.
    pub(crate) fn of(&self, tenant: Uuid, client: Uuid) -> Vec<(ContentType, Subscription)> {
        let keys = ContentType::ALL.map(|content_type| Key {
            tenant,
            client,
            content_type,
        });
        let each = keys.map(|key| (key.content_type, self.subscription(key)));
        each.to_vec()
    }

    /// Every subscription that ever was.
    pub(crate) fn all(&self) -> Vec<(Key, Subscription)> {
        self.read(|kept| {
            let all = kept.subscriptions.iter();
            all.map(|(key, subscription)| (*key, subscription.clone()))
                .collect()
        })
    }

    pub(crate) fn change<T>(
        &self,
        key: Key,
        change: impl FnOnce(&mut Subscription) -> T,
    ) -> Result<T, OpenError> {
        self.write(|kept| {
            let mut subscription = kept.subscriptions.get(&key).cloned().unwrap_or_default();
            let outcome = change(&mut subscription);
            // One that never was and still is not leaves no trace.
            if subscription != Subscription::default() {
                kept.subscriptions.insert(key, subscription);
            }
            outcome
        })
    }

    /// Writes down in which tenants auditing is off. What `note` reads holds until it is
    /// written: two that note at once leave the later one's word.
    pub(crate) fn note_auditing(&self, note: impl FnOnce(&mut Auditing)) -> Result<(), OpenError> {
        self.write(|kept| note(&mut kept.auditing))
    }

    /// What this tenant's logs are like.
    pub(crate) fn scenario(&self, tenant: Uuid) -> Scenario {
        self.read(|kept| {
            let Scenarios { of_all, by_tenant } = &kept.scenarios;
            let own = by_tenant.get(&tenant).or(of_all.as_ref());
            own.copied().unwrap_or(self.scenario)
        })
    }

    /// Sets the scenario of one tenant, or of all that have none of their own.
    pub(crate) fn set_scenario(
        &self,
        tenant: Option<Uuid>,
        scenario: Scenario,
    ) -> Result<Result<(), AlreadyOffered>, OpenError> {
        self.write(|kept| {
            let by_tenant = &kept.scenarios.by_tenant;
            let is_changed = |key: &Key| match tenant {
                Some(tenant) => key.tenant == tenant,
                None => !by_tenant.contains_key(&key.tenant),
            };
            if kept.subscriptions.keys().any(is_changed) {
                return Err(AlreadyOffered);
            }
            match tenant {
                Some(tenant) => {
                    kept.scenarios.by_tenant.insert(tenant, scenario);
                }
                None => kept.scenarios.of_all = Some(scenario),
            }
            Ok(())
        })
    }

    /// The content of a blob that is offered since `offered_at`. Its bytes are settled at the
    /// first look, by whichever fault waits for it.
    pub(crate) fn content(
        &self,
        tenant: Uuid,
        blob: Blob,
        offered_at: u64,
        faults: &Faults,
    ) -> Result<Content, OpenError> {
        let name = name(tenant, &blob);
        let known = self.read(|kept| kept.altered.get(&name).copied());
        let alteration = match known {
            None if Alteration::waits(faults, tenant, offered_at) => {
                self.alter(name, || Alteration::take(faults, tenant, offered_at))?
            }
            known => known,
        };
        let log = self.log_of(tenant, blob.content_type);
        Ok(Content::new(log, blob, alteration))
    }

    /// The fault is hit while nothing else changes: the first that looks decides.
    fn alter(
        &self,
        name: String,
        take: impl FnOnce() -> Option<Alteration>,
    ) -> Result<Option<Alteration>, OpenError> {
        self.write(|kept| {
            if let Some(known) = kept.altered.get(&name) {
                return Some(*known);
            }
            let taken = take()?;
            kept.altered.insert(name, taken);
            Some(taken)
        })
    }

    /// What the book says of that body: it is made at the first question only.
    pub(crate) fn summary(&self, content: &Content) -> Summary {
        let body = (
            name(content.log().tenant, content.blob()),
            content.alteration(),
        );
        let known = self.summaries.lock();
        let known = known.unwrap_or_else(PoisonError::into_inner);
        if let Some(summary) = known.get(&body) {
            return *summary;
        }
        drop(known);
        let summary = content.summary();
        let known = self.summaries.lock();
        known
            .unwrap_or_else(PoisonError::into_inner)
            .insert(body, summary);
        summary
    }

    pub(crate) fn log(&self, key: Key) -> Log {
        self.log_of(key.tenant, key.content_type)
    }

    fn log_of(&self, tenant: Uuid, content_type: ContentType) -> Log {
        Log {
            scenario: self.scenario(tenant),
            tenant,
            content_type,
        }
    }

    /// How this blob is offered under that subscription, if it has been by now.
    pub(crate) fn offer(
        &self,
        key: Key,
        subscription: &Subscription,
        blob: &Blob,
        now: u64,
    ) -> Option<Offer> {
        let at = blob.available_at;
        let offer = subscription.offer(at).filter(|_| at <= now)?;
        let was_off = self.read(|kept| kept.auditing.was_off(key.tenant, at));
        (!was_off).then_some(offer)
    }

    fn read<T>(&self, look: impl FnOnce(&Kept) -> T) -> T {
        look(&self.kept.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Changes what is kept: first the file, then what is shown.
    fn write<T>(&self, change: impl FnOnce(&mut Kept) -> T) -> Result<T, OpenError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(path) = &self.file else {
            return Ok(change(&mut kept));
        };
        let mut next = kept.clone();
        let outcome = change(&mut next);
        if next != *kept {
            next.persist(path)?;
            *kept = next;
        }
        Ok(outcome)
    }
}

/// What a blob is called here: another tenant may have the same content id.
fn name(tenant: Uuid, blob: &Blob) -> String {
    format!("{tenant} {}", blob.content_id)
}
