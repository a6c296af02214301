//! One run over many tenants: who is looked at, what it costs, and what it leaves.

use std::time::Duration;

use auth::{Cloud, TenantStatus, Timestamp};
use feed::due::{Due, Hold};
use feed::pace::Pace;
use feed::refusal::Refusal;
use feed::run::EndedEarly;

use crate::collecting::{NOW, line};
use crate::fakes::TYPE;
use crate::fakes::fleet::{Counts, FleetWorld, Gives, OTHER, numbered};

const DAY: u64 = 86_400;

/// So many tenants that are idle and were looked at before.
async fn settled(tenants: usize) -> FleetWorld {
    let world = FleetWorld::of(tenants, NOW);
    world.run().await;
    world.runs(6, 300).await;
    world.table.counted();
    world.tokens.counted();
    world.listings();
    world
}

#[tokio::test]
async fn an_idle_run_lists_each_type_once_and_writes_no_row() {
    for tenants in [1, 10, 40, 100] {
        let world = settled(tenants).await;
        let report = world.runs(1, 300).await;
        let counts = world.table.counted();
        let number = u32::try_from(tenants).unwrap();
        assert_eq!(
            (report.tenants, report.due, report.turns),
            (number, number, number)
        );
        assert!(report.is_whole(), "{report:?}");
        assert_eq!(world.listings(), 2 * u64::from(number));
        assert_eq!(report.requests, 2 * u64::from(number));
        assert_eq!(world.tokens.counted(), u64::from(number));
        let expected = Counts {
            pages: number / 16 + 1,
            queries: 8,
            marks: 8,
            leases: counts.leases,
            reads: number,
            ..Counts::default()
        };
        assert_eq!(counts, expected);
        assert!(counts.leases <= 8);
    }
}

#[tokio::test]
async fn runs_in_between_look_at_those_whose_turn_came_and_at_each_once_an_interval() {
    let world = settled(64).await;
    for apart in [10, 60, 100, 150] {
        world.runs(1, 300).await;
        world.api.listed.lock().unwrap().clear();
        world
            .runs(usize::try_from(3_000 / apart).unwrap(), apart)
            .await;
        let listed = world.api.listed.lock().unwrap().clone();
        assert_eq!(listed.len(), 64);
        assert!(
            listed.values().all(|count| *count == 20),
            "{apart}: {listed:?}"
        );
    }
    let before = world.table.counted();
    world.pass(0);
    world.run().await;
    let counts = world.table.counted();
    assert_eq!((counts.leases, counts.reads), (0, 0), "{before:?}");
}

#[tokio::test]
async fn a_tenant_that_is_new_is_looked_at_in_the_next_run() {
    let world = settled(3).await;
    world.connect(3);
    world.stands(3, TenantStatus::Propagating);
    world.runs(1, 10).await;
    assert!(world.table.row(numbered(3)).is_none(), "not yet active");
    world.stands(3, TenantStatus::Active);
    let report = world.runs(1, 10).await;
    assert_eq!((report.turns, report.failed_by.ours), (1, 0));
    // Its first listing comes as soon as there is something to list, whatever its slot.
    let first = Timestamp::from_unix(world.now() + 301);
    assert_eq!(world.due(3), Due::From(first));
    let held = world.api.subscriptions.lock().unwrap().clone();
    assert!(held.contains(&(numbered(3), TYPE)) && held.contains(&(numbered(3), OTHER)));
    world.api.offer(3, "first", world.now() + 5);
    let report = world.runs(1, 310).await;
    assert_eq!(
        (world.due(3), report.stored),
        (Due::InTurn(Pace::FASTEST), 1)
    );
    assert_eq!(world.stored(3), [line("first")]);
}

#[tokio::test]
async fn a_token_goes_to_the_host_of_its_tenants_cloud() {
    for cloud in Cloud::ALL {
        let world = FleetWorld::of(1, NOW);
        world.table.lives_in(numbered(0), cloud);
        world.run().await;
        let hosts = world.api.hosts.lock().unwrap().clone();
        assert_eq!(hosts[&numbered(0)], cloud.management_api());
    }
}

#[tokio::test]
async fn a_tenant_that_is_not_active_costs_nothing_and_goes_on_where_it_was() {
    use TenantStatus as S;
    for status in [S::Suspended, S::Revoked, S::Propagating, S::Pending] {
        let world = settled(3).await;
        world.stands(1, status);
        let report = world.runs(1, 300).await;
        assert_eq!((report.held, report.turns), (1, 2), "{status}");
        assert_eq!(world.due(1), Due::Held(Hold::Inactive));
        assert_eq!(world.row(1).types[0].known.refusal, Some(Refusal::NoToken));
        world.api.offer(1, "away", world.now() + 100);
        world.table.counted();
        world.api.listed.lock().unwrap().clear();
        world.runs(20, 300).await;
        let counts = world.table.counted();
        assert_eq!((counts.reads, counts.writes), (40, 0), "of the two others");
        assert!(!world.api.listed.lock().unwrap().contains_key(&numbered(1)));
        world.stands(1, S::Active);
        let report = world.runs(1, 10).await;
        assert_eq!(report.woken, 1);
        world.runs(3, 300).await;
        assert_eq!(world.stored(1), [line("away")], "{status}");
        assert_eq!(world.due(1), Due::InTurn(Pace::FASTEST));
        assert_eq!(world.row(1).types[0].totals.expired_seconds, 0);
    }
}

#[tokio::test]
async fn a_tenant_that_is_removed_is_stopped_where_there_is_a_token_and_left_where_there_is_none() {
    for (gives, is_stopped) in [(Gives::Token, true), (Gives::Held, false)] {
        let world = settled(2).await;
        world.stands(1, TenantStatus::Removed);
        world.tokens.gives(1, gives);
        let report = world.runs(1, 300).await;
        assert_eq!((report.stopped, world.due(1)), (1, Due::Held(Hold::Left)));
        let held = world.api.subscriptions.lock().unwrap().clone();
        assert_eq!(held.contains(&(numbered(1), TYPE)), !is_stopped);
        let status = world.operate().status(numbered(1)).await.unwrap().unwrap();
        assert_eq!(status.is_stopped(), is_stopped);
        world.table.counted();
        world.runs(3, 300).await;
        assert_eq!(world.table.counted().reads, 3, "of the other one");
        // It comes back.
        world.connect(1);
        world.tokens.gives(1, Gives::Token);
        world.runs(3, 300).await;
        assert_eq!(world.due(1), Due::InTurn(Pace::FASTEST));
        world.api.offer(1, "again", world.now() + 1);
        world.runs(4, 300).await;
        assert_eq!(world.stored(1), [line("again")]);
    }
}

#[tokio::test]
async fn a_tenant_that_leaves_stays_away_until_a_consent_after_that_or_until_it_is_resumed() {
    for resumes in [true, false] {
        let world = settled(2).await;
        let operate = world.operate();
        operate.leave(numbered(1)).await.unwrap();
        world.runs(1, 300).await;
        assert_eq!(world.due(1), Due::Held(Hold::Left));
        assert!(
            operate
                .status(numbered(1))
                .await
                .unwrap()
                .unwrap()
                .is_stopped()
        );
        // It is active for a while.
        world.runs(5, 300).await;
        assert_eq!(world.due(1), Due::Held(Hold::Left));
        if resumes {
            operate.resume(numbered(1)).await.unwrap();
        } else {
            world.stands(1, TenantStatus::Removed);
            world.runs(5, 300).await;
            world.connect(1);
        }
        world.runs(4, 300).await;
        assert_eq!(
            (world.due(1), world.row(1).leaves),
            (Due::InTurn(Pace::FASTEST), None)
        );
        assert!(
            world
                .api
                .subscriptions
                .lock()
                .unwrap()
                .contains(&(numbered(1), TYPE))
        );
        assert_eq!(world.row(1).types[0].totals.expired_seconds, 0);
    }
}

#[tokio::test]
async fn a_tenant_that_was_to_leave_when_it_was_suspended_is_stopped_when_it_is_active_again() {
    let world = settled(2).await;
    let operate = world.operate();
    operate.leave(numbered(1)).await.unwrap();
    world.stands(1, TenantStatus::Suspended);
    world.runs(3, 300).await;
    assert_eq!(world.due(1), Due::Held(Hold::Inactive));
    world.stands(1, TenantStatus::Active);
    world.runs(2, 300).await;
    assert_eq!(world.due(1), Due::Held(Hold::Left));
    let held = world.api.subscriptions.lock().unwrap().clone();
    assert!(!held.contains(&(numbered(1), TYPE)));
}

/// The function's handler is moved between threads.
#[test]
fn a_run_can_be_sent() {
    fn can_be_sent<T: Send>(_: T) {}
    let world = FleetWorld::of(1, NOW);
    can_be_sent(world.run());
}

#[tokio::test]
async fn a_run_that_ends_early_leaves_the_rest_to_the_next_and_none_starves() {
    // Seconds of a listing.
    for slow in [5, 11, 23, 60] {
        let world = settled(40).await;
        world
            .api
            .all_slow
            .store(slow, std::sync::atomic::Ordering::SeqCst);
        world.api.listed.lock().unwrap().clear();
        let began = world.clock_since();
        let report = world.run_after(300).await;
        assert_eq!(report.ended_early, Some(EndedEarly::Deadline), "{report:?}");
        assert!(report.left > 0 && report.behind > 0, "{report:?}");
        let took = world.clock_since() - began - Duration::from_secs(300);
        // Four at a time: each may be within one listing when the time is over.
        assert!(took <= Duration::from_secs(240 + 4 * slow), "{took:?}");
        for _ in 0..60 {
            world.run_after(60).await;
        }
        let listed = world.api.listed.lock().unwrap().clone();
        assert_eq!(listed.len(), 40, "{slow}");
    }
}

#[tokio::test]
async fn backlogs_get_what_is_left_of_the_time_after_everyone() {
    let world = settled(10).await;
    // An outage of five days; listings of one tenant take long.
    world.pass(5 * DAY);
    for number in 0..10 {
        world.api.offer(number, "new", world.now() - 900);
        world
            .api
            .offer(number, "old", world.now() - 900 - 4 * 86_400);
    }
    world.api.slow.lock().unwrap().insert(numbered(4), 40);
    let report = world.run().await;
    assert_eq!((report.left, report.failed_by.ours), (0, 0), "{report:?}");
    for number in 0..10 {
        assert!(world.stored(number).contains(&line("new")), "{number}");
    }
    // The clock of this world is everyone's: those beside the slow one lose time with it.
    let whole = (0..10).filter(|number| world.stored(*number).len() == 2);
    assert!(whole.count() >= 6, "one tenant's backlog holds up no other");
    world.runs(10, 60).await;
    assert_eq!(world.stored(4).len(), 2);
    assert_eq!(world.due(4), Due::InTurn(Pace::FASTEST));
}
