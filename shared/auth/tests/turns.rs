//! The refresher by slots: every token is looked at in time, whatever runs are late, missing or
//! cut short, and whatever becomes of the clock; and a renewal moves nothing in the index.

use std::time::Duration;

use auth::cause::CauseCode;
use auth::ports::{HeldClock, TokenStore as _};
use auth::refresh::EndedEarly;
use auth::schedule::RefreshSchedule;
use auth::turns::Look;
use auth::{TenantId, Timestamp};

use crate::fakes::Fleet;

/// What Lambda gives a run.
const RUN_TIME: u64 = 240;
const HOUR: u64 = 3_599;

fn schedule(outage: u64, period: u64) -> RefreshSchedule {
    RefreshSchedule {
        outage_to_survive: Duration::from_secs(outage),
        period: Duration::from_secs(period),
        confirm_after: Duration::from_secs(300),
    }
}

fn usual() -> RefreshSchedule {
    schedule(900, 300)
}

fn tenants(count: u32, life: u64) -> Vec<(TenantId, u64)> {
    (0..count).map(|number| (tenant(number), life)).collect()
}

fn tenant(number: u32) -> TenantId {
    let text = format!("00000000-0000-4000-8000-{number:012x}");
    text.parse().unwrap()
}

/// Numbers that look like chance and are the same in every run of the test.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 33) % limit
    }

    fn one_in(&mut self, many: u64) -> bool {
        self.below(many) == 0
    }
}

/// What the refresher promised before there were slots: the first run at or after a token's
/// `refresh_at` renews it, if no earlier one did.
#[tokio::test]
async fn no_run_that_ends_leaves_a_token_that_is_due_whatever_the_runs_before_it_did() {
    const LIVES: [u64; 12] = [
        300, 600, 1_800, 3_000, 3_598, HOUR, 3_600, 4_500, 5_400, 7_200, 86_400, 100_800,
    ];
    for seed in 0..48 {
        let mut chance = Chance(seed);
        let outage = [0, 300, 900, 1_400, 3_600][chance.below(5) as usize];
        let period = [60, 300, 600, 3_600][chance.below(4) as usize];
        let of_any_life = |number| (tenant(number), LIVES[number as usize % LIVES.len()]);
        let fleet: Vec<_> = (0..36).map(of_any_life).collect();
        let fleet = Fleet::new(schedule(outage, period), &fleet);
        for step in 0..80 {
            let report = fleet.run(RUN_TIME).await;
            assert_eq!((report.ended_early, report.failed), (None, 0));
            let now = fleet.now();
            for (record, look) in fleet.table.records() {
                let (life, at) = (record.token.unwrap(), record.refresh_at);
                let what = format!("seed {seed}, step {step}, {look:?}, {now:?}, {life:?}");
                assert!(at > now, "due and left: {what}");
            }
            pass(&fleet.clock, &mut chance, period);
        }
    }
}

/// The next run comes: on time, late, after some that are missing, or with another clock.
fn pass(clock: &HeldClock, chance: &mut Chance, period: u64) {
    let late = chance.below(period) as i64;
    let period = period as i64;
    if chance.one_in(20) {
        clock.advance(-(chance.below(7_200) as i64));
    } else if chance.one_in(20) {
        clock.advance(chance.below(90_000) as i64);
    } else if chance.one_in(5) {
        clock.advance(period * (1 + chance.below(9) as i64));
    } else if chance.one_in(3) {
        clock.advance(period + late);
    } else {
        clock.advance(period);
    }
}

/// `OUTAGE_TO_SURVIVE_SECONDS`, beginning at any moment of a cycle, with runs that are late by
/// up to the margin.
#[tokio::test]
async fn an_outage_as_long_as_the_promise_is_survived_by_every_token() {
    for begins in (0..2_100).step_by(97) {
        let mut chance = Chance(begins as u64);
        let fleet = Fleet::new(usual(), &tenants(19, HOUR));
        let mut down = None;
        for run in 0..40_i64 {
            let late = chance.below(119) as i64;
            fleet.clock.advance(late);
            let now = run * 300 + late;
            let begun = 7_200 + begins;
            let is_down = (begun..=begun + 900).contains(&now);
            fleet
                .authority
                .refuses(is_down.then_some(CauseCode::Unavailable));
            down = down.or(is_down.then_some(run));
            let records = fleet.table.records();
            let dead = records
                .iter()
                .filter(|(record, _)| run > 0 && record.token_living_for(0, fleet.now()).is_none());
            assert_eq!(dead.count(), 0, "down at {begun}, dead at {now}");
            fleet.run(RUN_TIME).await;
            fleet.clock.advance(300 - late);
        }
        assert!(down.is_some());
    }
}

/// 1.0 write unit for each: what is new goes to its slot once, and stays there.
#[tokio::test]
async fn renewals_of_hours_tokens_change_nothing_in_the_index_after_the_first() {
    let fleet = Fleet::new(usual(), &tenants(64, HOUR));
    fleet.run(RUN_TIME).await;
    assert_eq!(fleet.table.take_counts().moved, 64);
    for _ in 0..300 {
        fleet.clock.advance(300);
        fleet.run(RUN_TIME).await;
    }
    let counts = fleet.table.take_counts();
    assert_eq!(counts.moved, 0, "{counts:?}");
    let looks = fleet.table.records().into_iter().map(|(_, look)| look);
    assert!(looks.into_iter().all(|look| look == Look::AtItsTurns));
    // Once in a cycle of 1,979 s each, and the first one of a tenant comes early.
    let cycles = 300.0 * 300.0 / 1_979.0;
    let each = f64::from(counts.settled) / 64.0;
    assert!((cycles - 1.0..=cycles + 1.0).contains(&each), "{each}");
    // What is looked at is renewed: no read is in vain.
    assert_eq!(counts.reads, counts.settled);
}

#[tokio::test]
async fn a_run_without_a_turn_asks_three_times_a_shard_and_writes_nothing() {
    for count in [0, 1, 100] {
        let fleet = Fleet::new(usual(), &tenants(count, HOUR));
        fleet.run(RUN_TIME).await;
        fleet.table.take_counts();
        assert_eq!(fleet.run(RUN_TIME).await, Default::default());
        let counts = fleet.table.take_counts();
        assert_eq!((counts.reads, counts.settled, counts.leases), (0, 0, 0));
        // Of shards whose mark is of this moment no slot is asked for.
        assert!(counts.queries <= 3 * fleet.table.shards(), "{counts:?}");
    }
}

#[tokio::test]
async fn a_thousand_tenants_connected_at_once_have_tokens_at_once_and_spread_by_themselves() {
    let fleet = Fleet::new(usual(), &tenants(1_000, HOUR));
    assert_eq!(fleet.run(RUN_TIME).await.refreshed, 1_000);
    let mut renewed = Vec::new();
    for _ in 0..14 {
        fleet.clock.advance(300);
        renewed.push(fleet.run(RUN_TIME).await.refreshed);
    }
    // 1,000 × 300 / 1,979 in each.
    let like = renewed.iter().all(|count| (100..=210).contains(count));
    assert!(like, "{renewed:?}");
}

/// It ends for want of time after some 40 of them, again and again, and passes over none.
#[tokio::test]
async fn a_run_that_ends_early_leaves_a_mark_where_the_next_one_goes_on() {
    let fleet = Fleet::new(usual(), &tenants(200, HOUR));
    fleet.authority.takes(1);
    let mut ends = 0;
    for run in 0..60 {
        let began = fleet.now();
        let report = fleet.run(70).await;
        ends += u32::from(report.ended_early == Some(EndedEarly::Deadline));
        let spent = began.seconds_until(fleet.now()) as i64;
        fleet.clock.advance(300 - spent);
        // Four at a time can be under way when the time is over.
        assert!(report.refreshed <= 44, "{report:?}");
        let late = fleet.table.records();
        let dead = late
            .iter()
            .filter(|(record, _)| record.token_living_for(0, fleet.now()).is_none());
        assert!(run < 6 || dead.count() == 0, "run {run}");
    }
    assert!(ends >= 5, "{ends}");
    // Every token was renewed in its turn, although no run had time for all.
    let asked = fleet.authority.asked.lock().unwrap();
    let of = |id| asked.iter().filter(|asked| **asked == id).count();
    let least = (0..200).map(|number| of(tenant(number))).min().unwrap();
    assert!(least >= 7, "{least}");
}

/// Killed between the token and the mark: what was renewed waits, what was not is taken.
#[tokio::test]
async fn a_mark_that_was_never_written_costs_reads_and_no_token() {
    let fleet = Fleet::new(usual(), &tenants(50, HOUR));
    fleet.run(RUN_TIME).await;
    for _ in 0..7 {
        fleet.clock.advance(300);
        fleet.run(RUN_TIME).await;
    }
    fleet.table.forget_leases();
    fleet.table.take_counts();
    assert_eq!(fleet.run(RUN_TIME).await.refreshed, 0);
    let counts = fleet.table.take_counts();
    assert_eq!(
        (counts.reads, counts.settled),
        (50, 0),
        "each was looked at"
    );
    fleet.run(RUN_TIME).await;
    assert_eq!(fleet.table.take_counts().reads, 0, "and the mark is there");
}

#[tokio::test]
async fn a_run_that_leaves_something_says_how_far_it_is_behind() {
    let fleet = Fleet::new(usual(), &tenants(64, HOUR));
    fleet.run(RUN_TIME).await;
    for _ in 0..7 {
        fleet.clock.advance(300);
        assert_eq!(fleet.run(RUN_TIME).await.behind, 0);
    }
    // Too little time for anything.
    for runs in 1..4 {
        fleet.clock.advance(300);
        let report = fleet.run(1).await;
        assert_eq!(report.ended_early, Some(EndedEarly::Deadline));
        let behind = 300 * (runs - 1)..=300 * runs + 1;
        assert!(behind.contains(&report.behind), "{report:?}");
        assert_eq!(report.shortest_life, None, "none of them failed");
    }
    let taken_up = fleet.run(RUN_TIME).await;
    assert_eq!((taken_up.behind, taken_up.ended_early), (0, None));
    assert!(taken_up.refreshed > 10, "{taken_up:?}");
}

/// What waits for no turn and is left counts with the life that it has.
#[tokio::test]
async fn tokens_that_failed_and_are_left_count_with_what_they_have_left() {
    let fleet = Fleet::new(usual(), &tenants(8, HOUR));
    fleet.run(RUN_TIME).await;
    fleet.authority.refuses(Some(CauseCode::Unavailable));
    fleet.clock.advance(2_000);
    assert_eq!(fleet.run(RUN_TIME).await.failed, 8);
    fleet.clock.advance(100);
    let report = fleet.run(1).await;
    assert_eq!(report.ended_early, Some(EndedEarly::Deadline));
    assert_eq!(report.shortest_life, Some(HOUR - 2_100));
}

/// It keeps no other from its turn, and is reported until somebody mends it.
#[tokio::test]
async fn a_damaged_record_is_looked_at_again_soon_and_counts_without_life() {
    let fleet = Fleet::new(usual(), &tenants(20, HOUR));
    fleet.run(RUN_TIME).await;
    let broken = tenant(3);
    fleet.table.damage(&[broken]);
    let mut told = Vec::<Timestamp>::new();
    for _ in 0..24 {
        fleet.clock.advance(300);
        let report = fleet.run(RUN_TIME).await;
        assert_eq!(report.ended_early, None);
        if report.shortest_life == Some(0) {
            told.push(fleet.now());
        }
    }
    let gaps = told.windows(2).map(|pair| pair[0].seconds_until(pair[1]));
    assert!(gaps.into_iter().all(|gap| gap == 900), "{told:?}");
    assert!(told.len() >= 5, "{told:?}");
    fleet.table.damage(&[]);
    fleet.clock.advance(900);
    fleet.run(RUN_TIME).await;
    let records = fleet.table.records();
    let mended = records.iter().find(|(record, _)| record.tenant == broken);
    assert!(mended.unwrap().0.token_living_for(0, fleet.now()).is_some());
}

/// A label on the tenant takes the write from a renewal that was under way: the slot's turn is
/// over, and the token still the old one. It does not wait for the next turn.
#[tokio::test]
async fn a_renewal_that_lost_its_write_to_a_label_is_made_by_the_next_run() {
    let fleet = Fleet::new(usual(), &tenants(40, HOUR));
    fleet.run(RUN_TIME).await;
    let all: Vec<TenantId> = (0..40).map(tenant).collect();
    let mut lost = 0;
    for _ in 0..14 {
        fleet.clock.advance(300);
        fleet.table.label_meanwhile(&all);
        lost += fleet.run(RUN_TIME).await.lost;
        fleet.table.label_meanwhile(&[]);
        fleet.run(RUN_TIME).await;
        let now = fleet.now();
        for (record, look) in fleet.table.records() {
            assert!(record.refresh_at > now, "due and left: {look:?}");
        }
    }
    assert!(lost >= 40, "each has lost one at least: {lost}");
}
