//! A month of the audit logs of thirty tenants under a clock that the test moves (unless the
//! feature `whole-month` is on, the same in thirty hours and eight tenants): late content,
//! throttling, outages, broken answers, a restart a day, auditing, consents and permissions that
//! go and come back, subscriptions that vanish. Every record that the simulator's book says was
//! offered, and could be had, is in the store with the bytes that were offered: without
//! notifications, with them, and with a queue that loses them daily, which changes when it is
//! stored and nothing else. And a shorter history of outages that are longer than the seven days:
//! what expired in them is counted to the second.

mod front;
mod history;
mod judge;
mod lag;
mod ledger;
mod plan;

use feed::ContentType;

use self::history::{History, Notifications};
use self::judge::Judge;
use self::lag::Lag;
use self::plan::{EXPIRED, HOUR, PLAN, Plan};

/// Plays a plan in a directory of its own, and ends as a person would find it.
async fn played(
    plan: &'static Plan,
    directory: &tempfile::TempDir,
    notifications: Notifications,
) -> History {
    let history = History::begin(directory.path(), plan, notifications).await;
    history.live().await
}

/// Plays the month, judges it, and says how late its contents were.
async fn month(notifications: Notifications) -> Lag {
    let directory = tempfile::tempdir().unwrap();
    let history = played(&PLAN, &directory, notifications).await;
    let judge = Judge::of(&history).await;
    judge.the_plan_was_played(&history.sums);
    judge.nothing_is_missing().await;
    judge.nothing_is_there_that_was_not_offered();
    judge.the_ledger_says_the_same().await;
    let lag = Lag::of(&history).await;
    println!(
        "notifications {notifications:?}: {}\n{}\n{lag}",
        history.figures(),
        judge.figures()
    );
    lag
}

#[tokio::test(flavor = "multi_thread")]
async fn every_record_that_was_offered_and_could_be_had_is_stored_with_its_bytes() {
    let lag = month(Notifications::Off).await;
    assert!(lag.before_they_settled() < 10, "{lag}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_record_that_was_offered_is_stored_sooner_with_notifications() {
    let lag = month(Notifications::On).await;
    assert!(lag.before_they_settled() > 50, "{lag}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_record_that_was_offered_is_stored_although_the_queue_is_wiped_daily() {
    let lag = month(Notifications::Wiped).await;
    assert!((10..50).contains(&lag.before_they_settled()), "{lag}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_expired_in_an_outage_of_more_than_seven_days_is_counted_to_the_second() {
    let directory = tempfile::tempdir().unwrap();
    let history = played(&EXPIRED, &directory, Notifications::Off).await;
    let judge = Judge::of(&history).await;
    judge.nothing_is_there_that_was_not_offered();
    judge.nothing_is_missing().await;
    judge.the_ledger_says_the_same().await;
    for tenant in 0..EXPIRED.tenants {
        for content_type in ContentType::ALL {
            let expired = EXPIRED.expired(tenant).into_iter();
            let expected = expired.map(|(from, to)| to.abs_diff(from)).sum::<u64>();
            assert!(expected > HOUR.unsigned_abs());
            let totals = judge.totals(tenant, content_type);
            assert_eq!(totals.expired_seconds, expected, "{tenant} {content_type}");
        }
    }
    println!("{}\n{}", history.figures(), judge.figures());
}
