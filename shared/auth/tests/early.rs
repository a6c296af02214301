//! Records that a run looks at too early: they go back to their place, and keep none from its
//! token meanwhile. And how far behind the runs are, where a shard cannot be looked at.

use std::time::Duration;

use auth::cause::CauseCode;
use auth::ports::{Leases as _, Looked, TokenStore as _};
use auth::refresh::EndedEarly;
use auth::schedule::RefreshSchedule;
use auth::turns::{Look, Slot};
use auth::{TenantId, Timestamp};

use crate::fakes::{Fleet, resource};

const RUN_TIME: u64 = 240;
const HOUR: u64 = 3_599;
const CYCLE: u64 = 1_979;

fn usual() -> RefreshSchedule {
    RefreshSchedule {
        outage_to_survive: Duration::from_secs(900),
        period: Duration::from_secs(300),
        confirm_after: Duration::from_secs(300),
    }
}

fn tenant(number: usize) -> TenantId {
    let text = format!("00000000-0000-4000-8000-{number:012x}");
    text.parse().unwrap()
}

fn fleet(lives: impl Iterator<Item = u64>) -> Fleet {
    let tenants: Vec<_> = lives
        .enumerate()
        .map(|(n, life)| (tenant(n), life))
        .collect();
    Fleet::new(usual(), &tenants)
}

async fn look_again(fleet: &Fleet, tenants: impl Iterator<Item = TenantId>) {
    let resource = resource();
    for id in tenants {
        let looking = fleet.table.look_again(id, &resource, fleet.now());
        looking.await.unwrap();
    }
}

/// The first run that finds them puts them back, and the next one reads none of them.
#[tokio::test]
async fn records_looked_at_again_that_are_well_are_in_front_of_no_further_run() {
    const LIVES: [u64; 10] = [
        600, 1_800, 3_000, 3_598, HOUR, 3_600, 4_500, 7_200, 86_400, 100_800,
    ];
    let fleet = fleet(LIVES.into_iter());
    fleet.run(RUN_TIME).await;
    let before = fleet.table.records();
    look_again(&fleet, (0..LIVES.len()).map(tenant)).await;
    let report = fleet.run(RUN_TIME).await;
    assert_eq!((report.skipped, report.refreshed), (10, 0));
    for ((record, look), (_, place)) in fleet.table.records().into_iter().zip(before) {
        assert_eq!(look, place, "{record:?}");
    }
    fleet.table.take_counts();
    assert_eq!(fleet.run(RUN_TIME).await, Default::default());
    assert_eq!(fleet.table.take_counts().reads, 0);
}

/// Its back-off holds.
#[tokio::test]
async fn a_record_that_failed_goes_back_to_its_own_time() {
    let fleet = fleet([HOUR; 4].into_iter());
    fleet.run(RUN_TIME).await;
    fleet.clock.advance(2_000);
    fleet.authority.refuses(Some(CauseCode::Unavailable));
    fleet.run(RUN_TIME).await;
    let waiting = |fleet: &Fleet| {
        let mut records = fleet.table.records().into_iter();
        records.all(|(record, look)| look == Look::From(record.refresh_at))
    };
    assert!(waiting(&fleet));
    look_again(&fleet, (0..4).map(tenant)).await;
    assert!(!waiting(&fleet));
    let asked = fleet.authority.asked.lock().unwrap().len();
    fleet.run(RUN_TIME).await;
    assert!(waiting(&fleet));
    assert_eq!(fleet.authority.asked.lock().unwrap().len(), asked);
}

/// A damage that was mended, and a token that does not open any more.
#[tokio::test]
async fn a_record_without_a_token_that_is_looked_at_again_is_renewed_before_its_time() {
    let fleet = fleet([HOUR, 86_400].into_iter());
    fleet.run(RUN_TIME).await;
    look_again(&fleet, (0..2).map(tenant)).await;
    fleet.table.lose_tokens();
    let report = fleet.run(RUN_TIME).await;
    assert_eq!((report.skipped, report.refreshed), (0, 2));
}

/// More than one query brings, well or damaged, in front of one that is due.
#[tokio::test]
async fn a_page_full_of_records_that_are_not_due_keeps_no_other_from_its_token() {
    for damaged in [false, true] {
        let fleet = fleet([HOUR; 1_200].into_iter());
        fleet.run(RUN_TIME).await;
        let of_shard = |id: &TenantId| Slot::of(*id).number() % 8 == 3;
        let mut shard: Vec<TenantId> = (0..1_200).map(tenant).filter(of_shard).collect();
        assert!(shard.len() > 110, "{}", shard.len());
        let due = shard.pop().unwrap();
        look_again(&fleet, shard.iter().copied()).await;
        fleet.clock.advance(1);
        fleet.table.connect_now(due, fleet.now());
        if damaged {
            fleet.table.damage(&shard);
        }
        fleet.run(RUN_TIME).await;
        let records = fleet.table.records();
        let found = records.iter().find(|(record, _)| record.tenant == due);
        assert!(found.unwrap().0.token.is_some(), "damaged: {damaged}");
        let now = fleet.now();
        let front = records.iter();
        let front = front.filter(|(_, look)| matches!(look, Look::From(at) if *at <= now));
        assert_eq!(front.count(), 0, "damaged: {damaged}");
    }
}

/// A fleet whose tokens are all in their slots, and marks that are known.
async fn settled() -> Fleet {
    let fleet = fleet([HOUR; 64].into_iter());
    for _ in 0..8 {
        fleet.run(RUN_TIME).await;
        fleet.clock.advance(300);
    }
    fleet
}

/// Another run has it, which may be dead. Without a mark, the rows say how long they wait.
#[tokio::test]
async fn a_shard_that_another_run_has_counts_with_its_mark_or_with_what_waits_in_it() {
    for marked in [None, Some(200), Some(900)] {
        let fleet = settled().await;
        fleet.table.forget_leases();
        let (now, end) = (fleet.now(), fleet.now() + Duration::from_secs(240));
        for shard in 0..8 {
            let name = format!("refresh#{shard}");
            let lease = fleet.table.take(&name, now, end).await.unwrap().unwrap();
            if let Some(ago) = marked {
                let until = Timestamp::from_unix(now.unix() - ago);
                let looked = Looked {
                    until,
                    cycle: CYCLE,
                    noted: Vec::new(),
                };
                fleet.table.release_at(lease, looked).await.unwrap();
                let again = fleet.table.take(&name, now, end).await.unwrap();
                assert!(again.is_some());
            }
        }
        let report = fleet.run(RUN_TIME).await;
        assert_eq!((report.refreshed, report.ended_early), (0, None));
        match marked {
            None => assert!((CYCLE / 2..=CYCLE).contains(&report.behind), "{report:?}"),
            Some(ago) => assert_eq!(report.behind, ago.unsigned_abs(), "{report:?}"),
        }
    }
}

/// Whichever it is: neither it nor those after it were looked at.
#[tokio::test]
async fn a_shard_whose_table_does_not_answer_is_as_far_as_it_was() {
    for closed in 0..8 {
        let fleet = settled().await;
        fleet.table.close(Some(closed));
        let report = fleet.run(RUN_TIME).await;
        assert_eq!(report.ended_early, Some(EndedEarly::StoreUnavailable));
        assert!(
            (300..=CYCLE).contains(&report.behind),
            "{closed}: {report:?}"
        );
        fleet.table.close(None);
        assert_eq!(fleet.run(RUN_TIME).await.behind, 0);
    }
}
