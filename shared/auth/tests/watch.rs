//! What is told after a run: the outcome always, the life of the tokens where the table
//! answers, the count of the tenants once an hour and only when it could be finished.

use std::sync::Arc;
use std::time::Duration;

use auth::Timestamp;
use auth::ports::{SigningCertificate, StoreError};
use auth::refresh::{EndedEarly, RefreshReport};
use auth::schedule::RefreshSchedule;
use auth::watch::{Watch, WatchParts};

use crate::fakes::{FakeMeter, World};

/// Life of the world's token.
const LIFE: u64 = 3_599;
/// What an hour's token has left when it is due.
const LEAD: u64 = 1_620;

struct Certificate(Timestamp);

impl SigningCertificate for Certificate {
    fn expires_at(&self) -> Option<Timestamp> {
        Some(self.0)
    }
}

struct Watched {
    world: World,
    meter: Arc<FakeMeter>,
    watch: Watch,
}

impl Watched {
    fn new() -> Self {
        let world = World::with_token(LIFE);
        let meter = Arc::new(FakeMeter::default());
        let ends = world.now() + Duration::from_secs(30 * 86_400 - 1);
        let watch = Watch::new(WatchParts {
            tenants: world.store.clone(),
            schedule: RefreshSchedule {
                outage_to_survive: Duration::from_secs(900),
                period: Duration::from_secs(300),
                confirm_after: Duration::from_secs(300),
            },
            certificate: Arc::new(Certificate(ends)),
            meter: meter.clone(),
            clock: world.clock.clone(),
        });
        Self {
            world,
            meter,
            watch,
        }
    }

    /// What was told, flush by flush, of a run that has `seconds` left.
    async fn told(&self, report: RefreshReport, seconds: u64) -> Vec<Vec<(&'static str, u64)>> {
        let deadline = self.world.now() + Duration::from_secs(seconds);
        self.watch.after_run(&report, deadline).await;
        self.meter.take()
    }
}

fn value(told: &[Vec<(&str, u64)>], name: &str) -> Option<u64> {
    let found = told.iter().flatten().find(|(known, _)| *known == name);
    found.map(|(_, value)| *value)
}

#[tokio::test]
async fn an_empty_run_tells_zero_and_the_lead_as_the_least_life() {
    let watched = Watched::new();
    let told = watched.told(RefreshReport::default(), 60).await;
    assert_eq!(value(&told, "TokensRefreshed"), Some(0));
    assert_eq!(value(&told, "FleetFault"), Some(0));
    assert_eq!(value(&told, "CertificateDaysLeft"), Some(29));
    assert_eq!(value(&told, "MinimumRemainingLife"), Some(LEAD));
}

#[tokio::test]
async fn the_least_life_is_of_what_was_not_renewed_or_not_looked_at() {
    let watched = Watched::new();
    // shortest life of what was not renewed, seconds behind, what is told
    let rows = [
        (None, 0, LEAD),
        (Some(7), 0, 7),
        (Some(0), 0, 0),
        (Some(1_000_000), 0, LEAD),
        (None, 1, LEAD - 1),
        (None, 300, LEAD - 300),
        (Some(LEAD - 301), 300, LEAD - 301),
        (Some(LEAD - 299), 300, LEAD - 300),
        (None, LEAD, 0),
        (None, LEAD + 1, 0),
        (None, u64::MAX, 0),
    ];
    for (shortest_life, behind, expected) in rows {
        let report = RefreshReport {
            shortest_life,
            behind,
            ..RefreshReport::default()
        };
        let told = watched.told(report, 60).await;
        let least = value(&told, "MinimumRemainingLife");
        assert_eq!(least, Some(expected), "{shortest_life:?}, {behind}");
    }
}

#[tokio::test]
async fn a_table_that_does_not_answer_takes_nothing_of_the_outcome() {
    let watched = Watched::new();
    let error = StoreError::Unavailable("time-out".into());
    watched.world.store.fail(error);
    let report = RefreshReport {
        refreshed: 3,
        ended_early: Some(EndedEarly::StoreUnavailable),
        ..RefreshReport::default()
    };
    let told = watched.told(report, 60).await;
    assert_eq!(value(&told, "TokensRefreshed"), Some(3));
    assert_eq!(value(&told, "MinimumRemainingLife"), None);
}

#[tokio::test]
async fn tenants_are_counted_once_an_hour_after_everything_else_is_told() {
    let watched = Watched::new();
    let told = watched.told(RefreshReport::default(), 60).await;
    assert_eq!(told.len(), 2, "the count comes by itself: {told:?}");
    assert_eq!(value(&told[1..], "TenantsActive"), Some(1));
    assert_eq!(told[1].len(), 7, "zeros too");
    for (seconds, expected) in [(3_599, None), (1, Some(1))] {
        watched.world.clock.advance(seconds);
        let told = watched.told(RefreshReport::default(), 60).await;
        assert_eq!(value(&told, "TenantsActive"), expected);
    }
}

#[tokio::test]
async fn a_count_without_time_is_not_told() {
    let watched = Watched::new();
    let told = watched.told(RefreshReport::default(), 0).await;
    assert_eq!(value(&told, "TenantsActive"), None);
    assert_eq!(value(&told, "TokensRefreshed"), Some(0));
}
