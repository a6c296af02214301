//! What callers were promised: a good token for each tenant that could have one, at each moment;
//! and few requests more than the ideal broker needs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use auth::vend::{DEFAULT_MIN_TTL, VendRefusal, Vended};
use auth::{TenantId, TenantStatus};
use futures::future::join_all;
use tests::ideal;
use tests::issued::Book;
use vending::Vending;

use super::days::Days;
use super::plan::{self, PLAN, ROLE};

/// How many tenants are asked for at a time.
const AT_A_TIME: usize = 16;
/// The share of requests beyond the ideal is promised for a week, in percent.
const BEYOND_IDEAL: f64 = 5.0;
const WEEK: i64 = 7 * 24 * 60 * 60;

/// An answer.
pub type Answer = Result<Vended, VendRefusal>;

/// What was seen.
#[derive(Default)]
pub struct Seen {
    vends: u64,
    /// Tenants whose caller was refused, because the customer has to act.
    away: BTreeSet<usize>,
    /// How many runs met each ill.
    pub met: BTreeMap<String, u32>,
    /// Changes of state.
    pub changes: u32,
    /// Faults of ours that began.
    pub faults: u32,
    /// Those that ended.
    pub recoveries: u32,
}

/// Vends once for each; the answers are in their order.
pub async fn vend_all(vending: &Arc<Vending>, tenants: &[(usize, TenantId)]) -> Vec<Answer> {
    let share = tenants.len().div_ceil(AT_A_TIME);
    let callers = tenants.chunks(share).map(|tenants| {
        let (vending, tenants) = (Arc::clone(vending), tenants.to_owned());
        tokio::spawn(async move {
            let mut answers = Vec::new();
            for (index, tenant) in tenants {
                let resource = plan::cloud(index).management_resource();
                answers.push(vending.vend.vend(tenant, &resource, DEFAULT_MIN_TTL).await);
            }
            answers
        })
    });
    let answers = join_all(callers).await;
    answers.into_iter().flat_map(Result::unwrap).collect()
}

impl Seen {
    /// Judges the answer for the tenant `index` at `time` (seconds since the beginning; `now`: the
    /// same in Unix seconds). Panics at one that breaks the promise.
    pub fn judge(
        &mut self,
        book: &mut Book,
        (index, tenant): (usize, TenantId),
        answer: &Answer,
        (time, now): (i64, i64),
    ) {
        self.vends += 1;
        match answer {
            Ok(vended) => {
                let cloud = plan::cloud(index);
                book.kept_promise((tenant, cloud), vended, (now, ROLE));
            }
            Err(VendRefusal::NotActive { status, .. }) => {
                assert_eq!(*status, TenantStatus::Revoked, "{tenant} at {time}");
                let changed = plan::change(index);
                assert!(
                    plan::may_be_away(index, time),
                    "{tenant} at {time}: {changed:?}"
                );
                self.away.insert(index);
            }
            Err(refusal) => panic!("{tenant} ({index}) at {time}: {refusal}"),
        }
    }
}

impl Days {
    /// In numbers.
    pub fn judge(self) {
        let end = PLAN.days * PLAN.day;
        let changed: BTreeSet<usize> = (0..PLAN.tenants)
            .filter(|index| plan::change(*index).is_some())
            .collect();
        assert_eq!(self.seen.away, changed, "revoked: these and no other");
        assert!(
            self.seen.met.values().all(|count| *count > 0),
            "{:?}",
            self.seen.met
        );
        self.judge_events();
        let of = |index: usize| match plan::change(index) {
            Some(_) => vec![(plan::changed().start, plan::changed().end)],
            None => Vec::new(),
        };
        let ideal: u64 = (0..PLAN.tenants)
            .map(|index| ideal::requests(&plan::LIVES, &of(index), end))
            .sum();
        let off = |count: u64| (count as f64 / ideal as f64 - 1.0) * 100.0;
        println!(
            "{} vends of {} tenants, each good or rightly refused; requests at the authority: \
             ideal {ideal}, counted {} ({:+.2} %), of which {} brought a token ({:+.2} %); \
             {} changes of state; runs that met each ill: {:?}",
            self.seen.vends,
            PLAN.tenants,
            self.requests,
            off(self.requests),
            self.book.issued(),
            off(self.book.issued()),
            self.seen.changes,
            self.seen.met,
        );
        // The same failures weigh more in fewer days.
        let allowed = BEYOND_IDEAL * WEEK as f64 / end as f64;
        assert!(off(self.requests).abs() <= allowed, "{}", self.requests);
    }

    /// One event for each change of state, whose receiver was down for a while; and one fault of
    /// ours for each time that the key was removed.
    fn judge_events(&self) {
        assert!(
            self.receiver.refused() > 0,
            "it was asked while it was down"
        );
        let taken = self.receiver.taken();
        let of = |kind: &str| -> u32 {
            let all = taken.iter().filter(|((name, _), _)| name == kind);
            all.map(|(_, count)| count).sum()
        };
        let days = u32::try_from(PLAN.days).unwrap();
        assert_eq!([of("FleetFault"), of("FleetRecovered")], [days, days]);
        assert_eq!([self.seen.faults, self.seen.recoveries], [days, days]);
        // Connecting the fleet is not this scenario's business, and its event is none of these.
        let of_tenants = ["TenantDegraded", "TenantRevoked", "TenantRecovered"].map(of);
        assert_eq!(
            of_tenants.iter().sum::<u32>(),
            self.seen.changes,
            "{of_tenants:?}"
        );
        for (index, tenant) in self.tenants.iter().enumerate() {
            let revoked = ("TenantRevoked".to_owned(), Some(tenant.to_string()));
            let expected = plan::change(index).map(|_| 1);
            assert_eq!(taken.get(&revoked).copied(), expected, "{tenant}");
        }
    }
}
