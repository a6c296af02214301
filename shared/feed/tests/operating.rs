//! What an operator does with a tenant's audit log, and sees of it.

use auth::Timestamp;
use feed::Window;
use feed::due::{Due, Hold};
use feed::operate::{Missing, OperateError, Operated};
use feed::pace::Pace;
use feed::refusal::Refusal;

use crate::collecting::{NOW, line};
use crate::fakes::TYPE;
use crate::fakes::fleet::{FleetWorld, numbered};

const DAY: i64 = 86_400;

async fn settled(tenants: usize) -> FleetWorld {
    let world = FleetWorld::of(tenants, NOW);
    world.run().await;
    world.runs(6, 300).await;
    world
}

fn window(start: i64, end: i64) -> Window {
    Window::new(Timestamp::from_unix(start), Timestamp::from_unix(end)).unwrap()
}

#[tokio::test]
async fn an_idle_tenants_status_is_as_young_as_its_last_turn_although_its_row_is_not() {
    let world = settled(3).await;
    // Eleven hours: its row is not written in them.
    world.runs(132, 300).await;
    world.pass(100);
    let operate = world.operate();
    let status = operate.status(numbered(1)).await.unwrap().unwrap();
    for one in &status.types {
        assert_eq!((one.lag, one.behind, one.cause), (100, 100, None));
        assert_eq!((one.open, one.stored_at, one.silent_since), (0, None, None));
    }
    assert!(status.is_whole(300) && !status.is_whole(99));
    assert!(
        operate
            .gaps(numbered(1), Some(300))
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(operate.gaps(numbered(1), Some(99)).await.unwrap().len(), 2);
    let tenants = operate.tenants().await.unwrap();
    let expected: Vec<_> = (0..3)
        .map(|number| (numbered(number), Due::InTurn(Pace::FASTEST)))
        .collect();
    assert_eq!(tenants, expected);
}

#[tokio::test]
async fn a_tenant_that_has_no_row_yet_can_be_neither_changed_nor_seen() {
    let world = settled(1).await;
    let (operate, other) = (world.operate(), numbered(7));
    assert!(operate.status(other).await.unwrap().is_none());
    assert!(operate.gaps(other, Some(0)).await.unwrap().is_empty());
    let week = window(world.now() - 7 * DAY, world.now());
    for refused in [
        operate.pause(other).await.err(),
        operate.resume(other).await.err(),
        operate.leave(other).await.err(),
        operate.backfill(other, week).await.err(),
        operate.unlisted(other, week).await.err(),
    ] {
        assert!(
            matches!(refused, Some(OperateError::NotCollected)),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn what_is_asked_for_twice_is_done_once_and_can_be_taken_back_before_a_run_saw_it() {
    let world = settled(2).await;
    let (operate, tenant) = (world.operate(), numbered(0));
    assert_eq!(operate.resume(tenant).await.unwrap(), Operated::AsBefore);
    assert_eq!(operate.pause(tenant).await.unwrap(), Operated::Done);
    assert_eq!(operate.pause(tenant).await.unwrap(), Operated::AsBefore);
    assert_eq!(operate.resume(tenant).await.unwrap(), Operated::Done);
    assert_eq!(operate.leave(tenant).await.unwrap(), Operated::Done);
    assert_eq!(operate.leave(tenant).await.unwrap(), Operated::AsBefore);
    assert_eq!(operate.resume(tenant).await.unwrap(), Operated::Done);
    world.api.offer(0, "a", world.now() + 1);
    world.runs(3, 300).await;
    assert_eq!(world.stored(0), [line("a")]);
    assert_eq!(world.due(0), Due::InTurn(Pace::FASTEST));
}

#[tokio::test]
async fn a_paused_tenant_says_why_and_stays_paused_through_a_suspension() {
    use auth::TenantStatus::{Active, Suspended};
    let world = settled(2).await;
    let (operate, tenant) = (world.operate(), numbered(0));
    operate.pause(tenant).await.unwrap();
    world.runs(2, 300).await;
    let status = operate.status(tenant).await.unwrap().unwrap();
    assert_eq!(
        (status.is_paused, status.due),
        (true, Due::Held(Hold::Paused))
    );
    assert!(
        status
            .types
            .iter()
            .all(|one| one.cause == Some(Refusal::Paused))
    );
    assert!(status.types[0].next_step().unwrap().contains("feed resume"));
    world.stands(0, Suspended);
    world.runs(2, 300).await;
    world.stands(0, Active);
    world.runs(2, 300).await;
    assert_eq!(world.due(0), Due::Held(Hold::Paused));
    // Resumed while it is suspended, it waits for its tenant.
    world.stands(0, Suspended);
    operate.resume(tenant).await.unwrap();
    world.runs(2, 300).await;
    assert_eq!(world.due(0), Due::Held(Hold::Inactive));
    world.stands(0, Active);
    world.runs(3, 300).await;
    assert_eq!(world.due(0), Due::InTurn(Pace::FASTEST));
}

#[tokio::test]
async fn a_backfill_lists_a_time_once_more_and_stores_what_is_new_in_it() {
    let world = settled(2).await;
    let began = world.now();
    world.api.offer(0, "known", began + 400);
    world.runs(200, 300).await;
    let operate = world.operate();
    // It appeared after all passes so far: no listing but a backfill's would name it today.
    world.api.offer(0, "late", began + 500);
    let hour = window(began, began + 3_600);
    let done = operate.backfill(numbered(0), hour).await.unwrap();
    assert_eq!((done.window, done.types.len()), (hour, 2));
    let open = operate.unlisted(numbered(0), hour).await.unwrap();
    assert!(
        open.iter().all(|(_, open)| open.seconds() == 3_600),
        "{open:?}"
    );
    world.listings();
    world.runs(1, 300).await;
    assert!(
        operate
            .unlisted(numbered(0), hour)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(world.stored(0), [line("known"), line("late")]);
    let totals = world.row(0).types;
    let totals = totals
        .iter()
        .find(|one| one.content_type == TYPE)
        .unwrap()
        .totals;
    assert_eq!(
        (totals.listed, totals.stored, totals.expired_seconds),
        (2, 2, 0)
    );
}

#[tokio::test]
async fn a_backfill_reaches_as_far_as_content_is_kept_and_was_ever_wanted() {
    // After as many runs as settle it, and 300 more.
    let now = NOW + 306 * 300;
    let since = NOW;
    // What is asked for, what is opened again.
    let rows = [
        (window(now - 30 * DAY, now), Some(now - since - 300)),
        (window(now - 3_600, now), Some(3_300)),
        (window(now - 3_600, now + 5 * DAY), Some(3_300)),
        (window(now - 7_200, now - 3_600), Some(3_600)),
        (window(now - 400, now - 399), Some(1)),
        (window(now - 30 * DAY, now - 8 * DAY), None),
        (window(now - 7 * DAY, now - 7 * DAY + 300), None),
        (window(since - 900, since), None),
        (window(now - 200, now), None),
        (window(now, now + DAY), None),
    ];
    for (asked, opened) in rows {
        let world = settled(1).await;
        world.runs(300, 300).await;
        assert_eq!(world.now(), now);
        let operate = world.operate();
        let done = operate.backfill(numbered(0), asked).await;
        let open = operate.unlisted(numbered(0), asked).await.unwrap();
        let until = Timestamp::from_unix(now - 300);
        let before = Window::new(asked.start(), until);
        let seconds = open
            .iter()
            .map(|(_, open)| before.map_or(0, |before| open.within(before).seconds()));
        match opened {
            Some(expected) => {
                assert!(done.is_ok(), "{asked}");
                assert!(
                    seconds
                        .clone()
                        .all(|found| found == expected.unsigned_abs()),
                    "{asked}"
                );
            }
            None => {
                assert!(
                    matches!(done, Err(OperateError::OutOfReach)),
                    "{asked}: {done:?}"
                );
                assert_eq!(seconds.sum::<u64>(), 0, "{asked}");
            }
        }
    }
}

#[tokio::test]
async fn gaps_say_what_waits_what_expired_and_what_is_lost_of_each_type() {
    let world = settled(2).await;
    world.api.refuse(0, Some(Refusal::AuditingOff));
    let end = world.now() - 300;
    world.runs(10, 300).await;
    world.pass(300);
    let operate = world.operate();
    let gaps = operate.gaps(numbered(0), Some(300)).await.unwrap();
    let open = Missing::Open(window(end, world.now() - 300));
    assert_eq!(gaps.len(), 2);
    for gap in gaps {
        assert_eq!((gap.missing, gap.cause), (open, Some(Refusal::AuditingOff)));
    }
    world.pass(8 * DAY.unsigned_abs());
    world.api.refuse(0, None);
    world.runs(20, 300).await;
    let gaps = operate.gaps(numbered(0), Some(300)).await.unwrap();
    assert_eq!(gaps.len(), 2);
    assert!(
        gaps.iter()
            .all(|gap| matches!(gap.missing, Missing::Expired(seconds) if seconds > 0))
    );
    assert!(
        operate.gaps(numbered(1), Some(300)).await.unwrap().len() == 2,
        "it was an outage for it, too"
    );
}
