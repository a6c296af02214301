//! What a vend makes of a function that signs which is throttled, slow, dead, ends with an
//! error or answers nonsense: a token that lives is handed out, and else the caller gets a
//! `Retry-After` of five seconds at most.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use auth::Timestamp;
use auth::cause::{Cause, CauseCode};
use auth::on_demand::{OnDemandAnswer, OnDemandFunction, OnDemandRequest, Remote};
use auth::ports::OutOfReach;
use auth::vend::{DEFAULT_MIN_TTL, Source, VendRefusal};

use crate::fakes::{World, resource, tenant};

use OnDemandAnswer as A;
use OutOfReach as O;

/// Answers everything alike, and counts.
struct Always {
    answer: Result<OnDemandAnswer, OutOfReach>,
    asked: AtomicU32,
}

impl Always {
    fn new(answer: Result<OnDemandAnswer, OutOfReach>) -> Arc<Self> {
        let asked = AtomicU32::new(0);
        Arc::new(Self { answer, asked })
    }

    fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl OnDemandFunction for Always {
    async fn ask(&self, _: &OnDemandRequest) -> Result<OnDemandAnswer, OutOfReach> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.answer.clone()
    }
}

fn world(life: u64, function: &Arc<Always>) -> World {
    World::renewed_by(life, |_| Arc::new(Remote(Arc::clone(function) as _)))
}

fn unable() -> OnDemandAnswer {
    A::Unable {
        cause: CauseCode::BrokerUnavailable.into(),
    }
}

#[tokio::test]
async fn without_an_answer_a_living_token_is_served_and_else_the_caller_comes_back_soon() {
    let rows = [
        ("throttled", Err(O::Busy)),
        ("slow", Err(O::Late)),
        ("dead", Err(O::Unreached)),
        ("a function error", Err(O::Failed)),
        ("garbage", Err(O::Unreadable)),
        ("at its own limit", Ok(A::Busy {})),
        ("out of its time", Ok(A::Late {})),
        ("another function", Ok(A::NotTaken {})),
        ("an answer to something else", Ok(A::Ready {})),
        ("without a key", Ok(unable())),
    ];
    for (name, answer) in rows {
        let function = Always::new(answer);
        // It lives, though not as long as the caller would like.
        let living = world(300, &function);
        let vended = living
            .vend
            .vend(tenant(), &resource(), DEFAULT_MIN_TTL)
            .await;
        assert_eq!(vended.unwrap().source, Source::Table, "{name}");
        assert!(!living.leases.is_held(), "{name}");

        let over = world(0, &function);
        let refused = over.vend.vend(tenant(), &resource(), DEFAULT_MIN_TTL).await;
        let Err(VendRefusal::NoToken {
            cause, retry_at, ..
        }) = refused
        else {
            panic!("{name}: {refused:?}");
        };
        assert_eq!(cause.code, CauseCode::BrokerUnavailable, "{name}");
        assert!(over.now().seconds_until(retry_at) <= 5, "{name}");
        assert!(!over.leases.is_held(), "{name}: others need not wait");
        assert_eq!(function.asked(), 2, "{name}: once for each vend");
    }
}

/// It may have done what it was asked before its answer was lost.
#[tokio::test]
async fn what_was_written_counts_and_not_the_answer() {
    for answer in [
        Err(O::Late),
        Err(O::Unreached),
        Ok(A::Late {}),
        Ok(A::Renewed {}),
    ] {
        let world = World::renewed_by(0, |store| {
            Arc::new(Remote(Arc::new(Writes {
                store: store.clone(),
                answer: answer.clone(),
            })))
        });
        let vended = world
            .vend
            .vend(tenant(), &resource(), DEFAULT_MIN_TTL)
            .await;
        assert_eq!(vended.unwrap().source, Source::Entra, "{answer:?}");
    }
}

struct Writes {
    store: Arc<crate::fakes::FakeStore>,
    answer: Result<OnDemandAnswer, OutOfReach>,
}

#[async_trait]
impl OnDemandFunction for Writes {
    async fn ask(&self, _: &OnDemandRequest) -> Result<OnDemandAnswer, OutOfReach> {
        self.store.write_token(3599);
        self.answer.clone()
    }
}

#[tokio::test]
async fn a_refusal_of_entra_is_the_callers_answer() {
    let function = Always::new(Ok(A::NotRenewed {
        cause: Cause::new(CauseCode::Throttled),
        next_attempt_at: Timestamp::from_unix(1_800_000_060),
    }));
    let over = world(0, &function);
    let refused = over.vend.vend(tenant(), &resource(), DEFAULT_MIN_TTL).await;
    let Err(VendRefusal::NoToken {
        cause, retry_at, ..
    }) = refused
    else {
        panic!("{refused:?}");
    };
    assert_eq!(cause.code, CauseCode::Throttled);
    assert_eq!(over.now().seconds_until(retry_at), 60);
}

/// Anybody may ask for `/health`.
#[tokio::test]
async fn health_checks_ask_it_twice_a_minute_at_most() {
    let function = Always::new(Ok(A::Ready {}));
    let ready = world(0, &function);
    for _ in 0..100 {
        assert!(ready.vend.can_renew().await);
    }
    assert_eq!(function.asked(), 1);
    ready.clock.advance(30);
    assert!(ready.vend.can_renew().await);
    assert_eq!(function.asked(), 2);

    for no in [Err(O::Busy), Ok(unable()), Ok(A::Renewed {})] {
        let function = Always::new(no);
        let refused = world(0, &function);
        for _ in 0..100 {
            assert!(!refused.vend.can_renew().await);
        }
        assert_eq!(function.asked(), 1);
        refused.clock.advance(5);
        assert!(!refused.vend.can_renew().await);
        assert_eq!(function.asked(), 2);
    }
}
