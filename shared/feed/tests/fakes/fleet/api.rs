//! The Activity API of many tenants, and their tokens.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auth::ports::{Clock as _, HeldClock};
use auth::{AccessToken, TenantId, Timestamp};
use feed::ContentType;
use feed::address::Address;
use feed::content::{Content, ContentKey};
use feed::ports::{
    Body, Failure, FeedApi, ListPage, ListedFrom, NoToken, Request, Subscribe, Subscribed,
    Subscriptions, Tokens,
};
use feed::refusal::Refusal;
use feed::subscription::Status;

use super::{Fuse, OTHER, TYPE, numbered};

/// Offered contents by when they were created, with their types and ids.
type Offers = BTreeMap<i64, Vec<(ContentType, String)>>;

pub(crate) struct FleetApi {
    clock: Arc<HeldClock>,
    fuse: Arc<Fuse>,
    offers: Mutex<BTreeMap<TenantId, Offers>>,
    pub(crate) subscriptions: Mutex<BTreeSet<(TenantId, ContentType)>>,
    /// What a tenant is refused with.
    pub(crate) refuses: Mutex<BTreeMap<TenantId, Refusal>>,
    /// Seconds that a listing of this tenant takes.
    pub(crate) slow: Mutex<BTreeMap<TenantId, u64>>,
    /// Whose listings of the second type take ten minutes, while other turns go on.
    pub(crate) hangs: Mutex<BTreeSet<TenantId>>,
    /// Seconds that every content of this tenant takes, while other sessions go on.
    pub(crate) slow_contents: Mutex<BTreeMap<TenantId, u64>>,
    /// When each request was made, by the running clock.
    pub(crate) asked: Mutex<BTreeMap<TenantId, Vec<u64>>>,
    /// No content is given.
    pub(crate) refuses_contents: AtomicBool,
    /// Seconds that every listing takes.
    pub(crate) all_slow: AtomicU64,
    /// By how many seconds our clock is ahead of Microsoft's.
    pub(crate) ahead: AtomicI64,
    pub(crate) listings: AtomicU64,
    pub(crate) fetched: AtomicU64,
    /// How often each tenant was listed.
    pub(crate) listed: Mutex<BTreeMap<TenantId, u64>>,
    /// Up to where each was listed, without a fault.
    pub(crate) ends: Mutex<BTreeMap<(TenantId, ContentType), i64>>,
    /// The hosts that were asked for each tenant.
    pub(crate) hosts: Mutex<BTreeMap<TenantId, String>>,
}

impl FleetApi {
    pub(super) fn new(clock: Arc<HeldClock>, fuse: Arc<Fuse>) -> Self {
        Self {
            clock,
            fuse,
            offers: Mutex::default(),
            subscriptions: Mutex::default(),
            refuses: Mutex::default(),
            slow: Mutex::default(),
            slow_contents: Mutex::default(),
            asked: Mutex::default(),
            hangs: Mutex::default(),
            refuses_contents: AtomicBool::default(),
            all_slow: AtomicU64::default(),
            ahead: AtomicI64::default(),
            listings: AtomicU64::default(),
            fetched: AtomicU64::default(),
            listed: Mutex::default(),
            ends: Mutex::default(),
            hosts: Mutex::default(),
        }
    }

    /// A content of one record, whose Id is the content's, of the first type.
    pub(crate) fn offer(&self, number: usize, id: &str, created: i64) {
        self.offer_as((number, TYPE), id, created);
    }

    /// The same of any type.
    pub(crate) fn offer_as(&self, (number, of): (usize, ContentType), id: &str, created: i64) {
        let mut offers = self.offers.lock().unwrap();
        let offers = offers.entry(numbered(number)).or_default();
        let offers = offers.entry(created).or_default();
        offers.push((of, id.to_owned()));
    }

    pub(crate) fn refuse(&self, number: usize, with: Option<Refusal>) {
        let mut refuses = self.refuses.lock().unwrap();
        match with {
            Some(refusal) => refuses.insert(numbered(number), refusal),
            None => refuses.remove(&numbered(number)),
        };
    }

    fn admits(&self, who: Request<'_>) -> Result<(), Failure> {
        let now = self.clock.since_start().as_secs();
        let mut asked = self.asked.lock().unwrap();
        asked.entry(who.tenant).or_default().push(now);
        let mut hosts = self.hosts.lock().unwrap();
        hosts.insert(who.tenant, who.host.as_str().to_owned());
        assert_eq!(who.token.expose(), format!("token of {}", who.tenant));
        if !self.fuse.burn().1 {
            return Err(Failure::of(Refusal::Unavailable));
        }
        match self.refuses.lock().unwrap().get(&who.tenant) {
            Some(refusal) => Err(Failure::of(*refusal)),
            None => Ok(()),
        }
    }

    /// Microsoft's clock.
    fn date(&self) -> Timestamp {
        let ahead = self.ahead.load(Ordering::SeqCst);
        Timestamp::from_unix(self.clock.now().unix() - ahead)
    }

    async fn hangs(&self, tenant: TenantId, from: &ListedFrom<'_>) {
        let is_second = matches!(from, ListedFrom::Window(one, _) if *one == OTHER);
        if is_second && self.hangs.lock().unwrap().contains(&tenant) {
            for _ in 0..600 {
                self.clock.pass(Duration::from_secs(1));
                tokio::task::yield_now().await;
            }
        }
    }

    fn takes_time(&self, tenant: TenantId) {
        let all = self.all_slow.load(Ordering::SeqCst);
        let own = self.slow.lock().unwrap().get(&tenant).copied();
        self.clock.pass(Duration::from_secs(own.unwrap_or(all)));
    }
}

#[async_trait]
impl FeedApi for FleetApi {
    async fn list(&self, who: Request<'_>, from: ListedFrom<'_>) -> Result<ListPage, Failure> {
        self.listings.fetch_add(1, Ordering::SeqCst);
        *self.listed.lock().unwrap().entry(who.tenant).or_default() += 1;
        tokio::task::yield_now().await;
        self.admits(who)?;
        self.hangs(who.tenant, &from).await;
        let at = self.date();
        self.takes_time(who.tenant);
        let ListedFrom::Window(content_type, window) = from else {
            unreachable!("there are no pages")
        };
        if !self
            .subscriptions
            .lock()
            .unwrap()
            .contains(&(who.tenant, content_type))
        {
            return Err(Failure::of(Refusal::NotSubscribed));
        }
        let mut ends = self.ends.lock().unwrap();
        let end = ends.entry((who.tenant, content_type)).or_default();
        *end = (*end).max(window.end().unix());
        let offers = self.offers.lock().unwrap();
        let of = offers.get(&who.tenant).into_iter();
        let within = of.flat_map(|of| of.range(window.start().unix()..window.end().unix()));
        let contents = within
            .take_while(|(created, _)| **created <= at.unix())
            .flat_map(|(created, of)| of.iter().map(move |(of, id)| (*created, *of, id)))
            .filter(|(_, of, _)| *of == content_type)
            .map(|(created, _, id)| Content {
                key: ContentKey::of(id),
                unverified_uri: format!(
                    "{}/api/v1.0/{}/activity/feed/audit/{id}",
                    who.host.as_str(),
                    who.tenant
                ),
                created: Timestamp::from_unix(created),
            });
        Ok(ListPage {
            contents: contents.collect(),
            unverified_next: None,
            at,
        })
    }

    async fn content(&self, who: Request<'_>, at: &Address) -> Result<Box<dyn Body>, Failure> {
        self.fetched.fetch_add(1, Ordering::SeqCst);
        self.admits(who)?;
        if self.refuses_contents.load(Ordering::SeqCst) {
            return Err(Failure::of(Refusal::Unavailable));
        }
        tokio::task::yield_now().await;
        let slow = self.slow_contents.lock().unwrap().get(&who.tenant).copied();
        let until = self.clock.since_start() + Duration::from_secs(slow.unwrap_or(0));
        while self.clock.since_start() < until {
            tokio::task::yield_now().await;
        }
        let id = at.as_str().rsplit('/').next().unwrap();
        let bytes = format!("[{{\"Id\":\"{id}\"}}]").into_bytes();
        Ok(Box::new(Whole(Some(bytes))))
    }

    async fn subscriptions(&self, who: Request<'_>) -> Result<Subscriptions, Failure> {
        self.admits(who)?;
        let held = self.subscriptions.lock().unwrap();
        let of = held.iter().filter(|(tenant, _)| *tenant == who.tenant);
        Ok(Subscriptions {
            listed: of.map(|(_, one)| (*one, Status::Enabled)).collect(),
            webhooks: Vec::new(),
            at: self.date(),
        })
    }

    async fn subscribe(
        &self,
        who: Request<'_>,
        content_type: ContentType,
        what: Subscribe<'_>,
    ) -> Result<Subscribed, Failure> {
        self.admits(who)?;
        let mut held = self.subscriptions.lock().unwrap();
        match what {
            Subscribe::Start(_) => held.insert((who.tenant, content_type)),
            Subscribe::Stop => held.remove(&(who.tenant, content_type)),
        };
        let (at, webhook) = (self.date(), None);
        Ok(Subscribed { at, webhook })
    }
}

struct Whole(Option<Vec<u8>>);

#[async_trait]
impl Body for Whole {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        Ok(self.0.take())
    }
}

/// What a tenant is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gives {
    Token,
    Held,
    Later,
}

pub(crate) struct FleetTokens {
    fuse: Arc<Fuse>,
    gives: Mutex<BTreeMap<TenantId, Gives>>,
    /// To those of whom nothing else is said.
    pub(crate) otherwise: Mutex<Gives>,
    pub(crate) asked: AtomicU64,
}

impl FleetTokens {
    pub(super) fn new(fuse: Arc<Fuse>) -> Self {
        Self {
            fuse,
            gives: Mutex::default(),
            otherwise: Mutex::new(Gives::Token),
            asked: AtomicU64::default(),
        }
    }

    pub(crate) fn gives(&self, number: usize, what: Gives) {
        self.gives.lock().unwrap().insert(numbered(number), what);
    }

    /// How often one was asked for since somebody looked.
    pub(crate) fn counted(&self) -> u64 {
        self.asked.swap(0, Ordering::SeqCst)
    }
}

#[async_trait]
impl Tokens for FleetTokens {
    async fn token(
        &self,
        tenant: TenantId,
        rejected: Option<&AccessToken>,
    ) -> Result<AccessToken, NoToken> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let otherwise = *self.otherwise.lock().unwrap();
        let gives = self.gives.lock().unwrap().get(&tenant).copied();
        match gives.unwrap_or(otherwise) {
            _ if !self.fuse.burn().1 => Err(NoToken::Later),
            Gives::Token if rejected.is_none() => {
                Ok(AccessToken::new(format!("token of {tenant}")))
            }
            Gives::Held => Err(NoToken::Held(None)),
            Gives::Token | Gives::Later => Err(NoToken::Later),
        }
    }
}
