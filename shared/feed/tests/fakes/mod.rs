//! Ports that are held in memory: an API with blobs, a table, a bucket, and a fuse that ends a
//! run at any of their calls.

mod activity;
mod body;
pub(crate) mod erasing;
pub(crate) mod fleet;
mod stores;
mod webhooks;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use auth::ports::{Clock as _, HeldClock, Pause};
use auth::{AccessToken, TenantId, Timestamp};
use feed::ContentType;
use feed::address::FeedHost;
use feed::collect::{Collector, Report, Turn};
use feed::marks::Mark;
use feed::object_key::Format;
use feed::pace::{Pace, Pacing};
use feed::ports::{Encoder, Encoding, NoToken, Tokens};

pub(crate) use activity::{Answer, FakeApi, HOST};
pub(crate) use stores::{FakeLedger, FakeObjects};
pub(crate) use webhooks::{ADDRESS, AUTH_ID, Start, place, without_keys};

pub(crate) const TENANT: &str = "41463f53-8812-40f4-890f-865bf6e35190";
pub(crate) const TYPE: ContentType = ContentType::Exchange;

/// A tenant is looked at in each of its turns, however quiet it is.
pub(crate) const IN_EVERY_TURN: Pacing = Pacing {
    interval: Duration::from_secs(300),
    lag_max: Duration::from_secs(600),
};

/// As it is by default.
pub(crate) const BY_QUIET: Pacing = Pacing {
    lag_max: Duration::from_secs(3_900),
    ..IN_EVERY_TURN
};

pub(crate) fn tenant() -> TenantId {
    TENANT.parse().unwrap()
}

/// Ends a run at one of its calls: that one and all after it fail.
#[derive(Default)]
pub(crate) struct Fuse {
    calls: AtomicU64,
    blows_at: AtomicU64,
    /// Odd calls that blow are done, and even ones are not.
    pub(crate) odd: AtomicBool,
}

impl Fuse {
    /// Blows at the call of this number, the first being 1; 0: never.
    pub(crate) fn set(&self, blows_at: u64) {
        self.calls.store(0, Ordering::SeqCst);
        self.blows_at.store(blows_at, Ordering::SeqCst);
    }

    pub(crate) fn calls(&self) -> u64 {
        self.calls.load(Ordering::SeqCst)
    }

    /// Whether the call is done, and whether it is answered: an even one that blows is done
    /// and not answered, if not `odd`.
    pub(crate) fn burn(&self) -> (bool, bool) {
        let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        let at = self.blows_at.load(Ordering::SeqCst);
        let answered = at == 0 || call < at;
        (
            answered || (call == at && call.is_multiple_of(2) != self.odd.load(Ordering::SeqCst)),
            answered,
        )
    }
}

pub(crate) struct World {
    pub(crate) clock: Arc<HeldClock>,
    pub(crate) fuse: Arc<Fuse>,
    pub(crate) api: Arc<FakeApi>,
    pub(crate) ledger: Arc<FakeLedger>,
    pub(crate) objects: Arc<FakeObjects>,
    pub(crate) tokens: Arc<FakeTokens>,
    pub(crate) collector: Collector,
}

impl World {
    pub(crate) fn at(unix: i64) -> Self {
        let clock = Arc::new(HeldClock::at(unix));
        let fuse = Arc::new(Fuse::default());
        let api = Arc::new(FakeApi::new(Arc::clone(&clock), Arc::clone(&fuse)));
        let ledger = Arc::new(FakeLedger::new(Arc::clone(&fuse)));
        let objects = Arc::new(FakeObjects::new(Arc::clone(&fuse)));
        let tokens = Arc::new(FakeTokens::default());
        let collector = Collector {
            queue: None,
            api: api.clone(),
            ledger: ledger.clone(),
            objects: objects.clone(),
            tokens: tokens.clone(),
            encoding: Arc::new(AsItIs),
            clock: clock.clone(),
            pause: Arc::new(Passes(clock.clone())),
            format: Format::Gzip,
            types: vec![TYPE],
            settle: 300,
            pacing: IN_EVERY_TURN,
            before_start: Duration::ZERO,
            webhook: None,
        };
        Self {
            clock,
            fuse,
            api,
            ledger,
            objects,
            tokens,
            collector,
        }
    }

    pub(crate) fn now(&self) -> i64 {
        self.clock.now().unix()
    }

    pub(crate) async fn turn(&self) -> Report {
        self.turn_as(None, false).await
    }

    pub(crate) async fn turn_as(&self, listed_until: Option<i64>, leaves: bool) -> Report {
        self.turn_of(240, listed_until, leaves).await
    }

    /// A turn that has so many seconds.
    pub(crate) async fn turn_of(
        &self,
        seconds: u64,
        listed_until: Option<i64>,
        leaves: bool,
    ) -> Report {
        let turn = Turn {
            tenant: tenant(),
            host: FeedHost::new(HOST).unwrap(),
            leaves,
            deadline: self.clock.since_start() + Duration::from_secs(seconds),
            dropped_at: self.clock.since_start() + Duration::from_secs(seconds + 5),
        };
        let mark = listed_until.map(|until| Mark {
            pace: Pace::FASTEST,
            until: Timestamp::from_unix(until),
        });
        self.collector.turn(&turn, mark).await
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.clock.pass(Duration::from_secs(seconds));
    }
}

/// Counts the tokens that were asked for; the second one is another.
#[derive(Default)]
pub(crate) struct FakeTokens {
    pub(crate) rejected: AtomicU64,
    pub(crate) held: AtomicBool,
}

#[async_trait]
impl Tokens for FakeTokens {
    async fn token(
        &self,
        _: TenantId,
        rejected: Option<&AccessToken>,
    ) -> Result<AccessToken, NoToken> {
        if self.held.load(Ordering::SeqCst) {
            return Err(NoToken::Held(None));
        }
        if rejected.is_some() {
            self.rejected.fetch_add(1, Ordering::SeqCst);
            return Ok(AccessToken::new("another".to_owned()));
        }
        Ok(AccessToken::new("token".to_owned()))
    }
}

struct Passes(Arc<HeldClock>);

#[async_trait]
impl Pause for Passes {
    async fn pause(&self, duration: Duration) {
        self.0.pass(duration);
    }
}

/// A pause that is over when the clock has come there. Something else moves the clock.
struct Waits(Arc<HeldClock>);

#[async_trait]
impl Pause for Waits {
    async fn pause(&self, duration: Duration) {
        let until = self.0.since_start() + duration;
        while self.0.since_start() < until {
            tokio::task::yield_now().await;
        }
    }
}

struct AsItIs;

impl Encoding for AsItIs {
    fn begin(&self, _: Format) -> Box<dyn Encoder> {
        Box::new(AsItIs)
    }
}

impl Encoder for AsItIs {
    fn write(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        out.extend_from_slice(bytes);
    }

    fn finish(self: Box<Self>, _: &mut Vec<u8>) {}
}
