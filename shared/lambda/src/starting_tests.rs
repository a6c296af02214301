use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use auth::ports::HeldClock;
use aws::{Endpoint, SecretFiles, SystemRandom, connect};
use wiring::settings::TableNames;
use wiring::{Platform, Store};

use super::*;

/// A platform that no one asks anything, at this time.
async fn basis<S>(clock: &Arc<HeldClock>, settings: S) -> Basis<S> {
    let random = Arc::new(SystemRandom);
    let connection = connect(&Endpoint::Local("http://127.0.0.1:1".to_owned())).await;
    let names = TableNames {
        table: "none".to_owned(),
        control: "none-control".to_owned(),
    };
    let store = Store::on(&connection, &names, random.clone());
    let secrets = Arc::new(SecretFiles::new("none"));
    Basis {
        settings,
        platform: Platform::new(store, secrets, clock.clone(), random),
        roots: Default::default(),
    }
}

fn missing() -> anyhow::Error {
    SecretError::unusable("ring", "it is empty").into()
}

/// The number of the attempt that built it, and what that fetched ahead.
#[derive(Debug, PartialEq)]
struct ThirdTime(u32, Ahead);

impl Function for ThirdTime {
    const NAME: &'static str = "test";
    type Settings = Arc<AtomicU32>;

    /// Fails until the third attempt.
    async fn build(basis: Basis<Self::Settings>, ahead: Ahead) -> anyhow::Result<Self> {
        match basis.settings.fetch_add(1, Ordering::SeqCst) + 1 {
            attempt @ 3.. => Ok(Self(attempt, ahead)),
            _ => Err(missing()),
        }
    }
}

#[tokio::test]
async fn what_waits_for_a_secret_is_tried_again_after_a_pause_and_built_once() {
    let clock = Arc::new(HeldClock::at(1_000));
    let basis = basis(&clock, Arc::default()).await;
    let starting = Starting::<ThirdTime>::begin(basis).await.unwrap();
    assert!(
        starting.get(&Span::none()).await.is_none(),
        "no attempt: too soon"
    );
    clock.advance(2);
    assert!(
        starting.get(&Span::none()).await.is_none(),
        "the second attempt"
    );
    clock.advance(2);
    let built = ThirdTime(3, Ahead::Secrets);
    assert_eq!(starting.get(&Span::none()).await, Some(&built));
    assert_eq!(starting.get(&Span::none()).await, Some(&built));
}

struct Never;

impl Function for Never {
    const NAME: &'static str = "test";
    type Settings = ();

    async fn build(_: Basis<()>, _: Ahead) -> anyhow::Result<Self> {
        anyhow::bail!("settings: damaged")
    }
}

#[tokio::test]
async fn what_no_later_attempt_would_mend_ends_the_start() {
    let clock = Arc::new(HeldClock::at(1_000));
    let outcome = Starting::<Never>::begin(basis(&clock, ()).await).await;
    assert_eq!(outcome.err().unwrap().to_string(), "settings: damaged");
}

#[test]
fn a_secret_is_found_beneath_what_was_said_about_it() {
    use anyhow::Context as _;
    let told: anyhow::Result<()> = Err(missing()).context("the sealing ring");
    assert!(passes(&told.unwrap_err()));
    assert!(!passes(&anyhow::anyhow!("no secret")));
}
