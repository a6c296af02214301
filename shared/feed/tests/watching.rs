//! What a run says of its tenants: behind, lost, silent.

use std::collections::HashMap;
use std::sync::Mutex;

use auth::metric::Metric;
use auth::ports::Meter;
use feed::collect::Report;
use feed::figures::Figures;
use feed::refusal::Refusal;

use crate::collecting::{NOW, running};
use crate::fakes::{Answer, World};

const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// So many days in which a content appears every hour, and a turn in each.
async fn talks(world: &World, days: u64) {
    for _ in 0..days * 24 {
        let at = world.now() - 600;
        world.api.offer(&at.to_string(), at);
        let report = world.turn().await;
        assert!(report.watched.silent.is_empty());
        world.pass(HOUR);
    }
}

/// The reports of so many hours without a word.
async fn quiet(world: &World, hours: u64) -> Vec<Report> {
    let mut reports = Vec::new();
    for _ in 0..hours {
        reports.push(world.turn().await);
        world.pass(HOUR);
    }
    reports
}

#[tokio::test]
async fn a_tenant_that_talked_for_months_and_stopped_is_silent_after_a_day() {
    let world = running().await;
    talks(&world, 90).await;
    let reports = quiet(&world, 72).await;
    let first = reports
        .iter()
        .position(|report| !report.watched.silent.is_empty());
    assert_eq!(first, Some(24));
    let silent = &reports[24..];
    assert!(silent.iter().all(|report| report.watched.silent.len() == 1));
    let said = silent
        .iter()
        .filter(|report| report.watched.silent[0].is_said);
    assert_eq!(said.count(), 4, "twice a day, and once for one id");
    assert!(reports.iter().all(|report| report.watched.talking == 1));
    talks(&world, 1).await;
}

#[tokio::test]
async fn a_tenant_whose_consent_was_gone_for_long_is_not_silent_and_learns_nothing_of_it() {
    let world = running().await;
    talks(&world, 90).await;
    *world.api.refuses.lock().unwrap() = Some(Refusal::RoleMissing);
    let reports = quiet(&world, 10 * 24).await;
    assert!(
        reports
            .iter()
            .all(|report| report.watched.silent.is_empty())
    );
    assert!(
        reports
            .iter()
            .skip(1)
            .all(|report| report.watched.behind == 0)
    );
    *world.api.refuses.lock().unwrap() = None;
    talks(&world, 1).await;
    let held = world.ledger.feed.lock().unwrap().clone().unwrap();
    assert!(held.types[0].rhythm.longest_pause() < 20 * HOUR);
}

#[tokio::test]
async fn what_a_customer_held_up_until_it_expired_is_a_loss_and_wakes_no_one() {
    for (refusal, wakes) in [(Refusal::RoleMissing, false), (Refusal::Unavailable, true)] {
        let world = running().await;
        talks(&world, 1).await;
        *world.api.refuses.lock().unwrap() = Some(refusal);
        let mut figures = Figures::default();
        quiet(&world, 9 * 24)
            .await
            .iter()
            .for_each(|report| figures.add(report));
        *world.api.refuses.lock().unwrap() = None;
        let report = world.turn().await;
        let [loss] = &report.watched.losses[..] else {
            panic!("{refusal:?}: {report:?}")
        };
        assert_eq!(
            (loss.cause, loss.expired_seconds > DAY),
            (Some(refusal), true)
        );
        figures.add(&report);
        let said = recorded(&figures);
        assert_eq!(said[&Metric::FeedExpired] > 0, wakes, "{refusal:?}");
        assert_eq!(said[&Metric::FeedLag] > HOUR, wakes, "{refusal:?}");
    }
}

#[tokio::test]
async fn the_figures_are_the_sum_of_the_turns_and_the_worst_of_them() {
    let world = running().await;
    world.api.offer("a", NOW - 900);
    world
        .api
        .offer_as("b", NOW - 900, Answer::Refused(Refusal::ContentGone));
    world.api.offer_as(
        "c",
        NOW - 900,
        Answer::Bytes(b"[{\"Id\":\"c\"},{\"Id\":]".to_vec()),
    );
    let report = world.turn().await;
    let mut figures = Figures::default();
    figures.add(&report);
    figures.add(&report);
    let said = recorded(&figures);
    assert_eq!(said[&Metric::FeedStored], 2 * report.records);
    assert_eq!(said[&Metric::FeedDead], 2 * report.dead);
    assert_eq!(said[&Metric::FeedLost], 2);
    assert_eq!(said[&Metric::FeedLag], report.watched.behind);
    assert_eq!(said.len(), 7, "zeros too");
    assert_eq!(recorded(&Figures::default()).values().sum::<u64>(), 0);
}

#[derive(Default)]
struct Noted(Mutex<HashMap<Metric, u64>>);

impl Meter for Noted {
    fn record(&self, metric: Metric, value: u64) {
        self.0.lock().unwrap().insert(metric, value);
    }

    fn flush(&self) {}
}

fn recorded(figures: &Figures) -> HashMap<Metric, u64> {
    let noted = Noted::default();
    figures.record(&noted);
    noted.0.into_inner().unwrap()
}
